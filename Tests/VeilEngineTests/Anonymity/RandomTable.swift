import VeilConfig

@testable import VeilAnonymity
@testable import VeilEngine

/// A small made-up table with hierarchies of every kind.
struct RandomTable {
  var coders: [QuasiCoder] = []
  var rows: [[[UInt8]]] = []
  var subjects: [UInt64] = []
  var countsSubjects = false

  init(seed: UInt64, columns columnLimit: Int = 4, rows rowLimit: Int = 60) {
    var random = Random(seed: seed)
    let columns = Int.random(in: 1...columnLimit, using: &random)
    countsSubjects = Bool.random(using: &random)
    var domains: [[String]] = []
    for _ in 0..<columns {
      let (coder, domain) = Self.column(&random)
      coders.append(coder)
      domains.append(domain)
    }
    let people = UInt64.random(in: 1...40, using: &random)
    for _ in 0..<Int.random(in: 0...rowLimit, using: &random) {
      rows.append(
        domains.map { domain in
          // The lesser of two draws: some values are common, some are rare.
          let draws = (0..<2).map { _ in Int.random(in: domain.indices, using: &random) }
          return Array(domain[draws.min()!].utf8)
        })
      subjects.append(UInt64.random(in: 1...people, using: &random) << 40)
    }
  }

  private static func column(_ random: inout Random) -> (QuasiCoder, [String]) {
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      return (QuasiCoder(rule: .none), ["a", "b", "", "c"])
    case 1:
      return (QuasiCoder(rule: .prefix(3)), ["123", "124", "13", "1999", "", "223"])
    case 2:
      let rule = try! IntervalRule(width: 5, levels: 2, origin: 0)
      return (QuasiCoder(rule: .interval(rule)), ["1", "3", "7", "12", "", "18", "33"])
    case 3:
      return (QuasiCoder(rule: .date([.month, .year])), ["2024-01-01", "2024-01-09", "2024-05-05", "2025-01-01", ""])
    case 4:
      let kind = Bool.random(using: &random) ? HierarchyConfig.AutoInterval.range : .equalFrequency
      var coder = QuasiCoder(rule: .autoInterval(kind, levels: 3, k: 2))
      coder.takesUnknown = true
      return (coder, ["1", "2", "30", "45.5", "", "x", "61", "-8"])
    case 5:
      let rule = NetworkRule(v4: [24, 8], v6: [64])
      return (QuasiCoder(rule: .ip(rule)), ["192.0.2.1", "192.0.2.9", "192.7.7.7", "2001:db8::1", "", "10.0.0.1"])
    default:
      // Each level joins some groups of the one below.
      let leaves = Int.random(in: 1...7, using: &random)
      var lines = (0..<leaves).map { ["v\($0)"] }
      for level in 1...Int.random(in: 1...3, using: &random) {
        var parents: [String: String] = [:]
        for leaf in lines.indices {
          let below = lines[leaf][level - 1]
          let parent = parents[below] ?? "l\(level)g\(Int.random(in: 0..<3, using: &random))"
          parents[below] = parent
          lines[leaf].append(parent)
        }
      }
      let text = lines.map { $0.joined(separator: ";") }.joined(separator: "\n")
      var domain = (0..<leaves).map { "v\($0)" } + (Bool.random(using: &random) ? [""] : [])
      var coder = QuasiCoder(rule: .file(try! HierarchyFile.parse(Array(text.utf8))))
      if Int.random(in: 0..<3, using: &random) == 0 {
        coder.takesUnknown = true
        domain += ["unknown", "stranger"]
      }
      return (coder, domain)
    }
  }

  /// Observes the given rows, in their order.
  func observer(of indices: [Int]) -> QuasiObserver {
    var observer = QuasiObserver(coders: coders, countsSubjects: countsSubjects)
    for index in indices { precondition(observer.observe(rows[index], subject: subject(index))) }
    return observer
  }

  func subject(_ index: Int) -> UInt64? { countsSubjects ? subjects[index] : nil }

  var table: QuasiTable { observer(of: Array(rows.indices)).finish() }
}

/// The same search done by trying everything on text, as a reference.
struct ExhaustiveSearch {
  struct Result {
    var loss: Double
    var levels: [Int]
    var suppressed: Int
  }

  /// Levels, then the label of every row and column at them.
  static func labels(_ data: RandomTable, _ table: QuasiTable, levels: [Int]) -> [[[UInt8]]] {
    data.rows.map { row in
      row.indices.map { column in
        let leaf = row[column].withUnsafeBufferPointer { Int(table.lookups[column].code($0)!) }
        let hierarchy = table.hierarchies[column]
        return hierarchy.label(level: levels[column], group: Int(hierarchy.group(level: levels[column], leaf: leaf)))
      }
    }
  }

  /// People by class, where a class is a list of labels.
  static func people(_ data: RandomTable, _ labels: [[[UInt8]]]) -> [[[UInt8]]: Set<UInt64>] {
    var people: [[[UInt8]]: Set<UInt64>] = [:]
    for (index, label) in labels.enumerated() {
      people[label, default: []].insert(data.countsSubjects ? data.subjects[index] : UInt64(index))
    }
    return people
  }

  static func run(_ data: RandomTable, _ table: QuasiTable, k: Int, limit: Int) -> Result? {
    var best: Result?
    var levels = table.hierarchies.map { _ in 0 }
    // How many leaves carry each label, by column and level.
    let sizes = table.hierarchies.map { hierarchy in
      (0...hierarchy.height).map { level in
        var sizes: [[UInt8]: Int] = [:]
        for leaf in 0..<hierarchy.leafCount {
          sizes[hierarchy.label(level: level, group: Int(hierarchy.group(level: level, leaf: leaf))), default: 0] += 1
        }
        // `*` says nothing, wherever it stands.
        if sizes[[UInt8(ascii: "*")]] != nil { sizes[[UInt8(ascii: "*")]] = hierarchy.leafCount }
        return sizes
      }
    }
    while true {
      let labels = labels(data, table, levels: levels)
      let people = people(data, labels)
      var suppressed = 0
      var loss = 0.0
      for label in labels {
        let isSuppressed = people[label]!.count < k
        suppressed += isSuppressed ? 1 : 0
        for (column, text) in label.enumerated() where table.hierarchies[column].leafCount > 1 {
          let span = Double(table.hierarchies[column].leafCount - 1)
          loss += isSuppressed ? 1 : Double(sizes[column][levels[column]][text]! - 1) / span
        }
      }
      loss /= Double(max(1, labels.count * levels.count))
      if suppressed <= limit, suppressed < labels.count, loss < (best?.loss ?? 2) - 1e-12 {
        best = Result(loss: loss, levels: levels, suppressed: suppressed)
      }
      // The next level vector in lexicographic order, so that the first of several best ones stays.
      guard let column = levels.indices.last(where: { levels[$0] < table.hierarchies[$0].height }) else { return best }
      levels[column] += 1
      for later in levels.indices where later > column { levels[later] = 0 }
    }
  }
}
