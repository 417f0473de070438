import Glibc
import VeilConfig
import VeilCrypto
public import VeilGround

/// Writes published exports again without the people who asked to be forgotten (GDPR, article 17).
///
/// All exports are replaced together, each with its manifest, or none is. If an export cannot be judged (no key, no
/// pipeline, a file that was changed), the erasure ends and changes nothing, unless `isPartial` is set.
public struct ExportErasure {
  public struct Options {
    public var folder: String
    public var pipelines: [CompiledPipeline]
    public var people: [[UInt8]]
    /// The input's field that names the person; nil means the `source.subject` of each pipeline.
    public var field: String?
    public var privateKey: String?
    public var isPartial = false
    public var isDryRun = false
    public var asOf = CalendarDate.today()
    public var audit: String
    public var reason: String?
    public var toolVersion: String

    public init(
      folder: String, pipelines: [CompiledPipeline], people: [[UInt8]], audit: String, toolVersion: String
    ) {
      (self.folder, self.pipelines, self.people, self.audit) = (folder, pipelines, people, audit)
      self.toolVersion = toolVersion
    }
  }

  public private(set) var text = ""
  /// How many exports and files could not be judged, and were left as they are.
  public private(set) var problemCount = 0
  private let options: Options
  private var folder: ExportFolder
  private let locks: ExportLocks
  private let opener: CMSDecryptor?

  /// What will be done with one export.
  private struct Plan {
    let export: PublishedExport
    let file: OutputFile?
    var erased = 0
    /// The people of the list who were found, as the export names them.
    var found: Set<[UInt8]> = []
    var suppressed = 0
    var left = 0
    /// Whether models besides k are promised.
    var hasModels = false
    /// Set once the new file is written.
    var sha256 = ""
    var byteCount = 0
  }

  public init(_ options: Options) throws(RunError) {
    self.options = options
    let known = options.pipelines.flatMap(\.ownFiles) + [options.privateKey].compactMap { $0 }
    // No run may publish to a file while the erasure rewrites it.
    (folder, locks) = try ExportLocks.taken(options.folder, changes: !options.isDryRun, known: known)
    opener = try PrivateKeyFile.read(options.privateKey)
    do { try run() } catch { throw RunError(any: error) }
  }

  private mutating func run() throws {
    defer { extendLifetime(locks) }
    for line in folder.ended { text += line + "\n" }
    var problems = folder.strangers.map { "\($0.path): \($0.reason)" }
    var plans: [Plan] = []
    for export in folder.exports {
      do {
        let plan = try rewrite(export)
        text += "\(export.path): " + Self.told(plan, of: options.people.count) + "\n"
        if plan.erased > 0 { plans.append(plan) }
      } catch let why as NotSearchable where why.isByDesign {
        text += "\(export.path): left as it is: \(why.reason)\n"
      } catch {
        problems.append("\(export.path): " + ((error as? NotSearchable)?.reason ?? "\(RunError(any: error))"))
      }
    }
    problemCount = problems.count
    for problem in problems { text += "NOT DONE: \(problem)\n" }
    if !problems.isEmpty, !options.isPartial {
      throw RunError.check(
        "\(problems.count) exports cannot be judged, and nothing was changed (--partial does the others):\n  "
          + ShownName.list(problems))
    }
    if options.isDryRun {
      text += "dry run: nothing was changed\n"
      return
    }
    try publish(plans, problems: problems.count)
  }

  private static func told(_ plan: Plan, of listed: Int) -> String {
    if plan.erased == 0 { return "nobody of the list is in it (\(listed) names)" }
    let promise = plan.hasModels ? "k or a model" : "k"
    let more = plan.suppressed > 0 ? ", and \(plan.suppressed) whose classes fell below \(promise)" : ""
    let leave = plan.erased == 1 ? "1 record leaves" : "\(plan.erased) records leave"
    return "\(leave)\(more), \(plan.left) stay; \(plan.found.count) of \(listed) names on the list found"
  }

  // MARK: Rewriting

