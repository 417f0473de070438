import Glibc
import VeilGround

/// What the audit log says of a run: which pipeline, what was read, what left to whom, and how much.
enum RunAuditLine {
  /// - Parameter path: The path of the manifest, if one is written.
  static func members(_ manifest: JSONValue, path: String?) -> [(String, JSONValue)] {
    let outputs = (manifest["outputs"]?.items ?? []).map { output in
      JSONValue.object(
        output.picking(["path", "bytes", "sha256", "recipient", "purpose", "label", "expires", "records"]))
    }
    var members: [(String, JSONValue)] = [("user_id", .integer(Int(getuid())))]
    members += manifest.picking(["run", "pipeline", "as_of", "inputs"])
    members.append(("outputs", .array(outputs)))
    members += manifest.picking(["records", "keys", "label"])
    if let quarantine = manifest["quarantine"], case .object = quarantine { members.append(("quarantine", quarantine)) }
    if let path {
      members.append(
        (
          "manifest",
          .object([("path", .text(path)), ("sha256", .text(AuditLine.digest(Array(manifest.document.utf8))))])
        ))
    }
    if let version = manifest["tool"]?["version"] { members.append(("tool_version", version)) }
    return members
  }

  /// Returns what the log says of a preview: who saw how many records of what.
  static func preview(_ compiled: CompiledPipeline, job: RunJob, shown: Int) -> [(String, JSONValue)] {
    [
      ("user_id", .integer(Int(getuid()))), ("run", .text(job.monitor.runID)),
      ("pipeline", Manifest.pipeline(compiled)), ("as_of", .text(job.day.description)),
      ("shown", .integer(shown)), ("tool_version", .text(job.options.toolVersion)),
    ]
  }

  /// Returns what the log says of a run that published nothing: how it ended and why, its inputs, and how far it came.
  static func failure(
    _ outcome: RunOutcome, _ compiled: CompiledPipeline, job: RunJob, inputs: [String]
  ) -> [(String, JSONValue)] {
    [
      ("result", .text("failed")), ("exit_status", .integer(Int(outcome.status))),
      ("reason", .optional(outcome.problem)), ("user_id", .integer(Int(getuid()))),
      ("run", .text(job.monitor.runID)), ("pipeline", Manifest.pipeline(compiled)),
      ("as_of", .text(job.day.description)),
      ("inputs", .array(inputs.map { .object([("path", .text($0))]) })),
      ("records", ReportDocument.records(job.monitor.tally)), ("tool_version", .text(job.options.toolVersion)),
    ]
  }
}

extension Publication {
  /// Begins to publish a document, as one of a set.
  /// - Parameter replacing: the SHA-256 of the file that it replaces; nil if it replaces whatever stands there.
  static func add(
    _ document: JSONValue, to path: String, in set: PublicationSet, isCompanion: Bool = false,
    replacing: String? = nil
  ) throws {
    let publication = try Publication.begin(path)
    publication.expected = replacing
    let text = Array(document.document.utf8)
    try unsafe text.withUnsafeBytes { bytes in try unsafe publication.sink.write(bytes) }
    if isCompanion { set.add(companion: publication) } else { set.add(publication) }
  }
}
