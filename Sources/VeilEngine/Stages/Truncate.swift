import VeilConfig
import VeilGround

/// Reduces the precision of a text, a date or an internet address.
struct Truncate: TokenlessStage, PartKeeper {
  static let documentation = StageDocumentation(
    name: "truncate",
    summary: "shortens a text, a date or an internet address to its first part",
    options: [
      .init("keep", "a whole number, 1 or more", .oneOf(kinds), "text: how many characters (Unicode scalars) stay"),
      .init(
        "date", "year, month, day, hour or minute", .oneOf(kinds),
        "an ISO 8601 date (YYYY-MM-DD, perhaps with a time of day): what it is shortened to, as 2024-03"),
      .init(
        "ip", "true or {v4: bits, v6: bits}", .oneOf(kinds),
        "an IP address: how many bits stay, 24 and 48 unless given; the others become zero"),
    ],
    example: "birth_date: {truncate: {date: year}}",
    promise: """
      Coarser values are shared by more people, by how many depends on the data. A text that is no longer than `keep` \
      leaves whole, and so does a date without a time of day under `date: day`. A time keeps the offset it was \
      written in, but the offset itself does not leave.
      """)

  private static let kinds = OptionGroup(
    ["keep", "date", "ip"], help: "for example  truncate: {keep: 3}  or  truncate: {date: year}")

  private enum Kind: Sendable {
    case text(keep: Int)
    case date(DateUnit)
    case ip(v4: Int, v6: Int)
  }

  private enum DateUnit: String, CaseIterable {
    case year, month, day, hour, minute

    /// The length of the ISO form down to this unit.
    var width: Int {
      switch self {
      case .year: 4
      case .month: 7
      case .day: 10
      case .hour: 13
      case .minute: 16
      }
    }
  }

  private let kind: Kind

  init?(_ options: StageOptions) {
    let reader = options.reader
    let given = Self.kinds.names.filter(reader.has)
    guard given.count == 1 else { return nil }
    switch given[0] {
    case "keep":
      guard let keep = reader.int("keep", range: 1...Cell.longest) else { return nil }
      kind = .text(keep: keep)
    case "date":
      guard let unit = reader.choice("date", of: DateUnit.self) else { return nil }
      kind = .date(unit)
    default:
      guard let kind = Self.addressKind(options) else { return nil }
      self.kind = kind
    }
  }

  private static func addressKind(_ options: StageOptions) -> Kind? {
    let before = options.errorCount
    guard let node = options.reader.node("ip"), node.bool != true else { return .ip(v4: 24, v6: 48) }
    guard node.entries != nil else {
      options.reader.error("ip", "'ip' must be true or {v4: bits, v6: bits}, not \(node.summary)")
      return nil
    }
    let bits = OptionReader(node: node, context: "'ip'", known: ["v4", "v6"], diagnostics: options.diagnostics)
    let kind = Kind.ip(v4: bits.int("v4", range: 0...32, default: 24), v6: bits.int("v6", range: 0...128, default: 48))
    return options.errorCount == before ? kind : nil
  }

  var effect: StageEffect { .rewrite }
  /// A text may be short enough to be left whole, and so may a date that has no more than what is kept. A network is that
  /// of many addresses, unless all bits are kept.
  var fate: ValueFate {
    switch kind {
    case .text, .date(.day), .date(.minute): .sometimesWhole
    case .date: .coarser
    case .ip(let v4, let v6): v4 == 32 || v6 == 128 ? .sometimesWhole : .coarser
    }
  }

  /// The network of a household has a prefix of 64 bits or fewer (IPv6), and one of a few machines more than 24 (IPv4).
  func leaves(moreThan most: Int) -> Bool {
    if case .ip(let v4, let v6) = kind { v4 > 24 || v6 > 48 } else { false }
  }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    switch kind {
    case .text(let keep): return StageVerdict(value.scalarCount <= keep)
    case .date(let unit):
      guard value.count == unit.width else { return .no }
      var whole = ByteBuffer()
      whole.append(value)
      whole.append(Array("0001-01-01T00:00".utf8.dropFirst(unit.width)))
      return StageVerdict(whole.withBytes(from: 0) { ISODate($0) != nil })
    case .ip(let v4, let v6):
      guard let address = IPAddress(value) else { return .no }
      var network = ByteBuffer()
      network.append(address.network(v4: v4, v6: v6).text)
      return StageVerdict(network.withBytes(from: 0) { $0.isEqual(to: value) })
    }
  }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter {
    switch kind {
    case .text(let keep): Prefix(keep: keep)
    case .date(let unit): DatePrefix(width: unit.width, needsTime: unit == .hour || unit == .minute)
    case .ip(let v4, let v6): Network(v4: v4, v6: v6)
    }
  }

  private struct Prefix: Rewriter {
    let keep: Int

    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      let keep = keep
      column.reshapeValues(of: field, in: batch, keepsLiterals: false) { .part(0..<$0.end(ofFirst: keep)) }
    }
  }

  /// Shortens dates. The short form is a prefix of the full one, so nothing needs to be written.
  private struct DatePrefix: Rewriter {
    let width: Int
    let needsTime: Bool

    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      let (width, needsTime) = (width, needsTime)
      column.reshapeValues(of: field, in: batch, keepsLiterals: false) { value in
        guard let date = ISODate(value) else { return .invalid(FailureReason("is not an ISO 8601 date")) }
        guard date.hasTime || !needsTime else { return .invalid(FailureReason("is a date without a time of day")) }
        return .plainPart(0..<width)
      }
    }
  }

  private struct Network: Rewriter {
    let v4: Int
    let v6: Int

    func rewrite(_ column: Column, of field: Int, in batch: Batch) {
      let (v4, v6) = (v4, v6)
      column.rewriteValues(of: field, in: batch) { value, out in
        guard let address = IPAddress(value) else { return .invalid(FailureReason("is not an IP address")) }
        out.append(address.network(v4: v4, v6: v6).text)
        return .plain
      }
    }
  }
}

extension ByteBuffer {
  fileprivate mutating func append(_ text: IPAddress.Text) {
    for index in 0..<text.count { append(text.bytes[index]) }
  }
}
