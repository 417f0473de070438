import CScan
import Glibc

/// Walks one record after another along a layout. It checks every byte of a record, and adds cells and the runs to
/// copy.
///
/// The walker itself reads the objects and arrays that rules reach into; the scanner in C skips all others. Cuts are
/// made so that the remaining text is valid JSON: a member that is left out takes one comma with it, the one before it
/// if a kept sibling precedes it, otherwise the one after it.
///
/// Sound because `bytes` is a chunk with 64 zero bytes after `end` (`begin` writes them), and no scan goes past them;
/// see json_text.h. All other access goes through checked buffers.
@safe
struct JSONWalker: ~Copyable {
  private let layout: JSONLayout
  private var nodes = Buffer<JSONLayout.Node>()
  private var keys: JSONKeys

  private var bytes: UnsafePointer<UInt8>
  private var end = 0
  /// The byte that counts as white space besides space, tab and carriage return.
  private var lineFeed: UInt8 = 0x20
  private(set) var at = 0

  private var cells: JSONCells
  private var pieces = Buffer<Assembly.Piece>()
  private var ends = Buffer<UInt32>()
  /// The start of the run of bytes to copy.
  private var runStart = 0

  private var shape: JSONShape
  /// The values of this record that cells were made for, if its shape is to be learnt.
  private var notes = Buffer<JSONShape.Note>()

  private var record = 0
  private(set) var problem: JSONProblem?
  private(set) var problemAt = 0
  /// The first unexpected field of this record, until the record is known to be well-formed.
  private var suspect: Suspect?
  /// Those that follow it in this record.
  private var moreSuspects: [Suspect] = []
  /// The unexpected fields of this chunk, each name once.
  private(set) var unexpected: [UnexpectedField] = []
  private static let unexpectedLimit = 100

  /// How often a rule's path was met in good records so far, by node.
  private(set) var met = Buffer<Int>()
  /// The number of good records so far.
  private(set) var goodRecords = 0
  /// The nodes with rules that the record being walked met, in order; unused where nobody counts.
  private var hits = Buffer<Int32>()
  /// Whether the record needed no walk, since its shape was known.
  private var isShaped = false
  private let countsRules: Bool
  private let forbids: Bool

  private struct Suspect {
    var why = UnexpectedField.Reason.unlisted
    var parent: Int
    var offset: Int
    var nameStart = 0
    /// -1 for a value of the wrong shape, which has no name to show.
    var nameCount = -1
    var isEscaped = false
  }

  init(_ layout: JSONLayout) {
    self.layout = layout
    for node in layout.nodes { nodes.append(node) }
    keys = JSONKeys(layout)
    countsRules = layout.countsRules
    forbids = !layout.forbidden.isEmpty
    met.append(repeating: 0, count: layout.nodes.count)
    shape = JSONShape(isNested: layout.nodes.dropFirst().contains(where: \.isEntered))
    cells = JSONCells(count: layout.columnCount)
    let empty = ByteBuffer()
    unsafe bytes = UnsafePointer(empty.start)
  }

  // MARK: - Chunks

  /// Starts on a chunk, which must not be empty.
  mutating func begin(_ chunk: Chunk, _ batch: Batch, lineFeed: UInt8) {
    precondition(!chunk.bytes.isEmpty && chunk.bytes.count <= UInt32.max)
    // Sound: a buffer that has held any elements has 64 bytes after its capacity.
    unsafe memset(chunk.bytes.end, 0, 64)
    unsafe bytes = UnsafePointer(chunk.bytes.start)
    end = chunk.bytes.count
    at = 0
    self.lineFeed = lineFeed
    record = 0
    unexpected.removeAll()
    shape.begin()
    cells.swap(with: batch)
    swap(&pieces, &batch.assembly.pieces)
    swap(&ends, &batch.assembly.ends)
  }

  mutating func finish(_ batch: Batch) {
    if countsRules { shape.addHits(to: &met) }
    cells.swap(with: batch)
    swap(&pieces, &batch.assembly.pieces)
    swap(&ends, &batch.assembly.ends)
  }

  // MARK: - Records

  @inline(__always)
  private var byte: UInt8 { unsafe bytes[at] }

  @inline(__always)
  private mutating func skipSpace() { at = unsafe scan_json_space(bytes, at, lineFeed) }

