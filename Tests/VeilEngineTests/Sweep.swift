import Foundation

/// How much of a long sweep over random cases is run: all of it where `VEIL_STRESS` is set, as `make stress` does, and
/// else its first part. Both parts are made by the same seeds, so what a sample finds the whole finds too.
enum Sweep {
  static let isWhole = ProcessInfo.processInfo.environment["VEIL_STRESS"] != nil

  static func seeds(_ all: Range<UInt64>, sample: Int) -> Range<UInt64> {
    isWhole ? all : all.lowerBound..<min(all.upperBound, all.lowerBound + UInt64(sample))
  }

  /// A number of rounds, or how often something must at least have been met in them.
  static func count(_ all: Int, sample: Int) -> Int { isWhole ? all : min(all, sample) }
}
