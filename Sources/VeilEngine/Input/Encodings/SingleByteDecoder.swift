import CScan
import VeilConfig

/// An encoding with one byte a character, such as windows-1252, by a table that is made with `IconvDecoder`.
///
/// Sound: the table has an entry for each byte, and the caller lends room for three bytes for each byte.
@safe
final class SingleByteDecoder: TextDecoder {
  static let growth = 3
  private let table: [UInt32]
  private let isASCII: Bool

  /// Nil if a byte alone is not always a whole character, or if the bytes before it change what it means.
  init?(_ encoding: TextEncoding) {
    guard let table = Self.table(encoding) else { return nil }
    self.table = table
    isASCII = (0..<0x80).allSatisfy { table[$0] == UInt32($0) | 1 << 24 }
  }

  private static func table(_ encoding: TextEncoding) -> [UInt32]? {
    // Bytes that switch to other characters are those of ISO-2022, which are control characters elsewhere. An encoding
    // whose text begins with a mark has no single bytes either.
    let whole = IconvDecoder(encoding)
    var table: [UInt32] = []
    for byte: UInt8 in 0...255 {
      guard let alone = text(of: [byte], IconvDecoder(encoding)), let later = text(of: [byte], whole), alone == later
      else { return nil }
      table.append(alone.enumerated().reduce(UInt32(alone.count) << 24) { $0 | UInt32($1.element) << (8 * $1.offset) })
    }
    return table
  }

  /// Returns the UTF-8 of a character, empty if it is none; nil if it is not whole, too long, or something else as well.
  private static func text(of bytes: [UInt8], _ decoder: IconvDecoder) -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: bytes.count * IconvDecoder.growth + 64)
    let step = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe room.withUnsafeMutableBufferPointer { unsafe decoder.decode(bytes, into: $0.baseAddress!) }
    }
    if step.isStuck { return step.made == 0 ? [] : nil }
    guard step.used == bytes.count, 1...3 ~= step.made else { return nil }
    return Array(room[..<step.made])
  }

  func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> DecodingStep {
    guard let start = bytes.baseAddress else { return DecodingStep(used: 0, made: 0) }
    let done = unsafe table.withUnsafeBufferPointer {
      unsafe scan_single_byte(start, bytes.count, $0.baseAddress, isASCII ? 1 : 0, out)
    }
    return DecodingStep(used: done.used, made: done.made, isStuck: done.used < bytes.count)
  }

  func finish(into out: UnsafeMutablePointer<UInt8>) -> Int { 0 }
}
