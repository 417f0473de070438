import Glibc
import VeilConfig
import VeilGround

/// Measures one demand on the published classes.
struct SensitiveMeasure {
  let demand: SensitiveDemand
  /// The index of the demand's field among the fields of the classes.
  let field: Int
  let distance: DistanceMeasure

  private static let room = 1e-9

  /// Measures the classes.
  /// - Parameter whole: how often each value of the field occurs in the whole table.
  /// - Returns: nil without classes.
  func finding(of classes: [MeasuredClass], whole: [[UInt8]: Int]) throws(RunError) -> ModelFinding? {
    guard !classes.isEmpty else { return nil }
    let name = demand.field.description
    func finding(
      _ model: String, demanded: Double, words: String, measured: Double, holds: Bool, advice: String
    ) -> ModelFinding {
      ModelFinding(
        model: model, field: name, demanded: demanded, demand: words, measured: measured, holds: holds, advice: advice)
    }
    switch demand.model {
    case .distinct(let l):
      let least = classes.map { Double(Self.fewestValues($0, field)) }.min() ?? 0
      var distinct = finding(
        "distinct l-diversity", demanded: Double(l), words: "at least \(l)", measured: least, holds: least >= Double(l),
        advice: "l of at most \(ModelFinding.short(least))")
      // Fewer people cannot have more values.
      distinct.isSureOfPeople = !distinct.holds
      return distinct
    case .entropy(let l):
      let least = classes.map { Self.effectiveNumber(Self.oneEach($0, field)) }.min() ?? 0
      return finding(
        "entropy l-diversity", demanded: l, words: "at least \(ModelFinding.short(l))", measured: least,
        holds: least >= l - Self.room,
        advice: "entropy l of at most \(Self.roundedDown(least))")
    case .recursive(let c, let l):
      let most = classes.map { Self.ratio(Self.oneEach($0, field), l) }.max() ?? 0
      return finding(
        "recursive (c, \(l))-diversity", demanded: c, words: "c below \(ModelFinding.short(c))", measured: most,
        holds: most < c,
        advice: most.isFinite ? "c above \(ModelFinding.short(most))" : "an l of fewer values")
    case .closeness(let t, let ground):
      let q = Self.shares(whole)
      var most = 0.0
      for own in classes {
        guard let moved = distance.distance(Self.shares(own.values[field]), q) else {
          throw RunError(
            .inputOutput, "t-closeness of '\(name)': a value has no place in the order or hierarchy of its distance")
        }
        most = max(most, moved)
      }
      let kind =
        switch ground {
        case .equal: "equal"
        case .ordered: "ordered"
        case .hierarchical: "hierarchical"
        }
      return finding(
        "t-closeness (\(kind) distance)", demanded: t, words: "at most \(ModelFinding.short(t))", measured: most,
        holds: most <= t + Self.room,
        advice: "t of at least \(Self.roundedUp(most))")
    case .alpha(let alpha, let values):
      let wanted = Set(values.flatMap { PublishedForm.readings(of: Array($0.utf8)) })
      let most =
        classes.flatMap { own in
          own.values[field].compactMap { value, count -> Double? in
            let isProtected = wanted.isEmpty || !value.isEmpty && wanted.contains(Array(value.dropFirst()))
            return isProtected ? Double(count) / Double(own.people) : nil
          }
        }.max() ?? 0
      return finding(
        "(alpha, k)-anonymity", demanded: alpha, words: "at most \(ModelFinding.short(alpha))", measured: most,
        holds: most <= alpha + Self.room,
        advice: "alpha of at least \(Self.roundedUp(most))")
    case .likeness(let beta, let isEnhanced):
      let q = Self.shares(whole)
      var most = 0.0
      var holds = true
      for own in classes {
        for (value, p) in Self.shares(own.values[field]) {
          guard let before = q[value] else { continue }
          let gain = (p - before) / before
          most = max(most, gain)
          let allowed = isEnhanced ? min(beta, -log(before)) : beta
          if p > before * (1 + allowed) + Self.room { holds = false }
        }
      }
      return finding(
        isEnhanced ? "enhanced beta-likeness" : "beta-likeness", demanded: beta,
        words: "at most \(ModelFinding.short(beta))\(isEnhanced ? ", or -ln of the overall share," : "")",
        measured: most, holds: holds,
        advice: "beta of at least \(Self.roundedUp(most))")
    case .disclosure(let delta):
      let q = Self.shares(whole)
      var most = 0.0
      for own in classes {
        let p = Self.shares(own.values[field])
        for (value, before) in q { most = max(most, p[value].map { abs(log($0 / before)) } ?? .infinity) }
      }
      return finding(
        "delta-disclosure privacy", demanded: delta, words: "below \(ModelFinding.short(delta))", measured: most,
        holds: most < delta,
        advice: most.isFinite ? "delta above \(ModelFinding.short(most))" : "no class without one of the values")
    }
  }

