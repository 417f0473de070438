import Testing
import VeilConfig

@testable import VeilEngine

/// The sweep over privacy facts refuses a stage that says of itself what is not so. The stage is the one that
/// CONTRIBUTING.md adds: `redact_digits` writes `#` for each digit, and leaves what has none whole.
@Suite struct FalseFactTests {
  @Test func trueFactsPass() throws {
    #expect(try RedactDigits().mistakes() == [])
    #expect(try RedactDigits(fate: .normalized).mistakes() == [], "what counts as a spelling is taken on trust")
  }

  @Test(arguments: [
    ValueFate.readable, .coarser, .moved, .guessable, .token, .reversible, .sealed, .averaged, .generalized, .nothing,
  ])
  func falseFatesAreRefused(_ fate: ValueFate) throws {
    #expect(try !RedactDigits(fate: fate).mistakes().isEmpty)
    // Nor do a key, another field and a claim of tokens make it true.
    var claims = RedactDigits(fate: fate)
    claims.keyUse = fate == .guessable ? nil : KeyUse(key: "test", domain: "")
    claims.lookedAt = [try FieldPath("person")]
    claims.makesTokens = fate != .moved && fate != .coarser && fate != .readable
    #expect(try !claims.mistakes().isEmpty)
  }

  @Test(arguments: ["1", "0123456", "9", "a", "", "none"])
  func halfTrueVerdictsAreRefused(_ refused: String) throws {
    #expect(try !RedactDigits(refused: Array(refused.utf8)).mistakes().isEmpty)
    // Nor where the cases have no value that shows it.
    let poor = RedactDigits(refused: Array(refused.utf8), given: ["a"])
    #expect(try !poor.mistakes().isEmpty)
  }

  @Test func falseWordsAboutTokensAreRefused() throws {
    for change in [\RedactDigits.makesTokens, \.tellsApart, \.isBoundToRecipient] {
      var stage = RedactDigits()
      stage[keyPath: change] = true
      #expect(try !stage.mistakes().isEmpty)
    }
  }

  /// A stage that only writes values in another alphabet leaves them whole, whatever they look like.
  @Test func anotherAlphabetIsNotCoarser() throws {
    func mistakes(_ fate: ValueFate) throws -> [String] {
      try RedactDigits(fate: fate, refused: [], writes: { $0 ^ 1 }).mistakes()
    }
    #expect(try mistakes(.coarser).contains { $0.contains("may be told whole") })
    #expect(try mistakes(.nothing).contains { $0.contains("different values") })
  }

  /// What the shipped stages say follows from how they are set.
  @Test(arguments: [
    ("{truncate: {keep: 100}}", ValueFate.sometimesWhole), ("{truncate: {keep: 1}}", .sometimesWhole),
    ("{truncate: {date: day}}", .sometimesWhole), ("{truncate: {date: year}}", .coarser),
    ("{truncate: {date: minute}}", .sometimesWhole), ("{truncate: {date: hour}}", .coarser),
    ("{truncate: {ip: true}}", .coarser), ("{truncate: {ip: {v4: 32}}}", .sometimesWhole),
    ("{truncate: {ip: {v6: 128}}}", .sometimesWhole), ("{clamp: {max: 89}}", .sometimesWhole),
    ("{round: {to: 10}}", .coarser), ("{round: {to: 1}}", .sometimesWhole), ("{round: {to: 1.0}}", .sometimesWhole),
    ("{round: {digits: 0}}", .sometimesWhole), ("{round: {to: 1.5}}", .coarser), ("{bucket: 10}", .coarser),
    ("{bucket: 1}", .sometimesWhole), ("{bucket: 0.5}", .sometimesWhole), ("{mask: {first: 2}}", .coarser),
    ("email_domain", .coarser), ("digits", .normalized), ("{map: {values: {a: x, b: x}}}", .coarser),
    ("{map: {values: {a: x, b: y}}}", .sometimesWhole), ("{map: {values: {a: x}, default: x}}", .coarser),
    ("{map: {values: {a: x, b: y, c: y}, default: x}}", .coarser),
    ("{map: {values: {a: x, b: y}, default: x}}", .sometimesWhole), ("{map: {values: {a: null}}}", .coarser),
  ])
  func shippedStagesSayWhatTheyLeave(_ rule: String, _ fate: ValueFate) throws {
    #expect(try #require(StageHarness(rule).stages.first).fate == fate)
  }
}

/// Writes `#` for each byte that is a digit, and says of itself what a test makes it say.
private struct RedactDigits: ValueStage {
  static let documentation = StageDocumentation(
    name: "redact_digits", summary: "writes # for each digit", example: "call: redact_digits", promise: "Weak.")

  var fate: ValueFate = .sometimesWhole
  /// The bytes of which a value holds none, if the stage is to have written it.
  var refused: [UInt8] = Array("0123456789".utf8)
  var given: [Value] = ["a1b22", "none", "call 234", .literal("42"), .null]
  var writes: @Sendable (UInt8) -> UInt8 = { $0 &- 0x30 < 10 ? UInt8(ascii: "#") : $0 }
  var keyUse: KeyUse?
  var lookedAt: [FieldPath] = []
  var makesTokens = false
  var tellsApart = false
  var isBoundToRecipient = false
  var joins: String? { nil }
  var effect: StageEffect { .rewrite }

  init(_ options: StageOptions) {}

  init(
    fate: ValueFate = .sometimesWhole, refused: [UInt8]? = nil, given: [Value]? = nil,
    writes: (@Sendable (UInt8) -> UInt8)? = nil
  ) {
    self.fate = fate
    if let refused { self.refused = refused }
    if let given { self.given = given }
    if let writes { self.writes = writes }
  }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    StageVerdict(!value.indices.contains { refused.contains(value[$0]) })
  }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    for index in value.indices { out.append(value[index] < 0x80 ? writes(value[index]) : value[index]) }
    return .text
  }

  func mistakes() throws -> [String] {
    try StageTrial(stage: self, options: [], given: given) {
      try StageHarness(stages: [self], keys: ["test"]).run($0, json: true)
    }
    .mistakes()
  }
}
