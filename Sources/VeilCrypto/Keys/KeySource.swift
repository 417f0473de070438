/// The place of a key: one of the kinds that a pipeline file may name.
public indirect enum KeySource: Sendable, Equatable {
  /// A file that only its owner (or root) can read.
  case file(path: String)
  /// An environment variable.
  case environment(name: String)
  /// The output of a command: the program, found by PATH, and its arguments, without a shell. It has so many seconds,
  /// and an environment without those variables, which hold other keys.
  case command([String], seconds: Int = 60, without: Set<String> = [])
  /// A file that is protected by a passphrase, and the place of the passphrase (never another wrapped file).
  case wrapped(path: String, passphrase: KeySource)

  /// The name of the place in messages. Of a command only the program is named, because its arguments may hold secrets.
  var place: String {
    switch self {
    case .file(let path): "key file \(path)"
    case .wrapped(let path, _): "wrapped key file \(path)"
    case .environment(let name): "key in environment variable \(name)"
    case .command(let arguments, _, _): "key command \(arguments.first ?? "[]")"
    }
  }
}
