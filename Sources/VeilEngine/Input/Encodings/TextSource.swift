import VeilConfig
import VeilGround

/// Looks at the first bytes of a file, once it is unpacked, and then reads it as UTF-8.
///
/// A byte order mark decides between UTF-8 and UTF-16 where no encoding is given. What no reader here understands is
/// refused with a way to mend it (`ForeignFile`).
final class TextSource: ByteSource {
  private let source: any ByteSource
  private let name: String
  private let given: TextEncoding?
  /// Set once the first bytes were looked at.
  private var text: (any ByteSource)?

  /// How many bytes are looked at. A shorter read is completed up to `least` only, so that a pipe is not waited for.
  private static let (most, least) = (1024, 16)

  /// - Parameters:
  ///   - name: the name of the file in messages.
  ///   - given: the encoding that somebody says the file has.
  init(_ source: any ByteSource, name: String, encoding given: TextEncoding?) {
    (self.source, self.name, self.given) = (source, name, given)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if let text { return unsafe try text.read(into: buffer) }
    let front = try firstBytes()
    let text = try open(front)
    self.text = text
    return unsafe try text.read(into: buffer)
  }

  private func firstBytes() throws(InputError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.most)
    var count = 0
    while count < Self.least {
      let more = try source.read(into: &bytes, from: count)
      if more == 0 { break }
      count += more
    }
    return Array(bytes[..<count])
  }

  private func open(_ front: [UInt8]) throws(InputError) -> any ByteSource {
    if let foreign = ForeignFile(front) { throw InputError("\(name): \(foreign.advice)") }
    let mark = ByteOrderMark.read(front)
    let encoding = try encoding(mark?.encoding)
    // Readers of UTF-8 take its mark themselves.
    let skipped = encoding == .utf8 ? 0 : mark?.count ?? 0
    if encoding == .utf8 || given == nil, ForeignFile.looksLikeUTF16(front[skipped...]), mark == nil {
      throw InputError(
        "\(name): every other byte is zero: this is UTF-16 without a byte order mark. Write  encoding: utf-16le  under "
          + "'source', or utf-16be where the zero comes first; a command without a pipeline takes --encoding")
    }
    let rest = FrontedSource(Array(front[skipped...]), source)
    return DecodedSource(rest, name: name, encoding: encoding, offset: skipped) ?? rest
  }

  /// The encoding to read in, by what was given and by the file's mark.
  private func encoding(_ marked: TextEncoding?) throws(InputError) -> TextEncoding {
    guard let given else { return marked ?? .utf8 }
    if given.name == "utf-16" {
      guard let marked, marked != .utf8 else {
        throw InputError(
          "\(name): the file has no byte order mark of UTF-16: write utf-16le or utf-16be as its encoding")
      }
      return marked
    }
    if let marked, marked != given {
      throw InputError(
        "\(name): the file begins with a byte order mark of \(marked.name), but \(given.name) is given as its encoding: "
          + "leave the encoding out")
    }
    return given
  }
}

extension TextSource {
  /// Returns the bytes of a small file as UTF-8, without a byte order mark. Throws if they are another program's.
  static func utf8(_ bytes: [UInt8], name: String) throws(InputError) -> [UInt8] {
    let source = TextSource(FrontedSource(bytes, EmptySource()), name: name, encoding: nil)
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try source.read(into: &block)
      if count == 0 { return Array(text.dropFirst(UTF8Mark.length(in: text))) }
      text += block[..<count]
    }
  }
}

private final class EmptySource: ByteSource {
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int { 0 }
}

/// Some bytes, and then what another source has.
private final class FrontedSource: ByteSource {
  private var front: [UInt8]
  private var taken = 0
  private let source: any ByteSource

  init(_ front: [UInt8], _ source: any ByteSource) { (self.front, self.source) = (front, source) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    guard taken < front.count else { return unsafe try source.read(into: buffer) }
    let count = min(buffer.count, front.count - taken)
    unsafe buffer.copyBytes(from: front[taken..<taken + count])
    taken += count
    return count
  }
}