  // MARK: Definitions

  private static func shares(_ counts: [[UInt8]: Int]) -> [[UInt8]: Double] {
    let all = Double(counts.values.reduce(0, +))
    return counts.filter { $0.value > 0 }.mapValues { Double($0) / all }
  }

  /// Returns how many different values there are at least if each person is known by one of theirs. People who lack a
  /// value are not counted.
  private static func fewestValues(_ own: MeasuredClass, _ field: Int) -> Int {
    var alone = own.values[field]
    for values in own.several[field] { for value in values { alone[value, default: 0] -= 1 } }
    let needed = Set(alone.filter { $0.value > 0 && !$0.key.isEmpty }.keys)
    let left = Set(own.several[field].filter { !$0.contains([]) && $0.isDisjoint(with: needed) })
    return needed.count + fewest(left, below: .max)
  }

  /// Returns the size of the smallest set that has a value of each of these, or `bound` if it is not below that.
  private static func fewest(_ sets: Set<Set<[UInt8]>>, below bound: Int) -> Int {
    guard let smallest = sets.min(by: { $0.count < $1.count }) else { return 0 }
    var best = bound
    for value in smallest where best > 1 {
      best = min(best, 1 + fewest(sets.filter { !$0.contains(value) }, below: best == .max ? .max : best - 1))
    }
    return best
  }

  /// Returns how many people have each present value, the most frequent first, if everybody had only one value. The
  /// values are chosen so that the frequent ones are as frequent as possible.
  private static func oneEach(_ own: MeasuredClass, _ field: Int) -> [Int] {
    let counts = own.values[field].filter { !$0.key.isEmpty && $0.value > 0 }.map(\.value).sorted(by: >)
    guard let first = counts.first else { return [] }
    var people = max(first, own.people - (own.values[field][[]] ?? 0))
    var result: [Int] = []
    for count in counts where people > 0 {
      result.append(min(count, people))
      people -= count
    }
    return result
  }

  /// Returns exp of the entropy: how many equally frequent values would have this entropy.
  private static func effectiveNumber(_ counts: [Int]) -> Double {
    let all = Double(counts.reduce(0, +))
    if all == 0 { return 0 }
    return exp(counts.map { -Double($0) / all * log(Double($0) / all) }.reduce(0, +))
  }

  /// Returns the most frequent count, divided by the sum of the counts from the l-th on.
  private static func ratio(_ counts: [Int], _ l: Int) -> Double {
    let rest = counts.dropFirst(l - 1).reduce(0, +)
    return rest == 0 ? .infinity : Double(counts[0]) / Double(rest)
  }

  private static func roundedUp(_ value: Double) -> String { ModelFinding.short((value * 10000).rounded(.up) / 10000) }

  private static func roundedDown(_ value: Double) -> String {
    ModelFinding.short((value * 10000).rounded(.down) / 10000)
  }
}
