/// Reads the one document of a pipeline file into a tree. It refuses parts of YAML that a pipeline does not need and
/// that make YAML surprising or expensive: anchors and aliases, tags, several documents, duplicate and composite keys.
public enum YAMLDocument {
  public static let sizeLimit = 1 << 20
  /// The largest depth of lists and mappings inside one another.
  public static let depthLimit = 32

  /// Returns the tree, or nil if `diagnostics` says why there is none. Duplicate keys, anchors and tags are reported
  /// and reading continues (of two values the first counts), so that all other errors are reported, too.
  public static func read(_ bytes: [UInt8], diagnostics: Diagnostics, limit: Int = sizeLimit) -> ConfigNode? {
    guard bytes.count <= limit else {
      diagnostics.refuse("the file is larger than 1 MiB, the limit for a pipeline")
      return nil
    }
    guard checkCharacters(bytes, diagnostics) else { return nil }
    let text = bytes.dropFirst(UTF8Mark.length(in: bytes))
    guard let events = YAMLEvents(text) else {
      diagnostics.refuse("out of memory")
      return nil
    }
    var builder = TreeBuilder(events: events, diagnostics: diagnostics)
    do throws(Stop) {
      return try builder.document()
    } catch {
      return nil
    }
  }

  /// Returns whether libyaml refuses the character, for which it names no place.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  /// Returns whether the bytes are UTF-8 without control characters; reports the first fault.
  private static func checkCharacters(_ bytes: [UInt8], _ diagnostics: Diagnostics) -> Bool {
    var decoder = UTF8()
    var input = bytes.makeIterator()
    var line = 1
    var column = 1
    var previous: Unicode.Scalar = " "
    while true {
      switch decoder.decode(&input) {
      case .emptyInput: return true
      case .error:
        diagnostics.error(at: Mark(line: line, column: column), "this is not UTF-8", help: "save the file as UTF-8")
        return false
      case .scalarValue(let scalar):
        if SourceLines.isBreak(scalar) {
          if !(scalar == "\n" && previous == "\r") { line += 1 }
          column = 1
        } else if scalar != "\t", isControl(scalar) {
          diagnostics.error(at: Mark(line: line, column: column), "control characters are not allowed")
          return false
        } else if !(scalar == "\u{FEFF}" && line == 1 && column == 1) {
          column += 1
        }
        previous = scalar
      }
    }
  }
}

/// The error that ends reading after the reason was reported.
private struct Stop: Error {}

private struct TreeBuilder {
  let events: YAMLEvents
  let diagnostics: Diagnostics
  var refusedAlias = false

  mutating func document() throws(Stop) -> ConfigNode? {
    var root: ConfigNode?
    while true {
      let event = try next()
      switch event.kind {
      case .streamEnd:
        if root == nil {
          diagnostics.refuse("the file is empty", help: "`veil init DATA` prints a starter pipeline")
        }
        return refusedAlias ? nil : root
      case .documentStart where root != nil:
        diagnostics.error(at: event.start, "a pipeline file holds one document, and a second begins here")
        return nil
      case .documentStart, .documentEnd, .other: continue
      default: root = try node(event, depth: 1)
      }
    }
  }

  private func next() throws(Stop) -> YAMLEvent {
    do {
      return try events.next()
    } catch {
      let told = error.told
      diagnostics.error(at: told.mark, told.message, help: told.help)
      throw Stop()
    }
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(Stop) -> ConfigNode {
    if event.hasAnchor { diagnostics.error(at: event.start, "anchors ('&name') are not allowed in a pipeline") }
    if event.hasTag { diagnostics.error(at: event.start, "tags ('!name') are not allowed in a pipeline") }
    switch event.kind {
    case .scalar(let text, let quoted):
      return ConfigNode(kind: .scalar(text: text, quoted: quoted), mark: event.start, end: event.end)
    case .sequenceStart:
      try checkDepth(depth, event)
      var items: [ConfigNode] = []
      while true {
        let inner = try next()
        if case .sequenceEnd = inner.kind {
          return ConfigNode(kind: .sequence(items), mark: event.start, end: inner.end)
        }
        items.append(try node(inner, depth: depth + 1))
      }
    case .mappingStart:
      try checkDepth(depth, event)
      return try mapping(event, depth: depth)
    default:
      refusedAlias = true
      diagnostics.error(
        at: event.start, "aliases ('*name') are not allowed in a pipeline", help: "write the value out where it is used"
      )
      return ConfigNode(kind: .scalar(text: "", quoted: false), mark: event.start, end: event.end)
    }
  }

  private mutating func mapping(_ event: YAMLEvent, depth: Int) throws(Stop) -> ConfigNode {
    var entries: [ConfigNode.Entry] = []
    // Keys are compared by bytes: two spellings of `é` are two fields, as they are for every program that reads the
    // data.
    var first: [[UInt8]: Mark] = [:]
    while true {
      let inner = try next()
      if case .mappingEnd = inner.kind {
        return ConfigNode(kind: .mapping(entries), mark: event.start, end: inner.end)
      }
      let key = try node(inner, depth: depth + 1)
      let value = try node(next(), depth: depth + 1)
      guard let text = key.text else {
        if case .alias = inner.kind { continue }
        diagnostics.error(at: key.mark, "a key must be text, and this one is \(key.summary)")
        continue
      }
      if let earlier = first.updateValue(key.mark, forKey: Array(text.utf8)) {
        first[Array(text.utf8)] = earlier
        diagnostics.error(
          at: key.mark, "duplicate key \(quote(text)), first given on line \(earlier.line), column \(earlier.column)")
        continue
      }
      entries.append((key, value))
    }
  }

  private func checkDepth(_ depth: Int, _ event: YAMLEvent) throws(Stop) {
    guard depth > YAMLDocument.depthLimit else { return }
    diagnostics.error(at: event.start, "nested deeper than \(YAMLDocument.depthLimit) levels")
    throw Stop()
  }
}
