import Foundation
import Testing

/// Runs that are killed, starved of disk and lied to by the system. The scripts in `Support/Scripts/faults` do it; each says
/// what it did, so that one that did nothing is noticed. `make stress` runs them at full length.
@Suite struct FaultTests {
  /// Killed at every call that changes a file: whole files only, and the next run makes a clean run's bytes.
  @Test func everyCrashPointLeavesWholeFiles() throws {
    let told = try script("crash_points.py", ["FAULT_STRIDE": "2"])
    if let told { #expect(try figure(#/killed (\d+) times/#, in: told) > 40, "\(told)") }
  }

  /// The same for a night with a state, a quarantine that goes on and an export of each file.
  @Test func everyCrashPointOfANightIsMended() throws {
    let told = try script("night_crash_points.py", ["FAULT_STRIDE": "3"])
    if let told { #expect(try figure(#/killed (\d+) times/#, in: told) > 20, "\(told)") }
  }

  @Test func randomKillsLeaveWholeFiles() throws {
    let told = try #require(try script("random_kills.py", ["KILLS": "60", "RECORDS": "5000", "CHUNK_BYTES": "65536"]))
    #expect(try figure(#/killed (\d+) times/#, in: told) == 60, "\(told)")
  }

  @Test func aHundredNightsWithKillsEndAsOneCleanRun() throws {
    let told = try #require(try script("hundred_nights.py", [:]))
    #expect(try figure(#/(\d+) nights/#, in: told) == 100, "\(told)")
  }

  /// Every call of a run fails once: status 0 only where the bytes are right.
  @Test func failingCallsAreNoticed() throws {
    let told = try script("io_faults.py", ["FAULT_EVERY": "4"])
    if let told { #expect(try figure(#/(\d+) failing calls/#, in: told) > 100, "\(told)") }
  }

  @Test func hostileInputIsRefusedInBoundedMemory() throws {
    let told = try #require(try script("hostile.py", [:]))
    #expect(try figure(#/(\d+) inputs/#, in: told) > 40, "\(told)")
  }

  @Test func plantedValuesAppearNowhere() throws {
    let told = try #require(try script("canary.py", [:]))
    #expect(try figure(#/(\d+) runs/#, in: told) > 40, "\(told)")
  }

  /// What a script told; nil where it cannot be run here, which it says. In continuous integration, where
  /// `VEIL_REQUIRE_STRACE` is set, a missing strace is a failure.
  private func script(_ name: String, _ environment: [String: String]) throws -> String? {
    let environment = environment.merging(["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory()]) { $1 }
    let program = try Command("python3", [Repository.support("faults/\(name)")], environment: environment)
    let outcome = try program.finish(within: 400)
    if outcome.status == 77 {
      print("\(name): \(outcome.text)")
      #expect(
        ProcessInfo.processInfo.environment["VEIL_REQUIRE_STRACE"] == nil || !outcome.text.contains("not installed"))
      return nil
    }
    #expect(outcome.status == 0, "\(name): \(outcome.stderr.suffix(2000))")
    return outcome.text
  }

  private func figure(_ pattern: Regex<(Substring, Substring)>, in text: String) throws -> Int {
    let match = try #require(text.firstMatch(of: pattern), "\(text)")
    return Int(match.output.1) ?? -1
  }
}
