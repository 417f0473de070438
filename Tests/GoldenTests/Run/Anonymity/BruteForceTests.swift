import Foundation
import Testing

/// Random pipelines over random people, each held against brute force that was written from the documentation alone: the
/// files, the report, the manifest, what `verify` says, and the label with each of its conditions. `make stress` runs
/// 1,500 of them.
@Suite struct BruteForceTests {
  @Test func aSampleOfRandomReleasesIsAsItIsSaidToBe() throws {
    let environment = ["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory()]
    let program = try Command(
      "python3", [Repository.support("brute/sweep.py"), "1", "16"], environment: environment)
    let outcome = try program.finish(within: 300)
    #expect(outcome.status == 0, "\(outcome.stderr.suffix(4000))")
    // A sweep that publishes nothing finds nothing.
    let told = try #require(outcome.text.firstMatch(of: #/(\d+) published/#), "\(outcome.text)")
    #expect(try #require(Int(told.output.1)) >= 4, "\(outcome.text)")
  }
}
