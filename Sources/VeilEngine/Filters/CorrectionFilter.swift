/// `records.corrections`: replaces values of the input by corrected values, before filters and stages read them. It
/// excludes no record: people who are not in the list keep their values.
final class CorrectionFilter: BatchFilter {
  private let list: CorrectionList
  private let matcher: SubjectMatcher
  /// The column of each corrected field.
  private let columns: [Int]
  /// For each corrected field, the records to change and the values' numbers.
  private var changes: [[(record: Int, value: Int)]]
  private var met: [Int] = []
  private var applied: [Int] = []

  init(_ list: CorrectionList, _ matcher: SubjectMatcher, columns: [Int]) {
    self.list = list
    self.matcher = matcher
    self.columns = columns
    changes = columns.map { _ in [] }
  }

  func judge(_ batch: Batch) {
    met.removeAll(keepingCapacity: true)
    applied.removeAll(keepingCapacity: true)
    for index in changes.indices { changes[index].removeAll(keepingCapacity: true) }
    matcher.each(batch) { record, person in
      guard case .digest(let digest) = person, let number = list.people.payload(of: digest) else { return }
      met.append(Int(number))
      for (index, table) in list.tables.enumerated() {
        if let value = table.payload(of: digest) { changes[index].append((record, Int(value))) }
      }
    }
    // This also runs if nothing changes: the spelling of a value must not depend on who else is in the chunk.
    for (index, changes) in changes.enumerated() { apply(changes, to: batch.columns[columns[index]], in: batch) }
    if !met.isEmpty { list.note(applied: applied, met: met) }
  }

  /// Writes the corrected values. The records in `changes` ascend; if one occurs twice, the later change counts.
  private func apply(_ changes: [(record: Int, value: Int)], to column: Column, in batch: Batch) {
    column.unescape(batch.escapes)
    unsafe column.rewrite { cells, base, out in
      var next = 0
      for index in 0..<cells.count {
        let cell = cells[index]
        let record = column.record(ofCell: index)
        while next < changes.count, changes[next].record < record { next += 1 }
        if next < changes.count, changes[next].record == record {
          cells[index] = corrected(changes[next].value, old: cell, to: &out)
          continue
        }
        if cell.isNull {
          cells[index] = .null
          continue
        }
        let start = out.count
        unsafe out.append(base + cell.offset, count: cell.count)
        cells[index] = Cell(start: start, count: cell.count, flags: cell.flags.subtracting([.escaped, .quoted]))
      }
    }
  }

  private func corrected(_ number: Int, old: Cell, to out: inout ByteBuffer) -> Cell {
    applied.append(number)
    let value = list.values[number]
    if value.count == 0 { return .null }
    let start = out.count
    let bytes = list.text[value.start..<value.start + value.count]
    for byte in bytes { out.append(byte) }
    let isLiteral = value.isLiteral || old.has(.literal) && JSONLiteral.matches(bytes)
    return Cell(start: start, count: value.count, flags: isLiteral ? [.literal, .plain] : [])
  }
}

/// Recognizes text that JSON writes without quotes: a number (RFC 8259, section 6), true or false.
enum JSONLiteral {
  static func matches(_ text: some Collection<UInt8>) -> Bool {
    var rest = Array(text)[...]
    if rest.elementsEqual("true".utf8) || rest.elementsEqual("false".utf8) { return true }
    func digits() -> Int {
      let count = rest.prefix { 0x30...0x39 ~= $0 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let leadsWithZero = rest.first == 0x30
    let whole = digits()
    guard whole == 1 || whole > 1 && !leadsWithZero else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
