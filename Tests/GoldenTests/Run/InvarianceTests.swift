import Foundation
import Testing

/// The output is the same bytes at any number of threads and any chunk size.
@Suite struct InvarianceTests {
  private static let chunkSizes = [1, 2, 3, 7, 13, 64, 100, 1000, 4096, 65536]

  private func compare(_ scratch: Scratch, output: String, sizes: [Int] = chunkSizes) throws {
    func run(_ environment: [String: String], _ threads: Int) throws -> (Int32, Data?, String) {
      try? FileManager.default.removeItem(atPath: scratch.path(output))
      let outcome = try Veil.run(
        ["run", "pipeline.yaml", "--threads", String(threads)],
        environment: TestKey.environment.merging(environment) { $1 }, directory: scratch.root)
      return (outcome.status, try? scratch.data(output), outcome.stderr)
    }
    let (status, wanted, message) = try run([:], 1)
    #expect(status == 0, "\(message)")
    try #require(wanted?.isEmpty == false)
    for threads in [2, 3, 8] { #expect(try run([:], threads).1 == wanted, "\(threads) threads") }
    for size in sizes {
      let found = try run(["VEIL_CHUNK_BYTES": String(size)], size % 3 + 1)
      #expect(found.1 == wanted, "chunks of \(size) bytes: \(found.2)")
    }
  }

  private func prefix(_ file: String, lines: Int) throws -> Data {
    var seen = 0
    return Data(
      try Repository.data("fixtures/customers/\(file)").prefix { byte in
        if byte == 0x0A { seen += 1 }
        return seen < lines
      })
  }

  private let stages = [
    "customer_id: {pseudonym: {key: test}}", "email: [trim, lowercase, {hash: {salt: test}}]", "full_name: uppercase",
    "notes: keep", "street: drop",
  ]

  @Test func csv() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(fields: stages).text)
    try scratch.write("in.csv", Repository.data("fixtures/customers/customers-crlf.csv"))
    try compare(scratch, output: "out.csv")
  }

  @Test func csvInLargerChunks() throws {
    let scratch = try Scratch()
    try scratch.write("pipeline.yaml", TestPipeline(fields: stages).text)
    try scratch.write("in.csv", Repository.data("fixtures/customers/customers.csv"))
    try compare(scratch, output: "out.csv", sizes: [997, 10_007, 100_003])
  }

  @Test func skippedRecords() throws {
    let scratch = try Scratch()
    let rows = (0..<300).map { $0 % 7 == 3 ? "bad\n" : $0 % 11 == 5 ? "\"\($0)\n\",\"a,b\"\n" : "\($0),é\n" }.joined()
    try scratch.write("pipeline.yaml", TestPipeline(more: ["bad_records: {action: skip, limit: 50%}"]).text)
    try scratch.write("in.csv", "a,b\n" + rows)
    try compare(scratch, output: "out.csv")
  }

  @Test func ndjson() throws {
    let scratch = try Scratch()
    let fields = ["customer.id: {pseudonym: {key: test}}", "customer.email: drop", "\"items[].sku\": lowercase"]
    try scratch.write("pipeline.yaml", TestPipeline.ndjson(fields: fields).text)
    try scratch.write("in.ndjson", prefix("events.ndjson", lines: 60))
    try compare(scratch, output: "out.ndjson")
  }

  @Test func jsonArray() throws {
    let scratch = try Scratch()
    let lines = String(decoding: try prefix("customers.ndjson", lines: 40), as: UTF8.self)
    let pipeline = TestPipeline(
      source: "{path: in.json}", sink: "{path: out.json}", fields: ["email: {pseudonym: {key: test}}", "notes: drop"])
    try scratch.write("pipeline.yaml", pipeline.text)
    try scratch.write("in.json", "[\n" + lines.split(separator: "\n").joined(separator: " ,\n") + "\n]\n")
    try compare(scratch, output: "out.json")
  }

  @Test func anonymity() throws {
    let scratch = try GoldenPipeline.workspace()
    let text =
      try Repository.text("pipelines/research-release.yaml")
      .replacing("../fixtures", with: "fixtures").replacing("out/research-release.csv", with: "out.csv")
      + "order: input\n"
    try scratch.write("pipeline.yaml", text)
    try compare(scratch, output: "out.csv", sizes: [500, 64_000])
  }

  /// The first bad record is the one that is named, whichever thread finds one first.
  @Test func errorsNameTheSamePlace() throws {
    let scratch = try Scratch()
    let rows = (0..<2000).map { $0 == 700 || $0 > 1200 ? "bad\n" : "\($0),x\n" }.joined()
    try scratch.write("pipeline.yaml", TestPipeline().text)
    try scratch.write("in.csv", "a,b\n" + rows)
    for (threads, size) in [(1, 65536), (2, 64), (3, 100), (8, 1000), (2, 7)] {
      let outcome = try Veil.run(
        ["run", "pipeline.yaml", "--threads", String(threads)],
        environment: TestKey.environment.merging(["VEIL_CHUNK_BYTES": String(size)]) { $1 }, directory: scratch.root)
      #expect(outcome.status == 3)
      #expect(outcome.stderr.contains("record 701"), "\(threads) threads, \(size) bytes: \(outcome.stderr)")
    }
  }
}
