/// Unpacks the members of gzip data, one at a time; that they begin with gzip's magic number is known before. Used by
/// one thread at a time.
protocol GzipInflater: AnyObject {
  /// Forgets the member so far: another one begins.
  func reset()

  /// Unpacks some of `input` into `room`, both of which are alive for the call alone. `input` may be empty: then only
  /// what is held back comes out.
  func inflate(_ input: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableRawBufferPointer) -> GzipStep
}

/// What one call of an inflater did.
struct GzipStep {
  enum Outcome: Equatable {
    case goesOn
    /// The member is over and its check sum is right. What follows it was left alone.
    case memberEnds
    case fault(GzipFault)
  }

  var used: Int
  var made: Int
  var outcome: Outcome
}

/// What can be wrong with gzip data, as far as a user is told: the same words whichever library found it.
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
  /// Intel's ISA-L, two to three times as fast; only where it was installed when this program was built.
  case isal
  case zlib

  static var allCases: [GzipLibrary] {
    #if VEIL_ISAL
      [.isal, .zlib]
    #else
      [.zlib]
    #endif
  }

  /// The fastest one there is.
  static var best: GzipLibrary { allCases[0] }

  func makeInflater() -> any GzipInflater {
    #if VEIL_ISAL
      if self == .isal { return GzipISALInflater() }
    #endif
    return GzipZlibInflater()
  }
}
