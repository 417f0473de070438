import VeilConfig

@testable import VeilEngine

/// A configured stage and what it makes of values: those of a fixture, and those that are made of them by changing one
/// character, and each ASCII character alone.
struct StageTrial {
  let stage: any Stage
  /// What its options are set to.
  let options: [String]
  /// The values of the fixture.
  let given: [Value]
  private let run: ([Value]) throws -> [Value]
  /// Every value that the stage takes, and what it makes of it.
  private let pairs: [(given: String, made: String?)]
  /// How many of the pairs are those of the fixture and of single characters: the values made of them are among the rest.
  private let centres: Int
  /// Whether it makes anything else of a value of the fixture.
  let changesItsFixture: Bool

  init(stage: any Stage, options: [String], given: [Value], run: @escaping ([Value]) throws -> [Value]) throws {
    (self.stage, self.options, self.given, self.run) = (stage, options, given, run)
    let fixture = given.filter { Self.text($0) != nil }
    let singles = (0..<0x80 as Range<UInt8>).map { Value.text(String(Unicode.Scalar($0))) } + [""]
    let made = try run(fixture)
    let outputs = Set(made.compactMap(Self.text)).sorted().map { Value.text($0) }
    func pairs(_ values: [Value], _ made: [Value]) -> [(given: String, made: String?)] {
      zip(values, made).compactMap { given, made in
        if case .bad = made { return nil }
        return Self.text(given).map { ($0, Self.text(made)) }
      }
    }
    let centres = pairs(fixture + singles, made + (try run(singles)))
    // What looks like a token may be one that was made of a value that nobody has tried.
    let isCheckedByLook = stage.fate < .moved || stage.fate == .nothing
    let others = (fixture + (isCheckedByLook ? outputs : [])).flatMap(Self.neighbours) + outputs
    self.pairs = centres + pairs(others, try run(others))
    self.centres = centres.count
    changesItsFixture = try zip(given, run(given)).contains { !Self.isSame("\($0)", "\($1)") }
  }

  /// What the stage says of itself and does not do.
  func mistakes() throws -> [String] {
    try effectMistakes() + fateMistakes() + keyMistakes() + verdictMistakes()
  }

  /// Whether it refuses a value of the fixture, or says that it passes others on.
  var refusesSomething: Bool {
    given.contains { value in
      guard let text = Self.text(value) else { return false }
      return [.no, .passedOn].contains(verdict(text))
    }
  }

  // MARK: What is left of a value

  private func effectMistakes() -> [String] {
    switch stage.effect {
    case .rewrite: []
    case .keep:
      stage.fate == .readable && pairs.allSatisfy { Self.isSame($0.given, $0.made) } ? [] : ["does not keep"]
    case .drop: stage.fate == .nothing && pairs.allSatisfy { $0.made == nil } ? [] : ["does not drop"]
    }
  }

  private func fateMistakes() throws -> [String] {
    switch stage.fate {
    case .readable:
      return first("leaves as it came") { !Self.isSame($0.given, $0.made) }
    case .normalized, .sometimesWhole: return []
    case .coarser: return sharingMistakes()
    case .moved:
      // A date that stands for none is known, and may stay.
      let placeholders = ["0000-00-00", "0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31"] + options
      return wholeMistakes { placeholders.contains(String($0.prefix(10))) }
    case .guessable, .token, .reversible:
      return try wholeMistakes { _ in false } + injectionMistakes() + repetitionMistakes(isSame: true)
    case .sealed: return try wholeMistakes { _ in false } + repetitionMistakes(isSame: false)
    case .averaged, .generalized: return ["says '\(stage.fate.name)', which a stage does not do"]
    case .nothing:
      let made = Set(pairs.compactMap(\.made).map { Array($0.utf8) })
      return made.count < 2 ? [] : ["says that nothing is left, and writes \(made.count) different values"]
    }
  }

  /// Where a part is left, no value can be told from what is written: another one gives the same.
  private func sharingMistakes() -> [String] {
    var sources: [[UInt8]: Set<[UInt8]>] = [:]
    for pair in pairs {
      if let made = pair.made { sources[Array(made.utf8), default: []].insert(Array(pair.given.utf8)) }
    }
    let alone = pairs[..<centres].first { pair in
      guard let made = pair.made, !made.isEmpty else { return false }
      return sources[Array(made.utf8), default: []].count < 2
    }
    return alone.map { ["writes \"\($0.made ?? "")\" of \"\($0.given)\" alone: the value may be told whole"] } ?? []
  }

  private func wholeMistakes(except isKnown: (String) -> Bool) -> [String] {
    first("is \(stage.fate.name)") { !$0.given.isEmpty && Self.isSame($0.given, $0.made) && !isKnown($0.given) }
  }

  /// Different values get different tokens.
  private func injectionMistakes() -> [String] {
    var sources: [[UInt8]: String] = [:]
    for pair in pairs {
      guard let made = pair.made else { return ["makes no token of \"\(pair.given)\""] }
      let before = sources.updateValue(pair.given, forKey: Array(made.utf8))
      if let before, !Self.isSame(before, pair.given) {
        return ["makes \"\(made)\" of \"\(before)\" and of \"\(pair.given)\": it is not one token for each value"]
      }
    }
    return []
  }

