import Foundation
import Testing

/// An input that changes between two passes and keeps its length and times: what was decided on the first pass does not
/// hold for what the second one read.
@Suite struct ChangedInputTests {
  /// Three files are read. The look at all headers is held up by a lease on the last one until the second has a lease, too;
  /// that one holds the first pass up while the first file is changed.
  private func run(
    _ pipeline: String, before: String, after: String, arguments: [String] = ["--manifest", "m.json"]
  ) throws -> (outcome: Outcome, scratch: Scratch) {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    let path = try scratch.write("in/a.csv", before)
    let other = try scratch.write("in/b.csv", String(before.prefix { $0 != "\n" }) + "\n")
    let last = try Lease(scratch.write("in/c.csv", String(before.prefix { $0 != "\n" }) + "\n"))
    let command = try Command(
      Veil.path, ["run", "p.yaml"] + arguments, environment: TestKey.environment, directory: scratch.root)
    guard last.isAskedFor else { return (try command.finish(), scratch) }
    let lease = try Lease(other)
    last.release()
    // The run has read the first file when it opens the second.
    guard lease.isAskedFor else { return (try command.finish(), scratch) }
    var status = stat()
    #expect(stat(path, &status) == 0)
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.write(contentsOf: Data(after.utf8))
    try file.close()
    var times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    lease.release()
    return (try command.finish(), scratch)
  }

  /// A lease on a file (fcntl(2)): whoever opens it waits until it is given back.
  private final class Lease {
    private let file: Int32

    init(_ path: String) throws {
      // The system tells of somebody who waits by this signal, which would end the tests.
      signal(SIGIO, SIG_IGN)
      file = open(path, O_RDWR | O_CLOEXEC)
      try #require(fcntl(file, setLease, Int32(F_WRLCK)) == 0)
    }

    /// Whether somebody opens the file in the next ten seconds.
    var isAskedFor: Bool {
      for _ in 0..<10_000 {
        if fcntl(file, getLease) != Int32(F_WRLCK) { return true }
        usleep(1000)
      }
      return false
    }

    func release() { _ = fcntl(file, setLease, Int32(F_UNLCK)) }

    deinit { close(file) }
  }

  private static let setLease: Int32 = 1024
  private static let getLease: Int32 = 1025

  private static func table(_ values: (Int) -> Int) -> String {
    "id,age,income,disease\n"
      + (0..<12).map { "p\(10 + $0),\(30 + $0 % 2),\(10 + $0),d\(values($0))\n" }.joined()
  }

  private static let diverse = """
    version: 1
    name: changed
    source: {path: in/*.csv, subject: id}
    fields:
      id: drop
      age: {class: quasi, hierarchy: {interval: {width: 10, levels: 1}}}
      income: drop
      disease: {class: sensitive, stages: [keep], because: test}
    anonymity: {k: 2, l: {disease: 6}}
    sink: {path: out.csv}

    """

  @Test(arguments: [["--manifest", "m.json"], [], ["--threads", "1"], ["--output", "-"]])
  func valuesThatChangeEndTheRun(_ arguments: [String]) throws {
    let (outcome, scratch) = try run(
      Self.diverse, before: Self.table { $0 % 6 }, after: Self.table { _ in 1 }, arguments: arguments)
    #expect(outcome.status == 3 && outcome.stderr.contains("in/a.csv had other contents"), "\(outcome.stderr)")
    #expect(try scratch.list() == ["in", "p.yaml"])
    #expect(outcome.stdout.isEmpty)
  }

  @Test func numbersThatChangeEndTheRun() throws {
    let pipeline = """
      version: 1
      name: changed
      source: {path: in/*.csv, subject: id}
      fields: {id: drop, age: keep, income: keep, disease: drop}
      microaggregation: {k: 3, fields: [income]}
      sink: {path: out.csv}

      """
    // The same numbers of other people: each mean stays, and stands for others.
    let after = "id,age,income,disease\n" + (0..<12).map { "p\(10 + $0),\(30 + $0 % 2),\(21 - $0),d1\n" }.joined()
    let (outcome, scratch) = try run(pipeline, before: Self.table { _ in 1 }, after: after)
    #expect(outcome.status == 3 && outcome.stderr.contains("in/a.csv had other contents"), "\(outcome.stderr)")
    #expect(try scratch.list() == ["in", "p.yaml"])
  }

  /// What stays the same is published, and the manifest names the bytes that both passes read.
  @Test func anInputThatStaysIsPublished() throws {
    let text = Self.table { $0 % 6 }
    let (outcome, scratch) = try run(Self.diverse, before: text, after: text)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let digests = try Command.run("sha256sum", [scratch.path("in/a.csv")]).text.prefix { $0 != " " }
    #expect(try scratch.text("m.json").contains(digests))
    #expect(try scratch.text("out.csv").split(separator: "\n").count == 13)
  }
}
