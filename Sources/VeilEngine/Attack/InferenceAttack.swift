import VeilAnonymity
import VeilGround

/// Inference (WP216; Giomi et al. 2023): somebody knows a person's values in the known fields, and guesses a secret: the
/// label that most of the released records have whose labels cover what is known. Without such a record, the guess is
/// the label that most of the release has.
struct InferenceAttack {
  let data: AttackData
  let classes: ReleaseClasses
  /// Places among the fields.
  let secrets: [Int]
  let attempts: Int
  let seed: UInt64
  let threads: Int

  func run() -> [ThreeRisks.Attack] {
    let people: [AttackData.People] = [.original, .control]
    let places = Array(classes.known.indices)
    guard !secrets.isEmpty, !places.isEmpty else { return [] }
    // The same people and classes for every secret.
    let targets = people.map { data.targets($0, attempts: attempts, seed: seed) }
    let candidates = zip(people, targets).map { people, targets in
      targets.map { classes.covering($0, of: people, places: places) }
    }
    return WorkerThread.map(secrets.count, threads: threads) { number in
      let secret = secrets[number]
      let tallies = tallies(secret)
      let rates = people.indices.map { side in
        rate(secret, people[side], targets: targets[side], candidates: candidates[side], tallies)
      }
      let risk = AttackRisk(attack: rates[0], control: rates[1], baseline: baseline(secret, targets[0]))
      return ThreeRisks.Attack(name: data.fields[secret].name, risk: risk)
    }
  }

  /// How often each label of a secret occurs, in each class and in the whole release. Neither a missing value nor `*`
  /// is a guess.
  private struct Tallies {
    var ofClass: [[(label: UInt32, count: Int)]]
    var whole: [(label: UInt32, count: Int)]
  }

  private func tallies(_ secret: Int) -> Tallies {
    let column = data.fields[secret].release
    let star = column.values.starCode
    var counts = [[UInt32: Int]](repeating: [:], count: classes.sizes.count)
    var whole: [UInt32: Int] = [:]
    for (record, label) in column.codes.enumerated() where label != 0 && label != star {
      counts[classes.classOfRecord[record]][label, default: 0] += 1
      whole[label, default: 0] += 1
    }
    func sorted(_ counts: [UInt32: Int]) -> [(label: UInt32, count: Int)] {
      counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    return Tallies(ofClass: counts.map(sorted), whole: sorted(whole))
  }

  private func rate(
    _ secret: Int, _ people: AttackData.People, targets: [Int], candidates: [[Int]], _ tallies: Tallies
  ) -> SuccessRate {
    var random = AttackRandom(seed: seed, stream: 1000 + 4 * UInt64(secret) + people.rawValue)
    let right = targets.indices.count { place in
      var counts: [UInt32: Int] = [:]
      for number in candidates[place] {
        for entry in tallies.ofClass[number] { counts[entry.label, default: 0] += entry.count }
      }
      let entries = counts.isEmpty ? tallies.whole : counts.map { ($0.key, $0.value) }
      let most = entries.map(\.count).max()
      // Which of several equally frequent labels is guessed is left to chance.
      let best = entries.filter { $0.count == most }.map(\.label).sorted()
      let pick = random.next()
      guard !best.isEmpty else { return false }
      return isRight(secret, label: best[Int(pick % UInt64(best.count))], people, targets[place])
    }
    return SuccessRate(successes: Double(right), of: targets.count)
  }

  /// Guesses each person's secret as that of a released record drawn at random.
  private func baseline(_ secret: Int, _ targets: [Int]) -> SuccessRate {
    let codes = data.fields[secret].release.codes
    let star = data.fields[secret].release.values.starCode
    var random = AttackRandom(seed: seed, stream: 1000 + 4 * UInt64(secret))
    let right = targets.count { target in
      let label = codes[Int.random(in: codes.indices, using: &random)]
      return label != 0 && label != star && isRight(secret, label: label, .original, target)
    }
    return SuccessRate(successes: Double(right), of: targets.count)
  }

  private func isRight(_ secret: Int, label: UInt32, _ people: AttackData.People, _ record: Int) -> Bool {
    let field = data.fields[secret]
    let own = data.column(secret, of: people)
    let value = own.values[Int(own.codes[record])]
    return !LabelIndex([field.release.values[Int(label)]], rule: field.rule).covering(value).isEmpty
  }
}

extension ByteStringTable {
  /// The code of `*`; nil where it does not occur.
  fileprivate var starCode: UInt32? {
    unsafe [UInt8(ascii: "*")].withUnsafeBytes { unsafe find($0) }
  }
}
