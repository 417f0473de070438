import Foundation
import Testing

/// The kept corpus, and what chance makes of it, through the fuzzer's own entries.
@Suite struct FuzzCorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../fixtures/fuzz").standardized

  private static func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: target.rawValue).path)
    return try names.sorted().filter { !$0.hasPrefix(".") }.map { name in
      [UInt8](try Data(contentsOf: folder.appending(path: "\(target.rawValue)/\(name)")))
    }
  }

  @Test(arguments: FuzzTarget.allCases) func corpusHolds(_ target: FuzzTarget) throws {
    let inputs = try Self.corpus(target)
    #expect(inputs.count >= 4)
    for input in inputs { target.run(input) }
  }

  @Test(arguments: FuzzTarget.allCases) func mutationsHold(_ target: FuzzTarget) throws {
    let inputs = try Self.corpus(target)
    var random = FixedRandom(17)
    for _ in 0..<400 {
      var input = inputs.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...4, using: &random) where !input.isEmpty {
        let at = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: input[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: input.removeSubrange(at..<min(input.count, at + Int.random(in: 1...8, using: &random)))
        case 2: input.insert(contentsOf: input[at..<min(input.count, at + 9)], at: at)
        default: input.insert(Array("\",\n\r{}[]:\\\0é".utf8).randomElement(using: &random)!, at: at)
        }
      }
      target.run(input)
    }
  }
}
