import VeilConfig
import VeilGround

/// Reads every record of a pass: each column by itself, combinations of some of them, or both. There is one for each
/// thread.
final class SurveyStation: Station {
  /// The surveys by column; for JSON, the name is the path as pipelines write it.
  private(set) var columns: [ColumnSurvey] = []
  private(set) var names: [String] = []
  private(set) var combinations: CombinationSurvey?
  private let quasi: [String]
  private let subject: String?
  private let surveysColumns: Bool
  private let header: [String]
  private var walker: JSONFieldWalker?
  private var decoder: (any RecordDecoder)?
  private var batch = Batch(columnCount: 0, escapes: .json)
  private var place = SurveyPlace()
  private var offset = 0

  /// - Parameters:
  ///   - header: the fields of a CSV file; nil for JSON.
  ///   - quasi: the fields whose combinations are counted; for a CSV file, the header has all of them.
  ///   - subject: the field that says whose a record is, if people are counted.
  init(header: [String]?, surveysColumns: Bool, quasi: [String], subject: String? = nil) {
    self.subject = subject
    self.header = header ?? []
    self.surveysColumns = surveysColumns
    self.quasi = quasi
    if header == nil { walker = JSONFieldWalker() }
    if !quasi.isEmpty { combinations = CombinationSurvey(columns: quasi.count, countsPeople: subject != nil) }
    names = self.header
    columns = names.indices.map { index in
      var column = ColumnSurvey()
      column.firstSeen = (0, index)
      return column
    }
  }

  func begin(decoder: any RecordDecoder, batch: Batch, place: SurveyPlace) {
    (self.decoder, self.batch, self.place) = (decoder, batch, place)
  }

  func process(_ chunk: Chunk) throws {
    guard let decoder else { return }
    offset = chunk.offset
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    guard batch.failures.isEmpty else { return }
    if let walker { walker.walk(chunk, batch) }
    let found = walker?.columns ?? batch.columns
    if let walker { meet(walker.paths, chunk.sequence) }
    for column in found { column.unescape(batch.escapes) }
    if surveysColumns {
      for (index, column) in found.enumerated() { columns[index].add(column) }
    }
    if !quasi.isEmpty {
      func column(_ name: String) -> Column? { names.firstIndex(of: name).map { found[$0] } }
      combinations?.add(quasi.map(column), subject: subject.flatMap(column), records: batch.recordCount)
    }
  }

  /// Adds a survey for each new path.
  private func meet(_ paths: [String], _ sequence: Int) {
    for index in names.count..<paths.count {
      var column = ColumnSurvey()
      column.firstSeen = (sequence, index)
      names.append(paths[index])
      columns.append(column)
    }
  }

  func deliver() throws {
    let before = place.records - place.recordsBefore
    place.records += batch.recordCount
    guard let failure = batch.failures.min(by: { $0.record < $1.record }) else { return }
    let at = offset + (failure.offset ?? Int(batch.recordStarts[failure.record]))
    throw RunError(
      .inputOutput, "\(place.file): record \(before + failure.record + 1), byte offset \(at): \(failure.reason.text)")
  }

  var records: Int { place.records }
}
