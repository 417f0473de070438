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
    if ["cms", "p7m"].contains(path.split(separator: ".").last.map { $0.lowercased() } ?? "") {
      throw RunError(
        .invalid,
        "\(path) is encrypted; open it first:  openssl cms -decrypt -inform DER -in \(path) -inkey KEY -out FILE")
    }
    guard let format = form.format ?? DataFormat(fileName: path) else {
      throw RunError(.invalid, "the format of \(path) cannot be told from its name (csv, tsv, ndjson or json)")
    }
    let file = try InputFile(path: path, limits: UnpackLimits(maxRatio: .infinity), isHashed: false)
    if format.isSeparated {
      try readCSV(file, CSVFormat(form.csv, format: format), hasHeader: form.csv.header)
    } else {
      try readJSON(file, format, form.paths)
    }
  }

  private mutating func readCSV(_ file: InputFile, _ format: CSVFormat, hasHeader: Bool) throws {
    let reader = ChunkReader(file, name: path, splitter: CSVSplitter(format: format, isExact: false))
    let names = try reader.readHeader(format: format, hasHeader: hasHeader, file: path)
    columns = names.map { Column(name: $0, records: 0) }
    let uses = names.indices.map { CSVLayout.Use.value(column: $0) }
    let decoder = CSVRecordDecoder(format: format, layout: CSVLayout(uses: uses, unquotedIsPlain: false))
    let batch = Batch(columnCount: names.count, escapes: .csv(quote: format.quote))
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
      decoder.decode(chunk, into: batch)
      try add(batch)
    }
  }

  /// Reads records of JSON. A field at the top of a record that was not seen before is added, and its chunk read again.
  private mutating func readJSON(_ file: InputFile, _ format: DataFormat, _ paths: [FieldPath]) throws {
    let splitter: any RecordSplitter = format == .json ? JSONArraySplitter() : NDJSONSplitter()
    let reader = ChunkReader(file, name: path, splitter: splitter)
    var plans: [FieldPlan] = []
    for path in paths { addField(path, to: &plans) }
    var unlisted = Unlisted.error
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      while true {
        let tree = JSONLayout(plans, unlisted: unlisted, extractKept: true)
        let decoder = JSONRecordDecoder(tree, form: format == .json ? .array : .lines)
        let batch = Batch(columnCount: plans.count, escapes: .json)
        unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
        decoder.decode(chunk, into: batch)
        guard let unexpected = decoder.unexpected else {
          try add(batch)
          break
        }
        if let name = unexpected.name, !name.isEmpty, unexpected.parent.isEmpty {
          addField(FieldPath(key: name), to: &plans)
        } else {
          unlisted = .drop
        }
      }
    }
  }

  private mutating func addField(_ path: FieldPath, to plans: inout [FieldPlan]) {
    let name = path.singleKey ?? path.description
    plans.append(FieldPlan(name: name, path: path, column: plans.count, isEmitted: true))
    columns.append(Column(name: name, records: records))
  }

  private mutating func add(_ batch: Batch) throws {
    if let failure = batch.failures.min(by: { $0.record < $1.record }) {
      throw RunError(.inputOutput, "\(path): record \(records + failure.record + 1): \(failure.reason.text)")
    }
    guard records + batch.recordCount < Int(UInt32.max) else {
      throw RunError(.invalid, "\(path) has too many records")
    }
    for (place, column) in batch.columns.enumerated() {
      column.unescape(batch.escapes)
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
