/// The options of pipelines that run repeatedly: `state:`, and paths with `{date}` and other placeholders.
extension PipelineReading {
  /// Reads the path of the state's file.
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

  /// Reads what to do where one of several input files cannot be published.
  func onFileError(_ pipeline: OptionReader, source: SourceConfig) -> FileErrorAction {
    let action = pipeline.choice("on_file_error", of: FileErrorAction.self) ?? .stop
    if action == .continue, source.path == "-" {
      pipeline.error("on_file_error", "'continue' leaves out one of several files, and standard input is one")
    }
    return action
  }

  /// Reads the path of the file that lists bad records.
  func quarantine(_ badRecords: OptionReader) -> String? {
    guard let text = path("quarantine", badRecords) else { return nil }
    checkTemplate("quarantine", badRecords)
    if text == "-" { badRecords.error("quarantine", "a quarantine is a file, not standard output") }
    if PathTemplate(text).placeholders.contains(.stem) {
      badRecords.error(
        "quarantine", "a run has one quarantine for all of its inputs, and {stem} is the name of one",
        help: "{date}, {name} and {run} may stand there")
    }
    return text
  }

  /// Reads `raw: {certificate: PATH}`: the quarantine then holds the records themselves, encrypted.
  func rawCertificate(_ badRecords: OptionReader) -> NamedFile? {
    guard let node = badRecords.node("raw") else { return nil }
    guard node.entries != nil, let raw = section("raw", of: badRecords, known: ["certificate"]) else {
      badRecords.error(
        "raw", "'raw' must be {certificate: PATH}, not \(node.summary)",
        help: "bad records hold whole people: they are kept encrypted, or not at all")
      return nil
    }
    if badRecords.isAbsent("quarantine") {
      badRecords.error(
        "raw", "'raw' needs 'quarantine', the file that the records go to",
        help: "quarantine: bad.jsonl.cms, raw: {certificate: steward.pem}")
    }
    raw.require("certificate", help: "the X.509 certificate of whoever may read the bad records")
    return path("certificate", raw).map { NamedFile(path: $0, mark: badRecords.mark(of: "raw")) }
  }

  /// Reports words in braces that are no placeholders.
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
    if folders.contains(where: { PathTemplate(String($0)).placeholders.contains(.stem) }) {
      reader.error(key, "{stem} goes into the file's name, not into a folder's")
    }
  }
}
