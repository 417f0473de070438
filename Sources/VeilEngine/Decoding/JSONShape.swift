import CScan
import Glibc

/// The shape of the last record: the text between its scalars, and the cells and pieces that a walk made from it.
///
/// One program writes most files, so most records differ only in their scalars. A record of the known shape needs no
/// walk: its text is compared 32 bytes at a time, its scalars are checked, and its cells and pieces follow from the
/// shape. Any other record is walked, and its shape is learnt. The record on the next line is matched together with
/// this one.
///
/// A walk treats two records of one shape differently only where a rule expects an object or array and finds a null in
/// one record and another scalar in the other. So where rules reach into objects, a null matches only a null.
///
/// Sound because a record is matched inside a chunk with 64 zero bytes after its end, and the text of no gap matches
/// those.
@safe
struct JSONShape: ~Copyable {
  /// A scalar whose cell goes to a column.
  struct Slot: BitwiseCopyable {
    /// The index of the scalar's start in the places; its end comes next.
    var place: Int32
    var column: Int32
    /// The index of the cell in its column, for the record matched last.
    var index: UInt32 = 0
  }

  /// A value for which a walk made a cell.
  struct Note: BitwiseCopyable {
    var start: UInt32
    var column: Int32
    var index: UInt32
  }

  /// A piece of an assembled record: the run between two positions, each a known place plus a small offset, and the
  /// cell of a slot, or -1 for none.
  struct Part: BitwiseCopyable {
    var from: Int32
    var fromOffset: UInt32
    var to: Int32
    var toOffset: UInt32
    var slot: Int32
  }

  private(set) var isKnown = false
  /// Whether rules reach into objects or arrays inside the record.
  private let isNested: Bool
  private var gaps = Buffer<scan_json_gap>()
  private var textCount = 0
  private var isNull = Buffer<Bool>()
  /// The start of the record matched last, then the start and end of each of its scalars.
  private var places = Buffer<UInt32>()
  /// The same for the record after it, and where that record starts and ends. `nowhere` as its start means that it was
  /// not matched.
  private var nextPlaces = Buffer<UInt32>()
  private var nextStart = nowhere
  private var nextEnd = 0
  private static var nowhere: Int { -1 }
  private var slots = Buffer<Slot>()
  /// The nodes with rules that a record of this shape meets, and how many records were not yet counted.
  private var hits = Buffer<Int32>()
  private var uncounted = 0
  private var parts = Buffer<Part>()
  private var scalarCount = 0
  /// The number of records in a row that had another shape, or a shape that cannot be learnt.
  private var misses = 0

  private static let mostScalars = 512
  private static let mostText = 1 << 16
  /// The bits of a place. The bits above them hold the marks of a string.
  private static let place = quoted - 1
  private static let quoted = UInt32(SCAN_JSON_QUOTED.magnitude)
  private static let escaped = UInt32(SCAN_JSON_ESCAPED.magnitude)

  init(isNested: Bool) { self.isNested = isNested }

  // MARK: Matching

  /// Discards the record that was matched ahead, because the text is a new one.
  mutating func begin() { nextStart = Self.nowhere }

  /// Returns the position after the record at `start`, if the record has the known shape.
  @inline(__always)
  mutating func match(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
    guard isKnown, end <= Int(Self.place) else {
      misses += 1
      return nil
    }
    let found = unsafe start == nextStart ? takeNext() : matchHere(bytes, from: start, to: end)
    if found == 0 || (isNested && !(unsafe hasSameNulls(bytes))) {
      misses += 1
      return nil
    }
    misses = 0
    return found
  }

  /// Returns the end of the record that was matched ahead.
  @inline(__always)
  private mutating func takeNext() -> Int {
    swap(&places, &nextPlaces)
    nextStart = Self.nowhere
    return nextEnd
  }

