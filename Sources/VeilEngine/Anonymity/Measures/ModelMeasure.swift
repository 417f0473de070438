import VeilAnonymity
import VeilConfig
import VeilGround

/// Measures all that `anonymity` promises about sensitive fields and risks, on the classes as they are published.
struct ModelMeasure {
  let anonymity: AnonymityConfig
  private let measures: [SensitiveMeasure]

  /// Reads the hierarchies that distances need.
  init(_ config: PipelineConfig, _ anonymity: AnonymityConfig) throws(RunError) {
    self.anonymity = anonymity
    let fields = Self.fields(anonymity)
    var measures: [SensitiveMeasure] = []
    for demand in anonymity.models {
      var distance = DistanceMeasure.equal
      if case .closeness(_, let ground) = demand.model {
        switch ground {
        case .equal: break
        case .ordered(let listed): distance = .ordered(PublishedForm.places(listed.map { Array($0.utf8) }))
        case .hierarchical(let hierarchy):
          do { distance = try Self.paths(HierarchySpec(hierarchy, config).makeCoder()) } catch {
            throw RunError(.invalid, "the hierarchy of t for '\(demand.field)': \(error)")
          }
        }
      }
      measures.append(
        SensitiveMeasure(demand: demand, field: fields.firstIndex(of: demand.field) ?? 0, distance: distance))
    }
    self.measures = measures
  }

  /// The sensitive fields that models look at, each once.
  static func fields(_ anonymity: AnonymityConfig) -> [FieldPath] {
    var seen: Set<FieldPath> = []
    return anonymity.models.map(\.field).filter { seen.insert($0).inserted }
  }

  /// Measures all models.
  /// - Parameters:
  ///   - wholes: by sensitive field, how often each value occurs in the whole table. If there is more than one view of
  ///     the whole, the worst result counts.
  ///   - outside: the number of people of the population who fit no class.
  ///   - several: the classes of each person who is in several.
  func findings(
    _ classes: [MeasuredClass], wholes: [[[[UInt8]: Int]]], outside: Int, several: [[Int]]
  ) throws(RunError) -> [ModelFinding] {
    var findings = risks(classes, several: several) + linkage(classes, outside: outside, several: several)
    for measure in measures {
      var worst: ModelFinding?
      for whole in wholes {
        guard let found = try measure.finding(of: classes, whole: whole[measure.field]) else { continue }
        if worst == nil || (worst?.holds == true && !found.holds)
          || worst?.holds == found.holds && found.measured > worst?.measured ?? 0
        {
          worst = found
        }
      }
      if let worst { findings.append(worst) }
    }
    return findings
  }

  private func risks(_ classes: [MeasuredClass], several: [[Int]]) -> [ModelFinding] {
    guard let smallest = classes.map(\.people).min(), smallest > 0 else { return [] }
    var findings: [ModelFinding] = []
    func add(_ name: String, limit: Double?, measured: Double) {
      guard let limit else { return }
      findings.append(
        ModelFinding(
          model: name, field: nil, demanded: limit, demand: "at most \(ModelFinding.short(limit))", measured: measured,
          holds: measured <= limit + 1e-9, advice: "a larger k, or a limit of at least \(ModelFinding.short(measured))",
          isSureOfPeople: measured > limit + 1e-9))
    }
    add("prosecutor risk", limit: anonymity.risk.prosecutor, measured: 1 / Double(smallest))
    add(
      "average risk", limit: anonymity.risk.average,
      measured: PersonMean(classes, several: several) { 1 / Double($0.people) }.value)
    return findings
  }

  /// Measures the models that compare the classes with the population. A class that nobody in the population fits has
  /// no bound.
  private func linkage(_ classes: [MeasuredClass], outside: Int, several: [[Int]]) -> [ModelFinding] {
    let sizes = classes.compactMap { own in own.population.map { (people: Double(own.people), alike: Double($0)) } }
    guard sizes.count == classes.count, let least = sizes.map(\.alike).min() else { return [] }
    var findings: [ModelFinding] = []
    /// Adds a finding. `ofPeople` has the least and the largest value that the measure may have if the counted records
    /// belong to fewer people.
    func add(
      _ name: String, demanded: Double, words: String, measured: Double, ofPeople: (Double, Double),
      advice: String, holds: (Double) -> Bool
    ) {
      findings.append(
        ModelFinding(
          model: name, field: nil, demanded: demanded, demand: "\(words) \(ModelFinding.short(demanded))",
          measured: measured, holds: holds(measured), advice: advice,
          isSureOfPeople: holds(ofPeople.0) == holds(ofPeople.1)))
    }
    // The number of people who fit a class does not depend on how many people its records belong to.
    if let k = anonymity.kMap {
      add(
        "k-map", demanded: Double(k), words: "at least", measured: least, ofPeople: (least, least),
        advice: "k_map of at most \(ModelFinding.short(least))"
      ) { $0 >= Double(k) }
    }
    let most = sizes.map(\.alike).max() ?? least
    let highest = sizes.map { $0.people / $0.alike }.max() ?? 0
    if let limits = anonymity.presence {
      add(
        "delta-presence, most", demanded: limits.high, words: "at most", measured: highest,
        ofPeople: (1 / least, highest),
        advice: "a 'max' of at least \(ModelFinding.short(highest))"
      ) { $0 <= limits.high + 1e-9 }
      if limits.low > 0 {
        let lowest = outside > 0 ? 0 : sizes.map { $0.people / $0.alike }.min() ?? 0
        add(
          "delta-presence, least", demanded: limits.low, words: "at least", measured: lowest,
          ofPeople: (outside > 0 ? 0 : 1 / most, lowest),
          advice: "a 'min' of at most \(ModelFinding.short(lowest))"
        ) { $0 >= limits.low - 1e-9 }
      }
    }
    if let risk = anonymity.risk.journalist {
      add(
        "journalist risk", demanded: risk, words: "at most", measured: 1 / least, ofPeople: (1 / least, 1 / least),
        advice: "a limit of at least \(ModelFinding.short(1 / least))"
      ) { $0 <= risk + 1e-9 }
    }
    if let risk = anonymity.risk.marketer {
      let mean = PersonMean(classes, several: several) { 1 / Double($0.population ?? 1) }.value
      // The mean of 1 / (people in the same class), over all people.
      add(
        "marketer risk", demanded: risk, words: "at most", measured: mean, ofPeople: (1 / most, 1 / least),
        advice: "a limit of at least \(ModelFinding.short(mean))"
      ) { $0 <= risk + 1e-9 }
    }
    return findings
  }

  /// Returns the labels of a value from itself to the top. A missing value meets the others at the top.
  private static func paths(_ coder: QuasiCoder) -> DistanceMeasure {
    .hierarchical { value in
      var coder = coder
      let text = Array(value.dropFirst())
      guard let code = unsafe text.withUnsafeBufferPointer({ unsafe coder.code($0) }) else { return nil }
      var records = [Int](repeating: 0, count: coder.codeCount)
      records[Int(code)] = 1
      let (_, hierarchy, remap) = coder.finish(records: records, people: records)
      let leaf = Int(remap[Int(code)])
      let labels = (0...hierarchy.height).map { level in
        hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf)))
      }
      return value.isEmpty ? labels.indices.map { $0 == labels.count - 1 ? labels[$0] : [0] } : labels
    }
  }
}
