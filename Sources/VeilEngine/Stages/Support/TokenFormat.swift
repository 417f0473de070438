internal import CScan
import VeilConfig

/// The encoding of a digest as text.
enum TokenEncoding: String, CaseIterable, Sendable {
  /// Lowercase hexadecimal digits (RFC 4648, section 8).
  case hex
  /// RFC 4648, section 6, in lowercase and without padding.
  case base32
  /// RFC 4648, section 5, without padding.
  case base64url
  /// RFC 9562, version 8: 122 bits of the first 16 bytes; the other six bits hold the version and variant.
  case uuid
  /// The bits as one unsigned whole number, the most significant bit first, with leading zeros to a fixed length.
  case decimal
}

/// The format of a token: a digest's first bits as text of a fixed length.
struct TokenFormat: Sendable {
  let encoding: TokenEncoding
  /// The number of bits of the digest that the text holds.
  let bits: Int
  /// The length of the text in bytes, all of which are ASCII letters, digits, `-` and `_`.
  let width: Int
  /// Whether the token begins with the id of its key and `_`.
  var hasKeyPrefix = false

  init(_ encoding: TokenEncoding, bits: Int) {
    self.encoding = encoding
    self.bits = encoding == .uuid ? 122 : bits
    width =
      switch encoding {
      case .hex: bits / 4
      case .base32: (bits + 4) / 5
      case .base64url: (bits + 5) / 6
      case .uuid: 36
      // 2^bits has floor(bits * log10(2)) + 1 digits, and 2^bits - 1 has the same number.
      case .decimal: Int(Double(bits) * 0.301_029_995_663_981_2) + 1
      }
  }

  /// Returns whether a value could be such a token, judged by its length and its characters.
  func matches(_ value: Span<UInt8>) -> Bool {
    guard let start = hasKeyPrefix ? Self.keyIDWidth(value) : 0, value.count - start == width else { return false }
    for index in start..<value.count where !uses(value[index]) { return false }
    return true
  }

  private func uses(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "a")...UInt8(ascii: "f"): encoding != .decimal
    case UInt8(ascii: "g")...UInt8(ascii: "z"): encoding == .base32 || encoding == .base64url
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): encoding == .base64url
    case UInt8(ascii: "-"): encoding == .base64url || encoding == .uuid
    default: false
    }
  }

  /// Returns the length in bytes of the key's id and the `_` after it; nil if there is no id.
  static func keyIDWidth(_ token: Span<UInt8>) -> Int? {
    for index in token.indices.prefix(17) {
      let byte = token[index]
      if byte == UInt8(ascii: "_") { return index > 0 ? index + 1 : nil }
      guard 0x61...0x7A ~= byte || 0x30...0x39 ~= byte else { return nil }
    }
    return nil
  }

  /// Writes `width` bytes to `out`, from a digest that holds `bits` and that can be read for 96 bytes.
  @inline(__always)
  func write(_ digest: UnsafePointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) {
    switch encoding {
    case .hex: unsafe Self.writeHex(digest, nibbles: width, to: out)
    case .base32: unsafe Self.writeGroups(digest, byteCount: bits / 8, of: 5, in: Self.base32, to: out)
    case .base64url: unsafe Self.writeGroups(digest, byteCount: bits / 8, of: 6, in: Self.base64, to: out)
    case .uuid: unsafe Self.writeUUID(digest, to: out)
    case .decimal: unsafe Self.writeDecimal(digest, byteCount: bits / 8, width: width, to: out)
    }
  }

  /// Writes the tokens of `count` digests one after the other. The digests begin `stride` bytes apart. Both sides have
  /// 64 bytes of slack.
  @inline(__always)
  func write(
    _ digests: UnsafePointer<UInt8>, stride: Int, count: Int, to out: UnsafeMutablePointer<UInt8>
  ) {
    if encoding == .hex { return unsafe scan_hex_rows(digests, stride, count, width, out) }
    for index in 0..<count { unsafe write(digests + index * stride, to: out + index * width) }
  }

  private static let base32: StaticString = "abcdefghijklmnopqrstuvwxyz234567"
  private static let base64: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  /// Writes whole groups of 32 digits; the slack after `out` and after the digest takes the extra bytes.
  @inline(__always)
  private static func writeHex(_ digest: UnsafePointer<UInt8>, nibbles: Int, to out: UnsafeMutablePointer<UInt8>) {
    var done = 0
    while done < nibbles {
      unsafe scan_hex16(digest + done / 2, out + done)
      done += 32
    }
  }

  @inline(__always)
  private static func hexWord(_ bytes: UInt32) -> UInt64 {
    var spread = UInt64(bytes)
    spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
    spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
    let nibbles = (spread >> 4 & 0x000F_000F_000F_000F) | (spread & 0x000F_000F_000F_000F) << 8
    let isLetter = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* 39
  }

  private static func writeGroups(
    _ digest: UnsafePointer<UInt8>, byteCount: Int, of bits: UInt32, in alphabet: StaticString,
    to out: UnsafeMutablePointer<UInt8>
  ) {
    let letters = unsafe alphabet.utf8Start
    let mask: UInt32 = 1 << bits - 1
    var (held, count, written): (UInt32, UInt32, Int) = (0, 0, 0)
    for index in 0..<byteCount {
      held = held << 8 | UInt32(unsafe digest[index])
      count += 8
      while count >= bits {
        count -= bits
        unsafe out[written] = letters[Int(held >> count & mask)]
        written += 1
      }
    }
    if count > 0 { unsafe out[written] = letters[Int(held << (bits - count) & mask)] }
  }

  private static func writeUUID(_ digest: UnsafePointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) {
    var written = 0
    for index in 0..<16 {
      var byte = unsafe digest[index]
      if index == 6 { byte = byte & 0x0F | 0x80 }
      if index == 8 { byte = byte & 0x3F | 0x80 }
      if index == 4 || index == 6 || index == 8 || index == 10 {
        unsafe out[written] = UInt8(ascii: "-")
        written += 1
      }
      let digits = hexWord(UInt32(byte))
      unsafe out[written] = UInt8(truncatingIfNeeded: digits)
      unsafe out[written + 1] = UInt8(truncatingIfNeeded: digits >> 8)
      written += 2
    }
  }

  /// Writes the digits by long division by 10^18, from the right.
  private static func writeDecimal(
    _ digest: UnsafePointer<UInt8>, byteCount: Int, width: Int, to out: UnsafeMutablePointer<UInt8>
  ) {
    var limbs = InlineArray<8, UInt64>(repeating: 0)
    for index in 0..<byteCount {
      let place = byteCount - 1 - index
      limbs[place / 8] |= UInt64(unsafe digest[index]) << UInt64(place % 8 * 8)
    }
    let count = (byteCount + 7) / 8
    var end = width
    while end > 0 {
      var rest: UInt64 = 0
      for limb in stride(from: count - 1, through: 0, by: -1) {
        (limbs[limb], rest) = (1_000_000_000_000_000_000 as UInt64).dividingFullWidth((rest, limbs[limb]))
      }
      let start = max(0, end - 18)
      while end > start {
        end -= 1
        unsafe out[end] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
    }
  }
}
