import Logging
import VeilEngine

/// The form of the messages of `veil run` on standard error: simple lines, or a log that a machine can read.
enum MessageForm: String, CaseIterable, Sendable {
  case text, json
}

/// The messages of one run.
struct RunMessages {
  private let logger: Logger?
  /// Whether only errors and warnings are written.
  private let isQuiet: Bool

  /// - Parameter form: nil for simple lines, as a person at a terminal wants them.
  init(_ form: MessageForm?, runID: String, isQuiet: Bool) {
    self.isQuiet = isQuiet
    logger = form.map { form in
      var logger = Logger(label: "veil", factory: { _ in StandardErrorLog(form: form) })
      logger[metadataKey: "run"] = "\(runID)"
      return logger
    }
  }

  /// Whether messages are lines for people, and not a log.
  var writesLines: Bool { logger == nil }

  func info(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    if !isQuiet { say(.info, line: text, text: text, metadata: metadata()) }
  }

  /// Writes a note to a log only; a person at a terminal does not need it.
  func note(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    if !isQuiet { logger?.info("\(text)", metadata: metadata()) }
  }

  func warn(_ text: String, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
    say(.warning, line: "warning: \(text)", text: text, metadata: metadata())
  }

  /// Writes the error that ends the run. On a terminal, `text` is shown unchanged.
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