  /// Walks the object that begins at `start` and the white space after it. Returns false if the object is bad: then
  /// `problem` says why, no cell or run of it is kept, and `at` may be anywhere in it.
  mutating func walk(from start: Int) -> Bool {
    let firstPiece = pieces.count
    problem = nil
    if suspect != nil { moreSuspects.removeAll() }
    suspect = nil
    isShaped = true
    if let end = unsafe shape.match(bytes, from: start, to: end) {
      unsafe shape.emit(bytes, record: record, cells: &cells, pieces: &pieces)
      at = end
      skipSpace()
      return true
    }
    isShaped = false
    notes.removeAll()
    hits.removeAll()
    at = start + 1
    runStart = start
    guard members(of: 0, isObject: true, depth: 1, emits: layout.assembles) else {
      pieces.truncate(to: firstPiece)
      cells.take(back: record)
      return false
    }
    if layout.assembles { closeRun(at) }
    if suspect == nil, shape.wantsToLearn {
      if countsRules { shape.addHits(to: &met) }
      unsafe shape.learn(bytes, start..<at, notes: notes, pieces: pieces, from: firstPiece)
      if countsRules { shape.learnHits(hits) }
    }
    skipSpace()
    return true
  }

  /// Removes the cells and runs that the last good walk added.
  mutating func reject() {
    pieces.truncate(to: ends.isEmpty ? 0 : Int(ends[ends.count - 1]))
    cells.take(back: record)
  }

  /// Counts the record, good or bad.
  mutating func finishRecord(isGood: Bool) {
    ends.append(UInt32(truncatingIfNeeded: pieces.count))
    if isGood {
      goodRecords &+= 1
      if suspect != nil { nameSuspects() }
      if countsRules { countHits() }
    }
    record += 1
  }

  private mutating func countHits() {
    if isShaped { return shape.countHits() }
    for hit in 0..<hits.count { met[Int(hits[hit])] &+= 1 }
  }

  private mutating func nameSuspects() {
    for suspect in [suspect].compactMap(\.self) + moreSuspects where unexpected.count < Self.unexpectedLimit {
      let field = name(suspect)
      if !unexpected.contains(where: { $0.isSameField(as: field) }) { unexpected.append(field) }
    }
  }

  private mutating func suspect(_ found: Suspect) {
    if suspect == nil {
      suspect = found
    } else if moreSuspects.count < Self.unexpectedLimit {
      moreSuspects.append(found)
    }
  }

  private mutating func name(_ suspect: Suspect) -> UnexpectedField {
    var name: String? = ""
    if suspect.nameCount >= 0 {
      let start = unsafe bytes + suspect.nameStart
      name = unsafe keys.meaning(start, count: suspect.nameCount, isEscaped: suspect.isEscaped, UnexpectedField.name)
    }
    return UnexpectedField(
      record: record, offset: suspect.offset, parent: layout.paths[suspect.parent], name: name, why: suspect.why)
  }

  // MARK: - Values

  // All of these functions are mutating, even if they change nothing: a function that only reads copies the whole
  // walker (Swift 6.3).

