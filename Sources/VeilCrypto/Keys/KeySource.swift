/// Where a key comes from: one of the ways a pipeline file may name.
public indirect enum KeySource: Sendable, Equatable {
  /// A file that only its owner (or root) can read.
  case file(path: String)
  /// An environment variable.
  case environment(name: String)
  /// What a command prints: the program, found by PATH, and its arguments, with no shell between.
  case command([String])
  /// A file that opens with a passphrase, and where that comes from (never from another wrapped file).
  case wrapped(path: String, passphrase: KeySource)

  /// How messages call it. A command's arguments may hold secrets, so only the program is named.
  var place: String {
    switch self {
    case .file(let path): "key file \(path)"
    case .wrapped(let path, _): "wrapped key file \(path)"
    case .environment(let name): "key in environment variable \(name)"
    case .command(let arguments): "key command \(arguments.first ?? "[]")"
    }
  }
}
