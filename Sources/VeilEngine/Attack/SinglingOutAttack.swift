import VeilAnonymity
import VeilGround

/// Singling out (WP216; Giomi et al. 2023): predicates that match one released record alone are taken to single out a
/// person. They are right where exactly one record of the original matches.
///
/// - one field: a label that one released record alone has.
/// - fields together: a record's labels in all fields that others know, and its values in up to two more.
struct SinglingOutAttack {
  private static let shapeLimit = 16

  let data: AttackData
  let attempts: Int
  let seed: UInt64
  let threads: Int

  func run() -> [ThreeRisks.Attack] {
    let kinds = [
      ("one field", data.fields.indices.map { [$0] }), ("fields together", shapes),
    ]
    var attacks: [(name: String, guesses: Range<Int>, naive: Range<Int>)] = []
    var predicates: [Predicate] = []
    for (number, kind) in kinds.enumerated() {
      var random = AttackRandom(seed: seed, stream: 10 + UInt64(number))
      let guesses = guesses(kind.1, &random)
      let naive = kind.1.isEmpty ? [] : (0..<attempts).map { _ in guess(kind.1, &random) }
      let first = predicates.count
      predicates += guesses
      let middle = predicates.count
      predicates += naive
      attacks.append((kind.0, first..<middle, middle..<predicates.count))
    }
    let counter = PredicateCounter(predicates, threads: threads)
    let (original, control) = (counter.counts(data, .original), counter.counts(data, .control))
    return attacks.map { attack in
      let right = original[attack.guesses].count { $0 == 1 }
      let rightOfControl = SinglingOutSize.successes(
        Array(control[attack.guesses]), size: data.records.control, wanted: data.records.original)
      let risk = AttackRisk(
        attack: SuccessRate(successes: Double(right), of: attack.guesses.count),
        control: SuccessRate(successes: rightOfControl, of: attack.guesses.count),
        baseline: SuccessRate(
          successes: Double(original[attack.naive].count { $0 == 1 }), of: attack.naive.count))
      return ThreeRisks.Attack(name: attack.name, risk: risk)
    }
  }

  /// The sets of fields that predicates are made of.
  private var shapes: [[Int]] {
    let (known, others) = (data.known, data.others)
    var pairs: [[Int]] = others.indices.flatMap { a in (a + 1..<others.count).map { [others[a], others[$0]] } }
    if others.count == 1 { pairs = [others] }
    if others.isEmpty { pairs = [[]] }
    var random = AttackRandom(seed: seed, stream: 9)
    let chosen = random.sample(min(Self.shapeLimit, pairs.count), below: pairs.count).sorted()
    return chosen.map { (known + pairs[$0]).sorted() }.filter { $0.count > 1 }
  }

  /// Returns predicates that match one released record alone, at most as many as there are attempts.
  private func guesses(_ shapes: [[Int]], _ random: inout AttackRandom) -> [Predicate] {
    var found: [Predicate] = []
    let released = WorkerThread.map(shapes.count, threads: threads) { alone(shapes[$0]) }
    for (shape, alone) in zip(shapes, released) {
      for place in random.sample(attempts, below: alone.count) { found.append(predicate(shape, of: alone[place])) }
    }
    return random.sample(attempts, below: found.count).map { found[$0] }
  }

  /// Returns the released records that no other record is like in these fields, in their order.
  private func alone(_ shape: [Int]) -> [Int] {
    var hashes = [UInt64](repeating: 0, count: data.records.release)
    for field in shape {
      let codes = data.fields[field].release.codes
      for record in hashes.indices { hashes[record] = ValueHash.mixed(hashes[record] ^ UInt64(codes[record])) }
    }
    var places = hashes.indices.map { UInt32($0) }
    places.sort { (hashes[Int($0)], $0) < (hashes[Int($1)], $1) }
    func hash(_ order: Int) -> UInt64? { places.indices.contains(order) ? hashes[Int(places[order])] : nil }
    let alone = places.indices.filter { hash($0) != hash($0 - 1) && hash($0) != hash($0 + 1) }
    return alone.map { Int(places[$0]) }.sorted()
  }

  private func predicate(_ shape: [Int], of record: Int) -> Predicate {
    Predicate(fields: shape, labels: shape.map { data.fields[$0].release.codes[record] })
  }

  /// Returns a predicate of labels that are drawn at random, each from all that its field has.
  private func guess(_ shapes: [[Int]], _ random: inout AttackRandom) -> Predicate {
    let shape = shapes[Int.random(in: shapes.indices, using: &random)]
    return Predicate(
      fields: shape,
      labels: shape.map { UInt32(Int.random(in: 0..<data.fields[$0].release.values.count, using: &random)) })
  }
}
