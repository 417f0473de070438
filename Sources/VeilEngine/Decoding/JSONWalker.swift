import CByteMask
import Glibc

/// Walks one record after another along a layout: checks every byte of it, notes cells and what is copied.
///
/// Objects and arrays that rules reach into are walked here, all others are skipped by the scanner in C. Cuts fall so
/// that what is left is JSON again: a member that leaves out takes one comma along, the one in front of it where
/// something kept precedes, else the one behind it.
///
/// Sound because `bytes` is a chunk with 64 zero bytes behind `end` (`begin` writes them), which no scan passes; see
/// json_mask.h. Everything else goes through checked buffers.
@safe
struct JSONWalker: ~Copyable {
  private let layout: JSONLayout
  private var nodes = Buffer<JSONLayout.Node>()
  private var keys = Buffer<JSONLayout.Key>()
  private var names = ByteBuffer()
  private var slots = Buffer<Int32>()
  /// For each node, the key that is likely to come next: records mostly have their members in the same order.
  private var likely = Buffer<Int32>()
  private var scratch = ByteBuffer()

  private var bytes: UnsafePointer<UInt8>
  private var end = 0
  /// What counts as white space besides space, tab and carriage return.
  private var lineFeed: UInt8 = 0x20
  private(set) var at = 0

  private var cells: JSONCells
  private var pieces = Buffer<Assembly.Piece>()
  private var ends = Buffer<UInt32>()
  /// Where the run of bytes to copy began.
  private var runStart = 0

  private var record = 0
  private(set) var problem: JSONProblem?
  private(set) var problemAt = 0
  /// The first unexpected field of this record, until the record proves well-formed.
  private var suspect: Suspect?
  private(set) var unexpected: UnexpectedField?

  private struct Suspect {
    var parent: Int
    var offset: Int
    var nameStart = 0
    /// -1 for a value of the wrong shape, which has no name to tell.
    var nameCount = -1
    var isEscaped = false
  }

  init(_ layout: JSONLayout) {
    self.layout = layout
    for node in layout.nodes {
      nodes.append(node)
      likely.append(0)
    }
    for key in layout.keys { keys.append(key) }
    for byte in layout.names { names.append(byte) }
    for slot in layout.slots { slots.append(slot) }
    names.reserve(8)
    scratch.reserve(8)
    cells = JSONCells(count: layout.columnCount)
    unsafe bytes = UnsafePointer(names.start)
  }

  // MARK: - Chunks

  /// Begins with a chunk, which may not be empty.
  mutating func begin(_ chunk: Chunk, _ batch: Batch, lineFeed: UInt8) {
    precondition(!chunk.bytes.isEmpty && chunk.bytes.count <= UInt32.max)
    // Sound: a buffer that has held something has 64 bytes behind its capacity.
    unsafe memset(chunk.bytes.end, 0, 64)
    unsafe bytes = UnsafePointer(chunk.bytes.start)
    end = chunk.bytes.count
    at = 0
    self.lineFeed = lineFeed
    record = 0
    unexpected = nil
    cells.swap(with: batch)
    swap(&pieces, &batch.assembly.pieces)
    swap(&ends, &batch.assembly.ends)
  }

  mutating func finish(_ batch: Batch) {
    cells.swap(with: batch)
    swap(&pieces, &batch.assembly.pieces)
    swap(&ends, &batch.assembly.ends)
  }

  // MARK: - Records

  @inline(__always)
  private var byte: UInt8 { unsafe bytes[at] }

  @inline(__always)
  private mutating func skipSpace() { at = unsafe json_space(bytes, at, lineFeed) }

  /// Walks the object that begins at `start` and the white space behind it. False where it is bad: then `problem` says
  /// why, nothing of it is noted, and `at` may be anywhere in it.
  mutating func walk(from start: Int) -> Bool {
    let firstPiece = pieces.count
    problem = nil
    suspect = nil
    at = start + 1
    runStart = start
    guard members(of: 0, isObject: true, depth: 1, emits: layout.assembles) else {
      pieces.truncate(to: firstPiece)
      cells.take(back: record)
      return false
    }
    if layout.assembles { closeRun(at) }
    skipSpace()
    return true
  }

