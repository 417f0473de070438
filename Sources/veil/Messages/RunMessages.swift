import Logging
import VeilEngine

/// How `veil run` speaks on standard error: as plain lines, or as a log that a machine can read.
enum MessageForm: String, CaseIterable, Sendable {
  case text, json
}

/// The messages of one run.
struct RunMessages {
  private let logger: Logger?

  /// - Parameter form: nil for plain lines, as a person at a terminal wants them.
  init(_ form: MessageForm?, runID: String) {
    logger = form.map { form in
      var logger = Logger(label: "veil", factory: { _ in StandardErrorLog(form: form) })
      logger[metadataKey: "run"] = "\(runID)"
      return logger
    }
  }

  /// Whether lines are for people alone.
  var writesLines: Bool { logger == nil }

  func info(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    say(.info, line: text, text: text, metadata: metadata())
  }

  /// Told to a log only: a person who waits at a terminal knows.
  func note(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    logger?.info("\(text)", metadata: metadata())
  }

  func warn(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    say(.warning, line: "warning: \(text)", text: text, metadata: metadata())
  }

  /// What ends the run. `text` stands as it is on a terminal.
  func error(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    guard let logger else { return Terminal.complain(text) }
    if !text.isEmpty { logger.error("\(text)", metadata: metadata()) }
  }

  private func say(
    _ level: Logger.Level, line: String, text: String, metadata: @autoclosure () -> Logger.Metadata
  ) {
    guard let logger else { return Terminal.complain("veil: \(line)") }
    logger.log(level: level, "\(text)", metadata: metadata())
  }
}
