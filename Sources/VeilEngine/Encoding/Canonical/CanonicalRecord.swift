import CScan
import Glibc

/// Keeps what writing records in their one form needs. One thread owns it.
final class CanonicalWriter {
  // One value, so that Swift checks exclusive access once for each record.
  private var record: CanonicalRecord

  init(_ fields: [FieldPlan]) { record = CanonicalRecord(fields) }

  /// Appends the form of the record in `text`. Returns the reason if it has none; what was appended is then of no use.
  func write(_ text: inout ByteBuffer, into out: inout ByteBuffer) -> FailureReason? {
    swap(&text, &record.text)
    defer { swap(&text, &record.text) }
    return record.write(into: &out)
  }
}

/// Writes the text of a JSON record in the one form that all records with the same values share, so that nobody is
/// told by the layout of their record.
///
/// - Members that rules name come first, in the order of the rules. One that is missing or holds nothing (null, `[]`,
///   or an object whose members hold nothing) is null, or an empty array where rules are about elements.
/// - All other members follow, sorted by the bytes of their names, without those that hold nothing.
/// - There are no blanks. Strings have as few escapes as possible, numbers the form of `CanonicalNumber`.
///
/// A record that names a member twice has no such form.
///
/// Sound because `text` has 64 zero bytes after its end (`read` writes them) and is well-formed, so every scan stops
/// inside it; all other access goes through checked buffers.
@safe
struct CanonicalRecord: ~Copyable {
  private let template: CanonicalTemplate
  private var values = Buffer<Value>()
  /// The names of members that were written with escapes, as they are meant.
  private var names = ByteBuffer()
  private var scratch = ByteBuffer()
  /// Stacks of the objects being written: the value of each member of the template, and the other members.
  private var slots = Buffer<Int32>()
  private var others = Buffer<Int32>()
  /// The record, assembled from source bytes and cells.
  var text = ByteBuffer()

  private enum Kind: UInt8 { case null, literal, number, string, escapedString, object, array }

  /// A value of the record. Its members or elements are a list, linked by `next`.
  private struct Value: BitwiseCopyable {
    var kind: Kind
    /// Whether it is null, an empty array, or an object whose members are nothing.
    var isNothing = false
    var isNameEscaped = false
    var start: UInt32
    var end: UInt32 = 0
    var nameStart: UInt32 = 0
    var nameCount: UInt32 = 0
    var child: Int32 = -1
    var next: Int32 = -1
  }

  init(_ fields: [FieldPlan]) { template = CanonicalTemplate(fields) }

  /// Appends the form of the record in `text`. Returns the reason if it has none; what was appended is then of no use.
  mutating func write(into out: inout ByteBuffer) -> FailureReason? {
    values.removeAll()
    names.removeAll()
    slots.removeAll()
    others.removeAll()
    text.reserve(64)
    unsafe memset(text.end, 0, 64)
    var at = 0
    let root = Int(read(&at))
    if values[root].isNothing, template.nodes[0].count == 0 {
      out.append("{}")
      return nil
    }
    return write(root, template: 0, into: &out)
  }

  // MARK: Reading

  private mutating func space(_ at: Int) -> Int { unsafe scan_json_space(text.start, at, 0x0A) }

  /// Reads the value at `at` and everything in it, and returns its index.
  private mutating func read(_ at: inout Int) -> Int32 {
    at = space(at)
    let index = values.count
    let first = text[at]
    switch first {
    case 0x22:
      let token = unsafe scan_json_string(text.start, at + 1)
      values.append(Value(kind: token.escaped != 0 ? .escapedString : .string, start: UInt32(at + 1)))
      values[index].end = UInt32(token.at)
      at = token.at + 1
    case 0x7B, 0x5B:
      values.append(Value(kind: first == 0x7B ? .object : .array, start: UInt32(at)))
      at += 1
      readParts(of: index, &at)
      values[index].end = UInt32(at)
    default:
      let token = unsafe scan_json_skip_value(text.start, at, 0, 0x0A)
      let kind: Kind =
        switch first {
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .literal
        default: .number
        }
      values.append(Value(kind: kind, isNothing: kind == .null, start: UInt32(at)))
      values[index].end = UInt32(token.at)
      at = max(token.at, at + 1)
    }
    return Int32(index)
  }