  /// Takes back what the last good walk noted.
  mutating func reject() {
    pieces.truncate(to: ends.isEmpty ? 0 : Int(ends[ends.count - 1]))
    cells.take(back: record)
  }

  /// Counts the record, good or bad.
  mutating func finishRecord(isGood: Bool) {
    ends.append(UInt32(truncatingIfNeeded: pieces.count))
    if isGood, unexpected == nil, let suspect { unexpected = name(suspect) }
    record += 1
  }

  private mutating func name(_ suspect: Suspect) -> UnexpectedField {
    var name: String? = ""
    if suspect.nameCount >= 0 {
      scratch.removeAll()
      if suspect.isEscaped {
        unsafe JSONText.unescape(bytes + suspect.nameStart, count: suspect.nameCount, into: &scratch)
      } else {
        unsafe scratch.append(bytes + suspect.nameStart, count: suspect.nameCount)
      }
      name = unsafe UnexpectedField.name(UnsafeBufferPointer(start: scratch.start, count: scratch.count))
    }
    return UnexpectedField(record: record, offset: suspect.offset, parent: layout.paths[suspect.parent], name: name)
  }

  // MARK: - Values

  /// Walks the members of an object or the elements of an array, from behind its opening bracket to behind its closing
  /// one. With `emits`, what is around it is being copied.
  private mutating func members(of node: Int, isObject: Bool, depth: UInt32, emits: Bool) -> Bool {
    guard depth <= JSON_MAX_DEPTH.magnitude else { return fail(.depth) }
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
        let token = unsafe json_string(bytes, at + 1)
        guard token.problem == 0 else { return fail(token) }
        nameStart = at + 1
        nameCount = token.at - nameStart
        isEscaped = token.escaped != 0
        child = find(in: node, nameStart, nameCount, isEscaped)
        at = unsafe json_space(bytes, token.at + 1, lineFeed)
        guard byte == 0x3A else { return fail(.colon) }
        at += 1
        skipSpace()
      } else {
        child = Int(nodes[node].elements)
      }

