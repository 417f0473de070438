import Glibc
import VeilConfig
import VeilCrypto
public import VeilGround

/// Finds the exports of a folder that contain a person, and what is in them (GDPR, article 15).
public struct SubjectSearch {
  public struct Options {
    public var folder: String
    public var pipelines: [CompiledPipeline]
    /// The input's field that names the person; nil means the `source.subject` of each pipeline.
    public var field: String?
    /// A PEM file with the private key for encrypted exports.
    public var privateKey: String?
    public var showsValues = false
    public var audit: String
    public var reason: String?
    public var toolVersion: String

    public init(folder: String, pipelines: [CompiledPipeline], audit: String, toolVersion: String) {
      (self.folder, self.pipelines, self.audit, self.toolVersion) = (folder, pipelines, audit, toolVersion)
    }
  }

  /// What was found, for the person who asked.
  public private(set) var text = ""
  /// Whether every export that names people was searched whole.
  public private(set) var isComplete = true

  private enum Outcome {
    case found(records: Int, fields: [String], values: [String], isChanged: Bool, unjudged: NotSearchable?)
    case absent(isChanged: Bool)
    case notSearched(NotSearchable)

    /// Whether nothing of the export may hold the person unseen.
    var isWhole: Bool {
      switch self {
      case .found(_, _, _, _, let unjudged): unjudged == nil
      case .absent: true
      case .notSearched(let why): why.isByDesign
      }
    }
  }

  public init(_ subject: [UInt8], _ options: Options) throws(RunError) {
    do { try run(subject, options) } catch { throw RunError(any: error) }
  }

  private mutating func run(_ subject: [UInt8], _ options: Options) throws {
    if subject.isEmpty { throw RunError(.invalid, "the subject is empty") }
    let own = options.pipelines.flatMap(\.ownFiles) + [options.privateKey].compactMap { $0 }
    let folder = try ExportFolder(options.folder, mends: true, known: own)
    for line in folder.ended { text += line + "\n" }
    let opener = try PrivateKeyFile.read(options.privateKey)
    var outcomes: [(PublishedExport, Outcome)] = []
    for export in folder.exports {
      let outcome: Outcome
      do {
        outcome = try Self.search(export, in: folder, for: subject, options: options, opener: opener)
      } catch {
        outcome = .notSearched(error as? NotSearchable ?? NotSearchable(reason: "\(RunError(any: error))"))
      }
      outcomes.append((export, outcome))
    }
    isComplete = outcomes.allSatisfy { $0.1.isWhole } && folder.strangers.isEmpty
    // The line in the log is written before anything is shown.
    try AuditLog(path: options.audit).append("find", Self.members(outcomes, in: folder, options: options))
    for (export, outcome) in outcomes { tell(export, outcome) }
    for stranger in folder.strangers { text += "NOT SEARCHED: \(stranger.path): \(stranger.reason)\n" }
    let found = outcomes.count { if case .found = $0.1 { true } else { false } }
    text += "found in \(found) of \(outcomes.count) exports"
    text += isComplete ? "\n" : "; some could not be searched, and may contain the person\n"
  }

