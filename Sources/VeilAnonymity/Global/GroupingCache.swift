/// The groupings that were counted so far. A coarser one starts from one of them, because joining a few thousand
/// classes is cheaper than joining all combinations again.
///
/// It holds at most twice as many classes as there are combinations; the least recently used ones are removed first.
struct GroupingCache {
  private struct Entry {
    var grouping: Grouping
    var lastUse: Int
  }
  private let base: Grouping
  private var entries: [Entry] = []
  private var size = 0
  /// The number of groupings that were counted, and the number of keys that were joined for them.
  private(set) var counted = 0
  private(set) var keysJoined = 0

  init(_ base: Grouping) {
    self.base = base
  }

  mutating func grouping(at steps: [UInt8], model: LossModel, layout: KeyLayout) -> Grouping {
    var source = base
    var used = -1
    for (index, entry) in entries.enumerated() {
      guard entry.grouping.count < source.count || entry.grouping.steps == steps else { continue }
      guard zip(entry.grouping.steps, steps).allSatisfy({ $0 <= $1 }) else { continue }
      source = entry.grouping
      used = index
      if source.steps == steps { break }
    }
    if used >= 0 { entries[used].lastUse = counted }
    if source.steps == steps { return source }
    let result = source.rolledUp(to: steps, model: model, layout: layout)
    counted += 1
    keysJoined += source.count
    keep(result)
    return result
  }

  private mutating func keep(_ grouping: Grouping) {
    guard grouping.count <= base.count / 2 else { return }
    entries.append(Entry(grouping: grouping, lastUse: counted))
    size += grouping.count
    while size > 2 * base.count + 4096,
      let oldest = entries.indices.min(by: { entries[$0].lastUse < entries[$1].lastUse })
    {
      size -= entries[oldest].grouping.count
      entries.swapAt(oldest, entries.count - 1)
      entries.removeLast()
    }
  }
}
