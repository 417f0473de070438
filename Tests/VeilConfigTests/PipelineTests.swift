import Foundation
import Testing

@testable import VeilConfig

@Suite struct PipelineTests {
  @Test func aWholePipeline() throws {
    let path = golden.appending(path: "customers.yaml").path
    let (loaded, diagnostics) = PipelineParser.load(path: path, stageNames: stageNames)
    let config = try #require(loaded, "\(diagnostics.render())")
    #expect(diagnostics.all.isEmpty)
    #expect(config.name == "customers")
    #expect(config.purpose == "analytics")
    #expect(config.source.path == "customers.csv")
    #expect(config.source.format == .csv)
    #expect(config.source.subject?.description == "customer_id")
    #expect(config.source.csv == CSVDialect(delimiter: 0x2C, quote: 0x22, isHeaderStated: true))
    #expect(config.source.maxBytes == 10 << 30)
    #expect(config.source.maxRatio == 200)
    #expect(config.keys.map(\.name) == ["customers", "salt", "vault"])
    #expect(
      config.keys.map(\.source) == [
        .file("keys/customers.key"), .env("VEIL_SALT"), .command(["pass", "show", "veil"]),
      ])
    #expect(config.key(named: "salt")?.mark == Mark(line: 15, column: 3))
    #expect(config.key(named: "none") == nil)

    #expect(config.records.filters.map(\.condition) == [.anyOf(["DE", "FR", "NO"])])
    #expect(config.records.consent?.granted == ["true"])
    #expect(config.records.retention?.keep == CalendarPeriod("24 months"))
    #expect(config.records.erasure?.column == "email")
    #expect(config.records.erasure?.normalize.map(\.name) == ["trim", "lowercase"])

    func field(_ text: String) throws -> FieldConfig {
      try #require(config.fields.first { $0.path.description == text })
    }
    #expect(config.fields.count == 14)
    #expect(config.fields.map(\.fieldClass).filter { $0 == .quasi }.count == 5)
    let email = try field("email")
    #expect(email.stages.map(\.name) == ["trim", "lowercase", "pseudonym"])
    #expect(email.stages[2].options?["domain"]?.text == "email")
    #expect(email.stages[2].mark == Mark(line: 26, column: 29))
    #expect(email.stages[0].options == nil)
    #expect(try field("status").stages[0].options?.text == "x")
    #expect(try field("note").stages[0].name == "null")
    #expect(try field("income").because == "segment reporting")
    #expect(try field("income").purposes == ["analytics"])
    #expect(try field("postcode").stages.map(\.name) == ["trim"])
    #expect(try field("gender").stages.isEmpty)
    #expect(try field("'odd.key'").path.steps == [.key("odd.key")])
    #expect(try field("address.city").path.steps == [.key("address"), .key("city")])
    guard case .date([.month, .year, .decade]) = try field("birth_date").hierarchy else {
      Issue.record("birth_date has no date hierarchy")
      return
    }
    guard case .prefix(5) = try field("postcode").hierarchy else {
      Issue.record("postcode has no prefix hierarchy")
      return
    }
    guard case .interval(let width, 4, let origin) = try field("age").hierarchy else {
      Issue.record("age has no interval hierarchy")
      return
    }
    #expect(width.integer == 5)
    #expect(origin.integer == 0)
    guard case .file("hierarchies/education.csv") = try field("education").hierarchy else {
      Issue.record("education has no hierarchy from a file")
      return
    }

