import Foundation
import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite(.serialized) struct SpoolTests {
  /// The paths behind this process's open files that lie in `folder`.
  static func openFiles(in folder: String) -> [String] {
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return numbers.map { "/proc/self/fd/" + $0 }.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: $0))?.hasPrefix(folder) == true
    }
  }

  @Test(arguments: [0, 1, 262_143, 262_144, 262_145, 1_000_000])
  func whatIsSpooledComesBack(_ count: Int) throws {
    let folder = try ScratchFolder()
    let text = sampleText(count)
    let spool = try Spool(PieceSource(text, pieces: [1000, 70_000]), folder: folder.path)
    #expect(spool.byteCount == count)
    #expect(try spool.source().readAll() == text)
    #expect(try spool.source().readAll(room: 999) == text)
    // Two passes at once do not disturb each other.
    let (one, two) = (spool.source(), spool.source())
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    defer { room.deallocate() }
    #expect(try one.read(into: room) == min(100, count))
    #expect(try two.readAll() == text)
    #expect(try one.readAll() == Array(text.dropFirst(100)))
  }

  @Test func theFileHasNoNameAndHoldsNoText() throws {
    let folder = try ScratchFolder()
    let text = [UInt8](String(repeating: "alice@example.org,", count: 40_000).utf8)
    var spool: Spool? = try Spool(PieceSource(text), folder: folder.path)
    #expect(folder.names.isEmpty)
    let open = Self.openFiles(in: folder.path)
    try #require(open.count == 1)
    let stored = try Data(contentsOf: URL(fileURLWithPath: open[0]))
    #expect(stored.count > text.count)
    #expect(stored.range(of: Data("alice".utf8)) == nil)
    #expect(stored.range(of: Data("example".utf8)) == nil)
    var status = stat()
    #expect(stat(open[0], &status) == 0 && status.st_mode & 0o7777 == 0o600 && status.st_nlink == 0)
    #expect(spool?.byteCount == text.count)
    spool = nil
    #expect(Self.openFiles(in: folder.path).isEmpty)
  }

  @Test func aChangedFileIsAnError() throws {
    let folder = try ScratchFolder()
    let spool = try Spool(PieceSource(sampleText(300_000)), folder: folder.path)
    let path = try #require(Self.openFiles(in: folder.path).first)
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.seek(toOffset: 1000)
    let byte = try #require(try file.read(upToCount: 1))
    try file.seek(toOffset: 1000)
    try file.write(contentsOf: Data([byte[byte.startIndex] ^ 1]))
    #expect(errorText { _ = try spool.source().readAll() }.contains("cannot read the temporary file in \(folder.path)"))
    try file.truncate(atOffset: 270_000)
    #expect(throws: InputError.self) { try spool.source().readAll() }
  }

  @Test func aMissingFolderIsNamed() {
    let message = errorText { _ = try Spool(PieceSource([1]), folder: "/nonexistent/veil") }
    #expect(message.contains("/nonexistent/veil") && message.contains("No such file"))
  }
}
