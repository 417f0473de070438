import VeilConfig

/// The reason why a run ended without publishing anything. Its text has places, never contents.
public struct RunError: Error, CustomStringConvertible {
  public enum Kind: Int32, Sendable {
    /// A declared check failed: for example the privacy model is not met, or there are too many bad records.
    case check = 1
    /// The command line or the pipeline is invalid; nothing was read.
    case invalid = 2
    /// Input or output failed: missing, unreadable, malformed, disk full.
    case inputOutput = 3
    /// The input's fields do not match the pipeline.
    case mismatch = 4
    /// Another run holds the lock.
    case locked = 5
    /// The reader of standard output is gone.
    case brokenPipe = 141
  }

  public let kind: Kind
  public let description: String

  /// Makes the error for a failed check of a command.
  public static func check(_ description: String) -> RunError { RunError(.check, description) }

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    // A path or a name may be a key that was written there by mistake.
    self.description = KeyShape.hidingPrefixed(description)
  }

  package init(_ error: InputError) { self.init(.inputOutput, error.description) }

  package init(_ error: OutputError) { self.init(error.isBrokenPipe ? .brokenPipe : .inputOutput, error.description) }

  /// Turns any error of a run into a `RunError` of the right kind.
  package init(any error: any Error) {
    switch error {
    case let error as RunError: self = error
    case let error as InputError: self.init(error)
    case let error as OutputError: self.init(error)
    default: self.init(.inputOutput, "\(error)")
    }
  }
}
