import Testing

@testable import VeilEngine

@Suite("CSV writing")
struct CSVWritingTests {
  /// Decodes and encodes, every field on its own way: looked at, or copied as it stands in runs.
  private func rewrite(
    _ text: String, uses: [CSVLayout.Use], outputs: [Int], from source: CSVFormat = .comma, to sink: CSVFormat = .comma
  ) -> String {
    let chunk = Chunk()
    chunk.bytes.append(Array(text.utf8).span)
    let columns = 8
    let batch = Batch(columnCount: columns, escapes: .csv(quote: source.quote))
    batch.reset(base: chunk.bytes.start)
    CSVRecordDecoder(format: source, layout: CSVLayout(uses: uses, unquotedIsPlain: source == sink)).decode(
      chunk, into: batch)
    #expect(batch.failures.isEmpty)
    let encoder = CSVRecordEncoder(
      outputs: outputs.map { .init(column: $0, field: $0) }, names: nil, format: sink, source: source)
    var out = ByteBuffer()
    encoder.encode(batch, into: &out)
    return String(decoding: UnsafeBufferPointer(start: out.start, count: out.count), as: UTF8.self)
  }

  private let two: [CSVLayout.Use] = [.value(column: 0), .value(column: 1)]
  private let semicolon = CSVFormat(delimiter: 0x3B, quote: 0x22)
  private let apostrophe = CSVFormat(delimiter: 0x2C, quote: 0x27)

  @Test("Values keep their quotes where the format stays the same, and get those they need where not")
  func dialects() {
    let text = "a,\"b\"\r\n\"\",\"x,\"\"y\"\n;,'z\n"
    #expect(rewrite(text, uses: two, outputs: [0, 1]) == "a,\"b\"\n\"\",\"x,\"\"y\"\n;,'z\n")
    #expect(rewrite(text, uses: two, outputs: [0, 1], to: semicolon) == "a;b\n;\"x,\"\"y\"\n\";\";'z\n")
    #expect(rewrite(text, uses: two, outputs: [0, 1], to: apostrophe) == "a,b\n,'x,\"y'\n;,'''z'\n")
    #expect(
      rewrite("'a;b','''x'\nc,'d\"'\n", uses: two, outputs: [0, 1], from: apostrophe, to: semicolon)
        == "\"a;b\";'x\nc;\"d\"\"\"\n")
  }

  @Test("Runs are copied as they stand, empty ones too")
  func runs() {
    let run: [CSVLayout.Use] = [.runStart, .runMiddle, .runEnd(column: 0), .skip, .run(column: 1)]
    #expect(rewrite(",,,x,\r\n1,\"2\",\"\"\"\",x,5\n", uses: run, outputs: [0, 1]) == ",,,\n1,\"2\",\"\"\"\",5\n")
    #expect(rewrite(",1\n,2\n", uses: [.run(column: 0), .skip], outputs: [0]) == "\"\"\n\"\"\n")
    let long = String(repeating: "é", count: 40)
    #expect(rewrite("\(long),1\n", uses: [.run(column: 0), .run(column: 1)], outputs: [0, 1]) == "\(long),1\n")
  }

  @Test("A record of one empty cell is not a blank line")
  func single() {
    #expect(rewrite("a\n\"\"\n\nb\n", uses: [.value(column: 0)], outputs: [0]) == "a\n\"\"\n\"\"\nb\n")
    #expect(rewrite("a\n\n", uses: [.value(column: 0)], outputs: [0], to: semicolon) == "a\n\"\"\n")
  }

  @Test("The header is quoted as values are")
  func header() {
    let encoder = CSVRecordEncoder(outputs: [], names: ["a", "b,c", "d\"", "", "e\n"], format: .comma, source: nil)
    var out = ByteBuffer()
    encoder.header(into: &out)
    #expect(
      String(decoding: UnsafeBufferPointer(start: out.start, count: out.count), as: UTF8.self)
        == "a,\"b,c\",\"d\"\"\",,\"e\n\"\n")
  }

  @Test("What is written reads back the same, at any length, from any format to any other")
  func roundTrip() {
    var random = FixedRandom(21)
    let formats = [CSVFormat.comma, semicolon, apostrophe, CSVFormat(delimiter: 9, quote: 0x22)]
    let letters = ["a", ",", ";", "\"", "'", "\n", "\r", "\t", "é", " ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]
    for _ in 0..<400 {
      let (source, sink) = (formats.randomElement(using: &random)!, formats.randomElement(using: &random)!)
      let fields = Int.random(in: 1...4, using: &random)
      var text = ""
      var rows: [[String]] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let row = (0..<fields).map { _ in
          (0..<Int.random(in: 0...4, using: &random)).map { _ in letters.randomElement(using: &random)! }.joined()
        }
        let quote = String(UnicodeScalar(source.quote))
        text +=
          row.map { quote + $0.replacing(quote, with: quote + quote) + quote }
          .joined(separator: String(UnicodeScalar(source.delimiter))) + "\n"
        rows.append(row)
      }
      let written = rewrite(
        text, uses: (0..<fields).map { .value(column: $0) }, outputs: Array(0..<fields), from: source, to: sink)
      let back = readCSV(Array(written.utf8), fields: fields, format: sink)
      #expect(back.records == rows.map { Optional($0) } && back.failures.isEmpty, "\(text.debugDescription)")
    }
  }
}
