import VeilConfig
import VeilGround

/// Cuts input into chunks of whole records. Used by one thread at a time; the workers take turns.
///
/// Chunks follow each other without a gap, whatever their size: less the prefix, and what is only blank at the very
/// end, together they are the input. Reading allocates nothing once the buffers have grown to the longest record.
///
/// Sound: reads go into room that was reserved, and the splitter gets bytes with readable zeros behind them.
@safe
final class ChunkReader {
  /// As messages call the input.
  let name: String
  private let source: any ByteSource
  private let splitter: any RecordSplitter
  private let targetBytes: Int
  private let maxRecordBytes: Int
  /// What was read behind the last chunk's end.
  private var rest = ByteBuffer()
  private var isEnd = false
  /// Whether nothing is left behind the last chunk.
  var isSpent: Bool { isEnd && rest.count == 0 }
  /// Whether the splitter has seen anything of the input.
  private var wasAsked = false
  private var failure: InputError?
  /// The number that the next chunk gets.
  private var nextSequence = 0
  /// Where the next chunk begins in the (unpacked) input, in bytes.
  private(set) var offset = 0

  /// - Parameters:
  ///   - targetBytes: about how long a chunk is to be, from 1 on; at most `maxRecordBytes` count.
  ///   - maxRecordBytes: how long a record may be; at most `Cell.longest` count.
  init(
    _ source: any ByteSource, name: String, splitter: any RecordSplitter,
    targetBytes: Int = 256 << 10, maxRecordBytes: Int = 16 << 20
  ) {
    precondition(targetBytes > 0 && maxRecordBytes > 0)
    self.source = source
    self.name = name
    self.splitter = splitter
    self.maxRecordBytes = min(maxRecordBytes, Cell.longest)
    self.targetBytes = min(targetBytes, self.maxRecordBytes)
  }

  /// Reads what stands before the records, such as a CSV header. To be called before `next`.
  ///
  /// `body` gets all bytes so far and whether they are all there are; it answers how many of them it has used up, or
  /// nil to be given more. Chunks begin behind them.
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
        return
      }
      if isEnd { return }
      wanted = try more(than: rest)
    }
  }

  /// Fills `chunk` with the next run of whole records. False at the end.
  func next(into chunk: Chunk) throws(InputError) -> Bool {
    if let failure { throw failure }
    do throws(InputError) {
      return try fill(chunk)
    } catch {
      // Nothing may go on behind an error, whichever worker asks.
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
        // An input of no bytes may still be wrong, as an array without brackets is.
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

  /// Asks the splitter; what it finds wrong is said with the input's name.
  private func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int) throws(InputError) -> Int {
    wasAsked = true
    do throws(InputError) {
      return unsafe try splitter.boundary(in: bytes, count: count, scanned: scanned, isEnd: isEnd)
    } catch {
      throw InputError("\(name): \(error.description)")
    }
  }

  /// How far to read on where what there is holds no whole record. Doubling keeps long records linear.
  ///
  /// At the limit one more byte is asked for, to see whether the input ends there: so a record passes or fails
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
      let room = unsafe UnsafeMutableRawBufferPointer(start: bytes.end, count: wanted - bytes.count)
      let count = unsafe try source.read(into: room)
      bytes.advance(by: count)
      isEnd = count == 0
    }
  }
}

extension ByteBuffer {
  /// Zeroes the 64 bytes behind the last element, which are always allocated, if anything is.
  fileprivate func clearSlack() {
    guard capacity > 0 else { return }
    unsafe end.update(repeating: 0, count: 64)
  }
}