  /// Whether equal values get equal tokens.
  private func repetitionMistakes(isSame: Bool) throws -> [String] {
    let values = pairs[..<centres].filter { !$0.given.isEmpty }.map { Value.text($0.given) }
    let twice = try zip(run(values), run(values)).filter { ($0 == $1) != isSame }
    return twice.isEmpty ? [] : ["makes \(isSame ? "another token" : "the same token") of a value each time"]
  }

  private func keyMistakes() -> [String] {
    let fate = stage.fate
    var found: [String] = []
    if [.moved, .token, .reversible, .sealed].contains(fate), stage.keyUse == nil {
      found.append("is \(fate.name), and uses no key")
    }
    if fate == .moved, stage.lookedAt.isEmpty {
      found.append("moves all dates of a person, and does not look whose one is")
    }
    if fate == .guessable, stage.keyUse != nil || !stage.makesTokens {
      found.append("hashes without a key, and \(stage.makesTokens ? "has a key" : "makes no tokens")")
    }
    if stage.makesTokens, ![.guessable, .token, .reversible, .sealed].contains(fate) {
      found.append("makes tokens, and is \(fate.name)")
    }
    if stage.tellsApart, ![.guessable, .token, .reversible].contains(fate) {
      found.append("writes one token for each value, and is \(fate.name)")
    }
    if stage.isBoundToRecipient, stage.keyUse == nil { found.append("is bound to a recipient, and uses no key") }
    return found
  }

  // MARK: What it could have written

  private func verdictMistakes() throws -> [String] {
    let written = Set(pairs.compactMap(\.made).map { Array($0.utf8) })
    // Tokens with the look of values, and moved dates: every value that it takes is one that it makes of another.
    let isPermuted = [.reversible, .moved].contains(stage.fate)
    var found: [String] = []
    var suspects: [(given: String, made: String?)] = []
    for pair in pairs {
      let isLeft = Self.isSame(pair.given, pair.made)
      if let made = pair.made {
        switch verdict(made) {
        case .yes: break
        case .no: found.append("wrote \"\(made)\", and says that it could not")
        case .passedOn: if !isLeft { found.append("says that it passes \"\(made)\" on, and wrote it") }
        case .unknown(let reason): if reason.isEmpty { found.append("does not say why it cannot tell") }
        }
      }
      switch verdict(pair.given) {
      case .no: break
      case .unknown(let reason): if reason.isEmpty { found.append("does not say why it cannot tell") }
      case .passedOn: if !isLeft { found.append("passes \"\(pair.given)\" on, and makes \"\(pair.made ?? "")\" of it") }
      case .yes:
        if !isLeft, !isPermuted, !written.contains(Array(pair.given.utf8)) { suspects.append(pair) }
      }
    }
    for pair in try suspects.filter({ try !isWritten($0.given) }) {
      found.append(
        "makes \"\(pair.made ?? "")\" of \"\(pair.given)\", and takes that for its output: 'verify' would let it pass")
    }
    // That a stage cannot tell takes that it does leave as it is what nobody would write.
    let odd: Value = "\u{1} Ünlikely \u{301}: <7"
    if given.contains(where: { Self.text($0).map { if case .unknown = verdict($0) { true } else { false } } ?? false }),
      try run([odd]) != [odd]
    {
      found.append("cannot tell what it wrote, and changes what nobody would write")
    }
    return Array(found.prefix(3))
  }

  /// Whether it is written for a value that has one of its characters twice, as a phone number's zero is left out.
  private func isWritten(_ text: String) throws -> Bool {
    let doubled = text.indices.map { Value.text(String(text[...$0] + text[$0...])) }
    return try run(doubled).contains { Self.text($0).map { Self.isSame(text, $0) } ?? false }
  }

  private func verdict(_ text: String) -> StageVerdict { stage.couldHaveWritten(Array(text.utf8).span) }

  // MARK: Values

  private func first(_ claim: String, where isWrong: ((given: String, made: String?)) -> Bool) -> [String] {
    pairs.first(where: isWrong).map { ["says '\(claim)', and makes \"\($0.made ?? "")\" of \"\($0.given)\""] } ?? []
  }

  static func text(_ value: Value) -> String? {
    switch value {
    case .text(let text), .literal(let text): text
    case .null, .composite, .bad: nil
    }
  }

  /// Byte by byte: Swift's strings are equal where only their normalization differs.
  private static func isSame(_ a: String, _ b: String?) -> Bool { b.map { a.utf8.elementsEqual($0.utf8) } ?? false }

  /// The values that differ in one character: at each place (of a long one: near its ends) two digits, a letter and one of
  /// several other characters; and one more or less at the end.
  private static func neighbours(_ value: Value) -> [Value] {
    guard let text = text(value) else { return [] }
    let scalars = Array(text.unicodeScalars)
    let others: [Unicode.Scalar] = ["#", " ", "-", "ü", ".", "*", "@"]
    var found: [[Unicode.Scalar]] = [scalars + ["7"], scalars + ["a"], Array(scalars.dropLast())]
    for place in scalars.indices where place < 20 || place >= scalars.count - 12 {
      let new: [Unicode.Scalar] = [
        scalars[place] == "7" ? "3" : "7", "0", scalars[place] == "Q" ? "a" : "Q", others[place % others.count],
      ]
      for scalar in new where scalar != scalars[place] {
        var changed = scalars
        changed[place] = scalar
        found.append(changed)
      }
    }
    return found.map { scalars in
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      return .text(text)
    }
  }
}
