import VeilConfig
import VeilCrypto
import VeilGround

/// The values of a published file as keyed digests, by column: they show which values are equal, and nothing else. A
/// value takes eight bytes of memory.
struct LinkTable {
  struct DigestColumn {
    let name: String
    /// A digest for each record; 0 if it has no value or several.
    var values: [UInt64] = []
    /// Whether every value of the column looks like a token.
    var isTokens = true
  }

  let path: String
  private(set) var columns: [DigestColumn] = []
  private(set) var records = 0
  /// Whether some records have fields whose names may not be shown. These fields were not compared.
  private(set) var hasHiddenFields = false

  /// Reads a CSV, TSV, NDJSON or JSON file whole. Throws if it cannot be read to its end.
  init(_ path: String, key: SecretBytes) throws {
    self.path = path
    let digester = Digester(key)
    var table = try WholeTable(path, format: nil) { form, chunks in
      var looksLikeData = false
      let names = try chunks.readHeader(format: form.csv, file: path) { names, records in
        looksLikeData = HeaderLook.finding(names, known: [], records: records) != nil
      }
      // A first record that is somebody's data must not be printed as names.
      return looksLikeData ? names.indices.map { "field \($0 + 1)" } : names
    }
    meet(table.fields)
    try table.read { batch, fields in
      meet(fields)
      add(batch, digester: digester)
    }
    hasHiddenFields = table.hasHiddenFields
  }

  /// Adds a column for each field that has none yet.
  private mutating func meet(_ fields: [FieldPath]) {
    for path in fields.dropFirst(columns.count) {
      columns.append(
        DigestColumn(name: path.singleKey ?? path.description, values: [UInt64](repeating: 0, count: records)))
    }
  }

  private mutating func add(_ batch: Batch, digester: Digester) {
    for (place, column) in batch.columns.enumerated() {
      let first = columns[place].values.count
      columns[place].values.append(contentsOf: repeatElement(0, count: batch.recordCount))
      for index in 0..<column.cells.count where !column.cells[index].isNull && column.cells[index].count > 0 {
        let cell = column.cells[index]
        // Sound: a cell lies within its column's bytes.
        let value = unsafe UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count)
        let record = first + column.record(ofCell: index)
        // If a record has several values, nobody can tell which one is the person's.
        let isAlone = !column.hasRows || index == 0 || column.record(ofCell: index - 1) + first != record
        columns[place].values[record] = isAlone ? unsafe digester.digest(value) : 0
        if columns[place].isTokens, unsafe !TokenLook.matches(value) { columns[place].isTokens = false }
      }
    }
    records += batch.recordCount
  }

  /// Makes digests under a random key that lives as long as the comparison.
  final class Digester {
    private let context: HMACContext
    private var tag = [UInt8](repeating: 0, count: 64)

    init(_ key: SecretBytes) { context = HMACContext(algorithm: .sha256, key: key) }

    func digest(_ value: UnsafeBufferPointer<UInt8>) -> UInt64 {
      // Sound: a tag has 32 bytes of the 64, and an empty value's address is not read.
      unsafe tag.withUnsafeMutableBytes { tag in
        guard let out = tag.baseAddress else { return 0 }
        let start = unsafe value.baseAddress ?? UnsafePointer(out.assumingMemoryBound(to: UInt8.self))
        unsafe context.authenticate(start, count: value.count, into: out.assumingMemoryBound(to: UInt8.self))
        return unsafe out.loadUnaligned(as: UInt64.self) | 1
      }
    }
  }
}

/// Recognizes values that look like tokens of a pipeline: long, and made of the characters of one encoding.
enum TokenLook {
  static func matches(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    var token = unsafe value[...]
    if let width = unsafe TokenFormat.keyIDWidth(Span(_unsafeElements: value)), value.count - width >= 16 {
      unsafe token = token[width...]
    }
    if unsafe token.starts(with: "s1_".utf8) || token.starts(with: "g1_".utf8) { return true }
    guard unsafe token.count >= 16 else { return false }
    var digits = 0
    for index in unsafe token.indices {
      switch unsafe token[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        break
      default: return false
      }
    }
    // Sixteen letters without a digit are a word; with digits alone, 80 bits take 25 of them.
    return unsafe digits > 0 && (digits < token.count || token.count >= 24)
  }
}
