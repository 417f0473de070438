import VeilConfig

extension CompiledPipeline {
  /// Sets the published form from all sinks. A sink whose format is known only from the arguments of a run counts as
  /// both.
  mutating func setPublishedForm() {
    let sinks = views.map { $0.config.sinks[0] }.filter { $0.aggregate == nil }
    let source = config.source.format ?? config.source.path.flatMap { DataFormat(fileName: $0) }
    let formats = sinks.map { $0.format ?? $0.path.flatMap { DataFormat(fileName: $0) } ?? source }
    publishedForm = PublishedForm(
      isText: formats.contains { $0?.isSeparated ?? true },
      isJSON: formats.contains { $0.map { !$0.isSeparated } ?? true },
      isGuarded: sinks.contains(where: \.csv.guardsFormulas))
    for index in sinkViews.indices { sinkViews[index].publishedForm = publishedForm }
  }
}