  private func rewrite(_ export: PublishedExport) throws -> Plan {
    guard export.path != "-" else { throw NotSearchable(reason: "its manifest does not say where it is") }
    guard let place = folder.place(of: export) else {
      throw NotSearchable(reason: "it lies outside of \(folder.path)")
    }
    if export.isPruned { throw NotSearchable(reason: "it was pruned, as its manifest says, and is there again") }
    let forms = try SubjectForms(export, pipelines: options.pipelines, field: options.field)
    guard forms.isSamePipeline else {
      throw NotSearchable(reason: "\(forms.view.config.path) was changed since it made this: give it as it was")
    }
    if forms.view.config.microaggregation != nil {
      throw NotSearchable(
        reason: "its means are of groups that would lose people: put these people on the list of records.erasure, and "
          + "run the pipeline again")
    }
    if let reason = forms.view.config.anonymity?.erasureNeedsRun { throw NotSearchable(reason: reason) }
    let match = try forms.match(options.people)
    guard !match.isEmpty else {
      throw NotSearchable(reason: "the pipeline's stages make nothing of these values: are they spelt as in the data?")
    }
    let certificate = try CertificateCheck.certificate(of: forms.view, on: options.asOf)
    if export.isEncrypted, certificate == nil {
      throw NotSearchable(reason: "it is encrypted, and the pipeline names no certificate to encrypt it to again")
    }
    // The first reading only counts: an export without any of the people stays as it is, to the byte.
    var plan = Plan(export: export, file: nil)
    let small = try count(export, forms: forms, match: match, plan: &plan)
    try match.requireJudged(forms.field)
    if plan.erased > 0 { try Self.requireOneName(place, export) }
    if plan.erased == 0 || options.isDryRun { return plan }
    let path = FilePath.joined(place.folder, place.name)
    let file = try OutputFile(path: path, isHashed: true, certificate: export.isEncrypted ? certificate : nil)
    var written = Plan(export: export, file: file, hasModels: plan.hasModels)
    try write(export, forms: forms, match: match, small: small, plan: &written)
    guard (written.erased, written.suppressed, written.left) == (plan.erased, plan.suppressed, plan.left) else {
      throw RunError(.inputOutput, "\(export.path) was changed while it was being read")
    }
    written.found = plan.found
    (written.sha256, written.byteCount) = (file.sha256 ?? "", file.byteCount)
    file.publication?.expected = export.sha256
    return written
  }

  /// Throws if the file has other names: these would keep the people when it is replaced under this one.
  private static func requireOneName(_ place: (folder: String, name: String), _ export: PublishedExport) throws {
    var status = stat()
    guard unsafe lstat(FilePath.joined(place.folder, place.name), &status) == 0 else { throw SystemError(errno) }
    guard status.st_nlink == 1 else {
      throw NotSearchable(
        reason: "the file has \(status.st_nlink - 1) other names (hard links), which would keep the people: remove them"
      )
    }
  }

  /// The columns that the rewrite reads: those that make the class, if k is promised, and the one that says whose
  /// record it is.
  private struct Columns {
    let subject: [Int]
    let quasi: [Int]
    let k: Int
    let countsPeople: Bool
    let keepsSuppressed: Bool
    /// The sensitive fields that models look at, and the measure of the models; empty and nil if only k is promised.
    let sensitive: [Int]
    let measure: ModelMeasure?
    /// The rule for when two sensitive values of this export are the same.
    let form: PublishedForm

    init(_ reader: ExportReader, _ forms: SubjectForms) throws {
      func column(_ path: FieldPath) -> Int? {
        reader.names.firstIndex { $0 == (path.singleKey ?? path.description) || $0 == path.description }
      }
      subject = reader.columns(of: forms.field)
      if subject.isEmpty { throw NotSearchable(reason: "it has no field '\(forms.field)'") }
      let anonymity = forms.view.config.anonymity
      quasi = try forms.view.fields.filter { $0.quasiIndex != nil && !$0.isDropped }.map { field in
        guard let place = column(field.config.path) else {
          throw NotSearchable(reason: "it has no field '\(field.config.path)'")
        }
        return place
      }
      k = anonymity.map(CriteriaBuilder.k) ?? 0
      let leaving = forms.view.fields.filter { !$0.isDropped }.map(\.config.path)
      // A model of a field that this recipient does not get demands nothing of the file.
      var own = anonymity
      own?.models.removeAll { !leaving.contains($0.field) }
      measure = try own.flatMap { $0.models.isEmpty ? nil : try ModelMeasure(forms.view.config, $0) }
      sensitive =
        try own.map(ModelMeasure.fields)?.map { path in
          guard let place = column(path) else { throw NotSearchable(reason: "it has no field '\(path)'") }
          return place
        } ?? []
      countsPeople = anonymity?.count == .subjects && forms.field == forms.view.config.source.subject
      keepsSuppressed = anonymity?.suppressed == .keep
      form = PublishedForm(forms.view.config.sinks[0], isText: reader.batch.escapes != .json)
    }
  }

