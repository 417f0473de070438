import CScan
import VeilConfig

/// Finds the fields of JSON records whose names are not known in advance: each path gets a column when it first occurs.
///
/// It walks through records that a `JSONRecordDecoder` found well-formed, so it checks nothing but bounds: every scan
/// stops at the 64 zero bytes after a chunk. Belongs to one thread.
@safe
final class JSONFieldWalker {
  /// One node for each object, array and field, in the order in which they first occurred.
  private final class Node {
    let path: String
    var column: Int?
    var members: [[UInt8]: Node] = [:]
    /// Members in the order of the last object; the next object probably has the same order, so these are tried first.
    var likely: [(name: [UInt8], node: Node)] = []
    var elements: Node?

    init(path: String) { self.path = path }
  }

  private let root = Node(path: "")
  /// Each column's path, as pipelines write it.
  private(set) var paths: [String] = []
  /// The values of the current chunk, by path.
  private(set) var columns: [Column] = []
  private var bytes: UnsafePointer<UInt8>
  private var end = 0
  private var at = 0
  private var record = 0

  init() {
    let empty = ByteBuffer()
    unsafe bytes = UnsafePointer(empty.start)
  }

  /// Walks through the live records of a batch that was decoded from `chunk`.
  func walk(_ chunk: Chunk, _ batch: Batch) {
    unsafe bytes = UnsafePointer(chunk.bytes.start)
    end = chunk.bytes.count
    for column in columns { unsafe column.reset(base: bytes) }
    for index in 0..<batch.recordCount where batch.isLive(index) {
      record = index
      at = Int(batch.recordStarts[index])
      if byte == 0x7B { object(root) }
    }
  }

  private var byte: UInt8 { at < end ? unsafe bytes[at] : 0 }

  private func space() { at = unsafe scan_json_space(bytes, at, 0x0A) }

  private func object(_ node: Node) {
    at += 1
    space()
    // An empty object has no members, but it is a field that needs a rule.
    if byte == 0x7D, node !== root { note(.null, node) }
    var place = 0
    while byte == 0x22 {
      let start = at + 1
      let name = unsafe scan_json_string(bytes, start)
      guard name.problem == 0 else { return }
      let child = member(of: node, at: place, from: start, count: name.at - start, isEscaped: name.escaped != 0)
      place += 1
      at = name.at + 1
      space()
      at += 1
      space()
      value(child)
      space()
      guard byte == 0x2C else { break }
      at += 1
      space()
    }
    at += 1
  }

  private func member(of node: Node, at place: Int, from start: Int, count: Int, isEscaped: Bool) -> Node {
    let raw = unsafe UnsafeBufferPointer(start: bytes + start, count: count)
    if !isEscaped, place < node.likely.count, unsafe node.likely[place].name.elementsEqual(raw) {
      return node.likely[place].node
    }
    var name = unsafe Array(raw)
    if isEscaped {
      var out = ByteBuffer()
      out.reserve(count + 8)
      unsafe JSONText.unescape(bytes + start, count: count, into: &out)
      name = (0..<out.count).map { out[$0] }
    }
    let child: Node
    if let known = node.members[name] {
      child = known
    } else {
      let key = FieldPath(key: String(decoding: name, as: UTF8.self)).description
      child = Node(path: node.path.isEmpty ? key : "\(node.path).\(key)")
      node.members[name] = child
    }
    if !isEscaped {
      if place < node.likely.count {
        node.likely[place] = (name, child)
      } else if place == node.likely.count {
        node.likely.append((name, child))
      }
    }
    return child
  }

  private func value(_ node: Node) {
    let start = at
    switch byte {
    case 0x7B:
      object(node)
    case 0x5B:
      at += 1
      space()
      if byte != 0x5D {
        let elements = node.elements ?? Node(path: node.path + "[]")
        node.elements = elements
        while true {
          value(elements)
          space()
          guard byte == 0x2C else { break }
          at += 1
          space()
        }
      } else {
        note(.null, node)
      }
      at += 1
    case 0x22:
      let token = unsafe scan_json_string(bytes, at + 1)
      guard token.problem == 0 else {
        at = end
        return
      }
      at = token.at + 1
      let flags: Cell.Flags = token.escaped != 0 ? [.quoted, .escaped] : .quoted
      note(Cell(start: start + 1, count: token.at - start - 1, flags: flags), node)
    default:
      let token = unsafe scan_json_skip_value(bytes, at, 1, 0x0A)
      guard token.problem == 0, token.at > start else {
        at = end
        return
      }
      at = token.at
      let isNull = unsafe bytes[start] == UInt8(ascii: "n")
      note(isNull ? .null : Cell(start: start, count: at - start, flags: [.literal, .plain]), node)
    }
  }

  private func note(_ cell: Cell, _ node: Node) {
    let number: Int
    if let known = node.column {
      number = known
    } else {
      number = paths.count
      node.column = number
      paths.append(node.path)
      let column = Column(hasRows: true)
      unsafe column.reset(base: bytes)
      columns.append(column)
    }
    let column = columns[number]
    column.cells.append(cell)
    column.rows.append(UInt32(truncatingIfNeeded: record))
    if cell.has(.escaped) { column.hasEscapes = true }
  }
}
