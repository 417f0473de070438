import Foundation
import Testing

/// One table, in the forms that real exports have.
@Suite struct InputFormTests {
  private static let table = "a,b\n1,\"x\n,\"\"y\"\"\"\n,ü\n"

  @Test(arguments: [
    table, "\u{FEFF}" + table, table + "\n\n\n", String(table.dropLast()),
    "a,b\r\n1,\"x\n,\"\"y\"\"\"\r\n,ü\r\n", "a,b\r\n1,\"x\n,\"\"y\"\"\"\r\n,ü\r\n\r\n\r\n",
    "a,b\r\n1,\"x\n,\"\"y\"\"\"\r\n,ü",
  ])
  func formsOfOneTable(_ input: String) throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(), on: input)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == Self.table)
  }

  /// What is kept leaves as it came, quotes included; what is rewritten is quoted only where it must be.
  @Test func quotesWithoutNeed() throws {
    let scratch = try Scratch()
    let input = "\"a\",\"b\"\n\"1\",\"X\"\n\"\",\"Ü,\"\n"
    #expect(try scratch.run(TestPipeline(), on: input).status == 0)
    #expect(try scratch.text("out.csv") == "a,b\n\"1\",\"X\"\n\"\",\"Ü,\"\n")
    #expect(try scratch.run(TestPipeline(fields: ["b: lowercase"]), on: input).status == 0)
    #expect(try scratch.text("out.csv") == "a,b\n\"1\",x\n\"\",\"ü,\"\n")
  }

  @Test func quotedNewlinesKeepTheirBytes() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(TestPipeline(), on: "a,b\r\n\"1\r\n2\n3\",x\r\n").status == 0)
    #expect(try scratch.text("out.csv") == "a,b\n\"1\r\n2\n3\",x\n")
  }

  @Test func otherDialects() throws {
    let scratch = try Scratch()
    var pipeline = TestPipeline(source: "{path: in.csv, csv: {delimiter: \";\", quote: \"'\"}}")
    #expect(try scratch.run(pipeline, on: "a;b\n'1;2';x,y\n'it''s';\"\n").status == 0)
    #expect(try scratch.text("out.csv") == "a,b\n1;2,\"x,y\"\nit's,\"\"\"\"\n")
    pipeline = TestPipeline(
      source: "{path: in.csv, csv: {header: false}}", sink: "{path: out.csv, csv: {delimiter: \";\"}}",
      fields: ["c2: drop"])
    #expect(try scratch.run(pipeline, on: "1,2,3\n4,5,\"6;\"\n").status == 0)
    #expect(try scratch.text("out.csv").hasSuffix("1;3\n4;\"6;\"\n"))
    pipeline = TestPipeline(source: "{path: in.tsv}", sink: "{path: out.tsv}")
    #expect(try scratch.run(pipeline, on: "a\tb\n1,5\t2\n", named: "in.tsv").status == 0)
    #expect(try scratch.text("out.tsv") == "a\tb\n1,5\t2\n")
  }

  @Test func aHeaderAlone() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(TestPipeline(), on: "a,b\n").status == 0)
    #expect(try scratch.text("out.csv") == "a,b\n")
  }

  /// The first thing written is nothing.
  @Test(arguments: [["a: keep"], ["a: lowercase"], ["b: keep"], ["a: keep", "b: keep"], ["b: {hash: {salt: test}}"]])
  func anEmptyFirstCell(_ fields: [String]) throws {
    let scratch = try Scratch()
    for header in ["true", "false"] {
      let dialect = "csv: {header: \(header)}"
      let numbered = fields.map { $0.replacing("a:", with: "c1:").replacing("b:", with: "c2:") }
      let pipeline = TestPipeline(
        source: "{path: in.csv, \(dialect)}", sink: "{path: out.csv, \(dialect)}",
        fields: header == "true" ? fields : numbered,
        unlisted: "drop")
      let outcome = try scratch.run(pipeline, on: header == "true" ? "a,b\n,\n,\n" : ",\n,\n")
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let rows = fields.count == 1 ? "\"\"\n\"\"\n" : ",\n,\n"
      #expect(try scratch.text("out.csv").hasSuffix(rows))
    }
  }

  @Test func blankLinesAreRecordsOfAColumnButNotAtTheEnd() throws {
    let scratch = try Scratch()
    let outcome = try scratch.run(TestPipeline(fields: ["a: keep"]), on: "a\n\n1\n\n2\n\n\n")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try scratch.text("out.csv") == "a\n\"\"\n1\n\"\"\n2\n")
  }

  @Test func anEmptyCellIsNotAMissingRecord() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(TestPipeline(), on: "a\n\"\"\n1\n").status == 0)
    #expect(try scratch.text("out.csv") == "a\n\"\"\n1\n", "an empty line would be no record")
  }
}

/// Compressed files are read and written by their names.
@Suite struct CompressionTests {
  private static let table = "a,b\n" + (0..<5000).map { "\($0),row \($0 * 7919 % 5000)\n" }.joined()

  private func gzip(_ text: String) throws -> Data {
    let script = "import gzip,sys; sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read()))"
    return try Command.run("python3", ["-c", script], stdin: Data(text.utf8)).stdout
  }

  /// A frame of RFC 8878 with raw blocks, or of one byte repeated.
  private func zstd(_ text: String) -> Data {
    let bytes = Data(text.utf8)
    var frame = Data([0x28, 0xB5, 0x2F, 0xFD, 0xA0]) + littleEndian(bytes.count, 4)
    for start in stride(from: 0, to: bytes.count, by: 100_000) {
      let block = bytes[start..<min(start + 100_000, bytes.count)]
      frame += littleEndian(block.count << 3 | (block.endIndex == bytes.count ? 1 : 0), 3) + block
    }
    return frame
  }