  /// Walks the members of an object or the elements of an array, from after the opening bracket to after the closing
  /// one. `emits` says whether the text around them is being copied.
  private mutating func members(of node: Int, isObject: Bool, depth: UInt32, emits: Bool) -> Bool {
    guard depth <= SCAN_JSON_MAX_DEPTH.magnitude else { return fail(.depth) }
    let closing: UInt8 = isObject ? 0x7D : 0x5D
    var item = Item(start: at)
    skipSpace()
    if byte == closing {
      at += 1
      return true
    }
    while true {
      var child = -1
      var nameStart = 0
      var nameCount = 0
      var isEscaped = false
      if isObject {
        guard byte == 0x22 else { return fail(.name) }
        nameStart = at + 1
        let guess = unsafe keys.expected(in: nodes[node], at: node, bytes: bytes, from: nameStart, to: end)
        if guess.node >= 0 {
          child = guess.node
          at = guess.end
        } else {
          let token = unsafe scan_json_string(bytes, nameStart)
          guard token.problem == 0 else { return fail(token) }
          nameCount = token.at - nameStart
          isEscaped = token.escaped != 0
          child = unsafe keys.find(
            in: nodes[node], at: node, name: bytes + nameStart, count: nameCount, isEscaped: isEscaped)
          at = token.at + 1
        }
        skipSpace()
        guard byte == 0x3A else { return fail(.colon) }
        at += 1
        skipSpace()
      } else {
        child = Int(nodes[node].elements)
      }

      let opening = byte
      if countsRules, child >= 0, nodes[child].isRuled { hits.append(Int32(truncatingIfNeeded: child)) }
      if child >= 0, enters(child, opening) {
        let goesOn = emits && nodes[child].emits
        if emits { if goesOn { keep(&item) } else { cut(&item) } }
        at += 1
        guard members(of: child, isObject: opening == 0x7B, depth: depth + 1, emits: goesOn) else { return false }
      } else {
        let action = child >= 0 ? action(for: child, opening) : nodes[node].parts
        if action.way == .unexpected {
          suspect(
            child >= 0 || !isObject
              ? Suspect(
                why: child >= 0 && nodes[child].isRuled ? .container : .unlisted, parent: child >= 0 ? child : node,
                offset: at)
              : Suspect(parent: node, offset: at, nameStart: nameStart, nameCount: nameCount, isEscaped: isEscaped))
        }
        let start = at
        let isNull = child >= 0 && nodes[child].emptyIsNull && (opening == 0x7B || opening == 0x5B)
        guard value(action, depth: depth, emits: emits, isNull: isNull && isEmptyValue(opening), item: &item) else {
          return false
        }
        if forbids, emits, action.way == .copied, suspect == nil {
          let name = isObject && child < 0 ? nameStart..<nameStart + nameCount : 0..<0
          lookForForbidden(in: start..<at, named: name, isEscaped: isEscaped, below: child >= 0 ? child : node)
        }
      }

      let valueEnd = at
      skipSpace()
      let next = byte
      at += 1
      if next == 0x2C {
        item.start = at
        skipSpace()
      } else if next == closing {
        if item.isCut { runStart = valueEnd }
        return true
      } else {
        at -= 1
        return fail(.comma)
      }
    }
  }

  /// Returns what happens to a value at a node that is not entered.
  @inline(__always)
  private mutating func action(for node: Int, _ opening: UInt8) -> JSONLayout.Action {
    if nodes[node].isEntered { return actionForOtherShape(node, opening) }
    guard opening == 0x7B || opening == 0x5B else { return nodes[node].action }
    // Nothing can leave in an empty one, and many programs write one where there is no value.
    return nodes[node].takesEmpty && isEmptyValue(opening) ? nodes[node].action : nodes[node].container
  }

