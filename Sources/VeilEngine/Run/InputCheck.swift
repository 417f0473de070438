import VeilConfig

/// Whether a pipeline fits an input's fields, without running it.
public enum InputCheck {
  /// For CSV, compares the header with the pipeline's fields. For JSON, whose fields come record by record, reads the
  /// first chunk of each file. Throws what a run would throw.
  public static func run(_ compiled: CompiledPipeline, input path: String) throws(RunError) {
    do {
      var options = RunOptions(toolVersion: "")
      options.input = path
      let input = try RunInput(compiled, options)
      let formats = compiled.lanes.map { $0.config.sinks[0].format ?? input.format }
      // Only the lists' stages run here, and they may need keys.
      let stages = compiled.erasureNormalization + compiled.ledgerNormalization + compiled.correctionNormalization
      let keys = stages.isEmpty ? KeyStore([:]) : try KeyStore.load(compiled)
      let context = RunContext(compiled, options, input: input, formats: formats, keys: keys)
      for index in input.paths.indices {
        try input.read(index, comesAgain: false) { source in
          let (lanes, reader) = try context.stations(for: source, name: input.name(of: index))
          let steps = try lanes[0].steps(lanes[0].layout.observing, writes: false, rewrites: false)
          let state = PassState(policy: context.policy)
          state.file = input.name(of: index)
          let chunk = Chunk()
          if try reader.next(into: chunk) {
            _ = steps.decode(chunk)
            try state.refuseUnexpected(steps, offset: chunk.offset)
          }
        }
      }
    } catch {
      throw RunError(any: error)
    }
  }
}
