import VeilConfig
import VeilGround

/// Reads text of another encoding as UTF-8.
///
/// Sound: `made` is reserved for as much as a decoder may write.
@safe
final class DecodedSource: ByteSource {
  private let source: any ByteSource
  private let name: String
  private let encoding: TextEncoding
  private let decoder: any TextDecoder
  private let growth: Int
  /// The bytes that were read and are not decoded yet: the front of a character.
  private var packed = ByteBuffer()
  /// The UTF-8 that nobody has taken yet, from `taken` on.
  private var made = ByteBuffer()
  private var taken = 0
  /// How many bytes were decoded, for messages.
  private var offset: Int
  private var isEnd = false

  private static let blockBytes = 128 << 10

  /// - Parameters:
  ///   - name: the name of the file in messages.
  ///   - offset: how many bytes of the file stand before what `source` has, such as a byte order mark.
  init?(_ source: any ByteSource, name: String, encoding: TextEncoding, offset: Int = 0) {
    guard let decoder = encoding.makeDecoder() else { return nil }
    (self.source, self.name, self.encoding, self.decoder, self.offset) = (source, name, encoding, decoder, offset)
    growth = type(of: decoder).growth
    packed.reserve(Self.blockBytes)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    while taken == made.count {
      guard try decodeMore() else { return 0 }
    }
    let count = min(buffer.count, made.count - taken)
    unsafe start.copyMemory(from: made.start + taken, byteCount: count)
    taken += count
    return count
  }

  /// Reads and decodes a block. Returns false at the end.
  private func decodeMore() throws(InputError) -> Bool {
    if isEnd { return false }
    let room = unsafe UnsafeMutableRawBufferPointer(start: packed.end, count: Self.blockBytes - packed.count)
    let count = unsafe try source.read(into: room)
    packed.advance(by: count)
    isEnd = count == 0
    made.removeAll()
    taken = 0
    made.reserve(packed.count * growth + 128)
    let step = unsafe decoder.decode(UnsafeBufferPointer(start: packed.start, count: packed.count), into: made.start)
    made.advance(by: step.made)
    offset += step.used
    packed.removeFirst(step.used)
    if step.isStuck || isEnd && !packed.isEmpty {
      throw InputError(
        "\(name): byte offset \(offset): \(step.isStuck ? "no character" : "a cut character") of \(encoding.name): is "
          + "the file written in another encoding?")
    }
    if isEnd { made.advance(by: unsafe decoder.finish(into: made.end)) }
    return true
  }
}
