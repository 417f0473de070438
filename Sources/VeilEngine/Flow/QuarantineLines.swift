import VeilGround

/// The lines of a quarantine, as digests, so that none is written twice.
struct QuarantineLines {
  /// 128 bits of a line, under a key of this process: two lines that are alike by chance would lose one of them.
  private struct Digest: Hashable {
    var first: Int
    var second: Int
  }

  private var digests: Set<Digest> = []
  /// With this many lines, which take about 50 MB, no more are remembered; then a line may be written twice.
  private static let most = 1_000_000
  /// A longer line is none of a quarantine without records, and is not remembered.
  private static let longest = 1 << 20

  init() {}

  /// Copies a list to a new file, and remembers its lines. One that was cut short is ended.
  init(copying path: String, to sink: FileSink) throws(OutputError) {
    var line: [UInt8] = []
    var last = UInt8(ascii: "\n")
    let source: FileSource
    do throws(InputError) { source = try FileSource(path: path) } catch { throw OutputError("\(error)") }
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count: Int
      do throws(InputError) { count = try source.read(into: &room) } catch { throw OutputError("\(error)") }
      if count == 0 { break }
      for byte in room[..<count] {
        if line.count < Self.longest { line.append(byte) }
        guard byte == UInt8(ascii: "\n") else { continue }
        if line.count < Self.longest { remember(line) }
        line.removeAll(keepingCapacity: true)
      }
      last = room[count - 1]
      try Self.write(room[..<count], to: sink)
    }
    // A file that ends too early would lose the lines behind that.
    do throws(InputError) { try source.checkUnchanged() } catch { throw OutputError("\(error)") }
    if last != UInt8(ascii: "\n") { try Self.write([UInt8(ascii: "\n")], to: sink) }
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to sink: FileSink) throws(OutputError) {
    var failure: OutputError?
    unsafe bytes.withUnsafeBytes { bytes in
      do throws(OutputError) { unsafe try sink.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Remembers a line with its line feed. Returns false if it is there already.
  mutating func insert(_ line: String) -> Bool { remember(Array(line.utf8)) }

  @discardableResult
  private mutating func remember(_ line: [UInt8]) -> Bool {
    let digest = Digest(first: Self.hash(line, 1), second: Self.hash(line, 2))
    if digests.contains(digest) { return false }
    if digests.count < Self.most { digests.insert(digest) }
    return true
  }

  private static func hash(_ line: [UInt8], _ salt: Int) -> Int {
    var hasher = Hasher()
    hasher.combine(salt)
    hasher.combine(line)
    return hasher.finalize()
  }
}