  /// Returns the end of the record at `start`, and keeps that of the record on the next line if it matches too. Returns
  /// 0 if the record has another shape.
  @inline(__always)
  private mutating func matchHere(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    let last = unsafe gaps.end - 1
    if let line = unsafe memchr(bytes + start, 0x0A, end - start) {
      let second = unsafe UnsafeRawPointer(line) - UnsafeRawPointer(bytes) + 1
      // The byte after the last line is zero, and no record begins with zero.
      let ends = unsafe scan_json_match_two(bytes, start, second, gaps.start, last, places.start, nextPlaces.start)
      if ends.first > 0 {
        (nextStart, nextEnd) = (second, ends.second)
        return ends.first
      }
    }
    return unsafe scan_json_match(bytes, start, gaps.start, last, places.start)
  }

  private func hasSameNulls(_ bytes: UnsafePointer<UInt8>) -> Bool {
    for scalar in 0..<scalarCount {
      let isNullHere = unsafe bytes[Int(places[1 + 2 * scalar])] == UInt8(ascii: "n")
      if isNullHere != isNull[scalar] { return false }
    }
    return true
  }

  /// Adds the cells of the record matched last, and its pieces if records are assembled.
  @inline(__always)
  mutating func emit(
    _ bytes: UnsafePointer<UInt8>, record: Int, cells: inout JSONCells, pieces: inout Buffer<Assembly.Piece>
  ) {
    // Sound: `learn` made slots and parts only from places and slots that exist.
    let places = unsafe places.start
    let slots = unsafe slots.start
    for number in 0..<self.slots.count {
      let slot = unsafe slots + number
      let place = unsafe Int(slot.pointee.place)
      let start = unsafe Int(places[place])
      let mark = unsafe places[place &+ 1]
      let count = Int(mark & Self.place) &- start
      let cell: Cell =
        if mark & Self.quoted != 0 {
          Cell(
            start: start &+ 1, count: count &- 2,
            flags: mark & Self.escaped != 0 ? [.quoted, .escaped] : .quoted)
        } else if unsafe bytes[start] == UInt8(ascii: "n") {
          .null
        } else {
          Cell(start: start, count: count, flags: [.literal, .plain])
        }
      let index = unsafe cells.append(cell, to: Int(slot.pointee.column), record: record)
      unsafe slot.pointee.index = UInt32(truncatingIfNeeded: index)
    }
    pieces.reserve(parts.count)
    let room = unsafe pieces.end
    let parts = unsafe parts.start
    for number in 0..<self.parts.count {
      let part = unsafe parts[number]
      let start = unsafe Int(places[Int(part.from)] & Self.place &+ part.fromOffset)
      let end = unsafe Int(places[Int(part.to)] & Self.place &+ part.toOffset)
      unsafe room[number] = Assembly.Piece(start: start, end: end)
      if part.slot >= 0 {
        unsafe room[number].column = slots[Int(part.slot)].column
        unsafe room[number].cell = slots[Int(part.slot)].index
      }
    }
    pieces.advance(by: self.parts.count)
  }

  // MARK: Counting

  /// Counts a record of this shape; what it met is added up later.
  @inline(__always)
  mutating func countHits() { uncounted &+= 1 }

  /// Keeps what a record of the shape just learnt meets.
  mutating func learnHits(_ nodes: borrowing Buffer<Int32>) {
    hits.removeAll()
    for index in 0..<nodes.count { hits.append(nodes[index]) }
  }

  /// Adds what the records counted so far met.
  mutating func addHits(to met: inout Buffer<Int>) {
    if uncounted > 0 { for index in 0..<hits.count { met[Int(hits[index])] &+= uncounted } }
    uncounted = 0
  }

  // MARK: Learning

  /// Whether the record that was just walked is worth learning. A single record that differs from its neighbours is not
  /// learnt, and a file without a common shape stops being learnt.
  var wantsToLearn: Bool { !isKnown && misses < 64 || misses == 2 || misses % 64 == 0 }

