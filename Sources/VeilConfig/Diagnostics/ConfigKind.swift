/// What a configuration file is for. It decides what messages may show of a file: any file can be named by mistake, a
/// key as well as somebody's data.
///
/// Nothing of a file is shown, neither a line nor a name in it, unless it was read without an error or its outline is
/// that of its kind. Lines are shown of pipelines alone: those of key rings and budgets may hold what nobody should see.
public enum ConfigKind: Sendable {
  case pipeline(stages: [String])
  case policy, recipients, keyRing, budget

  var noun: String {
    switch self {
    case .pipeline: "pipeline"
    case .policy: "policy"
    case .recipients: "file of recipients"
    case .keyRing: "key ring"
    case .budget: "privacy budget"
    }
  }

  var showsLines: Bool { if case .pipeline = self { true } else { false } }

  private var sections: [String] {
    switch self {
    case .pipeline: PipelineReading.sections
    case .policy: PolicyParser.sections
    case .recipients: ["version", "recipients"]
    case .keyRing: KeyRingParser.sections
    case .budget: PrivacyBudgetParser.sections
    }
  }

  /// Returns why the file is not taken for one of this kind, in words that hold nothing of it; nil if it is.
  func objection(to bytes: [UInt8]) -> String? {
    let outline = ConfigOutline(bytes)
    if case .recipients = self {
      return outline.words.contains("purposes") ? nil : "it says nowhere what anybody may get data for ('purposes:')"
    }
    if needsVersion, !outline.heads.contains(where: { $0.word == "version" && Self.isNumber($0.rest) }) {
      return "no line begins with 'version: 1'"
    }
    // A section that is misspelt counts as the one that is meant.
    let heads = outline.heads.map { head in
      (head: head, word: sections.contains(head.word) ? head.word : Diagnostics.nearest(head.word, in: sections))
    }
    let strange = heads.count { $0.word == nil } + outline.strangers
    guard strange < max(1, heads.count { $0.word == $0.head.word }) else {
      return "most of what begins a line is none of its sections"
    }
    if let flat = heads.first(where: { mappings.contains($0.word ?? "") && $0.head.isPlain }) {
      return "'\(flat.word ?? "")' on line \(flat.head.line) is no mapping"
    }
    return heads.contains { isTelling($0.word ?? "", $0.head) } ? nil : lack
  }

  private var needsVersion: Bool {
    switch self {
    case .pipeline, .keyRing, .budget: true
    case .policy, .recipients: false
    }
  }

  /// Sections whose value is never a single word: in data with such a key it often is.
  private var mappings: Set<String> {
    switch self {
    case .pipeline: ["source", "sink", "sinks", "fields"]
    case .policy: ["fields", "classes"]
    case .keyRing: ["keys"]
    case .recipients, .budget: []
    }
  }

  /// Whether a section holds words that only a file of this kind has there.
  private func isTelling(_ word: String, _ head: ConfigOutline.Head) -> Bool {
    switch (self, word) {
    case (.pipeline(let stages), "fields"):
      !head.words.isDisjoint(with: stages + ["class", "stages", "hierarchy"])
    case (.pipeline, "source"): !head.keys.isDisjoint(with: ["path", "format", "subject", "csv"])
    case (.pipeline, "sink"), (.pipeline, "sinks"): !head.keys.isDisjoint(with: ["path", "recipient", "format"])
    case (.policy, "minimum_k"): Self.isNumber(head.rest)
    case (.policy, "digests"): isNear(head.words, PolicyConfig.Digests.allCases.map(\.rawValue))
    case (.policy, "forbidden"), (.policy, "purposes"): !head.isPlain
    case (.policy, "classes"), (.policy, "fields"):
      isNear(head.words, FieldClass.allCases.map(\.rawValue) + ["class", "purposes", "forbidden"])
    case (.keyRing, "keys"): head.keys.contains("state")
    case (.budget, "epsilon"): true
    default: false
    }
  }

  /// Whether one of the words is one of the expected, or that misspelt.
  private func isNear(_ words: Set<String>, _ expected: [String]) -> Bool {
    words.contains { expected.contains($0) || Diagnostics.nearest($0, in: expected) != nil }
  }

