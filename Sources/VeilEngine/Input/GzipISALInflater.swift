#if VEIL_ISAL
  import CISAL

  /// Unpacks gzip with ISA-L.
  ///
  /// Three things differ from zlib. A header that is cut in two is only read right through `isal_read_gzip_header` with
  /// a header that is kept between the calls. The end of a member shows in the block state, never in the answer. And
  /// output may be held back when all input is used up, so that a call without input can be needed.
  ///
  /// Sound: both states are allocated and set up in `init`, freed in `deinit`, and given only ranges that are alive and
  /// as long as they are told; the header has no room for names, so nothing is written there.
  @safe
  final class GzipISALInflater: GzipInflater {
    private let state: UnsafeMutablePointer<inflate_state>
    private let header: UnsafeMutablePointer<isal_gzip_header>
    private var isInBody = false

    /// Flags that RFC 1952 keeps for later; it asks to give up where one is set.
    private static let reservedFlags: UInt32 = 0xE0

    init() {
      unsafe state = .allocate(capacity: 1)
      unsafe header = .allocate(capacity: 1)
      unsafe isal_inflate_init(state)
      // Check the sum that follows the data; the header is ours to read.
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
      // ISA-L only reads what it calls mutable.
      unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe state.pointee.avail_in = given
      unsafe state.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = space
      let outcome = run()
      // Where it gives up on damaged data, ISA-L may hand back bytes of the call before, which are not ours to count.
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
