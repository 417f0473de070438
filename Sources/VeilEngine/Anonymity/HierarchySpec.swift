/// What the pipeline says about the hierarchy of a quasi-identifier.
///
/// - `file`: a hierarchy file in ARX's format. Its leaves are the domain; other values are rejected.
/// - `date`: ISO dates, coarsened to the units given, from fine to coarse: `2024-03-17`, `2024-03`, `2024`, `2020s`.
/// - `prefix`: level i keeps the first n - i Unicode scalars and writes `*` for every other: `12345`, `1234*`, …
/// - `interval`: numbers into `[low, high)`, the width doubling from level to level.
/// - `none`: the value itself, or `*`.
///
/// All but `file` have no domain of their own: their leaves, and so the D of the loss, are the distinct values of the
/// records observed. A missing value is a leaf of its own everywhere. The top level is always a single group.
enum HierarchySpec: Sendable {
  case file(String)
  case date([DateLevel])
  case prefix(Int)
  case interval(width: Double, levels: Int, origin: Double)
  case none

  /// Checks the options, reads the file, and returns a coder that has seen nothing yet.
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
    case .none:
      return QuasiCoder(rule: .none)
    }
  }
}
