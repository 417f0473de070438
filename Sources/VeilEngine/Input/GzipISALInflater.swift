#if VEIL_ISAL
  import CISAL

  /// Unpacks gzip with ISA-L.
  ///
  /// Three things differ from zlib. If a header is cut in two, only `isal_read_gzip_header` reads it correctly, and the
  /// same header structure must be kept between the calls. The block state shows the end of a member; the return value
  /// never does. And ISA-L may hold back output after it has used all input, so a call without input can be necessary.
  ///
  /// Sound: both states are allocated and set up in `init` and freed in `deinit`. They get only ranges that are alive
  /// and that have the stated length. The header has no room for names, so nothing is written there.
  @safe
  final class GzipISALInflater: GzipInflater {
    private let state: UnsafeMutablePointer<inflate_state>
    private let header: UnsafeMutablePointer<isal_gzip_header>
    private var isInBody = false

    /// The flags that RFC 1952 reserves. It asks decoders to stop with an error if one is set.
    private static let reservedFlags: UInt32 = 0xE0

    init() {
      unsafe state = .allocate(capacity: 1)
      unsafe header = .allocate(capacity: 1)
      unsafe isal_inflate_init(state)
      // ISA-L checks the checksum after the data; this code reads the header itself.
      unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
      unsafe isal_gzip_header_init(header)
    }

    deinit {
      unsafe state.deallocate()
      unsafe header.deallocate()
    }

    func reset() {
      unsafe isal_inflate_reset(state)
      unsafe isal_gzip_header_init(header)
      isInBody = false
    }

    func inflate(_ input: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableRawBufferPointer) -> GzipStep {
      let given = UInt32(clamping: input.count)
      let space = UInt32(clamping: room.count)
      // ISA-L only reads the bytes, although its field is a mutable pointer.
      unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe state.pointee.avail_in = given
      unsafe state.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = space
      let outcome = run()
      // When ISA-L stops at damaged data, it may give back bytes of the previous call, which must not be counted here.
      let (left, free) = unsafe (state.pointee.avail_in, state.pointee.avail_out)
      guard left <= given, free <= space else {
        if case .fault = outcome { return GzipStep(used: 0, made: 0, outcome: outcome) }
        return GzipStep(used: 0, made: 0, outcome: .fault(.contents))
      }
      let used = Int(given - left)
      let made = Int(space - free)
      return GzipStep(used: used, made: made, outcome: outcome)
    }

    private func run() -> GzipStep.Outcome {
      if !isInBody {
        let status = unsafe isal_read_gzip_header(state, header)
        if status == ISAL_END_INPUT { return .goesOn }
        if status != ISAL_DECOMP_OK { return .fault(fault(status, inHeader: true)) }
        if unsafe header.pointee.flags & Self.reservedFlags != 0 { return .fault(.header) }
        isInBody = true
      }
      let status = unsafe isal_inflate(state)
      if status != ISAL_DECOMP_OK { return .fault(fault(status, inHeader: false)) }
      return unsafe state.pointee.block_state == ISAL_BLOCK_FINISH ? .memberEnds : .goesOn
    }

    private func fault(_ status: Int32, inHeader: Bool) -> GzipFault {
      switch status {
      case ISAL_UNSUPPORTED_METHOD: .unknownMethod
      case ISAL_INCORRECT_CHECKSUM: inHeader ? .header : .checkSum
      default: inHeader ? .header : .contents
      }
    }
  }
#endif
