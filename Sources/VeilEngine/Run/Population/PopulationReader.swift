import VeilAnonymity
import VeilConfig
import VeilCrypto

/// Reads the file of everybody who might be in the release: its quasi-identifiers, through the same stages and
/// hierarchies as those of the data. Each of its records is one person.
enum PopulationReader {
  /// Nil where the pipeline has no population.
  static func observer(
    _ compiled: CompiledPipeline, _ options: RunOptions, keys: KeyStore
  ) throws -> QuasiObserver? {
    guard let population = compiled.config.anonymity?.population else { return nil }
    var config = compiled.config
    config.source.path = population.file
    config.source.format = population.format
    config.source.csv = population.csv
    config.source.subject = nil
    config.records.filters = []
    config.records.consent = nil
    config.records.retention = nil
    config.records.erasure = nil
    config.records.corrections = nil
    config.checks = []
    config.anonymity?.models = []
    config.anonymity?.population = nil
    config.anonymity?.count = .records
    config.anonymity?.countIsStated = true
    config.sinks = Array(config.sinks.prefix(1))
    config.sinks[0].fields = []
    config.sinks[0].aggregate = nil
    config.unlisted = .drop
    config.badRecords.action = .error
    config.badRecords.limit = nil
    let quasi = compiled.fields.filter { $0.quasiIndex != nil }
    config.fields = quasi.map(\.config)
    let reduced = CompiledPipeline(
      config: config, fields: quasi, erasureNormalization: [], ledgerNormalization: [], correctionNormalization: [])
    // The population has files of its own, and nothing of it is published.
    var own = RunOptions(toolVersion: options.toolVersion)
    (own.asOf, own.threads, own.chunkBytes) = (options.asOf, options.threads, options.chunkBytes)
    let job = RunJob(config, own)
    let input = try RunInput(reduced, job)
    let context = try RunContext(reduced, job, input: input, formats: [.csv], keys: keys, passes: 1)
    return try Pipeline(reduced, job).observe(context).observer
  }
}
