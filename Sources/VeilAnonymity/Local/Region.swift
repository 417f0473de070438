/// The region that a class's labels cover: a range of places in each column.
///
/// Places are ordered so that every group of every level is one range.
struct Region: Sendable {
  /// The step of each column at which the region is one group.
  let steps: [Int]
  let low: [UInt32]
  let high: [UInt32]

  /// Makes the region of a class's members at its levels, or at higher levels if the members are now further apart.
  init(_ model: LocalModel, _ own: PreviousClasses.Class) {
    var steps: [Int] = []
    var low: [UInt32] = []
    var high: [UInt32] = []
    for column in 0..<model.width {
      let places = own.members.map { model.places[Int($0) &* model.width &+ column] }
      let (first, last) = (places.min() ?? 0, places.max() ?? 0)
      let levels = model.columns[column].levels
      let floor = levels.lastIndex { $0 <= Int(own.levels[column]) } ?? 0
      let step = max(floor, model.step(column, low: first, high: last))
      let groups = model.columns[column].groups[step]
      let group = groups[Int(first)]
      var (start, end) = (Int(first), Int(last))
      while start > 0, groups[start - 1] == group { start -= 1 }
      while end + 1 < groups.count, groups[end + 1] == group { end += 1 }
      steps.append(step)
      low.append(UInt32(start))
      high.append(UInt32(end))
    }
    (self.steps, self.low, self.high) = (steps, low, high)
  }

  /// Returns the loss of a record with these labels, in the model's units.
  func unit(_ model: LocalModel) -> Int {
    steps.indices.reduce(0) { $0 + Int(model.columns[$1].losses[steps[$1]][Int(low[$1])]) }
  }

  func contains(_ combination: Int32, _ model: LocalModel) -> Bool {
    low.indices.allSatisfy { column in
      let place = model.places[Int(combination) &* model.width &+ column]
      return low[column] <= place && place <= high[column]
    }
  }
}

/// Finds the combinations that a region covers. It uses the column in which the region covers the fewest.
struct RegionIndex {
  private let model: LocalModel
  /// For each column, the combinations by place, and the start of each place.
  private var order: [[Int32]] = []
  private var starts: [[Int]] = []

  init(_ model: LocalModel, _ combinations: [Int32]) {
    self.model = model
    for column in 0..<model.width {
      var starts = [Int](repeating: 0, count: model.columns[column].leafCount + 1)
      for own in combinations { starts[Int(model.places[Int(own) &* model.width &+ column]) + 1] += 1 }
      for place in 1..<starts.count { starts[place] += starts[place - 1] }
      var next = starts
      var order = [Int32](repeating: 0, count: combinations.count)
      for own in combinations {
        let place = Int(model.places[Int(own) &* model.width &+ column])
        order[next[place]] = own
        next[place] += 1
      }
      self.order.append(order)
      self.starts.append(starts)
    }
  }

  /// Returns the combinations in a region, in ascending order.
  func members(of region: Region) -> [Int32] {
    let ranges = starts.indices.map { starts[$0][Int(region.low[$0])]..<starts[$0][Int(region.high[$0]) + 1] }
    guard let column = ranges.indices.min(by: { ranges[$0].count < ranges[$1].count }) else { return [] }
    return order[column][ranges[column]].filter { region.contains($0, model) }.sorted()
  }
}
