import VeilConfig

/// The result of local recoding: the class of each combination, and the labels of each class.
package struct LocalPlan: Sendable {
  /// The class of each combination, in the table's order; -1 if its records are suppressed.
  let classOf: [Int32]
  /// The level and group of each class's cells, by column: first the first column of all classes, and so on.
  let cells: [[(level: UInt8, group: UInt32)]]
  /// The written texts: those of each column, and the number of the text of each class.
  let texts: [ByteStringTable]
  let labels: [[UInt32]]
  /// The mean loss of each column's cells, and of all cells, from 0 through 1.
  let columnLosses: [Double]
  let loss: Double
  let suppressedRecords: Int
  /// The number of classes that differ in some label, and the people in the smallest of them, at least k.
  let classes: Int
  let smallestClass: Int

  /// `floors` are the lowest levels that a class may have, by class and column; there may be fewer of them than
  /// classes. Returns nil if a class holds fewer than k people: nothing may be published then.
  init?(
    _ table: QuasiTable, _ model: LocalModel, classes found: [[Int32]], suppressed: [Int32], k: Int,
    floors: [[UInt8]] = [], labels style: AnonymityConfig.Labels = .hierarchy
  ) {
    var classOf = [Int32](repeating: -1, count: table.records.count)
    for (number, members) in found.enumerated() {
      for combination in members { classOf[Int(combination)] = Int32(number) }
    }
    var cells = [[(level: UInt8, group: UInt32)]](repeating: [], count: model.width)
    var lost = [Int](repeating: 0, count: model.width)
    // Classes with equal labels are one class for every reader.
    var texts = [ByteStringTable](repeating: ByteStringTable(), count: model.width)
    var published = ByteStringTable(minimumCapacity: found.count)
    var numbers: [UInt32] = []
    var labels = [[UInt32]](repeating: [], count: model.width)
    let sets = style == .sets ? table.hierarchies.map { SetLabels($0) } : []
    let records = found.map { $0.reduce(0) { $0 + table.records[Int($1)] } }
    for (number, members) in found.enumerated() {
      var label: [UInt32] = []
      for column in 0..<model.width {
        let places = members.map { model.places[Int($0) * model.width + column] }
        guard let low = places.min(), let high = places.max() else { return nil }
        let hierarchy = table.hierarchies[column]
        let floor = number < floors.count ? Int(floors[number][column]) : 0
        let level = max(model.columns[column].levels[model.step(column, low: low, high: high)], floor)
        let group = hierarchy.group(level: level, leaf: Int(model.columns[column].leafOfPlace[Int(low)]))
        cells[column].append((UInt8(level), group))
        var covered = hierarchy.leavesBelow(level: level, group: Int(group))
        var text = hierarchy.label(level: level, group: Int(group))
        if style == .sets {
          let leaves = Set(places).map { Int(model.columns[column].leafOfPlace[Int($0)]) }
          let cell = sets[column].cell(leaves, level: level, group: Int(group))
          (text, covered) = (cell.text, cell.covered)
        }
        lost[column] += (covered - 1) * records[number]
        labels[column].append(texts[column].insert(text))
        label.append(labels[column][number])
      }
      numbers.append(unsafe label.withUnsafeBytes { unsafe published.insert($0) })
    }
    suppressedRecords = suppressed.reduce(0) { $0 + table.records[Int($1)] }
    let total = Double(max(1, table.recordCount))
    let suppressedCount = suppressedRecords
    columnLosses = table.hierarchies.indices.map { column in
      let span = table.hierarchies[column].leafCount - 1
      return span <= 0 ? 0 : (Double(lost[column]) / Double(span) + Double(suppressedCount)) / total
    }
    self.classOf = classOf
    self.cells = cells
    self.texts = texts
    self.labels = labels
    loss = columnLosses.reduce(0, +) / Double(max(1, model.width))
    classes = published.count
    let people = Self.people(table, classOf: classOf, numbers: numbers, count: published.count)
    smallestClass = people.min() ?? 0
    // This checks the promise itself. It is counted from the table and the labels, and does not use the counts of the
    // search.
    if !found.isEmpty && smallestClass < k { return nil }
  }

  /// Returns the number of distinct people in each published class.
  private static func people(
    _ table: QuasiTable, classOf: [Int32], numbers: [UInt32], count: Int
  ) -> [Int] {
    // Suppressed combinations are put into one class after the last one, which is then left out.
    let published = classOf.map { $0 < 0 ? UInt32(count) : numbers[Int($0)] }
    if let subjects = table.subjects {
      return Array(subjects.joined(published, classCount: count + 1).people.prefix(count))
    }
    var people = [Int](repeating: 0, count: count + 1)
    for (number, records) in zip(published, table.records) { people[Int(number)] += records }
    return Array(people.prefix(count))
  }
}