  private var lack: String {
    switch self {
    case .pipeline: "neither 'source' nor 'sink' nor 'fields' is there as a pipeline has it"
    case .policy: "it has no 'forbidden', 'classes', 'fields', 'purposes' or 'minimum_k' as a policy has it"
    case .keyRing: "it has no 'keys' with a 'state' each"
    case .recipients, .budget: "it has no 'epsilon'"
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    let digits = text.prefix { $0 != "#" }.filter { !" \t'\"".contains($0) }
    return !digits.isEmpty && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 }
  }

  /// How such a file comes to be, for the reader who named another.
  var advice: String {
    let nothing = "nothing of it is shown, because it might be data or a key"
    return switch self {
    case .pipeline: nothing + "; a pipeline begins with 'version: 1'"
    case .keyRing: nothing + "; `veil key ring new` makes a ring"
    case .policy, .recipients, .budget: nothing
    }
  }
}

/// The lines of a configuration file that begin sections, read without YAML: the file may be broken, or no YAML at all.
struct ConfigOutline {
  struct Head {
    let word: String
    let line: Int
    /// What stands behind the colon.
    let rest: String
    /// The lines below, up to the next head.
    var body: [String] = []

    /// Whether the value is a single word or text, and no list or mapping.
    var isPlain: Bool {
      let value = rest.drop { $0 == " " || $0 == "\t" }
      guard let first = value.first else { return false }
      return !"{[#&!".contains(first)
    }

    /// What stands between the signs of YAML: names and values, each on its own.
    var words: Set<String> { Set(pieces.map(\.text)) }
    /// The words before a colon.
    var keys: Set<String> { Set(pieces.filter(\.isKey).map(\.text)) }

    private var pieces: [(text: String, isKey: Bool)] {
      ([rest] + body).flatMap { ConfigOutline.pieces($0) }
    }
  }

  private(set) var heads: [Head] = []
  /// The number of lines that stand at the margin and begin no section.
  private(set) var strangers = 0
  private let lines: [String]

  init(_ bytes: [UInt8]) {
    let text = bytes.dropFirst(UTF8Mark.length(in: bytes))
    lines = String(decoding: text, as: UTF8.self).split(omittingEmptySubsequences: false) { $0.isNewline }
      .map(String.init)
    for (index, line) in lines.enumerated() {
      guard let first = line.first, first != "#", line != "---" else { continue }
      if " \t-]}".contains(first) {
        if !heads.isEmpty { heads[heads.count - 1].body.append(line) }
      } else if let head = Self.head(line, number: index + 1) {
        heads.append(head)
      } else {
        strangers += 1
      }
    }
  }

  /// All names and values of the file.
  var words: Set<String> { Set(lines.flatMap { Self.pieces($0).map(\.text) }) }

  private static func head(_ line: String, number: Int) -> Head? {
    guard let colon = line.firstIndex(of: ":"), line.distance(from: line.startIndex, to: colon) <= 40 else {
      return nil
    }
    let word = line[..<colon]
    guard !word.isEmpty, word.utf8.allSatisfy({ PipelineReading.isNameByte($0) }) else { return nil }
    let rest = line[line.index(after: colon)...]
    guard rest.first.map({ $0 == " " || $0 == "\t" }) ?? true else { return nil }
    return Head(word: String(word), line: number, rest: String(rest))
  }

  private static func pieces(_ line: String) -> [(text: String, isKey: Bool)] {
    var found: [(text: String, isKey: Bool)] = []
    var piece: [Character] = []
    func text() -> String {
      var text = piece[...]
      while let first = text.first, " \t-".contains(first) { text.removeFirst() }
      while let last = text.last, " \t".contains(last) { text.removeLast() }
      return String(text)
    }
    for character in line {
      if character == "#" { break }
      if ":,[]{}|".contains(character) {
        found.append((text(), character == ":"))
        piece = []
      } else {
        piece.append(character)
      }
    }
    found.append((text(), false))
    return found.filter { !$0.text.isEmpty }
  }
}
