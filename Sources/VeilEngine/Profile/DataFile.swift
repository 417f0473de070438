import VeilConfig
import VeilGround

/// Data that is read without a pipeline: every field of every record, as often as needed.
final class DataFile {
  let format: DataFormat
  /// The names of the fields; empty for JSON.
  let header: [String]
  private let form: TableForm
  private let files: InputFiles
  private let threads: Int

  /// Opens the first file and reads its header.
  /// - Parameters:
  ///   - input: the files that `options` stand for.
  ///   - passes: how often the data will be read, at most.
  init(_ options: DataOptions, input: RunInput, passes: Int) throws {
    format = input.format
    let form = TableForm(format, options.csv)
    self.form = form
    threads = max(1, min(options.threads ?? WorkerThread.processorCount, 256))
    if format.isSeparated, form.csv.delimiter == form.csv.quote {
      throw RunError(.invalid, "delimiter and quote must differ")
    }
    let first = try input.open(0, comesAgain: passes > 1)
    files = try InputFiles(input, first: first, form: form, chunkBytes: options.chunkBytes, passes: passes) { chunks in
      try chunks.readHeader(format: form.csv, dialect: options.csv, known: options.knownNames) { finding in
        RunError(
          .mismatch,
          "\(chunks.name): \(finding.text): is it a header? For a file without one give --no-header (its fields are then "
            + "c1, c2, …); if it is one, give --header. In a pipeline that is  csv: {header: false}  or  true  under "
            + "'source'")
      }
    }
    header = files.header
    try Self.checkNames(header, first.name)
  }

  var isCSV: Bool { format.isSeparated }

  /// Makes one pass over all records, with a station for each thread.
  func scan(_ survey: SurveyRequest) throws -> [SurveyStation] {
    let place = SurveyPlace()
    let stations = (0..<threads).map { _ in
      let (decoder, batch) = decoding()
      return SurveyStation(survey, header: isCSV ? header : nil, decoder: decoder, batch: batch, place: place)
    }
    try files.readAll { file in
      (place.file, place.recordsBefore) = (file.name, place.records)
      try Conveyor.run(file.reader, through: stations, threads: stations.count)
    }
    return stations
  }

  /// Makes what one thread decodes with. The decoder of JSON only separates good records from bad ones;
  /// `JSONFieldWalker` finds the fields.
  private func decoding() -> TableForm.Decoding {
    form.decoding(
      columns: header.count, fields: .values(header.count, header: form.hasHeader ? header : []),
      paths: JSONLayout([], unlisted: .drop, extractKept: true))
  }

  private static func checkNames(_ names: [String], _ file: String) throws(RunError) {
    if let empty = names.firstIndex(of: "") {
      throw RunError(.mismatch, "\(file): field \(empty + 1) of the header has no name")
    }
    // What is taken for a header may be the first record of data that has none: its values are not shown.
    var seen: [String: Int] = [:]
    for (place, name) in names.enumerated() {
      guard let first = seen.updateValue(place, forKey: name) else { continue }
      throw RunError(
        .mismatch,
        "\(file): fields \(first + 1) and \(place + 1) of the header have the same name: rename one of them")
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
