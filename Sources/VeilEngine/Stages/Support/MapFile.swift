import Glibc
import VeilConfig
import VeilCrypto

/// Reads the file of a `map` stage: CSV with two columns, the value to look up and the value to write.
///
/// UTF-8, commas, LF or CRLF; a column in double quotes may hold commas, newlines and doubled quotes (RFC 4180). The
/// file has no header: one would be read as an entry that no value equals.
struct MapFile {
  /// A problem in the file. Its text names the place, never the contents.
  struct Problem: Error {
    let description: String
  }

  /// Far above the size of any code list; the table is held in memory.
  static let sizeLimit = 256 << 20

  /// Calls `body` with each entry and the number of the line where it begins.
  /// - Returns: The SHA-256 of the file's bytes, in hex.
  @discardableResult
  static func read(
    _ path: String, _ body: (_ key: Span<UInt8>, _ value: [UInt8], _ line: Int) throws(Problem) -> Void
  ) throws(Problem) -> String {
    let bytes = try contents(path)
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Problem(description: "is not UTF-8 text") }
    // A byte order mark is not part of the first key.
    var index = UTF8Mark.length(in: bytes)
    var line = 1
    while index < bytes.count {
      let first = line
      let key = try column(bytes, index: &index, line: &line)
      if key.isEmpty, isEnd(bytes, index) {
        skipEnd(bytes, index: &index, line: &line)
        continue
      }
      guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else {
        throw Problem(description: "line \(first) has one column where two are needed")
      }
      index += 1
      let value = try column(bytes, index: &index, line: &line)
      guard isEnd(bytes, index) else { throw Problem(description: "line \(first) does not have two columns") }
      skipEnd(bytes, index: &index, line: &line)
      try body(key.span, value, first)
    }
    return StreamingSHA256.hex(bytes)
  }

  private static func isEnd(_ bytes: [UInt8], _ index: Int) -> Bool {
    index >= bytes.count || bytes[index] == 0x0A
      || (bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A)
  }

  private static func skipEnd(_ bytes: [UInt8], index: inout Int, line: inout Int) {
    if index < bytes.count, bytes[index] == 0x0D { index += 1 }
    index += 1
    line += 1
  }

  private static func column(_ bytes: [UInt8], index: inout Int, line: inout Int) throws(Problem) -> [UInt8] {
    let first = line
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
      let start = index
      while !isEnd(bytes, index), bytes[index] != UInt8(ascii: ",") {
        if bytes[index] == UInt8(ascii: "\"") { throw Problem(description: "line \(line) has a stray quote") }
        index += 1
      }
      return Array(bytes[start..<index])
    }
    var text: [UInt8] = []
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        guard index < bytes.count, bytes[index] == byte else { return text }
        index += 1
      }
      if byte == 0x0A { line += 1 }
      text.append(byte)
    }
    throw Problem(description: "line \(first) has a quote that is not closed")
  }

  /// Reads the file. Sound: the POSIX calls get a path and a buffer that live longer than the calls.
  private static func contents(_ path: String) throws(Problem) -> [UInt8] {
    func failed() -> Problem { Problem(description: "cannot be read: \(unsafe String(cString: strerror(errno)))") }
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failed() }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failed() }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Problem(description: "is not a regular file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failed() }
      if count == 0 { return bytes }
      guard bytes.count + count <= sizeLimit else { throw Problem(description: "is larger than 256 MiB") }
      bytes += chunk[..<count]
    }
  }
}