  /// Notes a member that a policy forbids, in a value that is copied with all that is in it, or its own name.
  private mutating func lookForForbidden(in range: Range<Int>, named name: Range<Int>, isEscaped: Bool, below node: Int)
  {
    var path = layout.paths[node]
    if !name.isEmpty {
      let own = unsafe keys.meaning(bytes + name.lowerBound, count: name.count, isEscaped: isEscaped) {
        unsafe String(decoding: $0, as: UTF8.self)
      }
      path = path.isEmpty ? own : "\(path).\(own)"
      if layout.forbidden.rule(over: path) != nil {
        suspect = Suspect(why: .forbidden, parent: node, offset: range.lowerBound)
        return
      }
    }
    let first = unsafe bytes[range.lowerBound]
    guard first == 0x7B || first == 0x5B else { return }
    let text = unsafe Array(UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count))
    if layout.forbidden.isNamed(in: text, below: path) {
      suspect = Suspect(why: .forbidden, parent: node, offset: range.lowerBound)
    }
  }

  /// Returns what happens to a value whose node has rules for an object or for an array, if the value is not one, or is
  /// the other one.
  ///
  /// A null and an empty object or array stay as they are. A whole object or array of the other shape could hold
  /// anywhere the parts that the rules below withhold. So it is unexpected, even if unlisted fields are kept.
  private mutating func actionForOtherShape(_ node: Int, _ opening: UInt8) -> JSONLayout.Action {
    let isEmpty = isEmptyValue(opening)
    if isEmpty, !nodes[node].isRuled {
      return JSONLayout.Action(way: nodes[node].emits ? .copied : .dropped, column: -1)
    }
    if isEmpty, nodes[node].takesEmpty { return nodes[node].action }
    guard opening == 0x7B || opening == 0x5B else { return nodes[node].action }
    if !isEmpty, nodes[node].container.way == .copied, !nodes[node].isUniform {
      return JSONLayout.Action(way: .unexpected, column: -1)
    }
    return nodes[node].container
  }

  @inline(__always)
  private func enters(_ node: Int, _ opening: UInt8) -> Bool {
    opening == 0x7B && nodes[node].keyCount > 0 || opening == 0x5B && nodes[node].elements >= 0
  }

  /// Returns whether a null, `{}` or `[]` begins here. A later step checks that it is well-formed.
  private mutating func isEmptyValue(_ opening: UInt8) -> Bool {
    if opening == UInt8(ascii: "n") { return true }
    guard opening == 0x7B || opening == 0x5B else { return false }
    return unsafe bytes[scan_json_space(bytes, at + 1, lineFeed)] == opening + 2
  }

  /// Does to the value that begins here what its action says.
  @inline(__always)
  private mutating func value(
    _ action: JSONLayout.Action, depth: UInt32, emits: Bool, isNull: Bool, item: inout Item
  ) -> Bool {
    let start = at
    let opening = byte
    let token =
      opening == 0x22
      ? unsafe scan_json_string(bytes, at + 1) : unsafe scan_json_skip_value(bytes, at, depth, lineFeed)
    guard token.problem == 0 else { return fail(token) }
    at = opening == 0x22 ? token.at + 1 : token.at
    var index = 0
    if action.column >= 0 {
      let cell: Cell
      switch opening {
      case 0x22:
        let flags: Cell.Flags = token.escaped != 0 ? [.quoted, .escaped] : .quoted
        cell = Cell(start: start + 1, count: token.at - start - 1, flags: flags)
      case 0x7B, 0x5B: cell = isNull ? .null : Cell(start: start, count: at - start, flags: .composite)
      case UInt8(ascii: "n"): cell = .null
      default: cell = Cell(start: start, count: at - start, flags: [.literal, .plain])
      }
      index = cells.append(cell, to: Int(action.column), record: record)
      notes.append(
        JSONShape.Note(
          start: UInt32(truncatingIfNeeded: start), column: action.column, index: UInt32(truncatingIfNeeded: index)))
    }
    guard emits else { return true }
    switch action.way {
    case .copied: keep(&item)
    case .dropped, .unexpected: cut(&item)
    case .written:
      keep(&item)
      pieces.append(
        Assembly.Piece(start: runStart, end: start, column: action.column, cell: UInt32(truncatingIfNeeded: index)))
      runStart = at
    }
    return true
  }

  // MARK: - Copying

  /// The position of the current member or element among its siblings.
  private struct Item {
    /// The position after the comma or opening bracket before it.
    var start: Int
    /// Whether a sibling before it is kept.
    var follows = false
    /// Whether copying has stopped.
    var isCut = false
  }

  @inline(__always)
  private mutating func keep(_ item: inout Item) {
    if item.isCut {
      runStart = item.follows ? item.start - 1 : item.start
      item.isCut = false
    }
    item.follows = true
  }

  @inline(__always)
  private mutating func cut(_ item: inout Item) {
    guard !item.isCut else { return }
    closeRun(item.follows ? item.start - 1 : item.start)
    item.isCut = true
  }

  @inline(__always)
  private mutating func closeRun(_ end: Int) {
    if end > runStart { pieces.append(Assembly.Piece(start: runStart, end: end)) }
  }

  // MARK: - Problems

  @inline(never)
  private mutating func fail(_ problem: JSONProblem) -> Bool {
    fail(problem, at)
    return false
  }

  @inline(never)
  private mutating func fail(_ token: scan_json_token) -> Bool {
    fail(JSONProblem(rawValue: token.problem) ?? .value, token.at)
    return false
  }

  private mutating func fail(_ problem: JSONProblem, _ place: Int) {
    problemAt = min(place, end)
    let isOver = unsafe place >= end || (bytes[place] == 0x0A && lineFeed != 0x0A)
    self.problem = isOver && problem.isSyntax ? .cutOff : problem
  }
}
