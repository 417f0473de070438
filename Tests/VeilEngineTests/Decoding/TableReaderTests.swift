import Testing
import VeilConfig

@testable import VeilEngine
@testable import VeilGround

/// One choice of fields reads the same values from every format.
@Suite("Table reader")
struct TableReaderTests {
  private static let texts: [(DataFormat, String)] = [
    (.csv, "id,age\na,31\n\"b,\"\"\",32\n"),
    (.tsv, "id\tage\na\t31\n\"b,\"\"\"\t32\n"),
    (.ndjson, "{\"id\": \"a\", \"age\": 31}\n{\"age\": 32, \"id\": \"b,\\\"\"}\n"),
    (.json, "[{\"id\": \"a\", \"age\": 31},\n {\"age\": 32, \"id\": \"b,\\\"\"}]\n"),
  ]

  @Test("Every format gives the same values, whatever the size of a chunk", arguments: texts, [1, 1 << 18])
  func readsTheSame(_ text: (format: DataFormat, text: String), chunk: Int) throws {
    let table = try open(text.text, TableForm(text.format), chunkBytes: chunk)
    #expect(table.header == (text.format.isSeparated ? ["id", "age"] : []))
    #expect(try values(table) == [["a", "b,\""], ["31", "32"]])
  }

  @Test("The dialect says which bytes separate, and whether there is a header")
  func followsTheDialect() throws {
    let dialect = CSVDialect(delimiter: UInt8(ascii: ";"), quote: UInt8(ascii: "'"), header: false)
    let table = try open("a;31\n'b,\"';32\n", TableForm(.csv, dialect))
    #expect(table.header == ["c1", "c2"])
    #expect(try values(table) == [["a", "b,\""], ["31", "32"]])
  }

  @Test("An empty file has no header, and the error names the file", arguments: [DataFormat.csv, .tsv])
  func refusesNothing(_ format: DataFormat) {
    let error = #expect(throws: InputError.self) { try open("", TableForm(format)) }
    #expect(error?.description == "x: the file is empty: there is no header to name the fields")
  }

  private func open(_ text: String, _ form: TableForm, chunkBytes: Int = ChunkReader.usualBytes) throws -> TableReader {
    try TableReader(MemorySource(Array(text.utf8)), form, name: "x", chunkBytes: chunkBytes)
  }

  /// Returns the values of the fields `id` and `age`.
  private func values(_ table: TableReader) throws -> [[String]] {
    let plans = ["id", "age"].enumerated().map { index, name in
      FieldPlan(name: name, path: FieldPath(key: name), column: index, isEmitted: true)
    }
    let (decoder, batch) = table.form.decoding(
      columns: plans.count, fields: .values(plans.count),
      paths: JSONLayout(plans, unlisted: .error, extractKept: true))
    var values: [[String]] = [[], []]
    let chunk = Chunk()
    while try table.chunks.next(into: chunk) {
      batch.reset(base: UnsafePointer(chunk.bytes.start))
      decoder.decode(chunk, into: batch)
      #expect(batch.failures.isEmpty)
      for (index, column) in batch.columns.enumerated() {
        column.unescape(batch.escapes)
        for cell in 0..<column.cells.count {
          let cell = column.cells[cell]
          values[index].append(
            String(
              decoding: UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count), as: UTF8.self))
        }
      }
    }
    return values
  }
}
