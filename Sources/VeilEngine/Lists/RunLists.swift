import VeilConfig
import VeilGround

/// The lists that lie beside the data of one run. Each is read once.
struct RunLists: Sendable {
  var erasure: ErasureList?
  var ledger: ConsentLedger?
  var corrections: CorrectionList?

  /// The summaries of the lists, for the manifest.
  var summaries: [ListSummary] { [ledger?.summary, erasure?.summary, corrections?.summary].compactMap { $0 } }

  static func read(
    _ pipeline: CompiledPipeline, keys: KeyStore, asOf: CalendarDate, threads: Int
  ) throws -> RunLists {
    let records = pipeline.config.records
    var lists = RunLists()
    if let rule = records.consent?.ledger {
      lists.ledger = try ConsentLedger.read(rule, pipeline, keys: keys, asOf: asOf, threads: threads)
    }
    if let rule = records.erasure {
      lists.erasure = try ErasureList.read(rule, pipeline, keys: keys, threads: threads)
    }
    if let rule = records.corrections {
      lists.corrections = try CorrectionList.read(rule, pipeline, keys: keys, threads: threads)
    }
    return lists
  }
}
