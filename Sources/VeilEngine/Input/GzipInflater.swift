/// Unpacks the members of gzip data, one at a time. The caller has already checked gzip's magic number. One thread at a
/// time may use it.
protocol GzipInflater: AnyObject {
  /// Discards the current member and starts a new one.
  func reset()

  /// Unpacks some of `input` into `room`, both of which are alive only during the call. `input` may be empty: then only
  /// output that was held back is written.
  func inflate(_ input: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableRawBufferPointer) -> GzipStep
}

/// What one call of an inflater did.
struct GzipStep {
  enum Outcome: Equatable {
    case goesOn
    /// The member has ended and its checksum is right. The bytes after it were not read.
    case memberEnds
    case fault(GzipFault)
  }

  var used: Int
  var made: Int
  var outcome: Outcome
}

/// The faults of gzip data that a user is told about. The words are the same for every library.
enum GzipFault: Equatable {
  case unknownMethod
  case header
  case contents
  case checkSum
  case outOfMemory

  var text: String {
    switch self {
    case .unknownMethod: "unknown compression method"
    case .header: "incorrect header"
    case .contents: "invalid compressed data"
    case .checkSum: "incorrect data check"
    case .outOfMemory: "out of memory"
    }
  }
}

/// The libraries that can unpack gzip.
enum GzipLibrary: CaseIterable, Sendable {
  /// Intel's ISA-L, two to three times as fast; available only if it was installed when this program was built.
  case isal
  case zlib

  static var allCases: [GzipLibrary] {
    #if VEIL_ISAL
      [.isal, .zlib]
    #else
      [.zlib]
    #endif
  }

  /// The fastest library that is available.
  static var best: GzipLibrary { allCases[0] }

  func makeInflater() -> any GzipInflater {
    #if VEIL_ISAL
      if self == .isal { return GzipISALInflater() }
    #endif
    return GzipZlibInflater()
  }
}
