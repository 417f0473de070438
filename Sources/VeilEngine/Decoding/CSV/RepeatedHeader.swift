import VeilConfig

/// Finds records that have the header's names for values: `cat a.csv b.csv` puts one into the middle of a file.
///
/// Sound because the first eight bytes of a record may be read wherever it ends (a chunk has slack), and all other reads
/// stay between the record's ends.
struct RepeatedHeader: Sendable {
  static let reason = FailureReason("the record repeats the header", .header)

  private let names: [[UInt8]]
  private let format: CSVFormat
  /// What such a record may begin with, up to eight bytes: the first name, the same in quotes, the same behind a byte
  /// order mark.
  private let beginnings: SIMD4<UInt64>
  private let masks: SIMD4<UInt64>

  var fieldCount: Int { names.count }

  /// Returns nil if there are no names to repeat.
  init?(_ header: [String], format: CSVFormat) {
    guard header.contains(where: { !$0.isEmpty }) else { return nil }
    names = header.map { Array($0.utf8) }
    self.format = format
    let after = names.count > 1 ? [format.delimiter] : []
    let quoted = [format.quote] + names[0].flatMap { $0 == format.quote ? [$0, $0] : [$0] } + [format.quote]
    // The first and the last begin alike: there are four lanes, and three ways.
    let ways = [names[0] + after, quoted, UTF8Mark.bytes + names[0] + after, names[0] + after]
    var (beginnings, masks) = (SIMD4<UInt64>(), SIMD4<UInt64>())
    for (lane, way) in ways.enumerated() {
      for (place, byte) in way.prefix(8).enumerated() {
        beginnings[lane] |= UInt64(byte) << UInt64(8 * place)
        masks[lane] |= 0xFF << UInt64(8 * place)
      }
    }
    (self.beginnings, self.masks) = (beginnings, masks)
  }

  /// Returns whether a record that begins like this may repeat the header. Eight bytes must be readable.
  @inline(__always)
  func mayBegin(_ bytes: UnsafePointer<UInt8>) -> Bool {
    let word = unsafe UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    let differs = (SIMD4(repeating: word) & masks) ^ beginnings
    return differs[0] == 0 || differs[1] == 0 || differs[2] == 0
  }

  /// Returns whether a record repeats the header.
  /// - Parameter ends: where the field before the record ended, and where each of its fields ends.
  func isRepeated(in bytes: UnsafePointer<UInt8>, ends: UnsafePointer<UInt32>) -> Bool {
    for (field, name) in names.enumerated() {
      var start = unsafe Int(ends[field] &+ 1)
      var end = unsafe Int(ends[field + 1])
      if field == names.count - 1, end > start, unsafe bytes[end - 1] == CSVFormat.carriageReturn { end -= 1 }
      if field == 0, end - start >= 3,
        UTF8Mark.bytes.indices.allSatisfy({ unsafe bytes[start + $0] == UTF8Mark.bytes[$0] })
      {
        start += UTF8Mark.bytes.count
      }
      guard unsafe isValue(bytes + start, max(0, end - start), name) else { return false }
    }
    return true
  }

  /// Returns whether a record repeats the header, by its cells without their quotes.
  static func isRepeated(_ names: [String], in record: [[UInt8]]) -> Bool {
    names.count == record.count
      && zip(names, record).enumerated().allSatisfy { place, pair in
        let (name, cell) = pair
        return cell.dropFirst(place == 0 ? UTF8Mark.length(in: cell) : 0).elementsEqual(name.utf8)
      }
  }

  private func isValue(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ name: [UInt8]) -> Bool {
    let isQuoted = unsafe count >= 2 && bytes[0] == format.quote
    var (at, end) = isQuoted ? (1, count - 1) : (0, count)
    for byte in name {
      guard at < end, unsafe bytes[at] == byte else { return false }
      at += isQuoted && byte == format.quote ? 2 : 1
    }
    end = max(end, at)
    return at == end
  }
}
