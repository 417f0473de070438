import CZlib

/// Writes gzip (RFC 1952), without a time or a name, so that equal contents are equal files.
typealias GzipSink = PackingSink<GzipPacker>

extension PackingSink where Packer == GzipPacker {
  /// - Parameter level: 1, fast, to 9, small.
  convenience init(_ next: any ByteSink, level: Int32 = 6) {
    self.init(GzipPacker(level: level), into: next)
  }
}

/// Sound: `stream` is allocated and set up in `init`, freed in `deinit`, and given only ranges that are alive and as
/// long as it is told.
@safe
final class GzipPacker: BlockPacker {
  private let stream: UnsafeMutablePointer<z_stream>
  private var packed = ByteBuffer()

  private static let roomBytes = 64 << 10

  init(level: Int32) {
    precondition((1...9).contains(level), "gzip has levels 1 to 9")
    packed.reserve(Self.roomBytes)
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, 16 for a gzip header; 8 is zlib's usual memory level.
    let status = unsafe deflateInit2_(
      stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib could not be set up: out of memory") }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  func pack(_ block: UnsafeRawBufferPointer, isLast: Bool, into next: any ByteSink) throws(OutputError) {
    unsafe stream.pointee.next_in = UnsafeMutableRawPointer(mutating: block.baseAddress)?
      .assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(block.count)
    var status: Int32
    repeat {
      unsafe stream.pointee.next_out = packed.start
      unsafe stream.pointee.avail_out = UInt32(Self.roomBytes)
      status = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
      // Z_BUF_ERROR: there was nothing more to do. No other error can come of a stream that was set up.
      precondition(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR, "zlib's state is broken")
      let made = unsafe Self.roomBytes - Int(stream.pointee.avail_out)
      if made > 0 { unsafe try next.write(UnsafeRawBufferPointer(start: packed.start, count: made)) }
    } while isLast ? status != Z_STREAM_END : unsafe stream.pointee.avail_out == 0
  }
}
