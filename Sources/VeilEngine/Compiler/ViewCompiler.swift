import VeilConfig

/// Builds the view of each of several sinks, and checks what only all sinks together can show.
enum ViewCompiler {
  static func addViews(to pipeline: inout CompiledPipeline, _ diagnostics: Diagnostics) {
    let sinks = pipeline.config.sinks
    guard sinks.count > 1 || sinks.contains(where: { !$0.fields.isEmpty || $0.aggregate != nil }) else { return }
    pipeline.sinkViews = sinks.map { view(of: $0, pipeline, diagnostics) }
    checkCrosswalks(pipeline, diagnostics)
    warnOfSharedTokens(pipeline, diagnostics)
  }

  /// Returns the pipeline as one sink sees it. A quasi-identifier that the sink drops keeps its index among the others,
  /// because the class of a record still depends on it.
  private static func view(
    of sink: SinkConfig, _ pipeline: CompiledPipeline, _ diagnostics: Diagnostics
  ) -> CompiledPipeline {
    let config = pipeline.config.view(of: sink)
    let overridden = Set(sink.fields.map(\.path))
    let fields = zip(config.fields, pipeline.fields).map { field, base in
      if !overridden.contains(field.path) { return base }
      guard base.quasiIndex != nil else {
        return PipelineCompiler.compile(field, config, quasiIndex: nil, diagnostics: diagnostics)
      }
      let isDropped = field.stages.first?.name == Drop.documentation.name
      return CompiledField(config: field, stages: base.stages, isDropped: isDropped, quasiIndex: base.quasiIndex)
    }
    if let aggregate = sink.aggregate {
      return AggregateView.compile(
        aggregate, config: config, fields: fields, pipeline: pipeline, diagnostics: diagnostics)
    }
    if let presence = config.anonymity?.presence, presence.low > 0,
      let dropped = fields.first(where: { $0.quasiIndex != nil && $0.isDropped && overridden.contains($0.config.path) })
    {
      diagnostics.error(
        at: dropped.config.mark,
        "without '\(dropped.config.path)' this sink's classes are larger, and of the population in them fewer may be there "
          + "than 'presence: {min: …}' promises",
        help: "leave the field to all sinks, or promise no 'min'")
    }
    if fields.allSatisfy(\.isDropped), config.unlisted != .keep {
      diagnostics.error(at: sink.mark, "nothing leaves to this sink: all fields are dropped")
    }
    var view = pipeline
    view.config = config
    view.fields = fields
    return view
  }

  /// Warns of tokens that do not depend on the recipient's name: two recipients can join their data by them.
  private static func warnOfSharedTokens(_ pipeline: CompiledPipeline, _ diagnostics: Diagnostics) {
    for view in pipeline.views {
      for field in view.fields where !field.isDropped {
        guard let stage = field.stages.last, stage.makesTokens, !stage.isBoundToRecipient else { continue }
        let others = pipeline.views.filter { other in
          other.config.sinks[0].recipient != view.config.sinks[0].recipient
            && other.fields.contains {
              !$0.isDropped && $0.config.path == field.config.path
                && $0.stages.last.map { $0.makesTokens && !$0.isBoundToRecipient } == true
            }
        }
        guard !others.isEmpty else { continue }
        diagnostics.warn(
          at: field.config.mark,
          "the tokens of '\(field.config.path)' are the same for several recipients, who can join their files by them",
          help: "'pseudonym' without 'derive: none' gives each recipient its own")
      }
    }
  }

  /// Reports crosswalks of two recipients that share a file: one crosswalk never holds the tokens of both.
  private static func checkCrosswalks(_ pipeline: CompiledPipeline, _ diagnostics: Diagnostics) {
    var owners: [String: String] = [:]
    for view in pipeline.views {
      let recipient = view.config.sinks[0].recipient ?? ""
      // The recipient becomes a part of the file's name, which must not lead to another folder.
      let isName = !recipient.utf8.contains(UInt8(ascii: "/")) && !recipient.hasPrefix(".")
      for field in view.fields where !field.isDropped {
        for path in field.stages.compactMap({ ($0 as? Pseudonym)?.crosswalkPath(for: recipient) }) {
          let owner = owners[path, default: recipient]
          owners[path] = owner
          if !isName {
            diagnostics.error(
              at: view.config.sinks[0].recipientMark,
              "a recipient whose tokens go to a crosswalk has a name without '/' and not first '.'")
          }
          guard owner != recipient else { continue }
          diagnostics.error(
            at: field.config.mark, "the crosswalk of '\(field.config.path)' would hold the tokens of two recipients",
            help: "write {recipient} into its path: crosswalk: walk-{recipient}.csv")
        }
      }
    }
  }
}
