/// The position of one value in the bytes of its column, and what is known about the value. Takes eight bytes.
///
/// `start` counts from the column's base. The bytes are the value without the quotes around it. While `isEscaped` is
/// true, they still contain the source's escapes (doubled quotes in CSV, backslashes in JSON).
struct Cell: BitwiseCopyable {
  var start: UInt32
  private var packed: UInt32

  /// The longest value that a cell can describe, in bytes. The readers refuse longer records.
  static let longest = 1 << 26 - 1

  struct Flags: OptionSet, BitwiseCopyable {
    let rawValue: UInt32
    /// An empty CSV cell or a JSON null. Stages leave it as it is.
    static let null = Flags(rawValue: 1 << 26)
    /// The bytes still contain the source's escapes.
    static let escaped = Flags(rawValue: 1 << 27)
    /// The source's quotes stand directly before and after the bytes, so the encoder may copy them too.
    static let quoted = Flags(rawValue: 1 << 28)
    /// No byte needs quotes or escapes in any output format (hex, digits, an unquoted CSV cell that is written to CSV
    /// of the same dialect).
    static let plain = Flags(rawValue: 1 << 29)
    /// A JSON number, true or false: written without quotes in JSON.
    static let literal = Flags(rawValue: 1 << 30)
    /// A JSON object or array, written unchanged.
    static let composite = Flags(rawValue: 1 << 31)
  }

  @inline(__always)
  init(start: Int, count: Int, flags: Flags = []) {
    self.start = UInt32(truncatingIfNeeded: start)
    packed = UInt32(truncatingIfNeeded: count) & 0x03FF_FFFF | flags.rawValue
  }

  static let null = Cell(start: 0, count: 0, flags: .null)

  @inline(__always) var count: Int { Int(packed & 0x03FF_FFFF) }
  @inline(__always) var flags: Flags { Flags(rawValue: packed & 0xFC00_0000) }
  @inline(__always) var offset: Int { Int(start) }
  @inline(__always) func has(_ flag: Flags) -> Bool { packed & flag.rawValue != 0 }
  @inline(__always) var isNull: Bool { has(.null) }
}
