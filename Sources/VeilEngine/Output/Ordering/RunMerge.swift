import VeilGround

/// Merges sorted runs. At most `fanIn` of them are read at a time, a block of each in memory; more are first merged to
/// fewer and longer ones, so that memory does not grow with the number of records.
enum RunMerge {
  static let standardFanIn = 256

  /// Hands all records to `body` in order.
  static func all(of runs: SortedRuns, fanIn: Int = standardFanIn, _ body: OrderedRecord.Visitor) throws(OutputError) {
    var runs = runs
    while runs.runs.count > fanIn {
      let longer = try SortedRuns()
      for start in stride(from: 0, to: runs.runs.count, by: fanIn) {
        longer.begin()
        let some = runs.runs[start..<min(start + fanIn, runs.runs.count)]
        try merge(runs, some) { (record) throws(OutputError) in try longer.append(record) }
        try longer.end()
      }
      // The file of the shorter ones is gone with this.
      runs = longer
    }
    try merge(runs, runs.runs[...], body)
  }

  private static func merge(
    _ runs: SortedRuns, _ some: ArraySlice<SortedRuns.Run>, _ body: OrderedRecord.Visitor
  ) throws(OutputError) {
    var heap = Heap()
    for run in some {
      let reader = RunReader(runs, run)
      if try reader.next() { heap.add(reader) }
    }
    while let reader = heap.first {
      try body(reader.record)
      if try reader.next() { heap.settle() } else { heap.removeFirst() }
    }
  }

  /// A binary heap of readers, the one with the smallest digest first (Williams 1964).
  private struct Heap {
    private var nodes: [(digest: SIMD2<UInt64>, reader: RunReader)] = []

    var first: RunReader? { nodes.first?.reader }

    mutating func add(_ reader: RunReader) {
      nodes.append((reader.digest, reader))
      var place = nodes.count - 1
      while place > 0, isBefore(place, (place - 1) / 2) {
        nodes.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
    }

    /// Brings the first reader, which went on to its next record, to its place.
    mutating func settle() {
      nodes[0].digest = nodes[0].reader.digest
      sink()
    }

    mutating func removeFirst() {
      nodes.swapAt(0, nodes.count - 1)
      nodes.removeLast()
      sink()
    }

    private mutating func sink() {
      var place = 0
      while true {
        var least = place
        for child in [2 * place + 1, 2 * place + 2] where child < nodes.count && isBefore(child, least) {
          least = child
        }
        if least == place { return }
        nodes.swapAt(place, least)
        place = least
      }
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
      let (a, b) = (nodes[a].digest, nodes[b].digest)
      return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1]
    }
  }
}
