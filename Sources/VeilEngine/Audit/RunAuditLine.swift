import Glibc

/// What the audit log says of a run: which pipeline, what was read, what left for whom, how much of it.
enum RunAuditLine {
  /// - Parameter path: Where the manifest goes, if one is written.
  static func members(_ manifest: JSONValue, path: String?) -> [(String, JSONValue)] {
    let outputs = (manifest["outputs"]?.items ?? []).map { output in
      JSONValue.object(
        output.picking(["path", "bytes", "sha256", "recipient", "purpose", "label", "expires", "records"]))
    }
    var members: [(String, JSONValue)] = [("user_id", .integer(Int(getuid())))]
    members += manifest.picking(["pipeline", "as_of", "inputs"])
    members.append(("outputs", .array(outputs)))
    members += manifest.picking(["records", "keys", "label"])
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
}

extension Publication {
  /// Begins to publish a document, as one of a set.
  static func add(_ document: JSONValue, to path: String, _ set: PublicationSet) throws {
    let publication = try Publication.begin(path)
    let text = Array(document.document.utf8)
    try unsafe text.withUnsafeBytes { bytes in try unsafe publication.sink.write(bytes) }
    set.add(publication)
  }
}
