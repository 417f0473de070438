import CZstd

/// Unpacks Zstandard (RFC 8878) around another source: any number of frames, skippable ones among them.
///
/// Formats from before version 1.0 are refused here: the library takes them or not as they happen to be cut.
///
/// Sound: `context` is made in `init` and freed in `deinit`, and gets only ranges that are alive and as long as it is
/// told.
@safe
final class ZstdSource: ByteSource {
  private let context: OpaquePointer
  private var input: PackedInput
  private var meter: UnpackMeter
  private var hasBegun = false
  private var isInFrame = false
  /// How many bytes of this frame's magic number were met, and whether it is a skippable one.
  private var magicCount = 0
  private var isSkippable = false

  /// RFC 8878, sections 3.1.1 and 3.1.2; the first byte of a skippable frame's number may be 0x50 to 0x5F.
  private static let magic: [4 of UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  private static let skippable: [4 of UInt8] = [0x50, 0x2A, 0x4D, 0x18]

  /// `name` is what messages call the file.
  init(_ source: any ByteSource, name: String, limits: UnpackLimits = UnpackLimits()) {
    input = PackedInput(source)
    meter = UnpackMeter(name: name, limits: limits)
    guard let context = unsafe ZSTD_createDCtx() else { fatalError("zstd could not be set up: out of memory") }
    unsafe self.context = context
    let status = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, limits.maxWindowLog)
    precondition(ZSTD_isError(status) == 0, "zstd knows no such window")
  }

  deinit {
    unsafe ZSTD_freeDCtx(context)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if buffer.count == 0 { return 0 }
    while true {
      let hasInput = try input.fill()
      // Without input a frame may still have output to give, if the last call filled its buffer.
      if !hasInput && !isInFrame { return try end() }
      if !isInFrame { magicCount = 0 }
      let met = try meetMagic()
      var from = unsafe ZSTD_inBuffer(src: input.next, size: input.available, pos: 0)
      var to = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let status = unsafe ZSTD_decompressStream(context, &to, &from)
      let (used, made) = unsafe (from.pos, to.pos)
      if ZSTD_isError(status) != 0 { throw failure(status) }
      input.consume(used)
      try meter.add(packed: used, unpacked: made)
      hasBegun = true
      magicCount += min(met, used)
      isInFrame = status != 0
      if made > 0 { return made }
      if !hasInput && isInFrame {
        throw InputError("\(meter.name) ends in the middle of its zstd data: it was cut short, copy it again")
      }
    }
  }

  /// Looks at what is there of the magic number, which the library will use up; how much that is.
  private func meetMagic() throws(InputError) -> Int {
    let count = min(Self.magic.count - magicCount, input.available)
    for index in 0..<count {
      let byte = unsafe input.next[index]
      let place = magicCount + index
      if place == 0 { isSkippable = byte & 0xF0 == Self.skippable[0] }
      let expected = isSkippable ? Self.skippable[place] : Self.magic[place]
      if (place == 0 && isSkippable ? byte & 0xF0 : byte) != expected { throw notZstd }
    }
    return count
  }

  private var notZstd: InputError {
    meter.packed == 0
      ? InputError("\(meter.name) is named like zstd data, but is none: rename it if it is plain text")
      : InputError("\(meter.name) has something that is no zstd data behind byte \(meter.packed)")
  }

  private func end() throws(InputError) -> Int {
    if !hasBegun { throw InputError("\(meter.name) is empty, which zstd data never is") }
    return 0
  }

  private func failure(_ status: Int) -> InputError {
    switch ZSTD_getErrorCode(status) {
    case ZSTD_error_memory_allocation:
      return InputError("cannot unpack \(meter.name): out of memory")
    case ZSTD_error_frameParameter_windowTooLarge:
      let limit = ByteCount.text(1 << Int(meter.limits.maxWindowLog))
      return InputError("\(meter.name) needs a window over \(limit) to unpack: pack it again with a smaller one")
    case ZSTD_error_prefix_unknown: return notZstd
    default:
      // zstd's texts are constants, such as `Restored data doesn't match checksum`.
      let reason = unsafe String(cString: ZSTD_getErrorName(status))
      return InputError("\(meter.name) is damaged: zstd data near byte \(meter.packed): \(reason)")
    }
  }
}
