/// The byte order mark that some programs put in front of UTF-8 (U+FEFF; Unicode standard, section 23.8).
package enum UTF8Mark {
  package static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Returns how many bytes the mark at the front of a text has, 0 or 3.
  package static func length(in text: some Collection<UInt8>) -> Int { text.starts(with: bytes) ? bytes.count : 0 }
}
