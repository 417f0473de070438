import CZlib

/// Unpacks gzip (RFC 1952) around another source.
///
/// Any number of members follow each other, with zero bytes between and behind them, as tapes and block devices leave
/// them. Whatever else is behind a member, a check sum that does not fit, and an end within a member are errors.
///
/// Sound: `stream` is allocated and set up in `init`, freed in `deinit`, and given only ranges that are alive and as
/// long as it is told.
@safe
final class GzipSource: ByteSource {
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: PackedInput
  private var meter: UnpackMeter
  private var members = 0
  private var isInMember = false

  /// `name` is what messages call the file.
  init(_ source: any ByteSource, name: String, limits: UnpackLimits = UnpackLimits()) {
    input = PackedInput(source)
    meter = UnpackMeter(name: name, limits: limits)
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header and nothing else.
    let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("zlib could not be set up: out of memory") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let room = UInt32(clamping: buffer.count)
    if room == 0 { return 0 }
    while true {
      guard try input.fill() else { return try end() }
      if !isInMember && !beginMember() { continue }
      let given = UInt32(clamping: input.available)
      unsafe stream.pointee.next_in = input.next
      unsafe stream.pointee.avail_in = given
      unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = room
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      let used = unsafe Int(given - stream.pointee.avail_in)
      let made = unsafe Int(room - stream.pointee.avail_out)
      input.consume(used)
      try meter.add(packed: used, unpacked: made)
      switch status {
      case Z_OK where used + made > 0: break
      case Z_STREAM_END:
        isInMember = false
        members += 1
      default: throw failure(status)
      }
      if made > 0 { return made }
    }
  }

  /// Skips the zeros behind a member. False if there is nothing but zeros so far.
  private func beginMember() -> Bool {
    if members > 0 {
      while input.available > 0, unsafe input.next.pointee == 0 { input.consume(1) }
      if input.available == 0 { return false }
      unsafe inflateReset(stream)
    }
    isInMember = true
    return true
  }

  private func end() throws(InputError) -> Int {
    if isInMember {
      throw InputError("\(meter.name) ends in the middle of its gzip data: it was cut short, copy it again")
    }
    if members == 0 { throw InputError("\(meter.name) is empty, which gzip data never is") }
    return 0
  }

  private func failure(_ status: Int32) -> InputError {
    if status == Z_MEM_ERROR { return InputError("cannot unpack \(meter.name): out of memory") }
    // The magic number is the first two bytes of a member: zlib has read no further if it is wrong.
    if unsafe stream.pointee.total_out == 0 && stream.pointee.total_in <= 2 {
      return members == 0
        ? InputError("\(meter.name) is named like gzip data, but is none: rename it if it is plain text")
        : InputError("\(meter.name) has something that is no gzip data behind its gzip data")
    }
    // zlib's texts are constants, such as `incorrect data check`.
    let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "error \(status)"
    return InputError("\(meter.name) is damaged: gzip data near byte \(meter.packed): \(reason)")
  }
}
