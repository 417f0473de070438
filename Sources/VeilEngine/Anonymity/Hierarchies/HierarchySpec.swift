import VeilAnonymity
import VeilConfig

/// What the pipeline says about the hierarchy of a quasi-identifier.
///
/// - `file`: a hierarchy file in ARX's format. Its leaves are the domain; other values are rejected.
/// - `date`: ISO dates, coarsened to the units given, from fine to coarse: `2024-03-17`, `2024-03`, `2024`, `2020s`.
/// - `prefix`: level i keeps the first n - i Unicode scalars and writes `*` for every other: `12345`, `1234*`, …
/// - `interval`: numbers into `[low, high)`; the width doubles from level to level.
/// - `autoInterval`: numbers into intervals whose ends are chosen from the observed values; see `AutoIntervals`.
/// - `ip`: addresses into networks: `192.0.2.7`, `192.0.2.0/24`, …
/// - `order`: listed values in groups of neighbours: `low`, `{low, middle}`. Other values are rejected.
/// - `tree`: listed values in named groups. Other values are rejected.
/// - `none`: the value itself, or `*`.
///
/// All except `file`, `order` and `tree` have no fixed domain: their leaves, and so the D of the loss, are the distinct
/// values of the observed records. In every hierarchy a missing value is a leaf of its own. The top level always has a
/// single group.
enum HierarchySpec: Sendable {
  case file(String)
  case date([DateLevel])
  case prefix(Int)
  case interval(width: Double, levels: Int, origin: Double)
  case autoInterval(HierarchyConfig.AutoInterval, levels: Int, k: Int)
  case ip(v4: [Int], v6: [Int])
  case order(values: [String], widths: [Int])
  case tree([[String]])
  case none

  /// Checks the options, reads the file, and returns a coder that has seen no values yet.
  func makeCoder() throws(HierarchyError) -> QuasiCoder {
    switch self {
    case .file(let path):
      return QuasiCoder(rule: .file(try HierarchyFile.read(path: path)))
    case .date(let levels):
      guard !levels.isEmpty, zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw .invalidOption("the levels of a date must run from fine to coarse, each once")
      }
      return QuasiCoder(rule: .date(levels))
    case .prefix(let length):
      guard (1...64).contains(length) else { throw .invalidOption("the length of a prefix must be 1 to 64") }
      return QuasiCoder(rule: .prefix(length))
    case .interval(let width, let levels, let origin):
      return QuasiCoder(rule: .interval(try IntervalRule(width: width, levels: levels, origin: origin)))
    case .autoInterval(let kind, let levels, let k):
      return QuasiCoder(rule: .autoInterval(kind, levels: levels, k: k))
    case .ip(let v4, let v6):
      return QuasiCoder(rule: .ip(NetworkRule(v4: v4, v6: v6)))
    case .order(let values, let widths):
      let values = values.map { Array($0.utf8) }
      return QuasiCoder(rule: .file(try HierarchyFile.make(rows: ValueOrder.rows(values, widths: widths))))
    case .tree(let rows):
      return QuasiCoder(rule: .file(try HierarchyFile.make(rows: rows.map { row in row.map { Array($0.utf8) } })))
    case .none:
      return QuasiCoder(rule: .none)
    }
  }
}

extension HierarchySpec {
  init(_ hierarchy: HierarchyConfig?, _ config: PipelineConfig) {
    switch hierarchy {
    case nil: self = .none
    case .date(let levels): self = .date(levels)
    case .prefix(let length): self = .prefix(length)
    case .interval(let width, let levels, let origin):
      self = .interval(width: width.value, levels: levels, origin: origin.value)
    case .autoInterval(let kind, let levels):
      self = .autoInterval(kind, levels: levels, k: config.anonymity?.k ?? config.microaggregation?.k ?? 2)
    case .ip(let v4, let v6): self = .ip(v4: v4, v6: v6)
    case .order(let values, let widths): self = .order(values: values, widths: widths)
    case .tree(let rows): self = .tree(rows)
    case .file(let path): self = .file(config.resolve(path))
    }
  }
}

/// Makes groups of neighbours in an ordered list of values.
enum ValueOrder {
  /// Returns a row for each value: the value, and its group at each width: `{low, middle}`, or the value itself if it
  /// is alone.
  static func rows(_ values: [[UInt8]], widths: [Int]) -> [[[UInt8]]] {
    values.indices.map { place in
      [values[place]]
        + widths.map { width in
          let first = place / width * width
          let group = values[first..<min(first + width, values.count)]
          return group.count == 1
            ? values[place] : Array("{".utf8) + group.joined(separator: Array(", ".utf8)) + Array("}".utf8)
        }
    }
  }
}
