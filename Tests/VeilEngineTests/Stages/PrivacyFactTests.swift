import Foundation
import Testing

@testable import VeilEngine

/// What a stage says of itself, held against what it does to the values of its fixtures and to values made of those
/// (`StageTrial`).
@Suite struct PrivacyFactTests {
  @Test(arguments: Catalog.names)
  func factsAreTrue(_ name: String) throws {
    let trials = try StageFixture.all(of: name).flatMap { try $0.trials(of: name) }.filter { !$0.given.isEmpty }
    try #require(!trials.isEmpty, "'\(name)' has no fixture with a value: nothing that it says of itself is tested")
    for trial in trials {
      let mistakes = try trial.mistakes()
      #expect(mistakes.isEmpty, "'\(name)' \(mistakes.joined(separator: "; "))")
    }
    guard trials[0].stage.effect == .rewrite else { return }
    #expect(trials.contains { $0.changesItsFixture }, "no fixture of '\(name)' shows that it does anything")
    // A stage that takes whatever there is for its own shows nothing.
    #expect(
      trials.contains { $0.refusesSomething }, "'\(name)' takes every value of its fixtures for one that it wrote")
  }

  /// The forms that are not their own forms are told from those that nothing has.
  @Test func oddFormsAreKnown() throws {
    func isForm(_ rule: String, _ text: String) throws -> Bool {
      let stage = try #require(StageHarness(rule).stages.first)
      return stage.couldHaveWritten(Array(text.utf8).span) == .yes
    }
    // J and a caron are two characters in Normalization Form C, j and a caron one.
    try expect("{normalize: email/v1}", [("J\u{30C}an@x.de", "j\u{30C}an@x.de")])
    #expect(try isForm("{normalize: email/v1}", "j\u{30C}an@x.de"))
    #expect(try isForm("{normalize: email/v1}", "\u{1F0}an@x.de"))
    #expect(try !isForm("{normalize: email/v1}", "e\u{301}@x.de"))
    #expect(try !isForm("{normalize: email/v1}", "Ann@x.de"))
    #expect(try !isForm("{normalize: {as: email/v1, provider_rules: true}}", "a.b@gmail.com"))
    // Of two zeros behind the country code one goes.
    try expect("{normalize: phone/v1}", [("+49 00 301234567", "+490301234567")])
    #expect(try isForm("{normalize: phone/v1}", "+490301234567"))
    #expect(try isForm("{normalize: phone/v1}", "+49301234567"))
    #expect(try !isForm("{normalize: phone/v1}", "+49 30 1234567"))
    #expect(try !isForm("{normalize: phone/v1}", "030 1234567"))
  }

  /// Doing it again changes nothing, for every character there is: `couldHaveWritten` rests on it.
  @Test(arguments: ["lowercase", "uppercase", "digits", "trim", "nfc"])
  func normalizersAreIdempotent(_ name: String) throws {
    let harness = StageHarness(name)
    let scalars = (0..<0x11_0000 as Range<UInt32>).compactMap { Unicode.Scalar($0) }.filter { scalar in
      let properties = scalar.properties
      return scalar.isASCII || properties.changesWhenLowercased || properties.changesWhenUppercased
        || properties.isWhitespace || properties.numericType != nil
        || properties.canonicalCombiningClass != .notReordered
        || properties.isFullCompositionExclusion
    }
    let values = scalars.map { Value.text("aΣ\($0)b") } + scalars.map { .text("\($0)") }
    let once = try harness.run(values, json: true)
    let wrong = zip(once, try harness.run(once, json: true)).filter { !"\($0)".utf8.elementsEqual("\($1)".utf8) }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }
}