  /// Reads the members of an object or the elements of an array, from after the opening bracket.
  private mutating func readParts(of index: Int, _ at: inout Int) {
    let isObject = values[index].kind == .object
    let closing: UInt8 = isObject ? 0x7D : 0x5D
    var last = -1
    var holdsNothing = true
    at = space(at)
    while text[at] != closing {
      var (nameStart, nameCount, isEscaped) = (0, 0, false)
      if isObject {
        let token = unsafe scan_json_string(text.start, at + 1)
        (nameStart, nameCount, isEscaped) = (at + 1, token.at - at - 1, token.escaped != 0)
        if isEscaped {
          let from = names.count
          unsafe JSONText.unescape(text.start + nameStart, count: nameCount, into: &names)
          (nameStart, nameCount) = (from, names.count - from)
        }
        at = space(token.at + 1) + 1
      }
      let part = read(&at)
      values[Int(part)].nameStart = UInt32(nameStart)
      values[Int(part)].nameCount = UInt32(nameCount)
      values[Int(part)].isNameEscaped = isEscaped
      if !isObject || !values[Int(part)].isNothing { holdsNothing = false }
      if last < 0 { values[index].child = part } else { values[last].next = part }
      last = Int(part)
      at = space(at)
      if text[at] == 0x2C { at = space(at + 1) }
    }
    at += 1
    values[index].isNothing = holdsNothing
  }

  // MARK: Writing

  private static let twice = FailureReason(
    "names a member twice, so that it has no form of its own to leave in", .shape)

  /// Appends a value. `template` is its node, or -1 where no rule names it.
  private mutating func write(_ index: Int, template node: Int, into out: inout ByteBuffer) -> FailureReason? {
    let value = values[index]
    if node >= 0, value.isNothing {
      writeNothing(node, into: &out)
      return nil
    }
    let (start, count) = (Int(value.start), Int(value.end - value.start))
    switch value.kind {
    case .null: out.append("null")
    case .literal: unsafe out.append(text.start + start, count: count)
    case .number:
      if unsafe !CanonicalNumber.append(text.start + start, count: count, to: &out) { return CanonicalNumber.tooLong }
    case .string: unsafe out.appendQuoted(text.start + start, count: count, quote: 0x22)
    case .escapedString:
      scratch.removeAll()
      unsafe JSONText.unescape(text.start + start, count: count, into: &scratch)
      writeString(into: &out)
    case .array:
      let elements = node >= 0 ? Int(template.nodes[node].elements) : -1
      out.append(0x5B)
      var part = value.child
      while part >= 0 {
        if part != value.child { out.append(0x2C) }
        if let reason = write(Int(part), template: elements, into: &out) { return reason }
        part = values[Int(part)].next
      }
      out.append(0x5D)
    case .object: return writeObject(index, template: node, into: &out)
    }
    return nil
  }

  /// Appends what stands for a value that is missing.
  private mutating func writeNothing(_ node: Int, into out: inout ByteBuffer) {
    let (first, count) = (Int(template.nodes[node].first), Int(template.nodes[node].count))
    guard count > 0 else { return template.nodes[node].elements >= 0 ? out.append("[]") : out.append("null") }
    out.append(0x7B)
    for offset in 0..<count {
      if offset > 0 { out.append(0x2C) }
      let member = template.members[first + offset]
      unsafe out.append(template.bytes.start + Int(member.writtenStart), count: Int(member.writtenLength))
      writeNothing(Int(member.node), into: &out)
    }
    out.append(0x7D)
  }

