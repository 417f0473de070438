import Glibc
import VeilCrypto
import VeilGround

/// A record on its way to its place in the order.
///
/// Sound: its bytes are valid while it is handed over, and are not kept.
@safe
struct OrderedRecord {
  let digest: SIMD2<UInt64>
  let bytes: UnsafePointer<UInt8>
  let count: Int

  typealias Visitor = (OrderedRecord) throws(OutputError) -> Void
}

/// Sorted runs of records in one `SealedFile`.
///
/// A run is a sequence of sealed blocks. It holds for each record its digest (16 bytes), its length (4) and its bytes;
/// a record may go on in the next block.
///
/// Sound: blocks are sealed into and opened from buffers that were reserved to the length of a sealed block, and
/// numbers are written to and read from places within a buffer's count.
@safe
final class SortedRuns {
  struct Run {
    /// The number of its first block among all, under which the block is sealed.
    var firstBlock: Int
    /// The place of its first block in the file.
    var offset: Int
    /// The bytes that it holds before they are sealed.
    var byteCount = 0
  }

  private(set) var runs: [Run] = []
  private let file: SealedFile
  private var run = Run(firstBlock: 0, offset: 0)
  private var pending = ByteBuffer()
  private var sealed = ByteBuffer()
  private var blockCount = 0
  private var fileBytes = 0

  /// The number of bytes in each block of a run except its last one.
  static let blockBytes = 64 << 10
  static let sealedBytes = blockBytes + SealedFile.overhead
  /// The bytes before each record.
  static let headBytes = 20

  init() throws(OutputError) {
    do throws(InputError) { file = try SealedFile() } catch { throw OutputError(error.description) }
    pending.reserve(Self.blockBytes)
    sealed.reserve(Self.sealedBytes)
  }

  deinit { pending.wipe() }

  // MARK: Writing

  /// Begins a run. Its records follow in order.
  func begin() { run = Run(firstBlock: blockCount, offset: fileBytes) }

  func append(_ record: OrderedRecord) throws(OutputError) {
    let digest = record.digest
    var head = (digest[0].littleEndian, digest[1].littleEndian, UInt32(record.count).littleEndian)
    try unsafe withUnsafeBytes(of: &head) { (head) throws(OutputError) in
      guard let start = unsafe head.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      unsafe try put(start, count: Self.headBytes)
    }
    unsafe try put(record.bytes, count: record.count)
  }

  /// Ends the run that was begun.
  func end() throws(OutputError) {
    if !pending.isEmpty { try seal() }
    runs.append(run)
  }

  private func put(_ bytes: UnsafePointer<UInt8>, count: Int) throws(OutputError) {
    var done = 0
    while done < count {
      let step = min(Self.blockBytes - pending.count, count - done)
      unsafe pending.append(bytes + done, count: step)
      done += step
      if pending.count == Self.blockBytes { try seal() }
    }
  }

  private func seal() throws(OutputError) {
    do throws(InputError) {
      fileBytes += try file.append(pending, as: blockCount, through: sealed)
    } catch {
      throw OutputError(error.description)
    }
    blockCount += 1
    run.byteCount += pending.count
    pending.removeAll()
  }

  // MARK: Reading

  /// Appends block `index` of `run` to `text`; false at the run's end.
  func read(_ index: Int, of run: Run, into text: inout ByteBuffer) throws(OutputError) -> Bool {
    let count = min(run.byteCount - index * Self.blockBytes, Self.blockBytes)
    if count <= 0 { return false }
    do throws(InputError) {
      try file.read(
        run.firstBlock + index, at: run.offset + index * Self.sealedBytes, count: count, into: &text, through: sealed)
    } catch {
      throw OutputError(error.description)
    }
    return true
  }
}

/// Reads one run from its first record to its last.
///
/// Sound: `need` has seen to it that as many bytes as are read stand behind the position.
@safe
final class RunReader {
  private let runs: SortedRuns
  private let run: SortedRuns.Run
  private var block = 0
  private var text = ByteBuffer()
  private var position = 0
  /// The digest of the current record, and the number of its bytes.
  private(set) var digest = SIMD2<UInt64>()
  private var count = 0

  init(_ runs: SortedRuns, _ run: SortedRuns.Run) {
    (self.runs, self.run) = (runs, run)
    text.reserve(2 * SortedRuns.blockBytes)
  }

  deinit { text.wipe() }

  /// The current record, valid until the next one.
  var record: OrderedRecord {
    unsafe OrderedRecord(digest: digest, bytes: UnsafePointer(text.start) + position, count: count)
  }

  /// Goes on to the next record; false behind the last one.
  func next() throws(OutputError) -> Bool {
    position += count
    count = 0
    guard try need(SortedRuns.headBytes) else { return false }
    let head = unsafe UnsafeRawPointer(text.start + position)
    digest = unsafe SIMD2(
      UInt64(littleEndian: head.loadUnaligned(as: UInt64.self)),
      UInt64(littleEndian: (head + 8).loadUnaligned(as: UInt64.self)))
    let length = unsafe Int(UInt32(littleEndian: (head + 16).loadUnaligned(as: UInt32.self)))
    position += SortedRuns.headBytes
    guard try need(length) else { throw OutputError("a run of the temporary file ends within a record") }
    count = length
    return true
  }

  /// Reads on until `more` bytes stand behind the position; false if there are none any more.
  private func need(_ more: Int) throws(OutputError) -> Bool {
    while text.count - position < more {
      text.removeFirst(position)
      position = 0
      guard try runs.read(block, of: run, into: &text) else { return false }
      block += 1
    }
    return true
  }
}
