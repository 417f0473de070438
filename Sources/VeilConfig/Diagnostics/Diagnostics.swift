import Synchronization

/// Collects all messages about one pipeline file, so that all mistakes are shown at once.
public final class Diagnostics: Sendable {
  /// The file's path, as the user gave it.
  public let path: String
  /// The file's bytes, from which messages show lines.
  let source: [UInt8]
  /// What the file was named for.
  let kind: ConfigKind

  private struct State {
    var found: [Diagnostic] = []
    var seen: Set<Diagnostic> = []
    var errors = 0
    var concealed: [Range<Mark>] = []
    var isAccepted = false
    var unreadable: [Diagnostic] = []
  }
  private let state = Mutex(State())

  public init(path: String, source: [UInt8], kind: ConfigKind) {
    self.path = path
    self.source = source
    self.kind = kind
  }

  /// All messages, sorted by place; those about the whole file come first.
  public var all: [Diagnostic] {
    let found = state.withLock { $0.found }
    let none = Mark(line: 0, column: 0)
    return found.enumerated().sorted { a, b in
      let (x, y) = (a.element.mark ?? none, b.element.mark ?? none)
      return x == y ? a.offset < b.offset : x < y
    }.map(\.element)
  }

  public var errors: [Diagnostic] { all.filter { $0.severity == .error } }
  public var warnings: [Diagnostic] { all.filter { $0.severity == .warning } }
  public var errorCount: Int { state.withLock { $0.errors } }
  public var hasErrors: Bool { errorCount > 0 }

  /// Adds an error. `suggest` is the word that was probably meant, shown as "did you mean 'x'?". `help` is any other
  /// advice, shown if there is no suggestion.
  public func error(at mark: Mark?, _ message: String, suggest: String? = nil, help: String? = nil) {
    add(.error, at: mark, message: message, suggest: suggest, help: help)
  }

  public func error(at node: ConfigNode, _ message: String, suggest: String? = nil, help: String? = nil) {
    add(.error, at: node.mark, message: message, suggest: suggest, help: help)
  }

  public func warn(at mark: Mark?, _ message: String, suggest: String? = nil, help: String? = nil) {
    add(.warning, at: mark, message: message, suggest: suggest, help: help)
  }

  public func warn(at node: ConfigNode, _ message: String, suggest: String? = nil, help: String? = nil) {
    add(.warning, at: node.mark, message: message, suggest: suggest, help: help)
  }

  public func note(at mark: Mark?, _ message: String, help: String? = nil) {
    add(.note, at: mark, message: message, suggest: nil, help: help)
  }

  /// Makes sure that no excerpt shows the text of `node`: the user may have written a key into the pipeline.
  public func conceal(_ node: ConfigNode) {
    switch node.kind {
    case .scalar: state.withLock { $0.concealed.append(node.mark..<max(node.mark, node.end)) }
    case .sequence(let items):
      for item in items { conceal(item) }
    case .mapping(let entries):
      for entry in entries { conceal(entry.value) }
    }
  }

  /// Notes that the file was read without an error, so that it is what it was named for: messages may show it.
  public func accept() { state.withLock { $0.isAccepted = true } }

  /// Adds the reason why a file cannot be read at all, in words that hold nothing of it.
  func refuse(_ message: String, help: String? = nil) {
    add(.error, at: nil, message: message, suggest: nil, help: help)
    let made = Diagnostic(severity: .error, mark: nil, message: message, help: help)
    state.withLock { $0.unreadable.append(made) }
  }

  /// What may be told about the file: all messages, or, where it is not known to be what it was named for, one that
  /// says so and shows nothing of it.
  public var told: [Diagnostic] {
    let (found, isAccepted, unreadable) = state.withLock { ($0.found, $0.isAccepted, $0.unreadable) }
    guard !isAccepted, !found.isEmpty else { return all }
    if !unreadable.isEmpty { return unreadable }
    guard let objection = kind.objection(to: source) else { return all }
    return [
      Diagnostic(
        severity: .error, mark: nil, message: "this is no \(kind.noun): \(objection)", help: kind.advice)
    ]
  }

  var concealed: [Range<Mark>] { state.withLock { $0.concealed } }

  private func add(
    _ severity: Diagnostic.Severity, at mark: Mark?, message: String, suggest: String?, help: String?
  ) {
    let advice = suggest.map { "did you mean \(quote($0))?" } ?? help
    let made = Diagnostic(
      severity: severity, mark: mark, message: printable(KeyShape.hiding(message)),
      help: advice.map { printable(KeyShape.hiding($0)) })
    state.withLock { state in
      guard state.seen.insert(made).inserted else { return }
      state.found.append(made)
      if severity == .error { state.errors += 1 }
    }
  }
}
