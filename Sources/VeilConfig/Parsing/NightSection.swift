/// What runs that come again and again have besides: `state:` and paths with `{date}` and the like.
extension PipelineReading {
  /// The state's file.
  func state(_ pipeline: OptionReader, sinks: [SinkConfig]) -> String? {
    guard let state = path("state", pipeline) else { return nil }
    if state == "-" {
      pipeline.error("state", "a state is a file, not standard input or output")
      return nil
    }
    for sink in sinks {
      guard let path = sink.path, path != "-" else { continue }
      if PathTemplate(path).placeholders.isDisjoint(with: [.date, .run, .stem]) {
        pipeline.warn(
          "state", "each night's export replaces the one before it, which held other records",
          help: "put {date}, {run} or {stem} into the sink's path, such as out/customers-{date}.csv")
      }
    }
    return state
  }

  /// Reports what stands in braces and is no placeholder.
  func checkTemplate(_ key: String, _ reader: OptionReader) {
    guard let text = reader.node(key)?.text else { return }
    let template = PathTemplate(text)
    let known = PathTemplate.Placeholder.allCases.map(\.rawValue)
    for word in template.unknown {
      reader.error(
        key, "{\(word)} is nothing that a path can be filled in with",
        suggest: Diagnostics.nearest(word, in: known).map { "{\($0)}" },
        help: "a path takes \(known.map { "{\($0)}" }.joined(separator: ", "))")
    }
    let folders = text.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    if folders.contains(where: { $0.contains("{stem}") }) {
      reader.error(key, "{stem} goes into the file's name, not into a folder's")
    }
  }
}
