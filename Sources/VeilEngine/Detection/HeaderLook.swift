import VeilConfig
import VeilGround

/// Judges whether the first record of a CSV file is data: then its cells are somebody's values, and must neither be
/// printed nor leave as the names of columns.
///
/// A false alarm costs whoever reads it one word (`header: true`). A miss publishes a person. So what is not clearly a
/// name is taken for a value: a year that heads a column too, unless several years follow each other.
///
/// Words alone are told by the lists of people's names, by a word that comes again in its column, and by columns of numbers
/// under words. What cannot be told is a record of rare words that are written like names of fields.
enum HeaderLook {
  /// How many bytes behind the header are looked at.
  static let judgedBytes = 64 << 10
  private static let judgedRecords = 1000

  /// A cell that looks like data.
  struct Finding: Sendable, Equatable {
    /// The number of the cell, counted from 1; nil if it is the whole record.
    var cell: Int?
    /// What it looks like, for a message; no part of the value.
    var what: String

    /// What is wrong, without the rest of the sentence: `field 2 of the first record looks like an e-mail address`.
    var text: String {
      cell.map { "field \($0) of the first record looks like \(what)" } ?? "the first record looks like \(what)"
    }
  }

  /// Returns why the first record seems to be data; nil if it seems to be a header.
  /// - Parameters:
  ///   - known: names that somebody gave to fields. Where one of them is in the record it is a header, unless a cell is
  ///     an e-mail address or the like.
  ///   - read: returns the first records after it.
  static func finding(_ names: [String], known: Set<String>, records read: () -> [[[UInt8]]]) -> Finding? {
    for (place, name) in names.enumerated() {
      if let what = ValueLook.sure(name) { return Finding(cell: place + 1, what: what) }
    }
    if names.contains(where: known.contains) { return nil }
    // A record that repeats the header is a bad one, and says nothing of the columns. One cell may repeat by chance.
    let records = names.count > 1 ? read().filter { !RepeatedHeader.isRepeated(names, in: $0) } : read()
    if areSeveral(names, records) {
      return Finding(
        cell: nil, what: "several fields with another delimiter (--delimiter, or csv: {delimiter: …}, says which)")
    }
    // Words above several columns of numbers are names, even if one of them is a word of its column, too.
    if areAboveNumbers(names, records) { return nil }
    for (place, name) in names.enumerated() where PersonNames.isLikeName(name) {
      return Finding(cell: place + 1, what: "a person's name")
    }
    let years = yearPlaces(names)
    for (place, name) in names.enumerated() where !name.isEmpty {
      let bytes = Array(name.utf8)
      let values = records.compactMap { $0.indices.contains(place) && !$0[place].isEmpty ? $0[place] : nil }
      if !years.contains(place), isNumber(bytes) { return Finding(cell: place + 1, what: "a number") }
      if values.contains(bytes) { return Finding(cell: place + 1, what: "a value that is in its column too") }
      if isOfOneShape(bytes, values) { return Finding(cell: place + 1, what: "the other values of its column") }
    }
    return areWordsOfOneForm(names, records) ? Finding(cell: nil, what: "the records after it") : nil
  }

  /// Returns whether at least two columns, and half of all, have numbers alone where the record has a word, and whether no
  /// cell is a number. A mark for a missing value is no word.
  private static func areAboveNumbers(_ names: [String], _ records: [[[UInt8]]]) -> Bool {
    guard records.count >= 3, !names.contains(where: { isNumber(Array($0.utf8)) }) else { return false }
    let above = names.indices.count { place in
      let values = records.compactMap { $0.indices.contains(place) ? $0[place] : nil }.filter { !isMissing($0) }
      return values.count >= 3 && !isMissing(Array(names[place].utf8)) && values.allSatisfy(isNumber)
    }
    return above >= 2 && above * 2 >= names.count
  }

  private static let missing: Set<String> = [
    "", "na", "n/a", "nan", "null", "none", "nil", "-", "--", ".", "?", "unknown", "unbekannt", "missing", "k.a.",
  ]

  private static func isMissing(_ bytes: [UInt8]) -> Bool {
    // No mark is longer, and most cells are.
    bytes.count <= 9 && (bytes.isEmpty || !bytes.allSatisfy { $0 &- 0x30 < 10 })
      && missing.contains(String(decoding: bytes, as: UTF8.self).lowercased())
  }

  /// Returns whether the only cell of each record holds a delimiter, as often as the first: the file has other delimiters
  /// than those it was read with.
  private static func areSeveral(_ names: [String], _ records: [[[UInt8]]]) -> Bool {
    guard names.count == 1, !records.isEmpty else { return false }
    return [UInt8(ascii: ";"), UInt8(ascii: "|"), 0x09, UInt8(ascii: ",")].contains { delimiter in
      let count = names[0].utf8.count { $0 == delimiter }
      return count > 0 && records.allSatisfy { $0.count == 1 && $0[0].count { $0 == delimiter } == count }
    }
  }