  /// Reads from each record of the batch whether it is one of the people's, whose it is, and the texts of its
  /// quasi-identifiers, each with its length in front. A record that names several people is one of nobody known.
  private static func look(
    _ reader: ExportReader, _ columns: Columns, _ match: SubjectMatch
  ) -> (isTheirs: [Bool], people: [[UInt8]], classes: [[UInt8]]) {
    var people = [[UInt8]](repeating: [], count: reader.batch.recordCount)
    var classes = people
    var isTheirs = [Bool](repeating: false, count: people.count)
    var isNamed = isTheirs
    for (record, finding) in reader.findings(match, in: columns.subject) {
      if finding.isTheirs { isTheirs[record] = true }
      people[record] = isNamed[record] ? [] : finding.person
      isNamed[record] = true
    }
    if columns.k > 0 {
      for column in columns.quasi {
        var texts = [[UInt8]?](repeating: nil, count: people.count)
        for (record, value) in reader.values(column) { texts[record] = value }
        for (record, text) in texts.enumerated() {
          classes[record] += Array("\(text?.count ?? -1):".utf8) + (text ?? [])
        }
      }
    }
    return (isTheirs, people, classes)
  }

  /// Returns the sensitive values of each record, by field, in the form that models compare; empty if there is none.
  private static func sensitive(_ reader: ExportReader, _ columns: Columns) -> [[[UInt8]]] {
    columns.sensitive.map { columns.form.values(of: $0, in: reader.batch) }
  }

  private static func stars(_ columns: Columns) -> [UInt8] {
    columns.quasi.flatMap { _ in Array("1:*".utf8) }
  }

