/// Many short lists that grow and shrink, all in one array, so that reading a list touches only one place in memory.
struct ListPool {
  private(set) var items: [Int32]
  private var starts: [Int]
  private var counts: [Int32]
  private var capacities: [Int32]

  init(count: Int) {
    let room = 8
    items = Array(repeating: 0, count: room * count)
    starts = (0..<count).map { $0 * room }
    counts = Array(repeating: 0, count: count)
    capacities = Array(repeating: Int32(room), count: count)
  }

  /// Returns the range of a list's items.
  @inline(__always)
  func places(_ list: Int) -> Range<Int> {
    let start = starts[list]
    return start..<start &+ Int(counts[list])
  }

  mutating func append(_ item: Int32, to list: Int) {
    if counts[list] == capacities[list] { widen(list) }
    items[starts[list] &+ Int(counts[list])] = item
    counts[list] &+= 1
  }

  /// Removes an item, if it is there; the last item takes its place.
  mutating func remove(_ item: Int32, from list: Int) {
    let places = places(list)
    for place in places where items[place] == item {
      items[place] = items[places.upperBound &- 1]
      counts[list] &-= 1
      return
    }
  }

  /// Moves a list to the end and doubles its room. All the abandoned room is less than the room of all lists.
  private mutating func widen(_ list: Int) {
    let old = places(list)
    starts[list] = items.count
    capacities[list] *= 2
    for place in old { items.append(items[place]) }
    items.append(contentsOf: repeatElement(0, count: Int(capacities[list]) - old.count))
  }
}
