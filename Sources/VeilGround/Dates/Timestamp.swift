import Glibc

/// A moment in UTC, to the second, as RFC 3339 writes it.
package struct Timestamp: Sendable, CustomStringConvertible {
  package let description: String

  package static func now() -> Timestamp {
    var now = time(nil)
    var parts = unsafe tm()
    _ = unsafe gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return Timestamp(description: String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}
