/// Linkability (WP216; Giomi et al. 2023): somebody has two data sets, each with some of the known fields, and links
/// them by the release. For a person of each set a released record is picked at random among those whose labels cover
/// what the set says; both are linked where the two picks are the same record.
struct LinkabilityAttack {
  let data: AttackData
  let classes: ReleaseClasses
  /// The names of the first set's fields; nil for every other one of those that are known.
  let first: [String]?
  let attempts: Int
  let seed: UInt64

  func run() -> [ThreeRisks.Attack] {
    let places = Array(classes.known.indices)
    let own = places.filter { place in
      first.map { $0.contains(data.fields[classes.known[place]].name) } ?? (place % 2 == 0)
    }
    let others = places.filter { !own.contains($0) }
    guard !own.isEmpty, !others.isEmpty else { return [] }
    let name = [own, others].map { half in half.map { data.fields[classes.known[$0]].name }.joined(separator: ", ") }
    let targets = data.targets(.original, attempts: attempts, seed: seed)
    var random = AttackRandom(seed: seed, stream: 40)
    let lucky = targets.count { _ in
      let picks = (0..<2).map { _ in Int.random(in: 0..<data.records.release, using: &random) }
      return picks[0] == picks[1]
    }
    let risk = AttackRisk(
      attack: rate(.original, own, others), control: rate(.control, own, others),
      baseline: SuccessRate(successes: Double(lucky), of: targets.count))
    return [ThreeRisks.Attack(name: name.joined(separator: " with "), risk: risk)]
  }

  private func rate(_ people: AttackData.People, _ own: [Int], _ others: [Int]) -> SuccessRate {
    let targets = data.targets(people, attempts: attempts, seed: seed)
    var random = AttackRandom(seed: seed, stream: 50 + people.rawValue)
    let linked = targets.count { target in
      let draw = Double.random(in: 0..<1, using: &random)
      return draw < chance(target, people, own, others)
    }
    return SuccessRate(successes: Double(linked), of: targets.count)
  }

  /// Returns the chance that both picks are the same record.
  private func chance(_ target: Int, _ people: AttackData.People, _ own: [Int], _ others: [Int]) -> Double {
    let (a, b) = (
      classes.covering(target, of: people, places: own), classes.covering(target, of: people, places: others)
    )
    let both = Set(a).intersection(b)
    func records(_ numbers: some Sequence<Int>) -> Double { Double(numbers.reduce(0) { $0 + classes.sizes[$1] }) }
    return both.isEmpty ? 0 : records(both) / records(a) / records(b)
  }
}