  private mutating func writeObject(_ index: Int, template node: Int, into out: inout ByteBuffer) -> FailureReason? {
    let known = node >= 0 ? template.nodes[node] : CanonicalTemplate.Node()
    let (slotBase, otherBase) = (slots.count, others.count)
    slots.append(repeating: -1, count: Int(known.count))
    if place(index, known, slotBase) { return Self.twice }
    if sortOthers(from: otherBase) { return Self.twice }
    out.append(0x7B)
    var isFirst = true
    for offset in 0..<Int(known.count) {
      if !isFirst { out.append(0x2C) }
      isFirst = false
      let member = template.members[Int(known.first) + offset]
      unsafe out.append(template.bytes.start + Int(member.writtenStart), count: Int(member.writtenLength))
      let slot = slots[slotBase + offset]
      if slot < 0 {
        writeNothing(Int(member.node), into: &out)
      } else if let reason = write(Int(slot), template: Int(member.node), into: &out) {
        return reason
      }
    }
    for place in otherBase..<others.count {
      let member = Int(others[place])
      if values[member].isNothing { continue }
      if !isFirst { out.append(0x2C) }
      isFirst = false
      writeName(of: member, into: &out)
      if let reason = write(member, template: -1, into: &out) { return reason }
    }
    out.append(0x7D)
    slots.truncate(to: slotBase)
    others.truncate(to: otherBase)
    return nil
  }

  /// Finds the template's member for each member of an object; the rest goes to `others`. Returns whether one of the
  /// template's members is there twice.
  private mutating func place(_ index: Int, _ known: CanonicalTemplate.Node, _ slotBase: Int) -> Bool {
    // Most records have their members in the order of the rules.
    var likely = 0
    var part = values[index].child
    while part >= 0 {
      var found = -1
      for step in 0..<Int(known.count) {
        let offset = (likely + step) % Int(known.count)
        if isNamed(Int(part), template.members[Int(known.first) + offset]) {
          found = offset
          break
        }
      }
      if found >= 0 {
        if slots[slotBase + found] >= 0 { return true }
        slots[slotBase + found] = part
        likely = found + 1
      } else {
        others.append(part)
      }
      part = values[Int(part)].next
    }
    return false
  }

  private func isNamed(_ index: Int, _ member: CanonicalTemplate.Member) -> Bool {
    let value = values[index]
    guard value.nameCount == UInt32(member.length) else { return false }
    return unsafe memcmp(name(of: value), template.bytes.start + Int(member.start), Int(member.length)) == 0
  }

  /// Sorts the members from `base` on by their names. Returns whether two have the same name.
  private mutating func sortOthers(from base: Int) -> Bool {
    guard others.count > base + 1 else { return false }
    var sorted = (base..<others.count).map { others[$0] }
    sorted.sort { compare(Int($0), Int($1)) < 0 }
    for (offset, member) in sorted.enumerated() {
      others[base + offset] = member
      if offset > 0, compare(Int(sorted[offset - 1]), Int(member)) == 0 { return true }
    }
    return false
  }

  private func compare(_ a: Int, _ b: Int) -> Int {
    let (first, second) = (values[a], values[b])
    let count = Int(min(first.nameCount, second.nameCount))
    let order = unsafe memcmp(name(of: first), name(of: second), count)
    return order != 0 ? Int(order) : Int(first.nameCount) - Int(second.nameCount)
  }

  /// Sound: a name lies within the text or the names, neither of which changes while a record is written.
  private func name(of value: Value) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer((value.isNameEscaped ? names.start : text.start) + Int(value.nameStart))
  }

  private mutating func writeName(of index: Int, into out: inout ByteBuffer) {
    let value = values[index]
    scratch.removeAll()
    unsafe scratch.append(name(of: value), count: Int(value.nameCount))
    writeString(into: &out)
    out.append(0x3A)
  }

  /// Appends the text in `scratch` as a string.
  private mutating func writeString(into out: inout ByteBuffer) {
    out.append(0x22)
    unsafe JSONText.escape(scratch.start, count: scratch.count, into: &out)
    out.append(0x22)
  }
}
