/// Packs one code per column into as few 64-bit words as the leaf counts allow, mostly one.
///
/// The bits of a column are wide enough for its leaves, and so for the groups of every level above them. One layout
/// serves all levels, and recoding one column changes only its own bits.
package struct KeyLayout: Sendable {
  struct BitField: Sendable {
    var word: Int
    var shift: UInt64
    var mask: UInt64
  }
  let places: [BitField]
  let words: Int

  init(leafCounts: [Int]) {
    var places: [BitField] = []
    var word = 0
    var used = 0
    for count in leafCounts {
      let bits = max(1, Int.bitWidth - max(count - 1, 1).leadingZeroBitCount)
      if used + bits > 64 {
        word += 1
        used = 0
      }
      places.append(BitField(word: word, shift: UInt64(used), mask: (1 << UInt64(bits)) - 1))
      used += bits
    }
    self.places = places
    words = word + 1
  }

  /// Returns the code of a column in the key that starts at `start`.
  func code(_ column: Int, in keys: [UInt64], at start: Int) -> Int {
    let place = places[column]
    return Int(truncatingIfNeeded: keys[start + place.word] >> place.shift & place.mask)
  }
}
