import VeilAnonymity
import VeilConfig
public import VeilGround

/// What a published file itself shows about the promises of its pipeline. It shares no code with the search for
/// classes.
public struct Verification {
  /// What was measured, as text for a person.
  public private(set) var text = ""
  /// Whether the file keeps every promise that can be checked in it.
  public private(set) var holds = true

  /// Reads a published file and measures it. Throws if it cannot be read.
  /// - Parameters:
  ///   - previous: The plan or the published file of the previous release, to be intersected with this one.
  ///   - plan: The plan that made the file, if `previous` is a plan.
  ///   - original: The data that the file was made from; with it the three risks are measured.
  ///   - control: Records that were held out; nil where the pipeline names them.
  public static func run(
    _ path: String, _ pipeline: CompiledPipeline, recipient: String? = nil, previous: String? = nil,
    plan: String? = nil, original: String? = nil, control: String? = nil
  ) throws(RunError) -> Verification {
    try EncryptedFile.refuse(path)
    let (compiled, unseen) = try pipeline.view(of: path, recipient: recipient).modelsOfWhatLeaves
    do {
      let file = try PublishedFile(path, compiled)
      let census = try file.census()
      var attack: ReleaseAttack?
      if let original {
        attack = try self.attack(path, pipeline, recipient: recipient, original: original, control: control)
      }
      var verification = try Verification(path, compiled, file: file, census: census, attack: attack)
      for field in unseen {
        verification.note(
          "note: '\(field)' does not leave to this file, so what is promised of its values was not measured",
          holds: true)
      }
      if let previous {
        guard let anonymity = compiled.config.anonymity else {
          throw RunError(.invalid, "--previous needs a pipeline with 'anonymity'")
        }
        let check = IntersectionCheck(path: path, compiled: compiled, anonymity: anonymity)
        try verification.intersect(check, census, previous: previous, plan: plan)
      }
      return verification
    } catch {
      throw RunError(any: error)
    }
  }

  private init(
    _ path: String, _ compiled: CompiledPipeline, file: PublishedFile, census: ClassCensus, attack: ReleaseAttack?
  ) throws {
    text += "\(path): \(census.records) records\n"
    checkFields(compiled, file, census: census)
    checkValues(census, file.measured)
    if let attack { tell(attack) }
    guard let anonymity = compiled.config.anonymity else {
      text += "k: the pipeline declares no anonymity; none was measured\n"
      return
    }
    let unit = census.countsSubjects ? "people" : "records"
    let smallest = census.smallestClass
    text += "quasi-identifiers: \(file.quasiNames.joined(separator: ", "))\n"
    text += "classes: \(census.classCount)\n"
    if census.suppressed > 0 {
      text += "suppressed: \(census.suppressed) records with '*' in every quasi-identifier, in no class\n"
      let kept = try KeptSuppressed(
        census.keptSuppressed, records: census.suppressed, judged: census.wholeValues, anonymity: anonymity,
        measure: ModelMeasure(compiled.config, anonymity))
      if let warning = kept?.warning(countsSubjects: census.countsSubjects) { text += "note: \(warning)\n" }
    }
    guard let smallest else {
      text += "k: no records to measure\n"
      return
    }
    let hidesPeople = anonymity.count == .subjects && !census.countsSubjects
    let isMet = smallest >= anonymity.k
    let verdict = isMet ? hidesPeople ? "met by records" : "met" : "NOT MET"
    text += "k: \(smallest) (\(unit) in the smallest class); the pipeline promises \(anonymity.k): \(verdict)\n"
    if !isMet { holds = false }
    try checkModels(compiled, anonymity, census: census)
    checkTellingApart(compiled.config, file.measured)
    checkCandidates(compiled, anonymity, census: census)
    label(compiled, anonymity, census: census, measured: file.measured, risks: attack?.risks)
    if hidesPeople {
      let isThere = compiled.fields.contains { $0.config.path == compiled.config.source.subject && !$0.isDropped }
      text +=
        "note: \(isThere ? "what leaves of the subject does not tell people apart" : "the subject is not in the file"), so "
        + "records were counted, not people: a class of k records may hold fewer people\n"
    }
  }

  /// Says what the worst class tells, and what the file may be called by what it shows.
  private mutating func label(
    _ compiled: CompiledPipeline, _ anonymity: AnonymityConfig, census: ClassCensus, measured: [MeasuredField],
    risks: ThreeRisks?
  ) {
    let inference = WorstInference(
      census.measured.map(\.content), fields: ModelMeasure.fields(anonymity), whole: census.wholeValues,
      people: census.people)
    if let inference {
      func percent(_ figure: WorstInference.Figure) -> String {
        "\(ModelFinding.short((figure.value * 1000).rounded() / 10))%"
      }
      note(
        "inference: \(inference.text); a share in a class is up to \(percent(inference.gain)) above the one in the file "
          + "('\(inference.gain.field)')", holds: true)
    }
    var evidence = AnonymityEvidence(
      countsPeople: census.countsSubjects, smallestClass: census.smallestClass, inference: inference,
      fieldsThatTellApart: measured.filter(\.tellsApart).map(\.name))
    if let risks { evidence.add(risks) }
    let label = ExportLabel(compiled, evidence: evidence, part: nil, measured: measured)
    // A file that breaks a promise is not what the promise would make it.
    if holds {
      tell(
        label, open: risks == nil ? [] : label.conditions.filter(\.isOpen),
        hidesPeople: anonymity.count == .subjects && !census.countsSubjects)
    }
  }

  /// Adds a line to the text; `holds` is false if the line says that a promise is broken.
  mutating func note(_ line: String, holds isKept: Bool) {
    text += line + "\n"
    if !isKept { holds = false }
  }

