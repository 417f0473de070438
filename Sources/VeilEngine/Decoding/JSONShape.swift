import CByteMask

/// The shape of the last record: its text between the scalars, and what a walk made of it.
///
/// One program writes most files, so most records differ in nothing but their scalars. A record of the known shape needs
/// no walk: its text is compared 16 bytes at a time, its scalars are checked, and cells and pieces follow. Any other
/// record is walked, and its shape learnt.
///
/// Two records of one shape differ in what a walk does to them only where a rule expects an object or array and finds a
/// null in one and something else in the other. So where rules reach into objects, a null stays a null.
///
/// Sound because a record is matched inside a chunk with 64 zero bytes behind its end, and the gaps' text has slack.
@safe
struct JSONShape: ~Copyable {
  /// A scalar whose cell goes to a column.
  struct Slot: BitwiseCopyable {
    var scalar: Int32
    var column: Int32
    /// The cell's index in its column, of the record matched last.
    var index: UInt32 = 0
  }

  /// A value that a walk has made a cell of.
  struct Note: BitwiseCopyable {
    var start: UInt32
    var column: Int32
    var index: UInt32
  }

  /// A piece of an assembled record: the run between two places a little behind known ones, and a slot's cell or -1.
  struct Part: BitwiseCopyable {
    var from: Int32
    var fromOffset: UInt32
    var to: Int32
    var toOffset: UInt32
    var slot: Int32
  }

  private(set) var isKnown = false
  /// Whether rules reach into objects or arrays below the record.
  private let isNested: Bool
  private var literals = ByteBuffer()
  private var gaps = Buffer<json_gap>()
  private var isNull = Buffer<Bool>()
  /// The record's start, then start and end of each scalar, of the record matched last.
  private var places = Buffer<UInt32>()
  private var slots = Buffer<Slot>()
  private var parts = Buffer<Part>()
  private var scalarCount = 0
  /// Records in a row that had another shape, or none to be learnt.
  private var misses = 0

  private static let mostScalars = 512
  private static let mostText = 1 << 16
  /// A place without the mark of a string that holds escapes.
  private static let place = UInt32(JSON_ESCAPED.magnitude) - 1

  init(isNested: Bool) { self.isNested = isNested }

  // MARK: Matching

  /// The place behind the record at `start`, if it has the known shape.
  @inline(__always)
  mutating func match(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
    guard isKnown, end <= Int(Self.place) else {
      misses += 1
      return nil
    }
    let found = unsafe json_match(bytes, start, end, literals.start, gaps.start, scalarCount, places.start)
    if found == 0 || (isNested && !(unsafe hasSameNulls(bytes))) {
      misses += 1
      return nil
    }
    misses = 0
    return found
  }

  private func hasSameNulls(_ bytes: UnsafePointer<UInt8>) -> Bool {
    for scalar in 0..<scalarCount {
      let isNullHere = unsafe bytes[Int(places[1 + 2 * scalar])] == UInt8(ascii: "n")
      if isNullHere != isNull[scalar] { return false }
    }
    return true
  }

  /// Notes the cells of the record matched last, and its pieces where records are assembled.
  @inline(__always)
  mutating func emit(
    _ bytes: UnsafePointer<UInt8>, _ record: Int, _ cells: inout JSONCells, _ pieces: inout Buffer<Assembly.Piece>
  ) {
    // Sound: `learn` made slots and parts from places and slots that there are.
    let places = unsafe places.start
    let slots = unsafe slots.start
    for number in 0..<self.slots.count {
      let scalar = unsafe Int(slots[number].scalar)
      let start = unsafe Int(places[1 + 2 * scalar])
      let mark = unsafe places[2 + 2 * scalar]
      let count = Int(mark & Self.place) - start
      let cell: Cell =
        switch unsafe bytes[start] {
        case 0x22: Cell(start: start + 1, count: count - 2, flags: mark > Self.place ? [.quoted, .escaped] : .quoted)
        case UInt8(ascii: "n"): .null
        default: Cell(start: start, count: count, flags: [.literal, .plain])
        }
      let index = unsafe cells.append(cell, to: Int(slots[number].column), record)
      unsafe slots[number].index = UInt32(truncatingIfNeeded: index)
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

  // MARK: Learning

  /// Whether the record that was just walked is worth learning. One odd record between others is not, and a file without
  /// a common shape is not learnt for ever.
  var wantsToLearn: Bool { !isKnown && misses < 64 || misses == 2 || misses % 64 == 0 }

  /// Learns the shape of a good record that was walked: where it stands, the cells it gave, and its pieces.
  mutating func learn(
    _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, notes: borrowing Buffer<Note>,
    pieces: borrowing Buffer<Assembly.Piece>, from firstPiece: Int
  ) {
    isKnown = false
    literals.removeAll()
    gaps.removeAll()
    isNull.removeAll()
    places.removeAll()
    slots.removeAll()
    parts.removeAll()
    guard unsafe readText(bytes, range), readCells(notes), readPieces(pieces, firstPiece, notes) else { return }
    places.reserve(2)
    literals.reserve(32)
    isKnown = true
  }

  /// Parts the record's text into scalars and what stands between them.
  private mutating func readText(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
    places.append(UInt32(range.lowerBound))
    var gapStart = range.lowerBound
    var at = range.lowerBound
    while at < range.upperBound {
      let start = at
      switch unsafe bytes[at] {
      case 0x22:
        let token = unsafe json_string(bytes, at + 1)
        guard token.problem == 0 else { return false }
        at = token.at + 1
        if unsafe bytes[json_space(bytes, at, 0x0A)] == 0x3A { continue }
      case 0x2D, 0x30...0x39, UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
        while at < range.upperBound, unsafe !Self.endsScalar(bytes[at]) { at += 1 }
      default:
        at += 1
        continue
      }
      guard gaps.count < Self.mostScalars, unsafe addGap(bytes, gapStart..<start) else { return false }
      places.append(UInt32(start))
      places.append(UInt32(at))
      isNull.append(unsafe bytes[start] == UInt8(ascii: "n"))
      gapStart = at
    }
    scalarCount = gaps.count
    return unsafe addGap(bytes, gapStart..<range.upperBound)
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x2C || byte == 0x5D || byte == 0x7D
  }

  private mutating func addGap(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty, literals.count + range.count <= Self.mostText else { return false }
    gaps.append(json_gap(start: UInt32(literals.count), count: UInt32(range.count)))
    unsafe literals.append(bytes + range.lowerBound, count: range.count)
    return true
  }

  private mutating func readCells(_ notes: borrowing Buffer<Note>) -> Bool {
    for note in 0..<notes.count {
      guard let scalar = (0..<scalarCount).first(where: { places[1 + 2 * $0] == notes[note].start }) else {
        return false
      }
      slots.append(Slot(scalar: Int32(scalar), column: notes[note].column))
    }
    return true
  }

  private mutating func readPieces(
    _ pieces: borrowing Buffer<Assembly.Piece>, _ first: Int, _ notes: borrowing Buffer<Note>
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

  /// A place in the text between scalars, counted from the scalar's end (or the record's start) before it.
  private func place(of offset: UInt32) -> (Int32, UInt32)? {
    guard let index = (0..<places.count).last(where: { places[$0] <= offset }) else { return nil }
    let behind = offset - places[index]
    // Odd places are the starts of scalars: nothing may be cut inside of one.
    return index % 2 == 1 && behind > 0 ? nil : (Int32(index), behind)
  }
}
