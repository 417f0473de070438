import Foundation
import Testing
import VeilConfig
import VeilCrypto

@testable import VeilEngine

/// One value of a field, as a reader would hand it over, or as a stage left it.
enum Value: Equatable, CustomStringConvertible {
  case text(String)
  /// A JSON number, true or false.
  case literal(String)
  case null
  case composite(String)
  /// The record is bad, for this reason.
  case bad(String)

  var description: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .literal(let text), .composite(let text): text
    case .null: "null"
    case .bad(let reason): "bad: \(reason)"
    }
  }
}

extension Value: ExpressibleByStringLiteral {
  init(stringLiteral text: String) { self = .text(text) }
}

/// Stages built from a field's rule as users write it, driven over values as the engine does.
struct StageHarness {
  let stages: [any Stage]
  let diagnostics: Diagnostics
  /// Keys that are known besides those that a rule may name here; all have the bytes of the first.
  private var keys: [String] = []
  var recipient = ""
  var normalization: String?
  /// Whose record each is, for stages that look at another field; by default each record is its own person's.
  var people: [String] = []
  let ledger = TokenRegister()
  /// Where the pipeline is said to stand.
  static let folder = FileManager.default.temporaryDirectory.path

  static let key = [UInt8](0..<32)
  static let salt = [UInt8](32..<64)

  init(_ rule: String, field: String = "f", keys: [String] = ["test", "salt", "customers", "phones"]) {
    let lines =
      ["version: 1", "name: test", "source: {path: in.csv}", "keys:"] + keys.map { "  \($0): {env: VEIL_TEST_KEY}" }
      + ["fields:", "  \(field): \(rule)", "sink: {path: out.csv}"]
    let (config, diagnostics) = PipelineParser.parse(
      text: lines.joined(separator: "\n") + "\n", path: "\(Self.folder)/p.yaml", stageNames: Catalog.names)
    self.diagnostics = diagnostics
    stages =
      config.map { config in
        config.fields[0].stages.compactMap { call in
          Catalog.build(call, field: config.fields[0].path.description, config: config, diagnostics: diagnostics)
        }
      } ?? []
  }

  /// Drives stages that were built elsewhere, with keys of these names.
  init(stages: [any Stage], keys: [String]) {
    self.stages = stages
    self.keys = keys
    diagnostics = Diagnostics(path: "\(Self.folder)/p.yaml", source: [], kind: .pipeline(stages: []))
  }

  var errors: [String] { diagnostics.errors.map(\.message) }

  /// What the stages make of `values`, each in a record of its own.
  func run(_ values: [Value], json: Bool = false) throws -> [Value] {
    try #require(errors == [] && !stages.isEmpty, "\(errors)")
    let known = ["test": Self.key, "customers": Self.key, "salt": Self.salt, "phones": Self.salt]
    let secrets = known.merging(keys.map { ($0, Self.key) }) { first, _ in first }.mapValues { bytes in
      bytes.withUnsafeBytes { SecretBytes(copying: $0) }
    }
    var environment = StageEnvironment(keys: KeyStore(secrets), recipient: recipient)
    environment.normalization = normalization
    environment.column = { _ in 1 }
    environment.register = ledger
    let batch = Batch(columnCount: 2, escapes: json ? .json : .csv(quote: UInt8(ascii: "\"")))
    var source = ByteBuffer()
    var cells: [Cell] = []
    for value in values {
      let start = source.count
      switch value {
      case .text(let text), .literal(let text), .composite(let text): source.append(utf8: text)
      case .null, .bad: break
      }
      let flags: Cell.Flags =
        switch value {
        case .text: []
        case .literal: .literal
        case .composite: .composite
        case .null, .bad: .null
        }
      cells.append(Cell(start: start, count: source.count - start, flags: flags))
    }
    let owners = values.indices.map { index in
      let start = source.count
      source.append(utf8: people.isEmpty ? "person \(index)" : people[index])
      return Cell(start: start, count: source.count - start, flags: source.count == start ? .null : [])
    }
    source.append(repeating: 0, count: 64)
    batch.reset(base: source.start)
    let column = batch.columns[0]
    for (index, cell) in cells.enumerated() {
      column.cells.append(cell)
      batch.columns[1].cells.append(owners[index])
      if json {
        column.rows.append(UInt32(index))
        batch.columns[1].rows.append(UInt32(index))
      }
    }
    batch.finishDecoding(recordCount: values.count)
    let rewriters = try environment.rewriters(of: stages)
    for rewriter in rewriters { rewriter.prepare(batch) }
    for rewriter in rewriters { rewriter.rewrite(column, of: 0, in: batch) }

    let reasons = Dictionary(batch.failures.map { ($0.record, $0.reason.text) }) { first, _ in first }
    var result: [Value] = []
    for index in 0..<column.cells.count {
      let cell = column.cells[index]
      let text = String(
        decoding: UnsafeBufferPointer(start: column.base + cell.offset, count: cell.count), as: UTF8.self)
      if let reason = reasons[index] {
        result.append(.bad(reason))
      } else if cell.isNull {
        result.append(.null)
      } else if cell.has(.plain), text.contains(where: { ",\"\n\r\\\t".contains($0) }) {
        Issue.record("a plain cell holds what needs quotes")
      } else {
        result.append(cell.has(.literal) ? .literal(text) : cell.has(.composite) ? .composite(text) : .text(text))
      }
    }
    withExtendedLifetime(source) {}
    return result
  }
}

/// Runs `rule` over values and compares.
func expect(
  _ rule: String, json: Bool = false, _ pairs: [(Value, Value)], sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let made = try StageHarness(rule).run(pairs.map(\.0), json: json)
  for ((given, wanted), got) in zip(pairs, made) {
    #expect(got == wanted, "\(rule) of \(given)", sourceLocation: sourceLocation)
  }
  #expect(made.count == pairs.count, sourceLocation: sourceLocation)
}

/// Runs a rule over one text.
func one(_ rule: String, _ value: Value, json: Bool = false) throws -> Value {
  try StageHarness(rule).run([value], json: json)[0]
}

/// The first error that a rule is refused with.
func refusal(_ rule: String) -> String? { StageHarness(rule).errors.first }

/// Lines of tab-separated words that a Python program prints.
func python(_ program: String) throws -> [[String]] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", program]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
  return String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
    line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Compares what a rule makes of the first word of each line with what `wanted` finds there; reports once.
func compare(
  _ rule: String, _ lines: some Sequence<[String]>, json: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation, _ wanted: ([String]) -> Value
) throws {
  let lines = Array(lines)
  let made = try StageHarness(rule).run(lines.map { .text($0[0]) }, json: json)
  let wrong = zip(lines, made).filter { line, got in got != wanted(line) }
  #expect(
    wrong.isEmpty, "\(rule): \(wrong.count) differ, such as \(wrong.prefix(3).map { "\($0)" })",
    sourceLocation: sourceLocation)
}

/// Text from the hexadecimal digits of its UTF-8.
func text(hex: String) -> String {
  var bytes: [UInt8] = []
  var rest = hex[...]
  while let byte = UInt8(rest.prefix(2), radix: 16) {
    bytes.append(byte)
    rest = rest.dropFirst(2)
  }
  return String(decoding: bytes, as: UTF8.self)
}
