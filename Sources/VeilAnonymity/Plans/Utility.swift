import Glibc

/// How much of the data an anonymized release keeps, and how well people in it are hidden. The figures describe the
/// published classes, by the definitions of the literature. Suppressed records are in no class.
package struct Utility: Sendable {
  /// The number of classes of each size in records, by size, ascending.
  package let sizes: [(records: Int, classes: Int)]
  /// The discernibility metric (Bayardo, Agrawal 2005): the sum of the squares of the classes' records, and for each
  /// suppressed record the number of all records.
  package let discernibility: Int
  /// The normalized average class size, C_AVG (LeFevre, DeWitt, Ramakrishnan 2006): (published records / classes) / k.
  /// The least possible value is 1; without classes it is 0.
  package let averageClassSize: Double

  /// - Parameters:
  ///   - records: The records of each class, as the last pass counted them; classes without records are left out.
  package init(records: [Int], suppressed: Int, k: Int) {
    let records = records.filter { $0 > 0 }
    var counts: [Int: Int] = [:]
    for size in records { counts[size, default: 0] += 1 }
    sizes = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let published = records.reduce(0, +)
    let all = published + suppressed
    // The sum is capped for tables of more than three billion records.
    discernibility = (records.map { ($0, $0) } + [(suppressed, all)]).reduce(0) { sum, pair in
      let (product, isTooLarge) = pair.0.multipliedReportingOverflow(by: pair.1)
      let (total, overflows) = sum.addingReportingOverflow(product)
      return isTooLarge || overflows ? .max : total
    }
    averageClassSize = records.isEmpty ? 0 : Double(published) / Double(records.count) / Double(k)
  }
}

/// Risks of re-identification with the published file as the whole population (El Emam, Dankar: Protecting privacy using
/// k-anonymity, 2008; Dankar, El Emam: A method for evaluating marketer re-identification risk, 2010).
package struct ReidentificationRisk: Sendable, Equatable {
  /// The prosecutor's risk: the adversary knows that the target is in the file. The largest 1 / people of the target's
  /// class.
  package let prosecutorMaximum: Double
  /// The mean prosecutor's risk over all published people: the mean of 1 / people of the target's class, the smallest of
  /// theirs if they are in several. With one record a person it is classes / people.
  package let prosecutorAverage: Double
  /// The marketer's risk: the share of people that an adversary links correctly who matches everybody. It is the sum
  /// over classes of f / F, divided by all f, where f people of a class are in the file and F in the population. If the
  /// file is the population, this is the mean prosecutor's risk.
  package let marketer: Double

  /// - Parameters:
  ///   - people: the people of each class. The result is nil if there are none.
  ///   - kept: the people of suppressed records that stay. They count in the worst case, but never among the people who
  ///     hide others, so that they improve no mean.
  ///   - average: the mean prosecutor's risk, which cannot be told from the sizes of classes if people are in several.
  package init?(people: [Int], kept: Int?, average: Double) {
    let people = people.filter { $0 > 0 }
    guard let smallest = people.min() else { return nil }
    prosecutorMaximum = 1 / Double(max(1, min(smallest, kept ?? smallest)))
    prosecutorAverage = average
    marketer = average
  }
}

/// Non-uniform entropy of one column (Gionis, Tassa 2009; de Waal, Willenborg 1999): for each record -log2 of the
/// probability that a value covered by its label is its original value, by how often values occur in the table.
package struct ColumnEntropy: Sendable, Equatable {
  /// The mean over all records, in bits. Suppressed records have the label that covers all values.
  package let bits: Double
  /// The bits if every record were suppressed: the entropy of the column.
  package let most: Double

  /// 0 for an unchanged column, 1 for a column that says nothing.
  package var share: Double { most > 0 ? bits / most : 0 }

  init(bits: Double, most: Double) {
    self.bits = bits
    self.most = most
  }

  /// Returns the entropy of each column of a table; `classOf` and `levels` (by column and class) say what happens to
  /// each combination.
  static func columns(_ table: QuasiTable, classOf: [Int32], levels: [[UInt8]]) -> [ColumnEntropy] {
    let all = Double(max(1, table.recordCount))
    return table.hierarchies.enumerated().map { column, hierarchy in
      var ofLeaf = [Int](repeating: 0, count: hierarchy.leafCount)
      let leaves = table.records.indices.map {
        table.layout.code(column, in: table.keys, at: $0 * table.layout.words)
      }
      for (leaf, records) in zip(leaves, table.records) { ofLeaf[leaf] += records }
      var ofGroup: [Int: [Int]] = [:]
      var bits = 0.0
      var most = 0.0
      for (index, leaf) in leaves.enumerated() {
        let weight = Double(table.records[index])
        let own = Double(ofLeaf[leaf])
        most -= weight * log2(own / all)
        guard classOf[index] >= 0 else {
          bits -= weight * log2(own / all)
          continue
        }
        let level = Int(levels[column][Int(classOf[index])])
        if ofGroup[level] == nil {
          var sums = [Int](repeating: 0, count: hierarchy.groupCount(level: level))
          for (leaf, records) in ofLeaf.enumerated() { sums[Int(hierarchy.group(level: level, leaf: leaf))] += records }
          ofGroup[level] = sums
        }
        let covered = ofGroup[level]?[Int(hierarchy.group(level: level, leaf: leaf))] ?? 1
        bits -= weight * log2(own / Double(covered))
      }
      // A sum of logarithms of 1 must be 0 and not -0.
      return ColumnEntropy(bits: max(0, bits / all), most: max(0, most / all))
    }
  }
}
