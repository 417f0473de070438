import VeilConfig
import VeilGround

/// Limits on what an archive may unpack to, so that a small hostile file cannot fill a disk.
struct UnpackLimits: Sendable {
  /// The most bytes that one archive may unpack to (`source.max_bytes`); nil for no limit.
  var maxBytes: Int?
  /// How many times its packed size an archive may unpack to (`source.max_ratio`). It is checked after the
  /// first 64 MiB.
  ///
  /// Text packs 3 to 30 times, and the most repetitive logs about 200 times. gzip cannot exceed 1032 times; zstd
  /// reaches 30,000.
  var maxRatio: Double = 500
  /// The largest window that zstd may ask for, as a power of two: 27 is 128 MiB, which the `zstd` program allows too.
  var maxWindowLog: Int32 = 27
}

extension UnpackLimits {
  /// Takes the limits that the pipeline's source gives, and the default for every other one.
  init(_ source: SourceConfig) {
    self.init(maxBytes: source.maxBytes)
    if let ratio = source.maxRatio { maxRatio = ratio }
  }
}

/// Counts the bytes that go into and come out of an unpacker, and throws if the limits are exceeded.
struct UnpackMeter {
  let name: String
  let limits: UnpackLimits
  private(set) var packed = 0
  private(set) var unpacked = 0

  /// Archives that unpack to fewer bytes than this may have any ratio.
  private static let ratioFreeBytes = 64 << 20

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
/// Sound: `next` and `available` describe a part of `buffer` that was read, and `consume` never goes past its end.
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

  /// Reads more bytes if none are left. Returns false at the end of the source.
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