      let opening = byte
      if child >= 0, enters(child, opening) {
        let goesOn = emits && nodes[child].emits
        if emits { if goesOn { keep(&item) } else { cut(&item) } }
        at += 1
        guard members(of: child, isObject: opening == 0x7B, depth: depth + 1, emits: goesOn) else { return false }
      } else {
        var action = nodes[child >= 0 ? child : node].action
        if child >= 0, nodes[child].isEntered, !nodes[child].isRuled, isEmptyValue(opening) {
          action = JSONLayout.Action(way: nodes[child].emits ? .copied : .dropped, column: -1)
        }
        if action.way == .unexpected, suspect == nil {
          suspect =
            child >= 0 || !isObject
            ? Suspect(parent: child >= 0 ? child : node, offset: at)
            : Suspect(parent: node, offset: at, nameStart: nameStart, nameCount: nameCount, isEscaped: isEscaped)
        }
        guard value(action, depth, emits, &item) else { return false }
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

  @inline(__always)
  private func enters(_ node: Int, _ opening: UInt8) -> Bool {
    opening == 0x7B && nodes[node].keyCount > 0 || opening == 0x5B && nodes[node].elements >= 0
  }

  /// Whether a null, `{}` or `[]` begins here. That it is well-formed is found out later.
  private func isEmptyValue(_ opening: UInt8) -> Bool {
    if opening == UInt8(ascii: "n") { return true }
    guard opening == 0x7B || opening == 0x5B else { return false }
    return unsafe bytes[json_space(bytes, at + 1, lineFeed)] == opening + 2
  }

  /// Does to the value that begins here what its action says.
  @inline(__always)
  private mutating func value(
    _ action: JSONLayout.Action, _ depth: UInt32, _ emits: Bool, _ item: inout Item
  ) -> Bool {
    let start = at
    let opening = byte
    let token =
      opening == 0x22
      ? unsafe json_string(bytes, at + 1) : unsafe json_skip_value(bytes, at, depth, lineFeed)
    guard token.problem == 0 else { return fail(token) }
    at = opening == 0x22 ? token.at + 1 : token.at
    var index = 0
    if action.column >= 0 {
      let cell: Cell
      switch opening {
      case 0x22:
        let flags: Cell.Flags = token.escaped != 0 ? [.quoted, .escaped] : .quoted
        cell = Cell(start: start + 1, count: token.at - start - 1, flags: flags)
      case 0x7B, 0x5B: cell = Cell(start: start, count: at - start, flags: .composite)
      case UInt8(ascii: "n"): cell = .null
      default: cell = Cell(start: start, count: at - start, flags: [.literal, .plain])
      }
      index = cells.append(cell, to: Int(action.column), record)
    }
    guard emits else { return true }
    switch action.way {
    case .copied: keep(&item)
    case .dropped, .unexpected: cut(&item)
    case .written:
      keep(&item)
      closeRun(start)
      pieces.append(.cell(column: Int(action.column), index: index))
      runStart = at
    }
    return true
  }

  // MARK: - Copying

  /// Where the current member or element stands among its siblings.
  private struct Item {
    /// Behind the comma or opening bracket in front of it.
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
    if end > runStart { pieces.append(.run(start: runStart, count: end - runStart)) }
  }

  // MARK: - Names

  /// The node of the member with that name, or -1.
  @inline(__always)
  private mutating func find(in node: Int, _ start: Int, _ count: Int, _ isEscaped: Bool) -> Int {
    let keyCount = Int(nodes[node].keyCount)
    if keyCount == 0 { return -1 }
    if isEscaped {
      scratch.removeAll()
      unsafe JSONText.unescape(bytes + start, count: count, into: &scratch)
      return unsafe find(in: node, UnsafePointer(scratch.start), scratch.count)
    }
    return unsafe find(in: node, bytes + start, count)
  }

  @inline(__always)
  private mutating func find(in node: Int, _ name: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let prefix = unsafe json_prefix(name, count)
    let first = Int(nodes[node].firstKey)
    let guess = first + Int(likely[node])
    if unsafe matches(guess, prefix, name, count) { return found(guess, in: node) }
    return unsafe search(in: node, prefix, name, count)
  }

  @inline(never)
  private mutating func search(in node: Int, _ prefix: UInt64, _ name: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let first = Int(nodes[node].firstKey)
    let bits = nodes[node].slotBits
    if bits == 0 {
      for key in first..<first + Int(nodes[node].keyCount) where unsafe matches(key, prefix, name, count) {
        return found(key, in: node)
      }
      return -1
    }
    let base = Int(nodes[node].firstSlot)
    var slot = JSONLayout.Key.hash(prefix, count, bits: bits)
    while true {
      let key = Int(slots[base + slot])
      if key < 0 { return -1 }
      if unsafe matches(key, prefix, name, count) { return found(key, in: node) }
      slot = (slot + 1) & (1 << Int(bits) - 1)
    }
  }

  @inline(__always)
  private func matches(_ index: Int, _ prefix: UInt64, _ name: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let key = keys[index]
    guard key.prefix == prefix, Int(key.count) == count else { return false }
    if count <= 8 { return true }
    return unsafe memcmp(names.start + Int(key.start), name, count) == 0
  }

  @inline(__always)
  private mutating func found(_ key: Int, in node: Int) -> Int {
    let next = Int32(truncatingIfNeeded: key) - nodes[node].firstKey + 1
    likely[node] = next == nodes[node].keyCount ? 0 : next
    return Int(keys[key].node)
  }

  // MARK: - Problems

  @inline(never)
  private mutating func fail(_ problem: JSONProblem) -> Bool {
    fail(problem, at)
    return false
  }

  @inline(never)
  private mutating func fail(_ token: json_token) -> Bool {
    fail(JSONProblem(rawValue: token.problem) ?? .value, token.at)
    return false
  }

  private mutating func fail(_ problem: JSONProblem, _ place: Int) {
    problemAt = min(place, end)
    let isOver = unsafe place >= end || (bytes[place] == 0x0A && lineFeed != 0x0A)
    self.problem = isOver && problem.isSyntax ? .cutOff : problem
  }
}
