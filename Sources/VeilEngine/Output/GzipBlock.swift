import CZlib

/// A block of contents for a `GzipDeflater`: the bytes to pack, and the packed result.
///
/// Sound to send: it belongs to one thread at a time; `GzipCrew` makes sure of that.
@safe
final class GzipBlock: @unchecked Sendable {
  /// At most 32 KiB of the contents before the block, followed by the block.
  private(set) var bytes = ByteBuffer()
  private(set) var dictionaryCount = 0
  private(set) var isLast = false
  /// The block as raw deflate data (RFC 1951) that ends at a byte boundary.
  fileprivate(set) var packed = ByteBuffer()
  fileprivate(set) var crc: UInt = 0

  /// The greatest distance of a match, in bytes.
  static let windowBytes = 32 << 10

  var contentCount: Int { bytes.count - dictionaryCount }

  /// Copies `contents`, and the end of `previous`, the block before this one, so that matches may refer to it.
  func fill(_ contents: UnsafeRawBufferPointer, after previous: borrowing ByteBuffer, isLast: Bool) {
    self.isLast = isLast
    bytes.removeAll()
    unsafe bytes.append(previous.start, count: previous.count)
    dictionaryCount = previous.count
    // Sound: the contents are alive during the call.
    guard let start = unsafe contents.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    unsafe bytes.append(start, count: contents.count)
  }
}

/// Packs blocks one by one. No block depends on what was packed before it.
///
/// Sound: `stream` is allocated and set up in `init` and freed in `deinit`. It gets only ranges that are alive and that
/// have the stated length.
@safe
final class GzipDeflater {
  private let stream: UnsafeMutablePointer<z_stream>

  init(level: Int32) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // A window of 15 bits, negative for raw data without a header; 8 is zlib's default memory level.
    let status = unsafe deflateInit2_(
      stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib could not be set up: out of memory") }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  func pack(_ block: GzipBlock) {
    unsafe deflateReset(stream)
    if block.dictionaryCount > 0 {
      let status = unsafe deflateSetDictionary(stream, block.bytes.start, UInt32(block.dictionaryCount))
      precondition(status == Z_OK, "zlib refused its dictionary")
    }
    let start = unsafe block.bytes.start + block.dictionaryCount
    let count = block.contentCount
    block.crc = unsafe UInt(crc32_z(0, start, count))
    unsafe stream.pointee.next_in = start
    unsafe stream.pointee.avail_in = UInt32(count)
    block.packed.removeAll()
    // Room for the worst case, and for the empty block at the end of a flush.
    var room = unsafe Int(deflateBound(stream, UInt(count))) + 64
    repeat {
      block.packed.reserve(room)
      unsafe stream.pointee.next_out = block.packed.end
      unsafe stream.pointee.avail_out = UInt32(room)
      let status = unsafe deflate(stream, block.isLast ? Z_FINISH : Z_SYNC_FLUSH)
      precondition(status == Z_OK || status == Z_STREAM_END, "zlib's state is broken")
      block.packed.advance(by: unsafe room - Int(stream.pointee.avail_out))
      room = 4096
    } while unsafe stream.pointee.avail_out == 0
  }
}
