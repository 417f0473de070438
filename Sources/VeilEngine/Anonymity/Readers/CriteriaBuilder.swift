import VeilAnonymity
import VeilConfig
import VeilGround

/// Makes the criteria of the search from the privacy models of the pipeline.
struct CriteriaBuilder {
  let anonymity: AnonymityConfig
  /// The sensitive fields that models need, in the order of the table's columns.
  let fields: [FieldPath]
  /// The hierarchy of each condition that has one.
  let hierarchies: [Int: QuasiCoder]

  init(_ config: PipelineConfig, _ anonymity: AnonymityConfig) throws(RunError) {
    self.anonymity = anonymity
    fields = anonymity.modelledFields
    var hierarchies: [Int: QuasiCoder] = [:]
    for (index, demand) in anonymity.models.enumerated() {
      guard case .closeness(_, .hierarchical(let hierarchy)) = demand.model else { continue }
      do { hierarchies[index] = try HierarchySpec(hierarchy, config).makeCoder() } catch {
        throw RunError(.invalid, "the hierarchy of t for '\(demand.field)': \(error)")
      }
    }
    self.hierarchies = hierarchies
  }

  /// Returns k, increased if the prosecutor's risk requires it.
  static func k(_ anonymity: AnonymityConfig) -> Int {
    guard let risk = anonymity.risk.prosecutor else { return anonymity.k }
    return max(anonymity.k, Int((1 / risk - ModelTolerance.value).rounded(.up)))
  }

  /// Makes the criteria for a table.
  ///
  /// - Parameter tightening: a factor from 0 through 1 for the models that compare with the whole table. Suppressed
  ///   records change the whole table.
  func criteria(_ table: QuasiTable, tightening: Double) throws(RunError) -> ClassCriteria {
    var criteria = ClassCriteria()
    criteria.averageRisk = anonymity.risk.average
    criteria.marketerRisk = anonymity.risk.marketer
    let journalist = anonymity.risk.journalist.map { Int((1 / $0 - ModelTolerance.value).rounded(.up)) } ?? 0
    criteria.populationSize = max(anonymity.kMap ?? 0, journalist)
    criteria.presence = anonymity.presence.map { $0.low...$0.high }
    for (index, demand) in anonymity.models.enumerated() {
      guard let column = fields.firstIndex(of: demand.field) else { continue }
      let made = try criterion(index, demand, column: table.sensitive[column], tightening: tightening)
      criteria.items.append((column, made))
    }
    return criteria
  }

  private func criterion(
    _ index: Int, _ demand: SensitiveDemand, column: SensitiveColumn, tightening: Double
  ) throws(RunError) -> any SensitiveCriterion {
    let totals = column.totals
    let all = Double(max(1, totals.reduce(0, +)))
    let overall = totals.map { Double($0) / all }
    switch demand.model {
    case .distinct(let l): return Diversity(kind: .distinct(l), missing: column.missing)
    case .entropy(let l): return Diversity(kind: .entropy(l), missing: column.missing)
    case .recursive(let c, let l): return Diversity(kind: .recursive(c: c, l: l), missing: column.missing)
    case .closeness(let t, let distance):
      return Closeness(
        t: t * tightening, overall: overall, distance: try mover(index, distance, column: column, field: demand.field))
    case .alpha(let alpha, let values):
      let wanted = Set(values.flatMap { PublishedForm.readings(of: Array($0.utf8)) })
      return AlphaAnonymity(
        alpha: alpha,
        isProtected: column.values.map { values.isEmpty || wanted.contains(Array($0.dropFirst())) && !$0.isEmpty })
    case .likeness(let beta, let isEnhanced):
      return BetaLikeness(beta: beta * tightening, isEnhanced: isEnhanced, overall: overall)
    case .disclosure(let delta): return DeltaDisclosure(delta: delta * tightening, overall: overall)
    }
  }

  // MARK: Distances

  private func mover(
    _ index: Int, _ distance: SensitiveDemand.Distance, column: SensitiveColumn, field: FieldPath
  ) throws(RunError) -> MoverDistance {
    switch distance {
    case .equal: return .equal
    case .ordered(let listed): return .ordered(try order(column, listed: listed, field: field))
    case .hierarchical:
      guard let coder = hierarchies[index] else { return .equal }
      return .hierarchical(try tree(column, coder: coder, field: field))
    }
  }

  /// Returns the values by rank; a missing value comes first.
  private func order(
    _ column: SensitiveColumn, listed: [String], field: FieldPath
  ) throws(RunError) -> [Int] {
    var ranks: [(rank: Double, value: Int)] = []
    let places = PublishedForm.places(listed.map { Array($0.utf8) })
    for (number, value) in column.values.enumerated() {
      let text = Array(value.dropFirst())
      if value.isEmpty {
        ranks.append((-.infinity, number))
      } else if !listed.isEmpty, let place = places[text] {
        ranks.append((Double(place), number))
      } else if listed.isEmpty, let found = Double(String(decoding: text, as: UTF8.self)), found.isFinite {
        ranks.append((found, number))
      } else {
        throw RunError(
          .inputOutput,
          "t-closeness of '\(field)' with the ordered distance: a value "
            + (listed.isEmpty ? "is no number: list all values in their 'order'" : "is not listed in 'order'"))
      }
    }
    return ranks.sorted { ($0.rank, $0.value) < ($1.rank, $1.value) }.map(\.value)
  }

  private func tree(
    _ column: SensitiveColumn, coder: QuasiCoder, field: FieldPath
  ) throws(RunError) -> MoverTree {
    var coder = coder
    var codes: [Int] = []
    for value in column.values {
      let text = Array(value.dropFirst())
      guard let code = unsafe text.withUnsafeBufferPointer({ unsafe coder.code($0) }) else {
        throw RunError(
          .inputOutput, "t-closeness of '\(field)' with the hierarchical distance: a value does not fit its hierarchy")
      }
      codes.append(Int(code))
    }
    var records = [Int](repeating: 0, count: coder.codeCount)
    for code in codes { records[code] = 1 }
    let (_, hierarchy, remap) = coder.finish(records: records, people: records)
    let leaves = codes.map { Int(remap[$0]) }
    var parents = [Int](repeating: -1, count: leaves.count)
    var heights = [Double](repeating: 0, count: leaves.count)
    var below = Array(leaves.indices)
    for level in 1...max(1, hierarchy.height) {
      // One node for each group that has a value. It is the parent of the nodes of its values one level below.
      var nodes: [UInt32: Int] = [:]
      for leaf in leaves.indices {
        let group = hierarchy.group(level: level, leaf: leaves[leaf])
        let node = nodes[group] ?? parents.count
        if node == parents.count {
          nodes[group] = node
          parents.append(-1)
          heights.append(Double(level) / Double(hierarchy.height))
        }
        parents[below[leaf]] = node
        below[leaf] = node
      }
    }
    return MoverTree(parents: parents, heights: heights)
  }
}
