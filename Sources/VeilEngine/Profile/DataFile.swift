import VeilConfig
import VeilGround

/// Data that is read without a pipeline: every field of every record, as often as needed.
final class DataFile {
  let format: DataFormat
  let input: RunInput
  private let options: DataOptions
  private(set) var header: [String] = []

  init(_ options: DataOptions) throws(RunError) {
    self.options = options
    input = try RunInput(options)
    format = input.format
  }

  var threads: Int { max(1, min(options.threads ?? WorkerThread.processorCount, 256)) }
  var isCSV: Bool { format.isSeparated }
  private var csv: CSVFormat { CSVFormat(options.csv, format: format) }

  /// Makes one pass over all records. The stations are made when the header of the first file is known.
  func scan(comesAgain: Bool, _ makeStations: (_ threads: Int) throws -> [SurveyStation]) throws -> [SurveyStation] {
    if isCSV, csv.delimiter == csv.quote { throw RunError(.invalid, "delimiter and quote must differ") }
    var stations: [SurveyStation] = []
    let place = SurveyPlace()
    for index in input.paths.indices {
      let opened = try input.open(index, comesAgain: comesAgain)
      place.file = opened.name
      place.recordsBefore = place.records
      let reader = ChunkReader(
        opened.source, name: place.file, splitter: splitter(), targetBytes: max(1, options.chunkBytes))
      if isCSV {
        let names = try header(reader, isFirst: index == 0)
        if index > 0, names != header {
          throw RunError(.mismatch, "\(place.file): its header is not the same as that of the files before it")
        }
        header = names
        try Self.checkNames(names, place.file)
      }
      if stations.isEmpty {
        stations = try makeStations(threads)
        for station in stations { station.begin(decoder: decoder(), batch: batch(), place: place) }
      }
      try Conveyor.run(reader, through: stations, threads: stations.count)
      try input.close(opened)
    }
    return stations
  }

  private func header(_ reader: ChunkReader, isFirst: Bool) throws -> [String] {
    guard isFirst else { return try reader.readHeader(format: csv, hasHeader: options.csv.header, file: reader.name) }
    return try reader.readHeader(format: csv, dialect: options.csv, known: options.knownNames) { finding in
      RunError(
        .mismatch,
        "\(reader.name): \(finding.text): is it a header? For a file without one give --no-header (its fields are then "
          + "c1, c2, …); if it is one, give --header. In a pipeline that is  csv: {header: false}  or  true  under 'source'"
      )
    }
  }

  private func splitter() -> any RecordSplitter {
    switch format {
    case .csv, .tsv: CSVSplitter(format: csv, isExact: false)
    case .ndjson: NDJSONSplitter()
    case .json: JSONArraySplitter()
    }
  }

  private func decoder() -> any RecordDecoder {
    if isCSV {
      let uses = header.indices.map { CSVLayout.Use.value(column: $0) }
      return CSVRecordDecoder(format: csv, layout: CSVLayout(uses: uses, unquotedIsPlain: false))
    }
    // This decoder only separates good records from bad ones; `JSONFieldWalker` finds the fields.
    return JSONRecordDecoder(
      JSONLayout([], unlisted: .drop, extractKept: true), form: format == .json ? .array : .lines)
  }

  private func batch() -> Batch {
    isCSV ? Batch(columnCount: header.count, escapes: .csv(quote: csv.quote)) : Batch(columnCount: 0, escapes: .json)
  }

  private static func checkNames(_ names: [String], _ file: String) throws(RunError) {
    if let empty = names.firstIndex(of: "") {
      throw RunError(.mismatch, "\(file): field \(empty + 1) of the header has no name")
    }
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw RunError(
        .mismatch, "\(file): the header names the field '\(ShownName.text(twice))' twice: rename one of them")
    }
  }
}

/// The current place of a pass, for messages. Only the station whose turn it is writes it.
final class SurveyPlace {
  var file = ""
  /// The number of records in all files so far, and in the files before this one.
  var records = 0
  var recordsBefore = 0
}
