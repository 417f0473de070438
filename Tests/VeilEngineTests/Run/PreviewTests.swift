import Testing

@testable import VeilEngine

/// A preview goes to standard output; here it is read from the sink behind it.
@Suite("Preview")
struct PreviewTests {
  private func batch(_ csv: String) -> (Batch, Chunk) {
    let chunk = Chunk()
    chunk.bytes.append(Array(csv.utf8).span)
    let batch = Batch(columnCount: 1, escapes: .csv(quote: 0x22))
    batch.reset(base: chunk.bytes.start)
    CSVRecordDecoder(format: .comma, layout: CSVLayout(uses: [.value(column: 0)], unquotedIsPlain: true)).decode(
      chunk, into: batch)
    return (batch, chunk)
  }

  @Test("Only so many records are let through")
  func counts() throws {
    let (batch, chunk) = batch("1\n2\n3\n4\n")
    batch.exclude(1, .where)
    let preview = Preview(2)
    var options = RunOptions(toolVersion: "test")
    options.isDryRun = true
    let encoder = CSVRecordEncoder(outputs: [.init(column: 0, field: 0)], names: nil, format: .comma, source: .comma)
    let (pipeline, _) = try RunRig().compile("source: {path: in.csv}\nfields: {a: keep}\nsink: {path: x}\n")
    let job = RunJob(try #require(pipeline).config, options)
    let target = RunOutput.Target(path: "x", format: .csv, job: job)
    let output = try RunOutput(target, columns: ["a"], edges: encoder)
    try preview.deliver(batch, encoder, output)
    try preview.deliver(batch, encoder, output)
    #expect((0..<4).map { batch.isLive($0) } == [true, false, true, false])
    withExtendedLifetime(chunk) {}
  }

  @Test("With a privacy model it shows generalized records and ends well", arguments: [1, 1 << 18])
  func anonymous(chunk: Int) throws {
    let rig = try RunRig(["in.csv": "age,x\n1,a\n2,b\n3,c\n11,e\n12,f\n"])
    let yaml = """
      source: {path: in.csv}
      fields: {age: {class: quasi, hierarchy: {interval: {width: 10, levels: 2}}}, x: drop}
      anonymity: {k: 2, recoding: global}
      sink: {path: out.csv}
      bad_records: {action: skip, limit: 0%}

      """
    let result = try rig.run(yaml) {
      $0.preview = 1
      $0.threads = 2
      $0.chunkBytes = chunk
    }
    #expect(result.kind == nil && rig.text("out.csv") == nil, "\(result)")
  }
}
