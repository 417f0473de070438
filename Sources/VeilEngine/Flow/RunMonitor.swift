import Glibc
import VeilGround

/// The progress of a run, visible from outside, and what is known of a run when it fails: figures and places, no
/// values. Every run has one; it is written to a few times for each chunk.
public final class RunMonitor: ByteMeter {
  /// The part of the run that is going on.
  public enum Phase: Int, Sendable {
    case starting, observing, deciding, writing, publishing
  }

  /// The state of the run at one moment.
  public struct Snapshot: Sendable {
    public var phase = Phase.starting
    /// The number of records that this pass has read so far.
    public var records = 0
    /// The number of bytes that this pass has read so far, as they are stored.
    public var bytes = 0
    /// The number of bytes that a pass reads; nil if it is not known in advance.
    public var totalBytes: Int?
    /// The number of passes, and the index of this one, from 0 on.
    public var passCount = 1
    public var pass = 0
  }

  /// The name of this run in logs, reports and output names: its start in UTC and a random part. It is unique, and safe
  /// in a file's name.
  public let runID: String
  let started: Timestamp
  private let clock = MonotonicClock()
  private let state = Guarded(State())

  private struct State {
    var snapshot = Snapshot()
    var tally = Tally()
    /// The most bytes that any pass has read, summed over the exports.
    var bytesRead = 0
    var warnings: [String] = []
    var checks: [CheckResult] = []
    /// The counts of the exports before the current one.
    var tallyBefore = Tally()
    var bytesBefore = 0
    var checksBefore = 0
    var inputs: Inputs?
    var file: String?
  }

  /// What a run found where it reads.
  struct Inputs {
    /// When the newest of all inputs was last changed, in seconds since 1970; nil if there are none.
    var newest: Int?
    /// The number of inputs that no run has published yet.
    var new: Int
  }

  public init() {
    started = .now()
    let digits = started.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
    runID = "\(digits)-\(RandomName.hex().prefix(6))"
  }

  public var snapshot: Snapshot { state.withLock { $0.snapshot } }

  /// Seconds since the run began.
  public var seconds: Double { clock.seconds }

  /// What the user should know although the run continues.
  public var warnings: [String] { state.withLock { $0.warnings } }

  var tally: Tally { state.withLock { $0.tally } }
  var bytesRead: Int { state.withLock { $0.bytesRead } }
  var checks: [CheckResult] { state.withLock { $0.checks } }
  /// The results of checks of the current export.
  var exportChecks: [CheckResult] { state.withLock { Array($0.checks[$0.checksBefore...]) } }
  /// The number of bad records in the exports before the current one, as a limit counts them.
  var badBefore: Int { state.withLock { $0.tallyBefore.badLines } }
  /// Nil until the run has looked for its inputs.
  var inputs: Inputs? { state.withLock { $0.inputs } }
  /// The input file that is being read now.
  var file: String? { state.withLock { $0.file } }

  func warn(_ text: String) { state.withLock { $0.warnings.append(text) } }

  func note(_ checks: [CheckResult]) { state.withLock { $0.checks += checks } }

  func note(_ inputs: Inputs) { state.withLock { $0.inputs = inputs } }

  /// Notes that a file is being read from now on; nil where its pass is over.
  /// - Parameter file: its path as the run lists it.
  func read(_ file: String?) {
    state.withLock { $0.file = file }
    InterruptionNote.reading(file)
  }

  /// Sets how much there is to read; called when the inputs are known.
  func expect(bytes: Int?, passes: Int) {
    state.withLock {
      $0.snapshot.totalBytes = bytes
      $0.snapshot.passCount = passes
    }
  }

  /// Begins the next export of the run. The counts so far are kept.
  func beginExport() {
    state.withLock {
      ($0.tallyBefore, $0.bytesBefore, $0.checksBefore) = ($0.tally, $0.bytesRead, $0.checks.count)
      $0.snapshot.bytes = 0
    }
  }

  /// Forgets the counts of the current export, which is given up or made again.
  func forgetExport() {
    state.withLock {
      $0.tally = $0.tallyBefore
      $0.checks.removeSubrange($0.checksBefore...)
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
    InterruptionNote.counted(tally.read)
  }

  func addBytes(_ count: Int) {
    state.withLock {
      $0.snapshot.bytes += count
      $0.bytesRead = max($0.bytesRead, $0.bytesBefore + $0.snapshot.bytes)
    }
  }
}

/// The time since its creation. Changes of the system's clock do not affect it.
struct MonotonicClock: Sendable {
  private let start = MonotonicClock.now()

  var seconds: Double { Self.now() - start }

  private static func now() -> Double {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
