import Glibc
import VeilGround

/// What can be seen of a run from outside while it goes on, and what is known of it when it fails: figures and places,
/// no values. Every run has one; it is written to a few times for each chunk.
public final class RunMonitor: ByteMeter {
  /// Where a run is.
  public enum Phase: Int, Sendable {
    case starting, observing, deciding, writing, publishing
  }

  /// A moment's view of a run.
  public struct Snapshot: Sendable {
    public var phase = Phase.starting
    /// Records of this pass so far.
    public var records = 0
    /// Bytes of this pass so far, as they are stored.
    public var bytes = 0
    /// What a pass reads in bytes; nil where that cannot be known before.
    public var totalBytes: Int?
    /// How many passes there will be, and which one this is, from 0 on.
    public var passCount = 1
    public var pass = 0
  }

  /// A name for this run in logs, reports and output names: its start in UTC and something random. It is never the same
  /// twice, and safe in a file's name.
  public let runID: String
  let started: Timestamp
  private let clock = MonotonicClock()
  private let state = Guarded(State())

  private struct State {
    var snapshot = Snapshot()
    var tally = Tally()
    /// The most that any pass has read, in bytes, summed over the exports.
    var bytesRead = 0
    var warnings: [String] = []
    var checks: [CheckResult] = []
    /// What the exports before the present one came to.
    var tallyBefore = Tally()
    var bytesBefore = 0
    var checksBefore = 0
  }

  public init() {
    started = .now()
    let digits = started.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
    runID = "\(digits)-\(RandomName.hex().prefix(6))"
  }

  public var snapshot: Snapshot { state.withLock { $0.snapshot } }

  /// Seconds since the run began.
  public var seconds: Double { clock.seconds }

  /// What the user should know although the run goes on.
  public var warnings: [String] { state.withLock { $0.warnings } }

  var tally: Tally { state.withLock { $0.tally } }
  var bytesRead: Int { state.withLock { $0.bytesRead } }
  var checks: [CheckResult] { state.withLock { $0.checks } }
  /// Those of the present export.
  var exportChecks: [CheckResult] { state.withLock { Array($0.checks[$0.checksBefore...]) } }
  /// Bad records of the exports before the present one.
  var badBefore: Int { state.withLock { $0.tallyBefore.bad } }

  func warn(_ text: String) { state.withLock { $0.warnings.append(text) } }

  func note(_ checks: [CheckResult]) { state.withLock { $0.checks += checks } }

  /// Says how much there is to read, once the inputs are known.
  func expect(bytes: Int?, passes: Int) {
    state.withLock {
      $0.snapshot.totalBytes = bytes
      $0.snapshot.passCount = passes
    }
  }

  /// Begins the next of the run's exports: what was counted so far stays counted.
  func beginExport() {
    state.withLock {
      ($0.tallyBefore, $0.bytesBefore, $0.checksBefore) = ($0.tally, $0.bytesRead, $0.checks.count)
      $0.snapshot.bytes = 0
    }
  }

  func enter(_ phase: Phase) {
    state.withLock {
      $0.snapshot.phase = phase
      guard phase == .observing || phase == .writing else { return }
      if phase == .writing { $0.snapshot.pass = $0.snapshot.passCount - 1 }
      $0.snapshot.records = 0
      $0.snapshot.bytes = 0
    }
  }

  func note(_ tally: Tally) {
    state.withLock {
      $0.tally = $0.tallyBefore
      $0.tally.add(tally)
      $0.snapshot.records = tally.read
    }
  }

  func addBytes(_ count: Int) {
    state.withLock {
      $0.snapshot.bytes += count
      $0.bytesRead = max($0.bytesRead, $0.bytesBefore + $0.snapshot.bytes)
    }
  }
}

/// Time since it was made, whatever happens to the calendar's clock meanwhile.
struct MonotonicClock: Sendable {
  private let start = MonotonicClock.now()

  var seconds: Double { Self.now() - start }

  private static func now() -> Double {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
