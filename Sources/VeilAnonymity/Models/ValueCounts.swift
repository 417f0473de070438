/// How often each sensitive value occurs in a class. Values ascend, so that sums do not depend on the order of arrival.
struct ValueCounts: Sendable {
  private(set) var values: [UInt32] = []
  private(set) var counts: [Int] = []

  mutating func add(_ value: UInt32, _ count: Int) {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    if low < values.count, values[low] == value {
      counts[low] += count
      if counts[low] == 0 {
        values.remove(at: low)
        counts.remove(at: low)
      }
    } else if count != 0 {
      values.insert(value, at: low)
      counts.insert(count, at: low)
    }
  }

  mutating func add(_ other: ValueCounts) {
    for (value, count) in zip(other.values, other.counts) { add(value, count) }
  }

  func view(people: Int, choices: ValueChoices?, isEstimate: Bool) -> ClassView {
    ClassView(values: values[...], counts: counts[...], people: people, choices: choices, isEstimate: isEstimate)
  }
}
