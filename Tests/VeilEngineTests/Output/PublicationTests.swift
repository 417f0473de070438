import Foundation
import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite(.serialized) struct PublicationTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  static func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test(arguments: [true, false]) func appearsWholeAndPrivate(_ unnamed: Bool) throws {
    _ = try folder.file("a.csv", Array("old".utf8))
    let publication = try Publication(folder("a.csv"), prefersUnnamed: unnamed)
    try publication.sink.write(Array("new contents".utf8))
    #expect(try folder.bytes("a.csv") == Array("old".utf8))
    if !unnamed {
      #expect(folder.names.count == 2)
      #expect(Self.mode(folder(folder.names[0])) == 0o600)
      #expect(folder.names[0].wholeMatch(of: /\.a\.csv\.veil-[0-9a-f]{16}\.tmp/) != nil)
    }
    try publication.commit()
    #expect(try folder.bytes("a.csv") == Array("new contents".utf8))
    #expect(folder.names == ["a.csv"])
    #expect(Self.mode(folder("a.csv")) == 0o600)
  }

  @Test func aRunThatIsKilledLeavesNothingWhereFilesNeedNoName() throws {
    let publication = try Publication.begin(folder("a.csv"))
    try publication.sink.write([1, 2, 3])
    // Where the file system has no unnamed files (the other path is tested above), the temporary file shows.
    let hasUnnamed = (try? Descriptor.open(folder.path, flags: Descriptor.unnamedFile | O_WRONLY, mode: 0o600)) != nil
    #expect(folder.names.isEmpty == hasUnnamed)
  }

  @Test(arguments: [true, false]) func abandonedLeavesNothing(_ unnamed: Bool) throws {
    _ = try folder.file("a.csv", Array("old".utf8))
    do {
      let publication = try Publication(folder("a.csv"), prefersUnnamed: unnamed)
      try publication.sink.write([1])
      publication.abandon()
      #expect(folder.names == ["a.csv"])
      let forgotten = try Publication(folder("a.csv"), prefersUnnamed: unnamed)
      try forgotten.sink.write([1])
      try forgotten.seal()
      #expect(folder.names.count == 2)
    }
    #expect(folder.names == ["a.csv"])
    #expect(try folder.bytes("a.csv") == Array("old".utf8))
  }

  @Test func fullDisksAreErrors() throws {
    let full = try Publication.begin("/dev/full")
    #expect(errorText { try full.sink.write([1]) } == "cannot write /dev/full: No space left on device")
    let null = try Publication.begin("/dev/null")
    try null.sink.write([1])
    try null.commit()
    // A packer holds bytes back: the disk is full only when it is finished.
    let packed = GzipSink(full.sink)
    try packed.write([1])
    #expect(throws: OutputError.self) { try packed.finish() }
  }

  @Test func aBrokenPipeIsToldApart() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    let sink = FileSink(Descriptor(ends[1]), name: "standard output")
    do {
      try sink.write([1])
      Issue.record("the pipe took a byte")
    } catch {
      #expect(error.isBrokenPipe)
    }
  }

  @Test func onlyFilesAreReplaced() throws {
    _ = try folder.file("real.csv", [1])
    try FileManager.default.createSymbolicLink(atPath: folder("link.csv"), withDestinationPath: "real.csv")
    #expect(errorText { _ = try Publication.begin(folder("link.csv")) }.contains("symbolic link"))
    #expect(errorText { _ = try Publication.begin(folder.path) }.contains("is a folder"))
    #expect(errorText { _ = try Publication.begin(folder("x/")) }.contains("names a folder"))
    try #require(mkfifo(folder("pipe"), 0o600) == 0)
    #expect(errorText { _ = try Publication.begin(folder("pipe")) }.contains("neither a file nor a device"))
    #expect(errorText { _ = try Publication.begin(folder("real.csv/x")) }.contains("Not a directory"))
    #expect(folder.names == ["link.csv", "pipe", "real.csv"])
    // A link that came during the run is not followed, and not replaced either.
    let publication = try Publication.begin(folder("late.csv"))
    try FileManager.default.createSymbolicLink(atPath: folder("late.csv"), withDestinationPath: "real.csv")
    #expect(errorText { try publication.commit() }.contains("symbolic link"))
    #expect(try folder.bytes("real.csv") == [1])
  }

  @Test func oneMissingFolderIsMade() throws {
    let publication = try Publication.begin(folder("out/a.csv"))
    try publication.commit()
    #expect(Self.mode(folder("out")) == 0o700)
    #expect(try folder.bytes("out/a.csv") == [])
    let message = errorText { _ = try Publication.begin(folder("one/two/a.csv")) }
    #expect(message.contains("there is no folder \(folder("one/two"))") && message.contains("mkdir -p"))
    #expect(folder.names == ["out"])
  }

  @Test func leftoversOfDeadRunsAreSwept() throws {
    let dead = try folder.file(".a.csv.veil-0123456789abcdef.tmp", [1])
    // Of whatever file: a name with a date in it never comes again.
    let other = try folder.file(".2026-01-01.csv.veil-0123456789abcdef.tmp", [1])
    let others = [
      ".a.csv.veil-0123456789abcdeg.tmp", ".a.csv.veil-0123456789abcde.tmp", "a.csv",
    ]
    for name in others { _ = try folder.file(name, [1]) }
    let alive = try Publication(folder("a.csv"), prefersUnnamed: false)
    #expect(!FileManager.default.fileExists(atPath: dead) && !FileManager.default.fileExists(atPath: other))
    let second = try Publication(folder("a.csv"), prefersUnnamed: false)
    #expect(folder.names.count == others.count + 2)
    try second.sink.write([2])
    try second.commit()
    try alive.sink.write([3])
    try alive.commit()
    #expect(try folder.bytes("a.csv") == [3])
    #expect(folder.names == others.sorted())
  }

  @Test func longNamesWork() throws {
    let name = String(repeating: "ä", count: 127)
    let publication = try Publication(folder(name), prefersUnnamed: false)
    try publication.commit()
    #expect(folder.names == [name])
  }

  @Test func aSetIsPublishedWholeOrNotAtAll() throws {
    _ = try folder.file("a.csv", Array("old".utf8))
    let set = PublicationSet()
    for name in ["a.csv", "b.csv", "manifest.json"] {
      let publication = try Publication.begin(folder(name))
      try publication.sink.write(Array(name.utf8))
      set.add(publication)
    }
    // The last one cannot take its place.
    try FileManager.default.createDirectory(atPath: folder("manifest.json"), withIntermediateDirectories: false)
    #expect(errorText { try set.commit() }.contains("manifest.json: it is a folder"))
    #expect(folder.names == ["a.csv", "manifest.json"])
    #expect(try folder.bytes("a.csv") == Array("old".utf8))

    try FileManager.default.removeItem(atPath: folder("manifest.json"))
    let again = PublicationSet()
    for name in ["a.csv", "b.csv", "manifest.json"] {
      let publication = try Publication.begin(folder(name))
      try publication.sink.write(Array(name.utf8))
      again.add(publication)
    }
    try again.commit()
    #expect(folder.names == ["a.csv", "b.csv", "manifest.json"])
    for name in folder.names { #expect(try folder.bytes(name) == Array(name.utf8)) }
  }

  @Test func outputsArePackedAndHashedAsStored() throws {
    let text = sampleText(300_000)
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
      let output = try OutputFile(path: folder(name))
      try output.write(text, pieces: [1000])
      try output.finish()
      try output.publication?.commit()
      let input = try InputFile(path: folder(name))
      #expect(try input.readAll() == text)
      #expect(input.sha256 == output.sha256 && input.byteCount == output.byteCount)
    }
  }

  @Test func registeredFilesCanBeRemovedAtOnce() throws {
    let kept = try folder.file("kept", [1])
    let gone = try folder.file("gone", [1])
    let files = TemporaryFiles()
    files.register(kept)
    files.register(gone)
    files.unregister(kept)
    files.removeAll()
    #expect(folder.names == ["kept"])
  }
}
