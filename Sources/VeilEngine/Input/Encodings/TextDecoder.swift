import VeilConfig

/// Turns text of one encoding into UTF-8, piece by piece.
protocol TextDecoder: AnyObject {
  /// How many bytes of UTF-8 a byte can become at most, and how many more a call may write.
  static var growth: Int { get }

  /// Writes as much of the bytes as it can to `out`, which has room for `growth` times their number, and 64 bytes more.
  ///
  /// It uses fewer bytes than it was given where the last character is not whole, or where bytes are no character.
  /// - Returns: how many bytes it has used and made, and whether what follows is no character, whatever comes behind it.
  func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> DecodingStep

  /// Writes what is left at the end of the text, at most 64 bytes, and returns how many.
  func finish(into out: UnsafeMutablePointer<UInt8>) -> Int
}

struct DecodingStep {
  var used: Int
  var made: Int
  var isStuck = false
}

extension TextEncoding {
  /// Makes a decoder; nil for UTF-8, which needs none.
  func makeDecoder() -> (any TextDecoder)? {
    switch self {
    case .utf8: nil
    case .utf16Little: UTF16Decoder(isBig: false)
    case .utf16Big: UTF16Decoder(isBig: true)
    default: SingleByteDecoder(self) ?? IconvDecoder(self)
    }
  }
}
