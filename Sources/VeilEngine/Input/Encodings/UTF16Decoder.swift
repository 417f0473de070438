import CScan

/// UTF-16 (RFC 2781) of a known byte order.
///
/// Sound: the caller lends the bytes, and room for three bytes for each unit of two.
@safe
final class UTF16Decoder: TextDecoder {
  static let growth = 2
  private let high: Int32

  init(isBig: Bool) { high = isBig ? 0 : 1 }

  func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> DecodingStep {
    guard let start = bytes.baseAddress else { return DecodingStep(used: 0, made: 0) }
    let done = unsafe scan_utf16(start, bytes.count, high, out)
    // Four bytes that are no character never become one; fewer may be the front of one.
    return DecodingStep(used: done.used, made: done.made, isStuck: bytes.count - done.used >= 4)
  }

  func finish(into out: UnsafeMutablePointer<UInt8>) -> Int { 0 }
}