  /// Learns the shape of a good record that was walked: its range, its cells, and its pieces.
  mutating func learn(
    _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, notes: borrowing Buffer<Note>,
    pieces: borrowing Buffer<Assembly.Piece>, from firstPiece: Int
  ) {
    isKnown = false
    nextStart = Self.nowhere
    gaps.removeAll()
    textCount = 0
    isNull.removeAll()
    places.removeAll()
    nextPlaces.removeAll()
    slots.removeAll()
    parts.removeAll()
    guard unsafe readText(bytes, range), readCells(notes), readPieces(pieces, from: firstPiece, notes: notes) else {
      return
    }
    nextPlaces.append(repeating: 0, count: places.count)
    isKnown = true
  }

  /// Divides the text of the record into scalars and the gaps between them.
  private mutating func readText(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
    places.append(UInt32(range.lowerBound))
    var gapStart = range.lowerBound
    var at = range.lowerBound
    scalarCount = 0
    while at < range.upperBound {
      let start = at
      switch unsafe bytes[at] {
      case 0x22:
        let token = unsafe scan_json_string(bytes, at + 1)
        guard token.problem == 0 else { return false }
        at = token.at + 1
        if unsafe bytes[scan_json_space(bytes, at, 0x0A)] == 0x3A { continue }
      case 0x2D, 0x30...0x39, UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
        while at < range.upperBound, unsafe !Self.endsScalar(bytes[at]) { at += 1 }
      default:
        at += 1
        continue
      }
      guard scalarCount < Self.mostScalars, unsafe addGap(bytes, gapStart..<start) else { return false }
      places.append(UInt32(start))
      places.append(UInt32(at))
      isNull.append(unsafe bytes[start] == UInt8(ascii: "n"))
      scalarCount += 1
      gapStart = at
    }
    return unsafe addGap(bytes, gapStart..<range.upperBound)
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x2C || byte == 0x5D || byte == 0x7D
  }

  private mutating func addGap(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
    textCount += range.count
    guard !range.isEmpty, textCount <= Self.mostText else { return false }
    let most = Int(SCAN_JSON_GAP_MOST.magnitude)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: most) {
      let count = min(most, range.upperBound - start)
      var gap = scan_json_gap()
      gap.mask = UInt32.max >> UInt32(most - count)
      gap.count = UInt16(count)
      gap.goes_on = start + count < range.upperBound ? 1 : 0
      unsafe withUnsafeMutableBytes(of: &gap.text) {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes + start, count: count))
      }
      gaps.append(gap)
    }
    return true
  }

  private mutating func readCells(_ notes: borrowing Buffer<Note>) -> Bool {
    for note in 0..<notes.count {
      guard let scalar = (0..<scalarCount).first(where: { places[1 + 2 * $0] == notes[note].start }) else {
        return false
      }
      slots.append(Slot(place: Int32(1 + 2 * scalar), column: notes[note].column))
    }
    return true
  }

  private mutating func readPieces(
    _ pieces: borrowing Buffer<Assembly.Piece>, from first: Int, notes: borrowing Buffer<Note>
  ) -> Bool {
    for index in first..<pieces.count {
      let piece = pieces[index]
      guard let from = place(of: piece.start), let to = place(of: piece.start + piece.count) else { return false }
      var part = Part(from: from.0, fromOffset: from.1, to: to.0, toOffset: to.1, slot: -1)
      if piece.column >= 0 {
        let slot = (0..<notes.count).first { notes[$0].column == piece.column && notes[$0].index == piece.cell }
        guard let slot else { return false }
        part.slot = Int32(slot)
      }
      parts.append(part)
    }
    return true
  }

  /// Returns a position in the gaps, as the scalar's end (or record's start) before it and the distance from there.
  private func place(of offset: UInt32) -> (Int32, UInt32)? {
    guard let index = (0..<places.count).last(where: { places[$0] <= offset }) else { return nil }
    let behind = offset - places[index]
    // Odd places are the starts of scalars: no cut may be inside a scalar.
    return index % 2 == 1 && behind > 0 ? nil : (Int32(index), behind)
  }
}