  private static func search(
    _ export: PublishedExport, in folder: ExportFolder, for subject: [UInt8], options: Options, opener: CMSDecryptor?
  ) throws -> Outcome {
    guard export.path != "-" else { throw NotSearchable(reason: "its manifest does not say where it is") }
    guard folder.place(of: export) != nil else { throw NotSearchable(reason: "it lies outside of \(folder.path)") }
    let forms = try SubjectForms(export, pipelines: options.pipelines, field: options.field)
    let match = try forms.match([subject])
    guard !match.isEmpty else {
      throw NotSearchable(reason: "the pipeline's stages make nothing of this value: is it spelt as in the data?")
    }
    let reader = try ExportReader(export, forms.view, field: forms.field, opener: opener)
    let columns = reader.columns(of: forms.field)
    guard !columns.isEmpty else { throw NotSearchable(reason: "it has no field '\(forms.field)'") }
    var fields: [Int: Bool] = [:]
    var values: [String] = []
    var records = 0
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      let before = reader.records - reader.batch.recordCount
      let theirs = Set(reader.findings(match, in: columns).filter(\.finding.isTheirs).map(\.record))
      if theirs.isEmpty { continue }
      records += theirs.count
      for place in reader.names.indices {
        for (record, value) in reader.values(place) where theirs.contains(record) {
          fields[place] = true
          if options.showsValues {
            let shown = ShownName.line(String(decoding: value, as: UTF8.self))
            values.append("  record \(before + record + 1), \(ShownName.text(reader.names[place])): \(shown)")
          }
        }
      }
    }
    let isChanged = reader.sha256 != export.sha256
    if records == 0 {
      guard forms.isSamePipeline else {
        throw NotSearchable(
          reason: "it does not hold the person's token as \(forms.view.config.path) makes it now, but the pipeline was "
            + "changed since: give it as it was")
      }
      try match.requireJudged(forms.field)
      return .absent(isChanged: isChanged)
    }
    let unjudged: NotSearchable?
    do throws(NotSearchable) {
      try match.requireJudged(forms.field)
      unjudged = nil
    } catch { unjudged = error }
    let present = reader.names.indices.filter { fields[$0] == true }.map { ShownName.text(reader.names[$0]) }
    return .found(records: records, fields: present, values: values, isChanged: isChanged, unjudged: unjudged)
  }

  private mutating func tell(_ export: PublishedExport, _ outcome: Outcome) {
    let recipient = export.recipient.map { ", for \($0)" } ?? ""
    let who = "\(export.path) (\(export.pipelineName)\(recipient))"
    if export.isPruned { text += "  note: \(export.path) was pruned, as its manifest says, and is there again\n" }
    let note = "  note: the file is not what its manifest describes; it was searched as it is\n"
    switch outcome {
    case .found(let records, let fields, let values, let isChanged, let unjudged):
      text +=
        "FOUND: \(who): \(records) \(records == 1 ? "record" : "records"), with \(fields.joined(separator: ", "))\n"
      for line in values.sorted() { text += line + "\n" }
      if isChanged { text += note }
      if let unjudged { text += "NOT SEARCHED: a part of \(export.path): \(unjudged.reason)\n" }
    case .absent(let isChanged):
      text += "not in: \(who)\n"
      if isChanged { text += note }
    case .notSearched(let why):
      text += "\(why.isByDesign ? "not searchable" : "NOT SEARCHED"): \(who): \(why.reason)\n"
    }
  }

  /// Returns what the audit log says: where the search looked and what it found, and never whom it looked for.
  private static func members(
    _ outcomes: [(PublishedExport, Outcome)], in folder: ExportFolder, options: Options
  ) -> [(String, JSONValue)] {
    let exports = outcomes.map { export, outcome in
      let result: String
      switch outcome {
      case .found: result = "found"
      case .absent: result = "not in it"
      case .notSearched(let why): result = why.isByDesign ? "not searchable" : "not searched"
      }
      return JSONValue.object([
        ("path", .text(export.path)), ("sha256", .text(export.sha256)), ("result", .text(result)),
      ])
    }
    return [
      ("user_id", .integer(Int(getuid()))), ("reason", .optional(options.reason)), ("folder", .text(folder.path)),
      ("shows_values", .bool(options.showsValues)), ("exports", .array(exports)),
      ("unreadable_manifests", .integer(folder.unreadable.count)), ("unnamed_files", .integer(folder.unnamed.count)),
      ("tool_version", .text(options.toolVersion)),
    ]
  }
}

/// Reads the private key that decrypts exports.
enum PrivateKeyFile {
  static func read(_ path: String?) throws(RunError) -> CMSDecryptor? {
    guard let path else { return nil }
    switch PipelineParser.readSmallFile(path, limit: 1 << 20) {
    case .failure(let problem): throw RunError(.invalid, "the private key \(path) \(problem.message)")
    case .success(let bytes):
      do throws(CMSDecryptor.Problem) { return try CMSDecryptor(pem: bytes) } catch {
        throw RunError(.invalid, "\(path): \(error)")
      }
    }
  }
}
