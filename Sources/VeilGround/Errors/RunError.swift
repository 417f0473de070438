/// Why a run ended without publishing anything. Names places, never contents.
public struct RunError: Error, CustomStringConvertible {
  public enum Kind: Int32, Sendable {
    /// A declared check failed: the privacy model is unmet, too many bad records.
    case check = 1
    /// The command line or the pipeline is invalid; nothing was read.
    case invalid = 2
    /// Input or output failed: missing, unreadable, malformed, disk full.
    case inputOutput = 3
    /// The input's fields do not match the pipeline.
    case mismatch = 4
    /// Another run holds the lock.
    case locked = 5
    /// The reader of standard output went away.
    case brokenPipe = 141
  }

  public let kind: Kind
  public let description: String

  /// A check of the command's own that failed.
  public static func check(_ description: String) -> RunError { RunError(.check, description) }

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  package init(_ error: InputError) { self.init(.inputOutput, error.description) }

  package init(_ error: OutputError) { self.init(error.isBrokenPipe ? .brokenPipe : .inputOutput, error.description) }

  /// Any error of the run, by kind.
  package init(any error: any Error) {
    switch error {
    case let error as RunError: self = error
    case let error as InputError: self.init(error)
    case let error as OutputError: self.init(error)
    default: self.init(.inputOutput, "\(error)")
    }
  }
}
