import CZstd
import VeilConfig
import VeilGround

/// Unpacks Zstandard (RFC 8878) around another source. It may have any number of frames, also skippable ones.
///
/// This code refuses the formats from before version 1.0, because the library accepts them or not depending on how the
/// input is cut.
///
/// Sound: `context` is made in `init` and freed in `deinit`. It gets only ranges that are alive and that have the
/// stated length.
@safe
final class ZstdSource: ByteSource {
  private let context: OpaquePointer
  private var input: PackedInput
  private var meter: UnpackMeter
  private var hasBegun = false
  private var isInFrame = false
  /// The first bytes of this frame, at most as many as the longest header has; and the number of bytes it unpacked to.
  private var head: [UInt8] = []
  private var madeOfFrame = 0

  /// RFC 8878, sections 3.1.1 and 3.1.2. The first byte of a skippable frame's magic number may be 0x50 to 0x5F.
  private static let magic: [4 of UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  private static let skippable: [4 of UInt8] = [0x50, 0x2A, 0x4D, 0x18]
  private static let mostHeaderBytes = 18
  /// One byte less than the shortest frame (RFC 8878, section 3.1.1): magic number, two bytes of header, a block's
  /// header.
  private static let lessThanAFrame = 8

  /// `name` is the name of the file in messages.
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
      // A frame may have more output although there is no more input, if the last call filled its buffer.
      if !hasInput && !isInFrame { return try end() }
      if !isInFrame {
        head.removeAll(keepingCapacity: true)
        madeOfFrame = 0
      }
      try meetMagic()
      // The library handles a frame that it gets whole in another way, which refuses less. So it never gets a whole
      // frame at once.
      let offered = isInFrame ? input.available : min(input.available, Self.lessThanAFrame)
      var from = unsafe ZSTD_inBuffer(src: input.next, size: offered, pos: 0)
      var to = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let status = unsafe ZSTD_decompressStream(context, &to, &from)
      let (used, made) = unsafe (from.pos, to.pos)
      if ZSTD_isError(status) != 0 { throw failure(status) }
      unsafe head += UnsafeBufferPointer(start: input.next, count: min(used, Self.mostHeaderBytes - head.count))
      input.consume(used)
      try meter.add(packed: used, unpacked: made)
      madeOfFrame += made
      hasBegun = true
      isInFrame = status != 0
      if !isInFrame { try checkLength() }
      if made > 0 { return made }
      if !hasInput && isInFrame {
        throw InputError("\(meter.name) ends in the middle of its zstd data: it was cut short, copy it again")
      }
    }
  }

  /// Checks the bytes of the magic number that are available, before the library consumes them.
  private func meetMagic() throws(InputError) {
    guard let first = head.first ?? (input.available > 0 ? unsafe input.next.pointee : nil) else { return }
    let isSkippable = first & 0xF0 == Self.skippable[0]
    for place in head.count..<max(head.count, min(Self.magic.count, head.count + input.available)) {
      let expected = isSkippable ? place == 0 ? first : Self.skippable[place] : Self.magic[place]
      if unsafe input.next[place - head.count] != expected { throw notZstd }
    }
  }

  /// Throws if the frame does not have as many bytes as its header declares. If the last block is empty, the library
  /// checks this only for a frame that it got whole.
  private func checkLength() throws(InputError) {
    let declared = unsafe head.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    // The two largest numbers mean that the frame declares no length, or has no header.
    if declared < UInt64.max - 1, declared != madeOfFrame {
      throw InputError(
        "\(meter.name) is damaged: zstd data near byte \(meter.packed): a frame unpacks to \(madeOfFrame) bytes, and declares "
          + "\(declared)")
    }
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