    #expect(config.unlisted == .drop)
    let anonymity = try #require(config.anonymity)
    #expect(anonymity.k == 10)
    #expect(
      anonymity.models.map { "\($0.field) \($0.model)" }
        == ["diagnosis distinct(3)", "diagnosis closeness(t: 0.2, VeilConfig.SensitiveDemand.Distance.equal)"])
    #expect(anonymity.suppress == Share("5%"))
    #expect(anonymity.recoding == .local)
    #expect(anonymity.count == .subjects)
    #expect(anonymity.suppressed == .drop)
    #expect(anonymity.marks.k == Mark(line: 42, column: 6))
    #expect(config.sinks.map(\.path) == ["out/customers.csv"])
    #expect(config.badRecords.action == .skip)
    #expect(config.badRecords.limit == Share("1%").map { .share($0) })
    #expect(config.sourceBytes == Array(try Data(contentsOf: URL(filePath: path))))
    #expect(config.resolve("out/x.csv") == golden.path + "/out/x.csv")
  }

  @Test func littleIsNeeded() throws {
    let config = try config("")
    #expect(config.purpose == nil)
    #expect(config.source.path == nil)
    #expect(config.sinks.count == 1)
    #expect(config.sinks[0].path == nil)
    #expect(config.unlisted == .error)
    #expect(config.anonymity == nil)
    #expect(config.badRecords.action == .error)
    #expect(config.source.csv == CSVDialect())
    let (open, diagnostics) = parse("version: 1\nname: x\nunlisted: keep")
    #expect(open?.fields.isEmpty == true)
    #expect(diagnostics.warnings.map(\.message) == ["fields that no rule names leave as they are"])
  }

  @Test func pathsStartFromThePipelinesFolder() throws {
    let config = try config("")
    #expect(config.resolve("a/b") == "folder/a/b")
    #expect(config.resolve("/a") == "/a")
    #expect(config.resolve("-") == "-")
    var here = config
    here.path = "p.yaml"
    #expect(here.resolve("a") == "a")
    here.path = "/p.yaml"
    #expect(here.resolve("a") == "/a")
  }

  @Test func defaultsFollowTheSubject() throws {
    let fields = "fields: {a: {class: quasi}}"
    #expect(try config("anonymity: {k: 2}", fields: fields).anonymity?.count == .records)
    #expect(try config("source: {subject: a}\nanonymity: {k: 2}", fields: fields).anonymity?.count == .subjects)
    #expect(try config("anonymity: {k: 2, recoding: global}", fields: fields).anonymity?.recoding == .global)
    let sets = try config(
      "anonymity: {k: 2, labels: sets}", fields: "fields: {a: {class: quasi, weight: 2.5}, b: {class: quasi}}")
    #expect(sets.anonymity?.labels == .sets && sets.fields.map(\.weight) == [2.5, 1])
    #expect(try config("anonymity: {k: 2}", fields: fields).anonymity?.labels == .hierarchy)
  }

  @Test func severalSinks() throws {
    let config = try config("sinks:\n- {path: a.csv, recipient: A}\n- {path: b.json, format: ndjson, recipient: B}")
    #expect(config.sinks.map(\.recipient) == ["A", "B"])
    #expect(config.sinks.map(\.format) == [nil, .ndjson])
  }

  @Test func otherWaysToSayIt() throws {
    let one = try config("records: {where: [{field: a, equals: 1}, {field: b, not_in: x}]}")
    #expect(one.records.filters.map(\.condition) == [.equals("1"), .noneOf(["x"])])
    let tab = try config("source: {csv: {delimiter: tab, header: false}}\nsink: {csv: {delimiter: \"\\t\"}}")
    #expect(tab.source.csv == CSVDialect(delimiter: 9, header: false, isHeaderStated: true))
    #expect(tab.sinks[0].csv.delimiter == 9)
    let plain = try config("sink: {csv: {delimiter: \\t}}\nbad_records: {action: skip, limit: 3}")
    #expect(plain.sinks[0].csv.delimiter == 9)
    #expect(plain.badRecords.limit == .count(3))
    let entropy = try config(
      "anonymity: {k: 2, l: {s: {entropy: 1.5}}}",
      fields: "fields: {a: {class: quasi}, s: {class: sensitive, stages: keep}}")
    #expect(entropy.anonymity?.models.map { "\($0.model)" } == ["entropy(1.5)"])
  }

  @Test func onlyRegularFilesAreRead() throws {
    func load(_ path: String) -> [String] { told(PipelineParser.load(path: path, stageNames: []).diagnostics) }
    #expect(load("/dev/zero") == ["is not a regular file; a pipeline is a YAML file"])
    #expect(load("/tmp") == ["is a folder; a pipeline is a YAML file"])
    #expect(load("/nowhere/p.yaml") == ["cannot be read: No such file or directory"])
    let big = FileManager.default.temporaryDirectory.appending(path: "veil-config-\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: big) }
    try Data(repeating: 0x23, count: 3 << 20).write(to: big)
    #expect(load(big.path) == ["the file is larger than 1 MiB, the limit for a pipeline"])
  }
}
