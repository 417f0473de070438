import VeilGround

/// Unpacks gzip (RFC 1952) around another source.
///
/// Any number of members may follow each other, with zero bytes between and after them, as tapes and block devices
/// leave them. Errors are: any other bytes after a member, a wrong checksum, and an end inside a member.
///
/// Sound: the inflater gets only bytes that `input` has, and room that the caller lends.
@safe
final class GzipSource: ByteSource {
  private let inflater: any GzipInflater
  private var input: PackedInput
  private var meter: UnpackMeter
  private var members = 0
  private var isInMember = false
  /// The number of bytes of this member's magic number that were read so far.
  private var magicCount = 0

  private static let magic: [2 of UInt8] = [0x1F, 0x8B]

  /// `name` is the name of the file in messages.
  init(
    _ source: any ByteSource, name: String, limits: UnpackLimits = UnpackLimits(), library: GzipLibrary = .best
  ) {
    input = PackedInput(source)
    meter = UnpackMeter(name: name, limits: limits)
    inflater = library.makeInflater()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if buffer.count == 0 { return 0 }
    while true {
      let hasInput = try input.fill()
      // A member may have more output although there is no more input, if the last call filled its buffer.
      if !hasInput && !isInMember { return try end() }
      if !isInMember && !beginMember() { continue }
      if magicCount < Self.magic.count { try meetMagic() }
      let bytes = unsafe UnsafeBufferPointer(start: input.next, count: input.available)
      let step = unsafe inflater.inflate(bytes, into: buffer)
      input.consume(step.used)
      try meter.add(packed: step.used, unpacked: step.made)
      switch step.outcome {
      case .goesOn where step.used + step.made > 0: break
      case .goesOn: throw hasInput ? failure(.contents) : cutShort
      case .memberEnds:
        isInMember = false
        members += 1
      case .fault(let fault): throw failure(fault)
      }
      if step.made > 0 { return step.made }
    }
  }

  /// Skips the zeros after a member. Returns false if there are only zeros so far.
  private func beginMember() -> Bool {
    if members > 0 {
      while input.available > 0, unsafe input.next.pointee == 0 { input.consume(1) }
      if input.available == 0 { return false }
      inflater.reset()
    }
    isInMember = true
    magicCount = 0
    return true
  }

  /// Checks the bytes of the magic number that are available, before the inflater consumes them.
  private func meetMagic() throws(InputError) {
    for index in 0..<min(Self.magic.count - magicCount, input.available) {
      if unsafe input.next[index] != Self.magic[magicCount] { throw notGzip }
      magicCount += 1
    }
  }

  private func end() throws(InputError) -> Int {
    if members == 0 { throw InputError("\(meter.name) is empty, which gzip data never is") }
    return 0
  }

  private var cutShort: InputError {
    InputError("\(meter.name) ends in the middle of its gzip data: it was cut short, copy it again")
  }

  private var notGzip: InputError {
    members == 0
      ? InputError("\(meter.name) is named like gzip data, but is none: rename it if it is plain text")
      : InputError("\(meter.name) has something that is no gzip data behind its gzip data")
  }

  private func failure(_ fault: GzipFault) -> InputError {
    switch fault {
    case .outOfMemory: InputError("cannot unpack \(meter.name): out of memory")
    default: InputError("\(meter.name) is damaged: gzip data near byte \(meter.packed): \(fault.text)")
    }
  }
}
