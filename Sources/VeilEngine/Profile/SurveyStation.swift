import VeilConfig
import VeilGround

/// What a pass looks for.
struct SurveyRequest {
  /// Whether each column is surveyed by itself.
  var columns = false
  /// The fields whose combinations are counted; for a CSV file, the header has all of them.
  var quasi: [String] = []
  /// Whether subsets of these fields are counted, too.
  var subsets = true
  /// The field that says whose a record is, if people are counted.
  var subject: String?
}

/// Reads every record of a pass: each column by itself, combinations of some of them, or both. There is one for each
/// thread.
final class SurveyStation: Station {
  /// The surveys by column; for JSON, the name is the path as pipelines write it.
  private(set) var columns: [ColumnSurvey] = []
  private(set) var names: [String] = []
  private(set) var combinations: CombinationSurvey?
  private let request: SurveyRequest
  private let walker: JSONFieldWalker?
  private let decoder: any RecordDecoder
  private let batch: Batch
  private let place: SurveyPlace
  private var offset = 0

  /// - Parameters:
  ///   - header: the fields of a CSV file; nil for JSON.
  ///   - place: where the pass stands, for all of its stations.
  init(_ request: SurveyRequest, header: [String]?, decoder: any RecordDecoder, batch: Batch, place: SurveyPlace) {
    self.request = request
    (self.decoder, self.batch, self.place) = (decoder, batch, place)
    walker = header == nil ? JSONFieldWalker() : nil
    if !request.quasi.isEmpty {
      combinations = CombinationSurvey(
        columns: request.quasi.count, countsSubsets: request.subsets, countsPeople: request.subject != nil)
    }
    names = header ?? []
    columns = names.indices.map { index in
      var column = ColumnSurvey()
      column.firstSeen = (0, index)
      return column
    }
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    unsafe batch.reset(base: UnsafePointer(chunk.bytes.start))
    decoder.decode(chunk, into: batch)
    guard batch.failures.isEmpty else { return }
    if let walker { walker.walk(chunk, batch) }
    let found = walker?.columns ?? batch.columns
    if let walker { meet(walker.paths, chunk.sequence) }
    for column in found { column.unescape(batch.escapes) }
    if request.columns {
      for (index, column) in found.enumerated() { columns[index].add(column) }
    }
    if !request.quasi.isEmpty {
      func column(_ name: String) -> Column? { names.firstIndex(of: name).map { found[$0] } }
      combinations?.add(
        request.quasi.map(column), subject: request.subject.flatMap(column), records: batch.recordCount)
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
