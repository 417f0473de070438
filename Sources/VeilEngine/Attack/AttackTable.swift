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
  /// A hash of each record as it stands in its file.
  private(set) var digests: [UInt64] = []
  private let form: PublishedForm
  /// The names of the columns that are kept; nil for all.
  private let names: Set<String>?
  /// The place of each field's column; nil for a field that is left out.
  private var places: [Int?] = []

  /// How a file is written, and the names of fields that are not at the top of its records.
  struct Form {
    var format: DataFormat?
    var csv = CSVDialect()
    var encoding: TextEncoding?
    var published = PublishedForm()
    var paths: [FieldPath] = []
    /// The names of the fields that are to be compared; nil for all.
    var names: Set<String>?
  }

  /// Begins a table without records.
  init(_ path: String, _ form: Form) {
    (self.path, self.form, names) = (path, form.published, form.names)
  }

  /// Reads a CSV, TSV, NDJSON or JSON file whole. Throws if it cannot be read to its end.
  init(reading path: String, _ form: Form) throws {
    self.init(path, form)
    try read(
      WholeTable(path, format: form.format, csv: form.csv, encoding: form.encoding, paths: form.paths) { form, chunks in
        try form.header(chunks)
      })
  }

  /// Reads an export that is not published yet.
  init(_ path: String, _ form: Form, from source: any ByteSource, _ format: DataFormat) throws {
    self.init(path, form)
    try read(WholeTable(source, name: path, format: format, csv: form.csv, paths: form.paths))
  }

  private mutating func read(_ table: WholeTable) throws {
    var table = table
    let format = table.format
    meet(table.fields)
    try table.read { batch, fields in
      meet(fields)
      digest(batch, in: format)
      try add(batch, columns: Array(batch.columns.indices))
    }
  }

  /// Adds a column for each field that has none yet.
  mutating func meet(_ fields: [FieldPath]) {
    for path in fields.dropFirst(places.count) {
      let name = path.singleKey ?? path.description
      guard names?.contains(name) ?? true else {
        places.append(nil)
        continue
      }
      places.append(columns.count)
      columns.append(Column(name: name, records: records))
    }
  }

  /// Notes the records of a batch as they stand in their file.
  mutating func digest(_ batch: Batch, in format: DataFormat) {
    for record in 0..<batch.recordCount where batch.isLive(record) {
      // Sound: the record's bytes stay where they are until the next batch.
      digests.append(unsafe ValueHash.hash(UnsafeRawBufferPointer(batch.bytes(of: record, in: format)), seed: 0))
    }
  }

  /// Adds the records of a batch that no filter took out.
  /// - Parameter numbers: the batch's column of each field, in the order in which they were met.
  mutating func add(_ batch: Batch, columns numbers: [Int]) throws {
    guard records + batch.recordCount < Int(UInt32.max) else {
      throw RunError(.invalid, "\(path) has too many records")
    }
    var rows: [Int]?
    if batch.excludedCount > 0 {
      var next = records
      rows = (0..<batch.recordCount).map { record in
        guard batch.isLive(record) else { return -1 }
        next += 1
        return next - 1
      }
    }
    let live = batch.recordCount - batch.excludedCount
    for (field, number) in numbers.enumerated() {
      guard let place = places[field] else { continue }
      let column = batch.columns[number]
      columns[place].codes += repeatElement(0, count: live)
      var last = -1
      var several: [UInt8] = []
      for index in 0..<column.cells.count where !column.cells[index].isNull {
        let cell = column.cells[index]
        let own = column.record(ofCell: index)
        let record = rows?[own] ?? records + own
        if record < 0 { continue }
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
    records += live
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
