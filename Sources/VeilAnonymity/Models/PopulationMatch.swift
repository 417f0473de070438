/// How many of a population fit each class of a published file: those whose value in every quasi-identifier has the
/// class's label somewhere on its way up the hierarchy. Somebody may fit several classes.
package struct PopulationMatch {
  /// By class.
  package private(set) var counts: [Int]
  /// People who fit no class.
  package private(set) var outside = 0

  /// - Parameters:
  ///   - table: holds the hierarchies and the combinations of the population.
  ///   - people: how many of the population have each combination.
  ///   - classes: the labels of each, one a quasi-identifier; a missing one is empty.
  package init(_ table: QuasiTable, people: [Int], classes: [[[UInt8]]]) {
    counts = Array(repeating: 0, count: classes.count)
    let columns = table.hierarchies.indices.map { column in
      MatchedColumn(table.hierarchies[column], classes.map { $0[column] })
    }
    for (index, people) in people.enumerated() where people > 0 {
      let ways = columns.indices.map { column in
        columns[column].wayOfLeaf[table.layout.code(column, in: table.keys, at: index * table.layout.words)]
      }
      // Only classes that fit in the most telling column are looked at in the others.
      let most = columns.indices.min { columns[$0].reach(ways[$0]) < columns[$1].reach(ways[$1]) } ?? 0
      var isInside = false
      for label in ways[most] {
        for number in columns[most].classesOfLabel[label]
        where columns.indices.allSatisfy({ ways[$0].contains(columns[$0].labelOfClass[number]) }) {
          counts[number] += people
          isInside = true
        }
      }
      if !isInside { outside += people }
    }
  }
}

/// The labels that classes have in one column, by number, and which of them each leaf has on its way up.
private struct MatchedColumn {
  private(set) var labelOfClass: [Int] = []
  private(set) var classesOfLabel: [[Int]] = []
  /// No label twice.
  let wayOfLeaf: [[Int]]

  init(_ hierarchy: Hierarchy, _ labels: [[UInt8]]) {
    var numbers: [[UInt8]: Int] = [:]
    for (index, label) in labels.enumerated() {
      let number = numbers[label] ?? numbers.count
      if number == numbers.count {
        numbers[label] = number
        classesOfLabel.append([])
      }
      labelOfClass.append(number)
      classesOfLabel[number].append(index)
    }
    wayOfLeaf = (0..<hierarchy.leafCount).map { leaf in
      var way: [Int] = []
      for level in 0...hierarchy.height {
        let label = hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf)))
        if let number = numbers[label], !way.contains(number) { way.append(number) }
      }
      return way
    }
  }

  /// How many classes have one of these labels.
  func reach(_ way: [Int]) -> Int { way.reduce(0) { $0 + classesOfLabel[$1].count } }
}
