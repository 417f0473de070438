import CZlib

/// Unpacks gzip with zlib, which is available everywhere.
///
/// Sound: `stream` is allocated and set up in `init` and freed in `deinit`. It gets only ranges that are alive and that
/// have the stated length.
@safe
final class GzipZlibInflater: GzipInflater {
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // A window of 15 bits; adding 16 means that a gzip header is required.
    let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib could not be set up: out of memory") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func reset() { unsafe inflateReset(stream) }

  func inflate(_ input: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableRawBufferPointer) -> GzipStep {
    let given = UInt32(clamping: input.count)
    let space = UInt32(clamping: room.count)
    // zlib only reads the bytes, although its field is a mutable pointer.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    unsafe stream.pointee.avail_in = given
    unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = space
    let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
    let used = unsafe Int(given - stream.pointee.avail_in)
    let made = unsafe Int(space - stream.pointee.avail_out)
    return GzipStep(used: used, made: made, outcome: outcome(status))
  }

  private func outcome(_ status: Int32) -> GzipStep.Outcome {
    switch status {
    // Z_BUF_ERROR means that there was nothing more to do.
    case Z_OK, Z_BUF_ERROR: return .goesOn
    case Z_STREAM_END: return .memberEnds
    case Z_MEM_ERROR: return .fault(.outOfMemory)
    default: break
    }
    // zlib distinguishes faults only by constant texts.
    switch unsafe stream.pointee.msg.map({ unsafe String(cString: $0) }) {
    case "unknown compression method": return .fault(.unknownMethod)
    case "incorrect header check", "unknown header flags set", "header crc mismatch": return .fault(.header)
    case "incorrect data check", "incorrect length check": return .fault(.checkSum)
    default: return .fault(.contents)
    }
  }
}
