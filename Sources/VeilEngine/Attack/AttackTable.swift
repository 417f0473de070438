import VeilAnonymity
import VeilConfig
import VeilGround

/// A file as codes of its values, column by column: four bytes for each value, and each different value once.
struct AttackTable {
  struct Column {
    let name: String
    /// The code of each record's value. Code 0 is the missing value.
    var codes: [UInt32] = []
    var values = ByteStringTable()

    init(name: String, records: Int) {
      self.name = name
      _ = values.insert([])
      codes = [UInt32](repeating: 0, count: records)
    }
  }

  let path: String
  private(set) var columns: [Column] = []
  private(set) var records = 0
  private let form: PublishedForm

  /// How a file is written, and the names of fields that are not at the top of its records.
  struct Form {
    var format: DataFormat?
    var csv = CSVDialect()
    var published = PublishedForm()
    var paths: [FieldPath] = []
  }

  /// Reads a CSV, TSV, NDJSON or JSON file whole. Throws if it cannot be read to its end.
  init(_ path: String, _ form: Form) throws {
    self.path = path
    self.form = form.published
    var table = try WholeTable(path, format: form.format, csv: form.csv, paths: form.paths) { form, chunks in
      try form.header(chunks)
    }
    meet(table.fields)
    try table.read { batch, fields in
      meet(fields)
      try add(batch)
    }
  }

  /// Adds a column for each field that has none yet.
  private mutating func meet(_ fields: [FieldPath]) {
    for path in fields.dropFirst(columns.count) {
      columns.append(Column(name: path.singleKey ?? path.description, records: records))
    }
  }

  private mutating func add(_ batch: Batch) throws {
    guard records + batch.recordCount < Int(UInt32.max) else {
      throw RunError(.invalid, "\(path) has too many records")
    }
    for (place, column) in batch.columns.enumerated() {
      columns[place].codes += repeatElement(0, count: batch.recordCount)
      var last = -1
      var several: [UInt8] = []
      for index in 0..<column.cells.count where !column.cells[index].isNull {
        let cell = column.cells[index]
        let record = records + column.record(ofCell: index)
        // Sound: a cell lies within its column's bytes, which stay as they are until the next batch.
        let value = unsafe UnsafeRawBufferPointer(form.text(of: cell, column.base))
        if record == last {
          // Several values of one record are one value here, which no label covers.
          unsafe several.append(contentsOf: [0] + value)
          columns[place].codes[record] = columns[place].values.insert(several)
        } else {
          unsafe several.replaceSubrange(several.startIndex..., with: value)
          let known = unsafe columns[place].values.find(value)
          columns[place].codes[record] = known ?? columns[place].values.insert(several)
        }
        last = record
      }
    }
    records += batch.recordCount
  }
}

/// Random numbers for attacks: the same for the same seed, on every machine and at any number of threads (SplitMix64,
/// Steele, Lea, Flood 2014).
struct AttackRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, stream: UInt64) { state = ValueHash.mixed(seed ^ ValueHash.mixed(stream)) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return ValueHash.mixed(state)
  }

  /// Returns up to `count` different numbers below `limit`, in random order (Floyd 1987, then shuffled).
  mutating func sample(_ count: Int, below limit: Int) -> [Int] {
    var chosen: Set<Int> = []
    var order: [Int] = []
    for top in max(0, limit - count)..<max(0, limit) {
      let pick = Int.random(in: 0...top, using: &self)
      let number = chosen.insert(pick).inserted ? pick : top
      chosen.insert(number)
      order.append(number)
    }
    order.shuffle(using: &self)
    return order
  }
}
