import Synchronization

/// Collects all messages about one pipeline file, so that all mistakes are shown at once.
public final class Diagnostics: Sendable {
  /// The file's path, as the user gave it.
  public let path: String
  /// The file's bytes, from which messages show lines.
  let source: [UInt8]

  private struct State {
    var found: [Diagnostic] = []
    var seen: Set<Diagnostic> = []
    var errors = 0
    var concealed: [Range<Mark>] = []
    var isForeign = false
  }
  private let state = Mutex(State())

  public init(path: String, source: [UInt8]) {
    self.path = path
    self.source = source
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

  /// Notes that the file is no pipeline at all. Then no message shows anything of it, because it may be data that was
  /// given by mistake.
  func markForeign() { state.withLock { $0.isForeign = true } }

  var isForeign: Bool { state.withLock { $0.isForeign } }

  var concealed: [Range<Mark>] { state.withLock { $0.concealed } }

  private func add(
    _ severity: Diagnostic.Severity, at mark: Mark?, message: String, suggest: String?, help: String?
  ) {
    let advice = suggest.map { "did you mean \(quote($0))?" } ?? help
    let made = Diagnostic(
      severity: severity, mark: mark, message: printable(message), help: advice.map(printable))
    state.withLock { state in
      guard state.seen.insert(made).inserted else { return }
      state.found.append(made)
      if severity == .error { state.errors += 1 }
    }
  }
}
