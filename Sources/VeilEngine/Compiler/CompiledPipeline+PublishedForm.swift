import VeilConfig

extension CompiledPipeline {
  /// What the pipeline says of all its sinks. One whose format only a run's arguments tell may be either.
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
