import Glibc
import Synchronization
import VeilEngine

/// When progress is shown.
enum ProgressMode: String, CaseIterable, Sendable {
  /// Shows progress on a terminal, unless messages go to a log.
  case auto
  case always, never
}

/// Shows on standard error how far a run is: five times a second, on one line that is removed at the end. The first half
/// second shows nothing, so that a short run draws nothing at all.
///
/// Sound to share: the thread only reads the monitor, and `isOver` is atomic.
@safe
final class ProgressBar: @unchecked Sendable {
  private let monitor: RunMonitor
  private let isOver = Atomic<Bool>(false)
  private var thread = pthread_t()
  private var isRunning = false
  /// Whether there is a line to remove. Written by the thread, and read when it has ended.
  private var hasDrawn = false
  private var shownPhase = RunMonitor.Phase.starting
  private var phaseBegan = 0.0

  init?(_ mode: ProgressMode, writesLines: Bool, monitor: RunMonitor) {
    self.monitor = monitor
    switch mode {
    case .never: return nil
    case .auto: if !writesLines || isatty(STDERR_FILENO) == 0 { return nil }
    case .always: break
    }
    let box = unsafe Unmanaged.passRetained(self)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<ProgressBar>.fromOpaque(argument!).takeRetainedValue().show()
        return nil
      }, box.toOpaque())
    isRunning = code == 0
    if code != 0 { unsafe box.release() }
  }

  /// Removes the line. Nothing is shown afterwards.
  func finish() {
    isOver.store(true, ordering: .releasing)
    if isRunning { pthread_join(thread, nil) }
    isRunning = false
    if hasDrawn { Terminal.draw("\r\u{1B}[K") }
  }

  private func show() {
    wait(tenths: 5)
    while !isOver.load(ordering: .acquiring) {
      hasDrawn = true
      Terminal.draw("\r\(line())\u{1B}[K")
      wait(tenths: 2)
    }
  }

  /// Waits for some tenths of a second, or until the run is over.
  private func wait(tenths: Int) {
    for _ in 0..<(5 * tenths) where !isOver.load(ordering: .acquiring) { usleep(20_000) }
  }

  private func line() -> String {
    let snapshot = monitor.snapshot
    if snapshot.phase != shownPhase { (shownPhase, phaseBegan) = (snapshot.phase, monitor.seconds) }
    return ProgressLine.text(snapshot, seconds: monitor.seconds - phaseBegan)
  }
}

/// The progress line at one moment of a run.
enum ProgressLine {
  /// Returns the line.
  /// - Parameter seconds: the time since this phase began.
  static func text(_ snapshot: RunMonitor.Snapshot, seconds: Double) -> String {
    switch snapshot.phase {
    case .starting: return "starting"
    case .deciding: return "looking for classes, \(grouped(snapshot.records)) records"
    case .publishing: return "publishing, \(grouped(snapshot.records)) records"
    case .observing, .writing: break
    }
    var parts: [String] = []
    if let total = snapshot.totalBytes, total > 0 {
      // The bytes of records that are not processed yet also count, because input is read ahead.
      let share = min(1, Double(snapshot.bytes) / Double(total))
      let whole = (Double(snapshot.pass) + share) / Double(snapshot.passCount)
      let filled = Int(whole * 20)
      parts.append(
        "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
          + "] \(Int(whole * 100)) %")
    }
    parts.append("\(grouped(snapshot.records)) records")
    let speed = seconds > 0.05 ? Double(snapshot.bytes) / seconds / 1e6 : 0
    if speed > 0 { parts.append("\(Int(speed.rounded())) MB/s") }
    if let total = snapshot.totalBytes, speed > 0 {
      // The estimate assumes that every pass is as fast as this one.
      let left = total - snapshot.bytes + total * (snapshot.passCount - 1 - snapshot.pass)
      let seconds = Int((Double(max(0, left)) / 1e6 / speed).rounded(.up))
      parts.append("\(seconds / 60):\(String(100 + seconds % 60).dropFirst()) left")
    }
    return parts.joined(separator: "  ")
  }

  /// Returns a number with its digits in groups of three: 1,234,567.
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}
