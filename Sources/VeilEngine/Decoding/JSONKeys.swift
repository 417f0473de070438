import CScan

/// Finds the node for the name of a member.
///
/// Most records have their members in the same order. So the key that came next in an earlier record is tried first, at
/// its length, before the name is scanned.
///
/// Sound because names are read from a chunk with 64 zero bytes after its end, or from a buffer with as much slack.
@safe
struct JSONKeys: ~Copyable {
  private var keys = Buffer<JSONLayout.Key>()
  private var names = ByteBuffer()
  private var slots = Buffer<Int32>()
  /// For each node, the likely next key, as a distance from the node's first key.
  private var likely = Buffer<Int32>()
  private var scratch = ByteBuffer()

  init(_ layout: JSONLayout) {
    for key in layout.keys { keys.append(key) }
    for byte in layout.names { names.append(byte) }
    for slot in layout.slots { slots.append(slot) }
    likely.append(repeating: 0, count: layout.nodes.count)
    scratch.reserve(8)
  }

  /// Returns the node of the likely name and the position after its closing quote, if that name begins at `start` and
  /// its quote is before `end`. Otherwise the node is -1. A name that equals a plain key is well-formed without a scan.
  @inline(__always)
  mutating func expected(
    in node: JSONLayout.Node, at index: Int, bytes: UnsafePointer<UInt8>, from start: Int, to end: Int
  ) -> (node: Int, end: Int) {
    guard node.keyCount > 0 else { return (-1, 0) }
    let guess = Int(node.firstKey + likely[index])
    let key = keys[guess]
    let close = start + Int(key.count)
    guard key.isPlain, close < end, unsafe bytes[close] == 0x22 else { return (-1, 0) }
    let name = unsafe bytes + start
    guard unsafe isSame(key, prefix: scan_json_prefix(name, Int(key.count)), name: name) else { return (-1, 0) }
    return (found(guess, in: node, at: index), close + 1)
  }

  /// Returns the node of the member with that name, or -1.
  mutating func find(
    in node: JSONLayout.Node, at index: Int, name: UnsafePointer<UInt8>, count: Int, isEscaped: Bool
  ) -> Int {
    if node.keyCount == 0 { return -1 }
    if isEscaped {
      scratch.removeAll()
      unsafe JSONText.unescape(name, count: count, into: &scratch)
      return unsafe search(in: node, at: index, name: UnsafePointer(scratch.start), count: scratch.count)
    }
    return unsafe search(in: node, at: index, name: name, count: count)
  }

  /// Calls `body` with the name without its escapes.
  mutating func meaning<Result>(
    _ name: UnsafePointer<UInt8>, count: Int, isEscaped: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    scratch.removeAll()
    if isEscaped {
      unsafe JSONText.unescape(name, count: count, into: &scratch)
    } else {
      unsafe scratch.append(name, count: count)
    }
    return unsafe body(UnsafeBufferPointer(start: scratch.start, count: scratch.count))
  }

  private mutating func search(
    in node: JSONLayout.Node, at index: Int, name: UnsafePointer<UInt8>, count: Int
  ) -> Int {
    let prefix = unsafe scan_json_prefix(name, count)
    if node.slotBits == 0 {
      for key in Int(node.firstKey)..<Int(node.firstKey + node.keyCount) {
        if Int(keys[key].count) == count, unsafe isSame(keys[key], prefix: prefix, name: name) {
          return found(key, in: node, at: index)
        }
      }
      return -1
    }
    var slot = JSONLayout.Key.hash(prefix, count, bits: node.slotBits)
    while true {
      let key = Int(slots[Int(node.firstSlot) + slot])
      if key < 0 { return -1 }
      if Int(keys[key].count) == count, unsafe isSame(keys[key], prefix: prefix, name: name) {
        return found(key, in: node, at: index)
      }
      slot = (slot + 1) & (1 << Int(node.slotBits) - 1)
    }
  }

  /// Returns whether a name is the key. It must have the key's length.
  @inline(__always)
  private func isSame(_ key: JSONLayout.Key, prefix: UInt64, name: UnsafePointer<UInt8>) -> Bool {
    guard key.prefix == prefix else { return false }
    return unsafe key.count <= 8 || scan_json_same(names.start + Int(key.start), name, Int(key.count))
  }

  @inline(__always)
  private mutating func found(_ key: Int, in node: JSONLayout.Node, at index: Int) -> Int {
    let next = Int32(truncatingIfNeeded: key) - node.firstKey + 1
    likely[index] = next == node.keyCount ? 0 : next
    return Int(keys[key].node)
  }
}
