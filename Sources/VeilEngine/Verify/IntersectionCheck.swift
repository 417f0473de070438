import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// Checks what a published file and the previous release tell together (see `Intersection`), from two plans or from two
/// published files.
///
/// Two files are enough if both have the subject: records with the same subject are about the same person. Without it,
/// the files do not show who is who; then the plans are needed, which know the combinations of both releases.
struct IntersectionCheck {
  let path: String
  let compiled: CompiledPipeline
  let anonymity: AnonymityConfig

  /// - Parameters:
  ///   - previous: The plan or the published file of the previous release.
  ///   - plan: The plan that made the file at `path`, if `previous` is a plan.
  func run(_ census: ClassCensus, previous: String, plan: String?) throws -> Intersection {
    if try SavedFile.isSaved(previous) { return try plans(census, previous: previous, plan: plan) }
    let file = try PublishedFile(previous, compiled)
    let previousCensus = try file.census()
    guard census.countsSubjects, previousCensus.countsSubjects else {
      throw RunError(
        .invalid,
        "\(path) and \(previous) do not both say who is who (the subject does not leave, or not as what tells people apart), so they cannot be intersected "
          + "by themselves: give the plans of both, with --previous and --plan")
    }
    let (now, before) = (census.classesOfPeople, previousCensus.classesOfPeople)
    guard now.isEmpty || before.isEmpty || now.contains(where: { before[$0.key] != nil }) else {
      throw RunError(
        .mismatch,
        "nobody in \(path) is in \(previous), by their subjects: their pseudonyms may have been made with different keys, "
          + "and then the files do not say who is who\n  give the plans of both, with --previous and --plan")
    }
    return Intersection(now, previous: before, k: CriteriaBuilder.k(anonymity))
  }

  private func plans(_ census: ClassCensus, previous: String, plan: String?) throws -> Intersection {
    guard let plan else {
      throw RunError(
        .invalid,
        "\(previous) is a plan: which combinations \(path) put together only its own plan tells; give it with --plan "
          + "(veil run --save-plan writes it)")
    }
    let coders = try Recoding.coders(of: compiled.quasiPaths, compiled.config)
    let keys = try KeyStore.load(compiled, reads: true)
    let own = try PreviousRelease.read(plan, compiled, coders: coders, keys: keys).contents
    guard census.isPart(of: own) else {
      throw RunError(.mismatch, "\(path) has classes that \(plan) did not make: it is not the plan of this file")
    }
    let released = try PreviousRelease.read(previous, compiled, coders: coders, keys: keys).contents
    return Intersection(own, previous: released, k: CriteriaBuilder.k(anonymity))
  }
}

extension Verification {
  /// Measures the intersection with the previous release, and compares it with the pipeline's limit.
  mutating func intersect(_ check: IntersectionCheck, _ census: ClassCensus, previous: String, plan: String?) throws {
    let found = try check.run(census, previous: previous, plan: plan)
    let limit = check.anonymity.release.intersectionLimit
    let isMet = limit.map { found.singledOut <= $0 } ?? true
    let promise = limit.map { "; the pipeline allows \($0): \(isMet ? "met" : "NOT MET")" } ?? ""
    note("with the release before: \(found.text)\(promise)", holds: isMet)
  }
}

extension Intersection {
  /// Counts the intersection of two releases that name the subjects, from the classes of each person in either.
  init(_ now: [[UInt8]: Set<[UInt8]>], previous: [[UInt8]: Set<[UInt8]>], k: Int) {
    struct Pair: Hashable {
      let now: [UInt8]
      let previous: [UInt8]
    }
    var people: [Pair: Int] = [:]
    let both = now.filter { previous[$0.key] != nil }
    let pairs = both.map { person, classes in
      classes.flatMap { own in (previous[person] ?? []).map { Pair(now: own, previous: $0) } }
    }
    for own in pairs {
      for pair in own { people[pair, default: 0] += 1 }
    }
    self.init(
      inBoth: pairs.count, singledOut: pairs.count { $0.contains { people[$0, default: 0] < k } }, k: k,
      oneOnly: OneOnly(came: now.count - both.count, left: previous.count - both.count))
  }
}

extension ClassCensus {
  /// The classes of each person.
  fileprivate var classesOfPeople: [[UInt8]: Set<[UInt8]>] {
    var classes: [[UInt8]: Set<[UInt8]>] = [:]
    for (key, people) in subjectsOfClass {
      // Nobody can say whether the unknown people of two files are the same.
      for person in people where !person.isEmpty { classes[person, default: []].insert(key) }
    }
    // Suppressed records that stayed are all alike, and share an empty key, which no class has.
    for person in suppressedPeople where !person.isEmpty { classes[person, default: []].insert([]) }
    return classes
  }

  /// Returns whether every class of the file is a class of the plan, with no more records.
  fileprivate func isPart(of plan: PlanContents) -> Bool {
    var records: [[UInt8]: Int] = [:]
    for (number, count) in plan.recordsOfClass.enumerated() {
      let labels = plan.columns.map { $0.labels[Int($0.labelOfClass[number])] }
      records[Self.key(ofLabels: labels), default: 0] += count
    }
    return recordsOfClass.allSatisfy { $0.value <= records[$0.key, default: 0] }
  }
}
