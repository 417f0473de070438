internal import Glibc

/// How text is written in bytes, by the name that the C library's `iconv` knows, such as `utf-8` or `windows-1252`.
public struct TextEncoding: Hashable, Sendable {
  /// In lowercase.
  public let name: String

  /// Takes a name in any case; nil if the system does not know it.
  public init?(_ name: String) {
    let name = Self.spellings[name.lowercased()] ?? name.lowercased()
    // A slash would begin what iconv does with characters that it cannot write.
    let isPlain = name.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || "-_.:()+".utf8.contains(byte)
    }
    guard isPlain, !name.isEmpty, name.utf8.count <= 64, Self.isKnown(name) else { return nil }
    self.name = name
  }

  private init(known name: String) { self.name = name }

  public static let utf8 = TextEncoding(known: "utf-8")
  public static let utf16Little = TextEncoding(known: "utf-16le")
  public static let utf16Big = TextEncoding(known: "utf-16be")

  /// Names that people write, beside those of `iconv`.
  private static let spellings = [
    "utf8": "utf-8", "utf16": "utf-16", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be", "utf16le": "utf-16le",
    "utf16be": "utf-16be", "latin-1": "iso-8859-1", "latin1": "iso-8859-1", "latin-9": "iso-8859-15",
    "latin9": "iso-8859-15", "ansi": "windows-1252", "cp-1252": "windows-1252", "cp1252": "windows-1252",
    "iso8859-1": "iso-8859-1", "iso8859-15": "iso-8859-15", "us-ascii": "ascii", "mac-roman": "macintosh",
  ]

  /// Names to suggest where another was written.
  public static let common = [
    "utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "windows-1250", "windows-1251", "iso-8859-1",
    "iso-8859-2", "iso-8859-15", "ascii", "macintosh", "cp437", "cp850", "shift_jis", "euc-jp", "gb18030", "big5",
    "euc-kr",
  ]

  private static func isKnown(_ name: String) -> Bool {
    // Sound: both names are C strings for the length of the call, and what was opened is closed once.
    let converter = unsafe iconv_open("utf-8", name)
    guard Int(bitPattern: converter) != -1 else { return false }
    unsafe iconv_close(converter)
    return true
  }
}
