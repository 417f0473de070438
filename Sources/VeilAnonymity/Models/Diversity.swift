import Glibc

/// l-diversity (Machanavajjhala, Kifer, Gehrke, Venkitasubramaniam 2007): in each class the sensitive field has at
/// least l "well-represented" values, so that an adversary who finds somebody's class still does not know the person's
/// value.
///
/// There are three meanings, from weak to strong. Distinct: at least l different values. Entropy: an entropy of at
/// least log(l). Recursive: the most frequent value is rarer than c times all values together from the l-th most
/// frequent on. None of them promises that values differ in meaning (gastritis and gastric ulcer count as two), or that
/// a share is not larger in a class than overall (see `Closeness`). Distinct does not promise that no value is nearly
/// certain.
///
/// Where people have several values, distinct means that every choice of one value for each of them has l different
/// ones, exactly (`ValueChoices`).
///
/// A missing value protects nobody: it does not count as a value, and people who have no other value are not counted.
package struct Diversity: SensitiveCriterion {
  package enum Kind: Sendable {
    case distinct(Int)
    case entropy(Double)
    case recursive(c: Double, l: Int)
  }
  let kind: Kind
  /// The number of the missing value.
  let missing: UInt32?

  package init(kind: Kind, missing: UInt32?) {
    self.kind = kind
    self.missing = missing
  }

  package func holds(_ view: ClassView) -> Bool {
    let (counts, absent) = present(view)
    if case .distinct(let l) = kind {
      if counts.count < l { return false }
      if let choices = view.choices { return choices.always(l, values: view.values, missing: missing) }
      if view.isEstimate { return true }
    }
    return holds(Self.concentrated(counts, people: max(counts.max() ?? 0, view.people - absent)))
  }

  package func keepable(_ view: ClassView) -> Int? {
    let (counts, absent) = present(view)
    if isHopeless(view) { return 0 }
    if case .distinct = kind { return nil }
    let kept = Keepable.evened(counts) { holds($0) }
    return kept == 0 ? 0 : kept + absent
  }

  package func isHopeless(_ view: ClassView) -> Bool {
    let least =
      switch kind {
      case .distinct(let l), .recursive(_, let l): Double(l)
      case .entropy(let l): l - ModelTolerance.value
      }
    return Double(present(view).counts.count) < least
  }

  /// Returns the counts of all values except the missing one, the largest first, and the count of the missing one.
  private func present(_ view: ClassView) -> (counts: [Int], absent: Int) {
    var counts: [Int] = []
    var absent = 0
    for (value, count) in zip(view.values, view.counts) {
      if value == missing { absent = count } else { counts.append(count) }
    }
    counts.sort(by: >)
    return (counts, absent)
  }

  /// Returns counts that add up to `people`: the most concentrated ones that are possible with one value per person.
  static func concentrated(_ counts: [Int], people: Int) -> [Int] {
    var left = people
    return counts.map { count in
      let own = min(count, left)
      left -= own
      return own
    }.filter { $0 > 0 }
  }

  /// Returns whether the counts, with the largest first, meet the condition.
  private func holds(_ counts: [Int]) -> Bool {
    let total = counts.reduce(0, +)
    guard total > 0 else { return false }
    switch kind {
    case .distinct(let l): return counts.count >= l
    case .entropy(let l):
      let all = Double(total)
      let entropy = counts.reduce(0.0) { $1 == 0 ? $0 : $0 - Double($1) / all * log(Double($1) / all) }
      return exp(entropy) >= l - ModelTolerance.value
    case .recursive(let c, let l):
      guard counts.count >= l else { return false }
      let tail = counts[(l - 1)...].reduce(0, +)
      return Double(counts[0]) < c * Double(tail) - ModelTolerance.value
    }
  }
}