  private static func isNumber(_ bytes: [UInt8]) -> Bool {
    ValueKinds.of(bytes.span) & (ValueKind.integer.bit | ValueKind.decimal.bit) != 0
  }

  /// Returns the places of at least three years with one and the same distance, as tables have them in their header.
  private static func yearPlaces(_ names: [String]) -> Set<Int> {
    let years = names.enumerated().compactMap { place, name in
      Int(name).flatMap { name.utf8.count == 4 && 1500...2200 ~= $0 ? (place: place, year: $0) : nil }
    }
    guard years.count >= 3 else { return [] }
    let steps = zip(years, years.dropFirst()).map { $1.year - $0.year }
    return steps[0] != 0 && steps.allSatisfy { $0 == steps[0] } ? Set(years.map(\.place)) : []
  }

  /// Returns whether a cell and all values of its column have the same letters and digits in the same places, as numbers
  /// of one kind have: at least two digits are among them.
  private static func isOfOneShape(_ name: [UInt8], _ values: [[UInt8]]) -> Bool {
    guard values.count >= 2, name.count >= 4, name.count(where: { $0 &- 0x30 <= 9 }) >= 2 else { return false }
    let shape = name.map(shape)
    return values.allSatisfy { $0.count == name.count && $0.map(Self.shape) == shape }
  }

  private static func shape(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x30...0x39: 0x39
    case 0x41...0x5A: 0x41
    case 0x61...0x7A, 0x80...: 0x61
    default: byte
    }
  }

  /// Returns whether each cell is words that begin with a capital, as the values of its column are, and none is a name
  /// that fields are known to have.
  private static func areWordsOfOneForm(_ names: [String], _ records: [[[UInt8]]]) -> Bool {
    guard names.count > 1, !records.isEmpty, names.allSatisfy({ isCapitalized(Array($0.utf8)) }),
      names.allSatisfy({ FieldNameGuess.role(of: $0) == nil })
    else { return false }
    return records.allSatisfy { $0.count == names.count && $0.allSatisfy { $0.isEmpty || isCapitalized($0) } }
  }

  private static func isCapitalized(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 2, let first = bytes.first, 0x41...0x5A ~= first || first >= 0xC3 else { return false }
    return bytes.dropFirst().contains { 0x61...0x7A ~= $0 || $0 >= 0x80 }
      && bytes.allSatisfy {
        0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 >= 0x80 || [0x20, 0x2D, 0x27, 0x2E].contains($0)
      }
  }

  /// Returns the cells of the first good records in a range of bytes.
  ///
  /// Sound: the scanner reads only the bytes of the range.
  static func records(
    _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, isEnd: Bool, format: CSVFormat
  ) -> [[[UInt8]]] {
    let scanner = unsafe CSVRecordScanner(bytes: bytes, count: range.upperBound, format: format)
    var records: [[[UInt8]]] = []
    var at = range.lowerBound
    while at < range.upperBound, records.count < judgedRecords {
      var cells: [[UInt8]] = []
      let record = scanner.record(at: at, isEnd: isEnd) { _, field in
        let quotes = field.isQuoted && field.end - field.start >= 2 ? 1 : 0
        var cell: [UInt8] = []
        for place in field.start + quotes..<field.end - quotes { unsafe cell.append(bytes[place]) }
        cells.append(cell)
      }
      guard let record else { break }
      if record.problem == nil { records.append(cells) }
      at = record.end
    }
    return records
  }
}

extension ChunkReader {
  /// Reads the header, and asks whether it is one. `refuse` makes the error of a first record that seems to be data.
  func readHeader(
    format: CSVFormat, dialect: CSVDialect, known: Set<String>, refuse: (HeaderLook.Finding) -> any Error
  ) throws -> [String] {
    guard dialect.header, !dialect.isHeaderStated else {
      return try readHeader(format: format, hasHeader: dialect.header, file: name)
    }
    var finding: HeaderLook.Finding?
    let names = try readHeader(format: format, file: name) { names, records in
      finding = HeaderLook.finding(names, known: known, records: records)
    }
    if let finding { throw refuse(finding) }
    return names
  }

  /// Reads the header, and shows it and the first records behind it to `look`.
  func readHeader(
    format: CSVFormat, file: String, look: (_ names: [String], _ records: () -> [[[UInt8]]]) -> Void
  ) throws(InputError) -> [String] {
    var names: [String] = []
    unsafe try readPrefix { bytes, count, isEnd throws(InputError) in
      let header = unsafe try CSVHeader.read(
        bytes, count, isEnd: isEnd, format: format, hasHeader: true, file: file)
      guard let header else { return nil }
      // The same bytes however the input is cut into chunks.
      let wanted = header.consumed + HeaderLook.judgedBytes
      if count < wanted, !isEnd { return nil }
      let seen = min(count, wanted)
      look(header.names) {
        unsafe HeaderLook.records(bytes, header.consumed..<seen, isEnd: isEnd && seen == count, format: format)
      }
      names = header.names
      return header.consumed
    }
    return names
  }
}
