import Foundation
import Testing

@testable import VeilEngine

/// Python's csv module as an independent judge.
@Suite("CSV and Python")
struct CSVOracleTests {
  private struct Case: Codable {
    var text: String
    var delimiter: String
    var quote: String
  }

  private let script = """
    import csv, io, json, sys
    out = []
    for c in json.load(sys.stdin):
        reader = csv.reader(io.StringIO(c['text'], newline=''), delimiter=c['delimiter'], quotechar=c['quote'], strict=True)
        out.append([row for row in reader])
    json.dump(out, sys.stdout)
    """

  private func python(_ cases: [Case]) throws -> [[[String]]] {
    let output = try Python.run(script, input: Array(JSONEncoder().encode(cases)))
    return try JSONDecoder().decode([[[String]]].self, from: Data(output))
  }

  @Test("Python and this read the same from well-formed text, and Python reads what this writes")
  func same() throws {
    var random = FixedRandom(31)
    let dialects = [(",", "\""), (";", "\""), ("\t", "\""), (",", "'"), ("|", "\"")]
    let letters = ["a", "b", ",", ";", "|", "\"", "'", "\n", "\r", "\r\n", "\t", "é", " ", "😀", "0"]
    var cases: [Case] = []
    var widths: [Int] = []
    for _ in 0..<1500 {
      let (delimiter, quote) = dialects.randomElement(using: &random)!
      let width = Int.random(in: 1...5, using: &random)
      var text = ""
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let row = (0..<width).map { _ in
          let value = (0..<Int.random(in: 0...5, using: &random)).map { _ in letters.randomElement(using: &random)! }
            .joined()
          let needs = value.unicodeScalars.contains { (delimiter + quote + "\n\r").unicodeScalars.contains($0) }
          // Python takes a blank line for a record of no fields.
          guard needs || width == 1 && value.isEmpty || Bool.random(using: &random) else { return value }
          return quote + value.replacing(quote, with: quote + quote) + quote
        }
        text += row.joined(separator: delimiter) + ["\n", "\r\n"].randomElement(using: &random)!
      }
      if Bool.random(using: &random), text.hasSuffix("\n") { text.unicodeScalars.removeLast() }
      if text.hasSuffix("\r") { text.unicodeScalars.removeLast() }
      cases.append(Case(text: text, delimiter: delimiter, quote: quote))
      widths.append(width)
    }
    for (index, expected) in try python(cases).enumerated() {
      let format = CSVFormat(
        delimiter: cases[index].delimiter.utf8.first!, quote: cases[index].quote.utf8.first!)
      let seen = readCSV(Array(cases[index].text.utf8), fields: widths[index], format: format, chunk: 16)
      #expect(seen.records == expected.map { Optional($0) }, "\(cases[index])")
    }
  }
}
