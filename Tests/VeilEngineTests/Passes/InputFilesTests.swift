import Glibc
import Testing

@testable import VeilEngine
@testable import VeilGround

/// The first header is read before any pass, and the first pass goes on behind it.
@Suite("Input files")
struct InputFilesTests {
  private static let keep = "fields: {id: keep, age: keep}\nsink: {path: out.csv}\n"
  private static let anonymous = """
    fields: {id: drop, age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}}
    anonymity: {k: 2}
    order: input
    sink: {path: out.csv}

    """
  private static let averaged = """
    fields: {id: drop, age: keep}
    microaggregation: {fields: [age], k: 2}
    sink: {path: out.csv}

    """

  private func text(_ ids: ClosedRange<Int>) -> String {
    "id,age\n" + ids.map { "\($0),\(30 + $0 % 10)\n" }.joined()
  }

  @Test("A pipe with a name is opened once, for one pass and for two", arguments: [keep, anonymous, averaged])
  func opensOnce(_ rules: String) throws {
    let rig = try RunRig(["in.csv": text(1...20)])
    let path = rig.folder("pipe.csv")
    try #require(mkfifo(path, 0o600) == 0)
    let bytes = Array(text(1...20).utf8)
    // Whoever opened it a second time would wait for ever.
    let writer = WorkerThread.started {
      let pipe = open(path, O_WRONLY)
      _ = unsafe write(pipe, bytes, bytes.count)
      close(pipe)
    }
    let piped = try rig.run("source: {path: pipe.csv, subject: id}\n" + rules)
    writer?.join()
    #expect(piped.tally?.read == 20, "\(piped)")
    let out = rig.text("out.csv")
    let whole = try rig.run("source: {path: in.csv, subject: id}\n" + rules)
    #expect(whole.tally == piped.tally && out != nil && rig.text("out.csv") == out)
  }

  @Test(
    "Every later header must be the first one's, in whatever pass", arguments: [keep, anonymous, averaged],
    ["id,ages\n21,31\n", "age,id\n31,21\n", "id,age,more\n21,31,1\n"])
  func comparesHeaders(_ rules: String, _ other: String) throws {
    let rig = try RunRig(["a.csv": text(1...20), "b.csv": other])
    let result = try rig.run("source: {path: '[ab].csv', subject: id}\n" + rules)
    #expect(result.kind == .mismatch && rig.text("out.csv") == nil)
    #expect(result.message.hasSuffix("b.csv: its header is not the same as that of the files before it"), "\(result)")
  }

  @Test("Records of all files are there once, whatever the size of a chunk", arguments: [1, 7, 1 << 18])
  func readsAll(chunk: Int) throws {
    let rig = try RunRig(["a.csv": text(1...3), "b.csv": text(4...4), "c.csv": "id,age\n", "d.csv": text(5...9)])
    let result = try rig.run("source: {path: '?.csv'}\n" + Self.keep) { $0.chunkBytes = chunk }
    #expect(result.kind == nil && rig.text("out.csv") == text(1...9), "\(result)")
  }

  @Test("A file of no bytes has no header", arguments: ["a.csv", "b.csv"])
  func refusesNothing(_ empty: String) throws {
    let rig = try RunRig(["a.csv": text(1...3), "b.csv": text(4...6)])
    try rig.add(empty, [])
    let result = try rig.run("source: {path: '[ab].csv'}\n" + Self.keep)
    #expect(result.message.hasSuffix("\(empty): the file is empty: there is no header to name the fields"), "\(result)")
  }
}
