import VeilConfig
import VeilCrypto
public import VeilGround

/// Whether a pipeline fits an input's fields, without running it.
public enum InputCheck {
  /// For CSV, compares the header with the pipeline's fields. For JSON, whose fields come record by record, reads the
  /// first chunk of each file, and on until every rule was met. Where k counts records for want of a subject, the input is
  /// read whole, to see whether people have several. Throws what a run would throw.
  /// - Parameter counts: Whether the input is read whole, to count its people.
  /// - Returns: How many people there are; nil where they were not counted.
  @discardableResult
  public static func run(
    _ compiled: CompiledPipeline, input path: String, counts: Bool = false
  ) throws(RunError) -> PeopleCount? {
    do {
      var (people, records): (Set<UInt64>, Int) = ([], 0)
      let key = SecretBytes.random(count: 32)
      var options = RunOptions(toolVersion: "")
      options.input = path
      let job = RunJob(compiled.config, options)
      let input = try RunInput(compiled, job)
      let formats = compiled.views.map { $0.config.sinks[0].format ?? input.format }
      // Only the lists' stages run here, and they may need keys.
      let stages = compiled.erasureNormalization + compiled.ledgerNormalization + compiled.correctionNormalization
      let keys = stages.isEmpty ? KeyStore([:]) : try KeyStore.load(compiled)
      let context = try RunContext(compiled, job, input: input, formats: formats, keys: keys, passes: 1)
      let view = context.views[0]
      let isCSV = input.format.isSeparated
      // For JSON the whole layout, since it is to be known of each rule whether a record meets it.
      let all = try (isCSV ? [view] : context.views).map { view in
        (
          steps: try view.steps(isCSV ? view.layout.observing : view.layout, writes: !isCSV, rewrites: false),
          view.layout
        )
      }
      let steps = all[0].steps
      let identifiers = path == "-" ? nil : view.identifierReader(key: key)
      let state = context.beginPass()
      try context.readFiles(state) { file in
        let chunk = Chunk()
        guard try file.reader.next(into: chunk) else { return }
        try decode(chunk, all.map(\.steps), state)
        if counts || identifiers != nil {
          records += try PeopleCount.measure(
            steps, view, reader: file.reader, first: chunk, into: &people, key: key, identifiers: identifiers)
        }
        while all.contains(where: { !RuleCheck.unmet($0.steps.ruleCounts, $0.1).isEmpty }),
          try file.reader.next(into: chunk)
        {
          try decode(chunk, all.map(\.steps), state)
        }
      }
      try RuleCheck.require(all.map(\.steps.ruleCounts), all.map(\.1), in: context.inputName)
      try IdentifierReader.refuse(identifiers.map { [$0] } ?? [])
      guard counts else { return nil }
      let isOfRecords = compiled.config.source.subject == nil
      return PeopleCount(count: isOfRecords ? records : people.count, isOfRecords: isOfRecords)
    } catch {
      throw RunError(any: error)
    }
  }

  private static func decode(_ chunk: Chunk, _ all: [BatchSteps], _ state: PassState) throws(RunError) {
    for steps in all {
      _ = steps.decode(chunk)
      try state.refuseUnexpected(steps, offset: chunk.offset)
    }
    state.tally.add(all[0].batch)
  }
}