  /// Returns the labels of a class in all of the pipeline's quasi-identifiers: any value fits one that the file does not
  /// have because its sink drops it.
  private static func allLabels(_ labels: [[UInt8]], _ compiled: CompiledPipeline) -> [[UInt8]] {
    var rest = labels[...]
    return compiled.fields.filter { $0.quasiIndex != nil }.map { field in
      field.isDropped ? [UInt8(ascii: "*")] : rest.popFirst() ?? []
    }
  }

  /// Measures every model besides k on the classes of the file. The records of the file count as the whole table.
  private mutating func checkModels(
    _ compiled: CompiledPipeline, _ anonymity: AnonymityConfig, census: ClassCensus
  ) throws {
    let config = compiled.config
    let measured = census.measured
    var classes = measured.map(\.content)
    var outside = 0
    if anonymity.population != nil, !classes.isEmpty {
      let options = RunOptions(toolVersion: "")
      let population = try PopulationReader.observer(compiled, options, keys: KeyStore.load(compiled))
      if let population {
        let table = population.finish()
        let shown = measured.map { Self.allLabels($0.labels, compiled) }
        let match = PopulationMatch(table, people: table.records, classes: shown)
        for index in classes.indices { classes[index].population = match.counts[index] }
        outside = match.outside
      }
    }
    let findings = try ModelMeasure(config, anonymity).findings(
      classes, wholes: [census.wholeValues], outside: outside, several: census.several(measured.map(\.key)))
    let hidesPeople = anonymity.count == .subjects && !census.countsSubjects
    for finding in findings {
      let isSure = !hidesPeople || finding.isSureOfPeople
      switch (finding.holds, isSure) {
      case (true, true): note("\(finding.text): met", holds: true)
      case (false, true): note("\(finding.text): NOT MET", holds: false)
      case (true, false):
        note(
          "\(finding.text): met by records; of people, who cannot be told apart in this file, it is not known",
          holds: true)
      case (false, false):
        note("\(finding.text) of people, who cannot be told apart in this file: not judged", holds: true)
      }
    }
  }

  /// Measures how many people have all classes of each person, since the file shows which records are of one person. It
  /// breaks no promise but that of a declared check.
  private mutating func checkCandidates(
    _ compiled: CompiledPipeline, _ anonymity: AnonymityConfig, census: ClassCensus
  ) {
    guard census.countsSubjects else { return }
    let measured = census.measured
    let found = PersonCandidates(
      measured.map(\.content), suppressed: census.keptSuppressed, several: census.several(measured.map(\.key)),
      keepsSuppressed: anonymity.suppressed == .keep, k: anonymity.k)
    guard let found else { return }
    var line = found.text
    var holds = true
    for check in compiled.config.checks {
      guard case .candidates(let least) = check.kind else { continue }
      let isMet = found.fewest >= least
      line += "; the check '\(check.name)': \(isMet ? "met" : "NOT MET")"
      if check.severity == .error { holds = holds && isMet }
    }
    note(line, holds: holds)
  }

  /// Checks that the file has no field that the pipeline drops or does not name.
  private mutating func checkFields(_ compiled: CompiledPipeline, _ file: PublishedFile, census: ClassCensus) {
    for name in file.missingNames {
      text += "missing: the field '\(name)' is not in the file\n"
      holds = false
    }
    if let finding = file.headerFinding {
      note(
        "LEAK: \(finding.text), and it is the header: it names a column in every copy of the file; if it is a name, say so "
          + "with  csv: {header: true}  under 'source'", holds: false)
    }
    if !file.showsNames {
      note(
        "LEAK: the header has none of the pipeline's names, and may be somebody's data: its \(file.leakedNames.count) names "
          + "that may not leave are not shown", holds: false)
    }
    for name in file.repeatedNames where file.showsNames {
      note(
        "LEAK: the header names '\(ShownName.text(name))' more than once, and only one field of a name leaves: the others "
          + "were not measured", holds: false)
    }
    for name in (file.showsNames ? file.leakedNames : []) + census.leakedNames.sorted() {
      text +=
        "LEAK: the field '\(ShownName.text(name))' is in the file, and the pipeline lets none of that name leave\n"
      holds = false
    }
  }

  /// Checks that a field holds what its last stage writes: tokens of one form, shortened dates, one constant. Also
  /// checks that a field that is said to name nobody holds no identifiers of people.
  private mutating func checkValues(_ census: ClassCensus, _ measured: [MeasuredField]) {
    for (name, odd) in census.oddValues.sorted(by: { $0.key < $1.key }) {
      let what = odd.stage.makesTokens ? "tokens as its stage writes them" : "what its stage '\(odd.stage.name)' writes"
      let are = odd.count == 1 ? "value of '\(name)' is" : "values of '\(name)' are"
      note("LEAK: \(odd.count) \(are) not \(what)", holds: false)
    }
    for field in measured.sorted(by: { $0.name < $1.name }) {
      for found in field.identifiers {
        let hold = found.count == 1 ? "value of '\(field.name)' holds" : "values of '\(field.name)' hold"
        note(
          "LEAK: \(found.count) \(hold) \(found.kind); if they may, say so with  class: direct  and because: \"…\"",
          holds: false)
      }
    }
  }
}

extension CompiledPipeline {
  /// The pipeline without demands on fields that it drops for this sink, and these fields: the file shows nothing of
  /// them.
  fileprivate var modelsOfWhatLeaves: (pipeline: CompiledPipeline, unseen: [FieldPath]) {
    let dropped = Set(fields.filter(\.isDropped).map(\.config.path))
    var pipeline = self
    pipeline.config.anonymity?.models.removeAll { dropped.contains($0.field) }
    return (pipeline, config.anonymity.map(ModelMeasure.fields)?.filter { dropped.contains($0) } ?? [])
  }
}
