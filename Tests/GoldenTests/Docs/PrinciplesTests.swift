import Foundation
import Testing

/// The story that docs/principles.md tells, run as it stands and looked at.
@Suite struct PrinciplesTests {
  /// The folder after every command of the page, from top to bottom, and what each block printed.
  /// Sound to share: nothing changes once the commands have run.
  private struct Story: @unchecked Sendable {
    let scratch: Scratch
    let outcome: Outcome
    /// By the block's number, from 0.
    let printed: [String]
  }

  private static let story = Result { () -> Story in
    let scratch = try Scratch()
    let page = try Repository.text("docs/principles.md")
    let blocks = page.matches(of: /(?s)```sh\n(.*?)```/).map { String($0.output.1) }
    let script = blocks.joined(separator: "\nprintf '\\036'; printf '\\036' >&2\n")
    try scratch.write("bin/.keep", "")
    try FileManager.default.createSymbolicLink(atPath: scratch.path("bin/veil"), withDestinationPath: Veil.path)
    try scratch.write("story/.keep", "")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let outcome = try Command.run(
      "bash", ["-euo", "pipefail", "-c", script], environment: ["PATH": "\(scratch.path("bin")):\(path)"],
      directory: scratch.path("story"))
    let printed = outcome.text.split(separator: "\u{1E}", omittingEmptySubsequences: false).map(String.init)
    return Story(scratch: scratch, outcome: outcome, printed: printed)
  }

  private func text(_ name: String) throws -> String { try Self.story.get().scratch.text("story/\(name)") }

  private func json(_ name: String) throws -> [String: Any] {
    let data = try Self.story.get().scratch.data("story/\(name)")
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func theStoryRuns() throws {
    let story = try Self.story.get()
    #expect(story.outcome.status == 0, "\(story.outcome.stderr)")
    let lines = try text("newsletter.csv").split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(
      lines.map { $0.dropFirst().joined(separator: ",") } == [
        "email,postcode,city", "ada@example.org,10,Berlin", "fay@example.org,20,Bremen",
      ])
    #expect(lines.dropFirst().allSatisfy { $0[0].count == 64 })
    #expect(story.outcome.stderr.contains("read 7, wrote 2, 3 excluded by consent (1 withdrawn, 1 expired, 1 missing)"))
    #expect(story.outcome.stderr.contains("1 excluded by retention, 1 excluded by erasure, 1 of 1 corrections applied"))
  }

  /// 1: what the commands say is what the pipeline does, in all three forms.
  @Test func transparency() throws {
    let story = try Self.story.get()
    let told = try #require(story.printed.first { $0.contains("It may be called") })
    for part in [
      "newsletter: for newsletter", "Only people leave whose newest entry for 'newsletter' in the consent ledger",
      "older than 24 months", "asked to be forgotten", "It may be called: personal data", "customer_id: pseudonymized",
      "joins with fields of the domain 'customer_id' under the key 'shop'", "because: the newsletter is sent to it",
      "Dropped\n  name, birth_date, last_seen", "pseudonym: Whoever lacks the key", "city: kept (quasi)",
      "postcode: made coarser, some values whole", "shop: the file shop.key",
    ] { #expect(told.contains(part), "\(part)\n\(told)") }
    let page = try text("newsletter.md")
    #expect(page.hasPrefix("# newsletter: for newsletter\n") && page.contains("### customer_id: pseudonymized\n"))
    let explained = try json("newsletter.json")
    let output = try #require((explained["outputs"] as? [[String: Any]])?.first)
    #expect(output["label"] as? String == "personal data")
    let fields = try #require(output["fields"] as? [[String: Any]])
    #expect(
      fields.map { $0["field"] as? String } == [
        "customer_id", "email", "name", "birth_date", "postcode", "city", "last_seen",
      ])
    #expect(
      fields.map { $0["fate"] as? String } == [
        "pseudonymized", "kept", "dropped", "dropped", "made coarser, some values whole", "kept", "dropped",
      ])
    #expect(fields.allSatisfy { !(($0["privacy"] as? [String]) ?? []).isEmpty }, "each stage's own claim")

    let record = try text("record.md")
    for part in [
      "article 30", "| Purpose | newsletter |", "direct identifiers: email (kept)", "older than 24 months",
      "pseudonymisation of customer_id",
    ] {
      #expect(record.contains(part), "\(part)\n\(record)")
    }
    let activities = try #require(try json("record.json")["activities"] as? [[String: Any]])
    #expect(activities.count == 1 && activities[0]["purpose"] as? String == "newsletter")
    for key in ["data_subjects", "personal_data", "recipients", "time_limits", "security_measures"] {
      #expect(activities[0][key] != nil, "\(key)")
    }
  }

  /// 2: everybody who stays is counted with a reason, and nobody's name is in the manifest.
  @Test func consent() throws {
    let manifest = try json("newsletter.manifest.json")
    let records = try #require(manifest["records"] as? [String: Any])
    #expect(records["excluded"] as? [String: Int] == ["consent": 3, "retention": 1, "erasure": 1])
    #expect(records["excluded_by_consent"] as? [String: Int] == ["withdrawn": 1, "expired": 1, "missing": 1])
    let lists = try #require(manifest["lists"] as? [[String: Any]])
    #expect(lists.map { $0["list"] as? String } == ["consent ledger", "erasure list", "list of corrections"])
    #expect(lists[0]["entries_for_this_purpose"] as? Int == 7 && lists[0]["entries_for_other_purposes"] as? Int == 1)
    #expect(lists.allSatisfy { ($0["sha256"] as? String)?.count == 64 })
    // Hex digits of digests and run ids spell names by chance.
    let whole = try text("newsletter.manifest.json").lowercased().replacing(/[0-9a-f]{6,}/, with: "")
    for name in ["ada", "bob@", "gus", "bremen", "byron", "1984"] { #expect(!whole.contains(name), "\(name)") }
  }

  /// 3: what leaves whole needs a reason, and `check` says what could do with less.
  @Test func minimalCollection() throws {
    let story = try Self.story.get()
    #expect(story.printed.contains { $0.contains("status 2") })
    let said = story.outcome.stderr
    for part in [
      "error: 'email' is of class direct and leaves as it came, with no reason given",
      "error: 'city' is of class quasi and leaves as it came, with no reason given",
      "warning: 'birth_date' may be more precise than needed", "warning: 'postcode' may be more precise than needed",
      "warning: 'last_seen' may be more precise than needed",
    ] { #expect(said.contains(part), "\(part)\n\(said)") }
    #expect(story.printed.contains { $0.contains("curious.yaml: valid") })
  }

  /// 4: the label follows from what was done.
  @Test func labels() throws {
    #expect(try json("newsletter.manifest.json")["label"] as? String == "personal data")
    let research = try json("research.manifest.json")
    #expect(research["label"] as? String == "k-anonymous (k=2)")
    let limitations = try #require(research["limitations"] as? [String])
    #expect(limitations.contains { $0.contains("no proof of anonymity") })
    #expect(try Self.story.get().printed.contains { $0.contains("It may be called: k-anonymous (k=2)") })
    #expect(try Self.story.get().outcome.stderr.contains("; k-anonymous (k=2) -> research.csv"))
  }
}
