import Glibc
import VeilConfig

/// Any encoding that the C library knows.
///
/// Sound: `iconv` moves two pointers within the bytes and the room whose lengths it is given. The converter is opened
/// once and closed once, and one thread at a time uses it.
@safe
final class IconvDecoder: TextDecoder {
  /// A byte of an encoding such as BIG5-HKSCS becomes up to two characters.
  static let growth = 8
  private let converter: iconv_t

  /// - Parameter encoding: one that the system knows, as every `TextEncoding` is.
  init(_ encoding: TextEncoding) {
    unsafe converter = iconv_open("utf-8", encoding.name)
    precondition(unsafe Int(bitPattern: converter) != -1, "an encoding is known")
  }

  deinit { unsafe iconv_close(converter) }

  func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> DecodingStep {
    guard let start = bytes.baseAddress else { return DecodingStep(used: 0, made: 0) }
    // `iconv` takes its input as variable, and does not change it.
    var input: UnsafeMutablePointer<CChar>? = unsafe UnsafeMutableRawPointer(mutating: start)
      .assumingMemoryBound(to: CChar.self)
    var output: UnsafeMutablePointer<CChar>? = unsafe UnsafeMutableRawPointer(out).assumingMemoryBound(to: CChar.self)
    var left = bytes.count
    let room = bytes.count * Self.growth + 64
    var rest = room
    let result = unsafe iconv(converter, &input, &left, &output, &rest)
    return DecodingStep(used: bytes.count - left, made: room - rest, isStuck: result == -1 && errno == EILSEQ)
  }

  /// Some encodings hold a letter back until they know that no accent follows.
  func finish(into out: UnsafeMutablePointer<UInt8>) -> Int {
    var output: UnsafeMutablePointer<CChar>? = unsafe UnsafeMutableRawPointer(out).assumingMemoryBound(to: CChar.self)
    var rest = 64
    _ = unsafe iconv(converter, nil, nil, &output, &rest)
    return 64 - rest
  }
}
