import VeilConfig

/// The mark at the front of a text that says its encoding (Unicode standard, section 23.8).
enum ByteOrderMark {
  /// Returns the encoding and the length of the mark at the front of `bytes`; nil if there is none.
  static func read(_ bytes: [UInt8]) -> (encoding: TextEncoding, count: Int)? {
    if UTF8Mark.length(in: bytes) > 0 { return (.utf8, UTF8Mark.bytes.count) }
    // The mark of UTF-32 begins like that of UTF-16. It is left to the message about files that are none of ours.
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return nil }
    if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16Little, 2) }
    if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16Big, 2) }
    return nil
  }
}
