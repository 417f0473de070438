import Glibc

/// Cuts a table into blocks that are recoded one by one. This keeps the work almost linear in the size of the table,
/// and lets threads work independently.
///
/// A block holds the combinations of one group of a hierarchy. Cuts are made where classes would rarely cross them:
/// where the most loss is saved for each bit that the cut reveals (as in top-down specialization, Fung, Wang, Yu 2005).
enum LocalBlocks {
  static func split(_ model: LocalModel, k: Int, target: Int) -> [[Int32]] {
    var blocks: [[Int32]] = []
    var open = [(0..<Int32(model.count)).map { $0 }]
    while let block = open.popLast() {
      if block.count > target, let parts = cut(block, model, k: k) {
        open.append(contentsOf: parts.reversed())
      } else {
        blocks.append(block)
      }
    }
    return blocks
  }

  private static func cut(_ block: [Int32], _ model: LocalModel, k: Int) -> [[Int32]]? {
    let all = block.reduce(0) { $0 + model.people[Int($1)] }
    // A part must be large enough for several classes, with some choice among them.
    let least = max(k.multipliedReportingOverflow(by: 20).overflow ? .max : 20 * k, all / 50)
    var best: (score: Double, parts: [[Int32]])?
    for column in model.columns.indices {
      let places = block.map { model.places[Int($0) * model.width + column] }
      guard let low = places.min(), let high = places.max(), low != high else { continue }
      let top = model.step(column, low: low, high: high)
      let groups = model.columns[column].groups[top - 1]
      let losses = model.columns[column].losses[top - 1]
      var people: [UInt32: Int] = [:]
      var saved = 0
      for (place, combination) in zip(places, block) {
        people[groups[Int(place)], default: 0] += model.people[Int(combination)]
        saved += (model.loss(column, low: low, high: high) - Int(losses[Int(place)])) * model.records[Int(combination)]
      }
      guard people.count > 1, people.values.allSatisfy({ $0 >= least }) else { continue }
      let parts = people.keys.sorted()
      let bits = parts.reduce(0.0) { sum, part in
        let share = Double(people[part] ?? 1) / Double(all)
        return sum - share * log2(share)
      }
      let score = Double(saved) / max(bits, 1e-9)
      if best.map({ score > $0.score }) ?? true {
        let numbers = Dictionary(uniqueKeysWithValues: parts.enumerated().map { ($1, $0) })
        var split = [[Int32]](repeating: [], count: parts.count)
        for (place, combination) in zip(places, block) {
          split[numbers[groups[Int(place)]] ?? 0].append(combination)
        }
        best = (score, split)
      }
    }
    return best?.parts
  }
}
