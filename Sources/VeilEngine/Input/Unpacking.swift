import VeilConfig
import VeilGround

/// How much an archive may unpack to, so that a few hostile kilobytes cannot fill a disk.
struct UnpackLimits: Sendable {
  /// The most bytes that one archive may unpack to (`source.max_bytes`); nil for no limit.
  var maxBytes: Int?
  /// How many times its packed size an archive may unpack to (`source.max_ratio`), looked at after the first MiB.
  ///
  /// Text packs 3 to 30 times, the most repetitive logs about 200; gzip cannot pass 1032, and zstd reaches 30,000.
  var maxRatio: Double = 500
  /// The largest window that zstd may ask for, as a power of two: 27 is 128 MiB, what the `zstd` program allows too.
  var maxWindowLog: Int32 = 27
}

extension UnpackLimits {
  /// What a pipeline's source allows; the standard where it says nothing.
  init(_ source: SourceConfig) {
    self.init(maxBytes: source.maxBytes)
    if let ratio = source.maxRatio { maxRatio = ratio }
  }
}

/// Counts what goes into an unpacker and what comes out, and stops a bomb.
struct UnpackMeter {
  let name: String
  let limits: UnpackLimits
  private(set) var packed = 0
  private(set) var unpacked = 0

  /// Small archives may have any ratio.
  private static let ratioFreeBytes = 1 << 20

  init(name: String, limits: UnpackLimits) {
    self.name = name
    self.limits = limits
  }

  mutating func add(packed: Int, unpacked: Int) throws(InputError) {
    self.packed += packed
    self.unpacked += unpacked
    if let most = limits.maxBytes, self.unpacked > most {
      throw InputError(
        "\(name) unpacks to more than \(ByteCount.text(most)): if it is to be trusted, raise source.max_bytes")
    }
    if self.unpacked > Self.ratioFreeBytes, Double(self.unpacked) > limits.maxRatio * Double(self.packed) {
      let most = Int(exactly: limits.maxRatio).map { "\($0)" } ?? "\(limits.maxRatio)"
      throw InputError(
        "\(name) unpacks to more than \(most) times its size: if it is to be trusted, "
          + "raise source.max_ratio")
    }
  }
}

/// The packed bytes that an unpacker has read and not used yet.
///
/// Sound: `next` and `available` describe a part of `buffer` that was read, and `consume` never passes its end.
@safe
struct PackedInput: ~Copyable {
  private let source: any ByteSource
  private var buffer = ByteBuffer()
  private var position = 0
  private var isEnd = false

  private static let blockBytes = 128 << 10

  init(_ source: any ByteSource) {
    self.source = source
    buffer.reserve(Self.blockBytes)
  }

  var available: Int { buffer.count - position }
  var next: UnsafeMutablePointer<UInt8> { unsafe buffer.start + position }

  mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= available)
    position += count
  }

  /// Reads on if nothing is left. False at the end of the source.
  mutating func fill() throws(InputError) -> Bool {
    if available > 0 { return true }
    if isEnd { return false }
    position = 0
    buffer.removeAll()
    let room = unsafe UnsafeMutableRawBufferPointer(start: buffer.start, count: Self.blockBytes)
    let count = unsafe try source.read(into: room)
    buffer.advance(by: count)
    isEnd = count == 0
    return count > 0
  }
}