  /// Counts the records, and finds the classes that would have fewer than k without the people who are erased.
  private func count(
    _ export: PublishedExport, forms: SubjectForms, match: SubjectMatch, plan: inout Plan
  ) throws -> Set<[UInt8]> {
    let reader = try ExportReader(export, forms.view, field: forms.field, opener: opener)
    let columns = try Columns(reader, forms)
    var classes = ErasedClasses(
      k: columns.k, countsPeople: columns.countsPeople, fields: columns.sensitive.count, measure: columns.measure)
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      let seen = Self.look(reader, columns, match)
      let sensitive = Self.sensitive(reader, columns)
      for record in seen.people.indices {
        if seen.isTheirs[record] {
          plan.erased += 1
          if !seen.people[record].isEmpty { plan.found.insert(seen.people[record]) }
        } else if columns.k > 0 {
          classes.add(
            seen.classes[record], person: seen.people[record], sensitive: sensitive.map { $0[record] })
        } else {
          plan.left += 1
        }
      }
    }
    guard reader.sha256 == export.sha256, reader.byteCount == export.byteCount else {
      throw NotSearchable(reason: "it is not what its manifest describes: it was changed or replaced since")
    }
    guard columns.k > 0, plan.erased > 0 else { return [] }
    plan.hasModels = columns.measure != nil
    let broken = try classes.broken(stars: columns.keepsSuppressed ? Self.stars(columns) : nil)
    (plan.suppressed, plan.left) = (broken.records, broken.left)
    return broken.keys
  }

  private func write(
    _ export: PublishedExport, forms: SubjectForms, match: SubjectMatch, small: Set<[UInt8]>, plan: inout Plan
  ) throws {
    guard let file = plan.file else { return }
    func put(_ bytes: [UInt8]) throws { try unsafe bytes.withUnsafeBytes { try unsafe file.write($0) } }
    let reader = try ExportReader(export, forms.view, field: forms.field, opener: opener)
    let columns = try Columns(reader, forms)
    let isArray = export.format == .json
    try put(isArray ? Array("[".utf8) : reader.prefix)
    let chunk = Chunk()
    while try reader.next(into: chunk) {
      let seen = Self.look(reader, columns, match)
      var out: [UInt8] = []
      for record in seen.people.indices {
        if seen.isTheirs[record] {
          plan.erased += 1
        } else if small.contains(seen.classes[record]) {
          plan.suppressed += 1
        } else {
          if isArray { out += Array((plan.left == 0 ? "\n" : ",\n").utf8) }
          out += reader.bytes(of: record, in: chunk)
          plan.left += 1
        }
      }
      try put(out)
    }
    if isArray { try put(Array((plan.left == 0 ? "]\n" : "\n]\n").utf8)) }
    try file.finish()
  }

  // MARK: Publishing

  private func publish(_ plans: [Plan], problems: Int) throws {
    let set = PublicationSet()
    set.journal = "erasure"
    for plan in plans {
      if let publication = plan.file?.publication { set.add(publication) }
    }
    var manifests: [(old: String, new: String, path: String)] = []
    for manifest in folder.manifests {
      let own = plans.flatMap { plan in
        ([plan.export] + folder.twins(of: plan.export)).filter { $0.manifest == manifest.path }.map { ($0.index, plan) }
      }
      if own.isEmpty { continue }
      let document = Self.document(manifest, own)
      try Publication.add(document, to: manifest.path, in: set, replacing: manifest.sha256)
      manifests.append((manifest.sha256, AuditLine.digest(Array(document.document.utf8)), manifest.path))
    }
    let log = AuditLog(path: options.audit)
    let line = members(plans, manifests, problems: problems)
    set.announce(
      { try log.append("erase", [("result", .text("publishing"))] + line) },
      takenBack: { try log.append("erase", [("result", .text("failed"))] + line) })
    try set.commit()
  }

  /// Returns the manifest of the new files, which names the manifest that it replaces.
  private static func document(_ manifest: ManifestFile, _ plans: [(index: Int, plan: Plan)]) -> JSONValue {
    var document = manifest.document
    var outputs = document["outputs"]?.items ?? []
    for (index, plan) in plans {
      outputs[index]["sha256"] = .text(plan.sha256)
      outputs[index]["bytes"] = .integer(plan.byteCount)
      outputs[index]["records"] = .integer(plan.left)
      let before = outputs[index]["erased_records"]?.integer ?? 0
      outputs[index]["erased_records"] = .integer(before + plan.erased)
      let suppressed = outputs[index]["suppressed_by_erasure"]?.integer ?? 0
      outputs[index]["suppressed_by_erasure"] = .integer(suppressed + plan.suppressed)
    }
    document["outputs"] = .array(outputs)
    document["replaces"] = .object([
      ("manifest_sha256", .text(manifest.sha256)), ("time", .text(Timestamp.now().description)),
      ("because", .text("people were erased")),
    ])
    return document
  }

  private func members(
    _ plans: [Plan], _ manifests: [(old: String, new: String, path: String)], problems: Int
  ) -> [(String, JSONValue)] {
    let exports = plans.map { plan in
      JSONValue.object([
        ("path", .text(plan.export.path)), ("replaces", .text(plan.export.sha256)), ("sha256", .text(plan.sha256)),
        ("erased_records", .integer(plan.erased)), ("suppressed_records", .integer(plan.suppressed)),
        ("records", .integer(plan.left)),
      ])
    }
    let papers = manifests.map { manifest in
      JSONValue.object([
        ("path", .text(manifest.path)), ("replaces", .text(manifest.old)), ("sha256", .text(manifest.new)),
      ])
    }
    return [
      ("user_id", .integer(Int(getuid()))), ("reason", .optional(options.reason)), ("folder", .text(folder.path)),
      ("people", .integer(options.people.count)), ("exports", .array(exports)), ("manifests", .array(papers)),
      ("not_done", .integer(problems)), ("tool_version", .text(options.toolVersion)),
    ]
  }
}
