/// Counts people by key. This is the innermost loop of local recoding.
///
/// It uses open addressing with linear probing. The low bits of a key are its loss; keys at or above a limit are
/// ignored. Different keys may be equal by accident, for one pair in 2^40. That only leads to a worse choice of a
/// class, because the common groups of a class are always computed from its members.
struct KeyTally {
  /// The keys by slot; 0 is a free slot.
  private(set) var slots: [UInt64] = []
  private(set) var sums: [Int32] = []
  /// The slots that are not free: the first `count` of these.
  private var used: [Int32] = []
  private var count = 0
  /// The slot of each item that `sift` checks.
  private var slotOf: [Int32] = []

  /// The change of one column from one step to another.
  struct Change {
    /// The place of each item, and the number that the change adds to a key at each place.
    var places: [UInt32]
    var added: [UInt64]
  }

  /// Makes room for that many keys, and removes all keys.
  mutating func reserve(_ keys: Int) {
    var size = 64
    while size < 2 * keys { size *= 2 }
    if slots.count != size {
      slots = Array(repeating: 0, count: size)
      sums = Array(repeating: 0, count: size)
      used = Array(repeating: 0, count: size)
    }
    self.count = 0
  }

  mutating func clear() {
    for place in used[..<count] {
      slots[Int(place)] = 0
      sums[Int(place)] = 0
    }
    count = 0
  }

  /// Returns how much people below `limit` save against it in classes of at least `enough`, and clears the table.
  /// Returns nil if there is no such class.
  mutating func settle(limit: UInt64, enough: Int32) -> Int? {
    var total = 0
    var finds = false
    for place in used[..<count] {
      let slot = Int(place)
      if sums[slot] >= enough {
        finds = true
        total += Int(sums[slot]) * Int(limit - slots[slot] & LocalModel.lossMask)
      }
      slots[slot] = 0
      sums[slot] = 0
    }
    count = 0
    return finds ? total : nil
  }

  mutating func count(_ keys: [UInt64], _ people: [Int32], below limit: UInt64) {
    open { table in
      let keys = keys.span
      let people = people.span
      for index in 0..<keys.count where keys[index] & LocalModel.lossMask < limit {
        table.add(people[index], to: keys[index])
      }
    }
  }

  mutating func count(_ keys: [UInt64], people: [Int32], below limit: UInt64, change: Change) {
    open { table in
      let keys = keys.span
      let people = people.span
      let places = change.places.span
      let added = change.added.span
      for index in 0..<keys.count {
        let key = keys[index] &+ added[Int(truncatingIfNeeded: places[index])]
        if key & LocalModel.lossMask < limit { table.add(people[index], to: key) }
      }
    }
  }

  /// Chooses the items below `limit` after a change that are in classes of at least `enough`. Only these can be in such
  /// a class after a step down in any column, because a step down splits classes. Clears the table.
  mutating func sift(
    _ keys: [UInt64], people: [Int32], below limit: UInt64, change: Change?, enough: Int32,
    into chosen: inout [Int32]
  ) {
    var slotOf: [Int32] = []
    swap(&slotOf, &self.slotOf)
    slotOf.removeAll(keepingCapacity: true)
    chosen.removeAll(keepingCapacity: true)
    open { table in
      for index in 0..<keys.count {
        var key = keys[index]
        if let change { key &+= change.added[Int(truncatingIfNeeded: change.places[index])] }
        if key & LocalModel.lossMask >= limit { continue }
        slotOf.append(Int32(truncatingIfNeeded: table.add(people[index], to: key)))
        chosen.append(Int32(truncatingIfNeeded: index))
      }
    }
    var kept = 0
    for (number, slot) in slotOf.enumerated() where sums[Int(slot)] >= enough {
      chosen[kept] = chosen[number]
      kept += 1
    }
    chosen.removeLast(chosen.count - kept)
    swap(&slotOf, &self.slotOf)
    clear()
  }

  /// Does the same as `count` of all keys, after one or two changes, for some of the items.
  mutating func count(
    _ chosen: [Int32], of keys: [UInt64], people: [Int32], below limit: UInt64, first: Change, second: Change?
  ) {
    open { table in
      for item in chosen {
        let index = Int(item)
        var key = keys[index] &+ first.added[Int(truncatingIfNeeded: first.places[index])]
        if let second { key &+= second.added[Int(truncatingIfNeeded: second.places[index])] }
        if key & LocalModel.lossMask < limit { table.add(people[index], to: key) }
      }
    }
  }

  /// Returns the slot of a key, or nil if it is not there.
  func find(_ key: UInt64) -> Int? {
    var place = Self.home(key, size: slots.count)
    while slots[place] != 0 {
      if slots[place] == key { return place }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  @inline(__always)
  fileprivate static func home(_ key: UInt64, size: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 &- size.trailingZeroBitCount))
  }

  /// Gives `body` the arrays as a table of local pointers for the length of a loop.
  ///
  /// Unsafe code here: the loop's table points into the arrays. Sound because the pointers do not leave `body`, indices
  /// are masked to below the power of two that is the size of both arrays, and `used` has room for all slots. Probing
  /// ends, since there are at most half as many keys as slots.
  @inline(__always)
  private mutating func open(_ body: (inout OpenTable) -> Void) {
    let size = slots.count
    var count = 0
    unsafe slots.withUnsafeMutableBufferPointer { slots in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe used.withUnsafeMutableBufferPointer { used in
          guard let slotBase = slots.baseAddress, let sumBase = sums.baseAddress, let usedBase = used.baseAddress else {
            return
          }
          var table = unsafe OpenTable(slots: slotBase, sums: sumBase, used: usedBase, size: size)
          body(&table)
          count = table.count
        }
      }
    }
    self.count = count
  }

  @safe
  struct OpenTable {
    private let slots: UnsafeMutablePointer<UInt64>
    private let sums: UnsafeMutablePointer<Int32>
    private let used: UnsafeMutablePointer<Int32>
    private let wrap: Int
    private let shift: UInt64
    fileprivate private(set) var count = 0

    fileprivate init(
      slots: UnsafeMutablePointer<UInt64>, sums: UnsafeMutablePointer<Int32>, used: UnsafeMutablePointer<Int32>,
      size: Int
    ) {
      unsafe self.slots = slots
      unsafe self.sums = sums
      unsafe self.used = used
      wrap = size - 1
      shift = UInt64(64 - size.trailingZeroBitCount)
    }

    /// Adds people to a key, and returns the slot of the key.
    @inline(__always) @discardableResult
    mutating func add(_ people: Int32, to key: UInt64) -> Int {
      var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
      while true {
        let slot = unsafe slots[place]
        if slot == key { break }
        if slot == 0 {
          unsafe slots[place] = key
          unsafe used[count] = Int32(truncatingIfNeeded: place)
          count &+= 1
          break
        }
        place = (place &+ 1) & wrap
      }
      unsafe sums[place] &+= people
      return place
    }
  }
}
