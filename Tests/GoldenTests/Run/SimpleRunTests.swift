import ArgumentParser
import Testing

@testable import veil

/// An everyday `veil run` is read without the argument parser, and means the same to both.
@Suite struct SimpleRunTests {
  private static let pieces: [[String]] = [
    ["p.yaml"], ["--input", "a.csv"], ["--input", "-"], ["--output", "b.csv"], ["--recipient", "lab"],
    ["--manifest", "m.json"], ["--report", "r.json"], ["--metrics", "m.prom"], ["--audit", "audit.jsonl"],
    ["--lineage", "l.json"], ["--log", "json"], ["--log", "text"], ["--threads", "4"], ["--threads", "+4"],
  ]
  /// What is left to the parser, whether it takes it or not.
  private static let others: [[String]] = [
    ["-"], [""], ["--"], ["--input"], ["--input", ""], ["--input", "--output"], ["--input=a.csv"], ["-input", "a.csv"],
    ["--threads", "0"], ["--threads", "257"], ["--threads", "two"], ["--threads", "-4"], ["--log", "xml"],
    ["--dry-run"], ["--preview", "3"], ["--as-of", "2024-02-29"], ["--wait", "10m"], ["--progress", "never"],
    ["--rerun"], ["--plan", "a.plan"], ["--save-plan", "b.plan"], ["--help"], ["-h"], ["--version"],
    ["--generate-completion-script", "zsh"], ["--inpu", "a.csv"], ["-\u{301}", "x"], ["p.yaml", "q.yaml"],
  ]

  private func parsed(_ words: [String]) -> RunRequest? {
    ((try? veil.Veil.parseAsRoot(["run"] + words)) as? Run)?.request
  }

  /// Each piece alone, before the pipeline, behind it, and together with every other.
  private func check(_ first: [String], _ second: [String]) {
    for words in [first, first + second, second + first, ["p.yaml"] + first + second, first + ["p.yaml"] + second] {
      guard let simple = RunRequest(simple: ["run"] + words) else { continue }
      #expect(simple == parsed(words), "\(words)")
    }
  }

  @Test func plainWordsMeanTheSame() {
    for first in Self.pieces + Self.others {
      for second in Self.pieces + Self.others { check(first, second) }
    }
  }

  @Test func everydayRunsArePlain() throws {
    let all = Self.pieces.filter { $0 != ["--input", "-"] && $0 != ["--log", "text"] && $0 != ["--threads", "+4"] }
    let words = all.flatMap { $0 }
    let simple = try #require(RunRequest(simple: ["run"] + words))
    #expect(simple == parsed(words))
    #expect(simple.pipeline == "p.yaml" && simple.input == "a.csv" && simple.threads == 4 && simple.log == .json)
    #expect(RunRequest(simple: ["run", "p.yaml"]) == parsed(["p.yaml"]))
  }

  @Test func allElseIsTheParsers() {
    for words in Self.others {
      #expect(RunRequest(simple: ["run", "p.yaml"] + words) == nil, "\(words)")
      #expect(RunRequest(simple: ["run"] + words) == nil, "\(words)")
    }
    for words in [
      [], ["run"], ["check", "p.yaml"], ["help", "run"], ["p.yaml"], ["run", "p.yaml", "--input", "a", "--input", "b"],
    ] {
      #expect(RunRequest(simple: words) == nil, "\(words)")
    }
  }
}
