import Glibc
import Logging
import VeilGround

/// Writes a log to standard error, one line for each message, either whole or not at all.
struct StandardErrorLog: LogHandler {
  var form: MessageForm
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(form: MessageForm) { self.form = form }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let time = Self.now()
    var line: String
    switch form {
    case .text:
      line = "\(time) \(event.level.rawValue)"
      for (key, value) in fields { line += " \(key)=\(Self.bare("\(value)"))" }
      // The lines of a message are joined to one line.
      line += " \(event.message.description.split(separator: "\n").joined(separator: " | "))"
    case .json:
      line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\""
      for (key, value) in fields {
        line += ",\(JSONValue.quoted(key)):\(Self.number(value) ?? JSONValue.quoted("\(value)"))"
      }
      line += ",\"message\":\(JSONValue.quoted(event.message.description))}"
    }
    Terminal.complain(line)
  }

  /// Returns the current time in UTC with milliseconds, in the form of RFC 3339.
  private static func now() -> String {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    var parts = unsafe tm()
    unsafe gmtime_r(&now.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) + ".\(milliseconds)Z"
  }

  /// Returns a whole number as a JSON number; nil for any other value.
  private static func number(_ value: Logger.Metadata.Value) -> String? {
    guard case .stringConvertible(let value) = value, let number = value as? Int else { return nil }
    return "\(number)"
  }

  private static func bare(_ text: String) -> String { text.contains(" ") ? JSONValue.quoted(text) : text }
}
