/// A generalization hierarchy over the leaf values of one quasi-identifier (Samarati 2001; Sweeney 2002).
///
/// Level 0 holds the values themselves. Every higher level partitions them more coarsely, and each group of a level is
/// a union of groups of the level below. The top level has a single group. Leaves and groups are dense numbers.
package struct Hierarchy: Sendable {
  private struct Level: Sendable {
    var labels: ByteStringTable
    var groupOfLeaf: [UInt32]
    var leavesBelow: [Int]
  }
  private var levels: [Level]

  /// The number of the top level; levels run from 0 through `height`.
  package var height: Int { levels.count - 1 }

  /// D, the number of leaves.
  var leafCount: Int { levels[0].groupOfLeaf.count }

  /// Builds the hierarchy over distinct `leaves`; their order gives their codes. Equal labels within a level are one
  /// group. `label(level, leaf)` returns the label at levels 1 through `height`; labels must nest. A level `*` is added
  /// if the top has more than one group, if there is no level above the leaves, or if `addsRoot` is true.
  package init(leaves: ByteStringTable, height: Int, addsRoot: Bool, label: (_ level: Int, _ leaf: Int) -> [UInt8]) {
    let count = leaves.count
    levels = [
      Level(labels: leaves, groupOfLeaf: (0..<count).map { UInt32($0) }, leavesBelow: Array(repeating: 1, count: count))
    ]
    for level in 0..<height {
      var labels = ByteStringTable()
      let groups = (0..<count).map { labels.insert(label(level + 1, $0)) }
      levels.append(Self.level(labels, groups))
    }
    if addsRoot || height == 0 || levels[height].labels.count > 1 { addRoot() }
  }

  func groupCount(level: Int) -> Int { levels[level].labels.count }

  package func group(level: Int, leaf: Int) -> UInt32 { levels[level].groupOfLeaf[leaf] }

  /// Returns the group of every leaf at `level`.
  func groups(level: Int) -> [UInt32] { levels[level].groupOfLeaf }

  /// Returns the number of leaves in the group.
  func leavesBelow(level: Int, group: Int) -> Int { levels[level].leavesBelow[group] }

  package func label(level: Int, group: Int) -> [UInt8] { levels[level].labels[group] }

  func labels(level: Int) -> ByteStringTable { levels[level].labels }

  /// Returns this hierarchy with one more leaf, the last one, for missing values. It is alone and has no label at every
  /// level except the top one, where it joins all others.
  func addingMissingLeaf() -> Hierarchy {
    var copy = self
    for level in 0...height {
      let group = level == height ? 0 : copy.levels[level].labels.appendUnindexed([])
      copy.levels[level].groupOfLeaf.append(group)
      if level < height { copy.levels[level].leavesBelow.append(0) }
      copy.levels[level].leavesBelow[Int(group)] += 1
    }
    return copy
  }

  /// Returns this hierarchy with one more leaf, the last one, for values that it does not cover. The leaf is `*` at
  /// every level. It counts as if it covered the whole domain, since `*` says nothing.
  func addingUnknownLeaf() -> Hierarchy {
    var copy = self
    let count = leafCount + 1
    for level in 0...height {
      let group = level == height ? 0 : copy.levels[level].labels.appendUnindexed([UInt8(ascii: "*")])
      copy.levels[level].groupOfLeaf.append(group)
      if level < height {
        copy.levels[level].leavesBelow.append(count)
      } else {
        copy.levels[level].leavesBelow[0] = count
      }
    }
    return copy
  }

  private mutating func addRoot() {
    var labels = ByteStringTable()
    let root = labels.insert([UInt8(ascii: "*")])
    levels.append(Self.level(labels, Array(repeating: root, count: leafCount)))
  }

  private static func level(_ labels: ByteStringTable, _ groups: [UInt32]) -> Level {
    var leavesBelow = [Int](repeating: 0, count: labels.count)
    for group in groups { leavesBelow[Int(group)] += 1 }
    return Level(labels: labels, groupOfLeaf: groups, leavesBelow: leavesBelow)
  }
}
