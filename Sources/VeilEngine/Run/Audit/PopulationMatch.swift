/// How many of a population fit each class of a published file: those whose value in every quasi-identifier has the
/// class's label somewhere on its way up the hierarchy.
struct PopulationMatch {
  /// By class.
  private(set) var counts: [Int]
  /// People who fit no class.
  private(set) var outside = 0

  /// - Parameter classes: the labels of each, one a quasi-identifier; a missing one is empty.
  init(_ population: QuasiTable, _ classes: [[[UInt8]]]) {
    counts = Array(repeating: 0, count: classes.count)
    let columns = population.hierarchies.indices
    // Whether a leaf has a label on its way up, by column and label.
    var fits: [[[UInt8]: [Bool]]] = columns.map { _ in [:] }
    for labels in classes {
      for column in columns where fits[column][labels[column]] == nil {
        let hierarchy = population.hierarchies[column]
        fits[column][labels[column]] = (0..<hierarchy.leafCount).map { leaf in
          (0...hierarchy.height).contains { level in
            hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf))) == labels[column]
          }
        }
      }
    }
    let wanted = classes.map { labels in columns.map { fits[$0][labels[$0]] ?? [] } }
    for (index, people) in population.records.enumerated() {
      let leaves = columns.map {
        population.layout.code($0, in: population.keys, at: index * population.layout.words)
      }
      var isInside = false
      for (number, fit) in wanted.enumerated() where columns.allSatisfy({ fit[$0][leaves[$0]] }) {
        counts[number] += people
        isInside = true
      }
      if !isInside { outside += people }
    }
  }
}
