import VeilConfig
import VeilGround

/// Cuts input into chunks of whole records. One thread at a time may use it; the workers take turns.
///
/// Chunks follow each other without a gap, whatever their size. Together they are the whole input, except for the
/// prefix and for blank lines at the very end. Reading allocates nothing once the buffers have grown to the longest
/// record.
///
/// Sound: reads go into room that was reserved, and the splitter gets bytes that are followed by readable zeros.
@safe
final class ChunkReader {
  /// The approximate length of a chunk where nobody asks for another.
  static let usualBytes = 256 << 10

  /// The name of the input in messages.
  let name: String
  private let source: any ByteSource
  private let splitter: any RecordSplitter
  private let targetBytes: Int
  private let maxRecordBytes: Int
  /// The bytes that were read after the end of the last chunk.
  private var rest = ByteBuffer()
  private var isEnd = false
  /// Bytes that were read to judge a header and come behind the first chunk, from `aheadStart` on.
  private var ahead = ByteBuffer()
  private var aheadStart = 0
  /// Whether the source has no more bytes.
  private var isSourceSpent = false
  /// Whether no bytes are left after the last chunk.
  var isSpent: Bool { isEnd && rest.count == 0 }
  /// Whether the splitter was given any part of the input.
  private var wasAsked = false
  private var failure: InputError?
  /// The number of the next chunk.
  private var nextSequence = 0
  /// The byte offset of the next chunk in the (unpacked) input.
  private(set) var offset = 0

  /// - Parameters:
  ///   - targetBytes: the approximate length of a chunk, 1 or more; at most `maxRecordBytes` is used.
  ///   - maxRecordBytes: the longest record that is allowed; at most `Cell.longest` is used.
  init(
    _ source: any ByteSource, name: String, splitter: any RecordSplitter,
    targetBytes: Int = usualBytes, maxRecordBytes: Int = 16 << 20
  ) {
    precondition(targetBytes > 0 && maxRecordBytes > 0)
    self.source = source
    self.name = name
    self.splitter = splitter
    self.maxRecordBytes = min(maxRecordBytes, Cell.longest)
    self.targetBytes = min(targetBytes, self.maxRecordBytes)
  }

  /// Reads what comes before the records, such as a CSV header. Call it before `next`.
  ///
  /// `body` gets all bytes read so far, and whether they are the whole input. It returns how many of them it has used,
  /// or nil if it needs more. The first chunk begins after the used bytes.
  func readPrefix(
    _ body: (_ bytes: UnsafePointer<UInt8>, _ count: Int, _ isEnd: Bool) throws(InputError) -> Int?
  ) throws(InputError) {
    precondition(offset == 0, "a prefix is read first")
    var wanted = targetBytes
    while true {
      try read(into: &rest, until: wanted)
      rest.clearSlack()
      if let used = unsafe try body(rest.start, rest.count, isEnd) {
        rest.removeFirst(used)
        offset += used
        keepChunksShort()
        return
      }
      if isEnd { return }
      wanted = try more(than: rest)
    }
  }

  /// Puts back what was read beyond a chunk's length, so that chunks are no longer than if it had not been read yet.
  private func keepChunksShort() {
    guard rest.count > targetBytes else { return }
    unsafe ahead.append(rest.start + targetBytes, count: rest.count - targetBytes)
    rest.truncate(to: targetBytes)
    isSourceSpent = isEnd
    isEnd = false
  }

  /// Fills `chunk` with the next whole records. Returns false at the end.
  func next(into chunk: Chunk) throws(InputError) -> Bool {
    if let failure { throw failure }
    do throws(InputError) {
      return try fill(chunk)
    } catch {
      // No worker may read on after an error, whichever worker asks.
      failure = error
      throw error
    }
  }

  private func fill(_ chunk: Chunk) throws(InputError) -> Bool {
    chunk.bytes.removeAll()
    unsafe chunk.bytes.append(rest.start, count: rest.count)
    rest.removeAll()
    var wanted = targetBytes
    var scanned = 0
    while true {
      try read(into: &chunk.bytes, until: wanted)
      let count = chunk.bytes.count
      if count == 0 {
        // An empty input can still be malformed, like an array without brackets.
        if !wasAsked {
          chunk.bytes.reserve(1)
          chunk.bytes.clearSlack()
          _ = unsafe try boundary(in: chunk.bytes.start, count: 0, scanned: 0)
        }
        return false
      }
      chunk.bytes.clearSlack()
      let end = unsafe try boundary(in: chunk.bytes.start, count: count, scanned: scanned)
      precondition(end >= 0 && end <= count, "a record cannot end outside of what was read")
      if end > 0 {
        unsafe rest.append(chunk.bytes.start + end, count: count - end)
        chunk.bytes.truncate(to: end)
        chunk.bytes.clearSlack()
        chunk.sequence = nextSequence
        chunk.offset = offset
        nextSequence += 1
        offset += end
        return true
      }
      if isEnd {
        chunk.bytes.removeAll()
        return false
      }
      scanned = count
      wanted = try more(than: chunk.bytes)
    }
  }

  /// Asks the splitter for the end of the last whole record. Adds the name of the input to its errors.
  private func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int) throws(InputError) -> Int {
    wasAsked = true
    do throws(InputError) {
      return unsafe try splitter.boundary(in: bytes, count: count, scanned: scanned, isEnd: isEnd)
    } catch {
      throw InputError("\(name): \(error.description)")
    }
  }

  /// Returns how many more bytes to read if the bytes so far hold no whole record. Doubling keeps the cost of long
  /// records linear.
  ///
  /// At the limit it asks for one more byte, to see whether the input ends there. So a record passes or fails
  /// regardless of how the input was cut.
  private func more(than bytes: borrowing ByteBuffer) throws(InputError) -> Int {
    let count = bytes.count
    if count > maxRecordBytes {
      throw InputError(
        "\(name): the record that begins at byte \(offset) is longer than \(ByteCount.text(maxRecordBytes)), "
          + "the most that a record may be: was a quote left open?")
    }
    return count == maxRecordBytes ? count + 1 : min(count * 2, maxRecordBytes)
  }

  private func read(into bytes: inout ByteBuffer, until wanted: Int) throws(InputError) {
    bytes.reserve(max(wanted - bytes.count, 0))
    while bytes.count < wanted && !isEnd {
      if aheadStart < ahead.count {
        let count = min(wanted - bytes.count, ahead.count - aheadStart)
        unsafe bytes.append(ahead.start + aheadStart, count: count)
        aheadStart += count
        continue
      }
      let room = unsafe UnsafeMutableRawBufferPointer(start: bytes.end, count: wanted - bytes.count)
      let count = isSourceSpent ? 0 : unsafe try source.read(into: room)
      bytes.advance(by: count)
      isEnd = count == 0
    }
  }
}

extension ByteBuffer {
  /// Writes zeros to the 64 bytes after the last element. They are allocated whenever the buffer has allocated
  /// anything.
  fileprivate func clearSlack() {
    guard capacity > 0 else { return }
    unsafe end.update(repeating: 0, count: 64)
  }
}
