import Glibc
import VeilAnonymity

/// A guess that one person alone has these labels: a conjunction over some fields of a released record.
struct Predicate {
  /// Places among the fields.
  let fields: [Int]
  /// The codes of labels in the release.
  let labels: [UInt32]
}

/// Counts for many predicates at once how many records match each, in one pass over the records.
///
/// Each different value of a field has a mask of the predicates that it does not refute; values that the same labels
/// cover share theirs. A record's predicates are what is left of all its masks.
struct PredicateCounter {
  private let predicates: [Predicate]
  private let words: Int

  init(_ predicates: [Predicate]) {
    self.predicates = predicates
    words = (predicates.count + 63) / 64
  }

  /// The masks of one field: where each value's starts among all words.
  private struct Masks {
    var starts: [Int] = []
    var words: [UInt64] = []
  }

  func counts(_ data: AttackData, _ people: AttackData.People) -> [Int] {
    var counts = [Int](repeating: 0, count: predicates.count)
    let used = Set(predicates.flatMap(\.fields)).sorted()
    guard words > 0 else { return counts }
    let masks = used.map { self.masks($0, data, data.column($0, of: people).values) }
    let columns = used.map { data.column($0, of: people).codes }
    var left = [UInt64](repeating: 0, count: words)
    for record in 0..<data.records(of: people) {
      for word in 0..<words { left[word] = ~0 }
      for place in used.indices {
        let start = masks[place].starts[Int(columns[place][record])]
        var some: UInt64 = 0
        for word in 0..<words {
          left[word] &= masks[place].words[start + word]
          some |= left[word]
        }
        if some == 0 { break }
      }
      for word in 0..<words {
        var bits = left[word]
        while bits != 0 {
          let number = word * 64 + bits.trailingZeroBitCount
          if number < counts.count { counts[number] += 1 }
          bits &= bits - 1
        }
      }
    }
    return counts
  }

  private func masks(_ field: Int, _ data: AttackData, _ values: ByteStringTable) -> Masks {
    var free = [UInt64](repeating: 0, count: words)
    var predicatesOfLabel: [UInt32: [Int]] = [:]
    for (number, predicate) in predicates.enumerated() {
      if let place = predicate.fields.firstIndex(of: field) {
        predicatesOfLabel[predicate.labels[place], default: []].append(number)
      } else {
        free[number / 64] |= 1 << UInt64(number % 64)
      }
    }
    let labels = predicatesOfLabel.keys.sorted()
    let index = LabelIndex(labels.map { data.fields[field].release.values[Int($0)] }, rule: data.fields[field].rule)
    var masks = Masks()
    var startOf: [[Int]: Int] = [:]
    for value in 0..<values.count {
      let covering = index.covering(values[value])
      if let start = startOf[covering] {
        masks.starts.append(start)
        continue
      }
      var mask = free
      for label in covering {
        for number in predicatesOfLabel[labels[label]] ?? [] { mask[number / 64] |= 1 << UInt64(number % 64) }
      }
      startOf[covering] = masks.words.count
      masks.starts.append(masks.words.count)
      masks.words += mask
    }
    return masks
  }
}

/// How many predicates would match one record alone, were a group larger or smaller than the one that was counted.
enum SinglingOutSize {
  /// - Parameters:
  ///   - counts: how many records of the group match each predicate.
  ///   - size: the group's number of records.
  ///   - wanted: the number of records to compare with.
  static func successes(_ counts: [Int], size: Int, wanted: Int) -> Double {
    if wanted <= size { return expected(counts, size: size, sample: wanted) }
    // Giomi et al. 2023 extrapolate by the chance that predicates of weights up to some w single out among n people
    // (Cohen, Nissim 2020). Here w is fitted to the exact expectations of smaller samples.
    let single = expected(counts, size: size, sample: size)
    let first = Double(min(1000, size))
    let points = (0..<10).map { step in
      let sample = Int((first + (Double(size) - first) * Double(step) / 9).rounded())
      return (size: Double(sample), successes: expected(counts, size: size, sample: sample))
    }
    var best = (error: Double.infinity, weight: 1.0)
    for step in 0...2000 {
      let weight = exp(-25 * Double(step) / 2000)
      let model = points.map { chance($0.size, weight) }
      let square = model.reduce(0) { $0 + $1 * $1 }
      guard square > 0 else { continue }
      let norm = zip(model, points).reduce(0) { $0 + $1.0 * $1.1.successes } / square
      let error = zip(model, points).reduce(0) { $0 + pow($1.0 * norm - $1.1.successes, 2) }
      if error < best.error { best = (error, weight) }
    }
    let now = chance(Double(size), best.weight)
    return now > 0 ? min(Double(counts.count), single * chance(Double(wanted), best.weight) / now) : single
  }

  /// The integral of n w (1 - w)^(n - 1) over weights from 0 to `weight`.
  private static func chance(_ n: Double, _ weight: Double) -> Double {
    (1 - (n * weight + 1) * pow(1 - weight, n)) / (n + 1)
  }

  /// Returns the expected number of predicates that match one record of a sample alone: hypergeometric, so exact.
  private static func expected(_ counts: [Int], size: Int, sample: Int) -> Double {
    if sample == size { return Double(counts.count { $0 == 1 }) }
    func choose(_ n: Int, _ k: Int) -> Double {
      lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
    }
    let all = choose(size, sample)
    var frequency: [Int: Int] = [:]
    for count in counts where count > 0 && size - count >= sample - 1 { frequency[count, default: 0] += 1 }
    return frequency.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
      sum + Double(entry.value) * Double(entry.key) * exp(choose(size - entry.key, sample - 1) - all)
    }
  }
}