  private func zstdBomb(blocks: Int) -> Data {
    var frame = Data([0x28, 0xB5, 0x2F, 0xFD, 0xA0]) + littleEndian(blocks * 0x1FFFF, 4)
    for block in 1...blocks {
      frame += littleEndian(0x1FFFF << 3 | 0b010 | (block == blocks ? 1 : 0), 3) + [UInt8(ascii: "a")]
    }
    return frame
  }

  private func littleEndian(_ value: Int, _ count: Int) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  private func run(_ scratch: Scratch, _ input: Data, _ name: String, more: String = "") throws -> Outcome {
    try scratch.run(TestPipeline(source: "{path: \(name)\(more)}"), on: input, named: name)
  }

  @Test func gzipIn() throws {
    let scratch = try Scratch()
    let half = Self.table.utf8.count / 2
    let members = try gzip(String(Self.table.prefix(half))) + gzip(String(Self.table.dropFirst(half)))
    for input in [try gzip(Self.table), members, members + Data(count: 512)] {
      let outcome = try run(scratch, input, "in.csv.gz")
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == Self.table)
    }
  }

  @Test func zstdIn() throws {
    let scratch = try Scratch()
    for input in [zstd(Self.table), zstd("a,b\n") + zstd(String(Self.table.dropFirst(4)))] {
      let outcome = try run(scratch, input, "in.csv.zst")
      #expect(outcome.status == 0, "\(outcome.stderr)")
      #expect(try scratch.text("out.csv") == Self.table)
    }
  }

  @Test(arguments: ["gz", "zst"])
  func outAndInAgain(_ ending: String) throws {
    let scratch = try Scratch()
    #expect(try scratch.run(TestPipeline(sink: "{path: out.csv.\(ending)}"), on: Self.table).status == 0)
    let packed = try scratch.data("out.csv.\(ending)")
    #expect(packed.starts(with: ending == "gz" ? [0x1F, 0x8B] : [0x28, 0xB5, 0x2F, 0xFD]))
    #expect(packed.count < Self.table.utf8.count / 2)
    #expect(try scratch.mode("out.csv.\(ending)") == 0o600)
    if ending == "gz" {
      #expect(try Command.run("gzip", ["-dc", scratch.path("out.csv.gz")]).text == Self.table)
    }
    #expect(try run(scratch, packed, "in.csv.\(ending)").status == 0)
    #expect(try scratch.text("out.csv") == Self.table)
  }

  @Test func aTruncatedOrDamagedArchiveIsAnError() throws {
    let scratch = try Scratch()
    let (packed, frame) = (try gzip(Self.table), zstd(Self.table))
    var damaged = packed
    damaged[packed.count - 6] ^= 1  // within the checksum
    let cases = [
      (packed.dropLast(1), "gz"), (packed.dropLast(9), "gz"), (packed.prefix(packed.count / 2), "gz"), (damaged, "gz"),
      (packed.prefix(5), "gz"), (packed + Data("rubbish".utf8), "gz"), (Data("a,b\n1,2\n".utf8), "gz"),
      (frame.dropLast(1), "zst"), (frame.prefix(frame.count / 2), "zst"), (frame.prefix(6), "zst"),
      (Data("a,b\n1,2\n".utf8), "zst"),
    ]
    for (index, (input, ending)) in cases.enumerated() {
      let outcome = try run(scratch, Data(input), "in.csv.\(ending)")
      #expect(outcome.status == 3, "case \(index): \(outcome.stderr)")
      #expect(outcome.stderr.contains("in.csv.\(ending)"))
      #expect(!scratch.exists("out.csv"))
    }
  }

  @Test func aBombIsAnErrorNotADisaster() throws {
    let scratch = try Scratch()
    let bomb = try gzip("a,b\n" + String(repeating: "0,0\n", count: 17_000_000))
    for (input, name) in [(bomb, "in.csv.gz"), (zstdBomb(blocks: 64), "in.csv.zst")] {
      let limited = try run(scratch, input, name, more: ", max_bytes: 1MB")
      #expect(limited.status == 3, "\(limited.stderr)")
      #expect(limited.stderr.contains("max_bytes"), "\(limited.stderr)")
      #expect(!scratch.exists("out.csv"))
    }
    // Without any setting, what unpacks to a thousand times its size is refused all the same.
    let standard = try run(scratch, bomb, "in.csv.gz")
    #expect(standard.status == 3, "\(standard.stderr)")
    #expect(standard.stderr.contains("max_ratio"), "\(standard.stderr)")
    // What never ends a record is refused before that.
    #expect(try run(scratch, zstdBomb(blocks: 512), "in.csv.zst").stderr.contains("16 MiB"))
  }

  /// What packs well and is small is no bomb: up to 64 MiB any ratio is allowed.
  @Test func aSmallFileMayHaveAnyRatio() throws {
    let scratch = try Scratch()
    let rows = "a,b\n" + String(repeating: "0,0\n", count: 750_000)
    try scratch.write("in.csv", rows)
    for (tool, ending) in [("gzip", "gz"), ("zstd", "zst")] {
      let packed = try Command.run(tool, ["-9", "-c", "in.csv"], directory: scratch.root)
      #expect(packed.stdout.count * 500 < rows.utf8.count)
      let outcome = try run(scratch, packed.stdout, "in.csv.\(ending)")
      #expect(outcome.status == 0, "\(outcome.stderr)")
    }
  }
}
