import Glibc
import VeilAnonymity
import VeilGround

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
  private let threads: Int

  init(_ predicates: [Predicate], threads: Int) {
    self.predicates = predicates
    self.threads = threads
    words = (predicates.count + 63) / 64
  }

  /// The masks of one field: where each value's starts among all words.
  private struct Masks {
    var starts: [Int] = []
    var words: [UInt64] = []
  }

  func counts(_ data: AttackData, _ people: AttackData.People) -> [Int] {
    let used = Set(predicates.flatMap(\.fields)).sorted()
    guard words > 0 else { return [] }
    let masks = WorkerThread.map(used.count, threads: threads) { place in
      self.masks(used[place], data, data.column(used[place], of: people).values)
    }
    let columns = used.map { data.column($0, of: people).codes }
    let (records, parts) = (data.records(of: people), max(1, threads))
    let sums = WorkerThread.map(parts, threads: threads) { part in
      counts(columns, masks, records: records * part / parts..<records * (part + 1) / parts)
    }
    return predicates.indices.map { number in sums.reduce(0) { $0 + $1[number] } }
  }

  private func counts(_ columns: [[UInt32]], _ masks: [Masks], records: Range<Int>) -> [Int] {
    var counts = [Int](repeating: 0, count: predicates.count)
    var left = [UInt64](repeating: 0, count: words)
    for record in records {
      for word in 0..<words { left[word] = ~0 }
      for place in columns.indices {
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

/// How many predicates would match one record alone, were a group no larger than it is to be compared with.
enum SinglingOutSize {
  /// - Parameters:
  ///   - counts: how many records of the group match each predicate.
  ///   - size: the group's number of records.
  ///   - wanted: the number of records to compare with.
  static func successes(_ counts: [Int], size: Int, wanted: Int) -> Double {
    // A smaller group is counted as it is. The model by which Giomi et al. 2023 extrapolate was tried on Adult: from 1,000
    // records it gave 0.005 where 15,081 give 0.242 and the 1,000 themselves 0.061.
    expected(counts, size: size, sample: min(size, wanted))
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
