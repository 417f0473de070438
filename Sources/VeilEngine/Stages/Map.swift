import VeilConfig

/// Replaces values by those of a lookup table.
struct Map: ValueStage, TokenlessStage {
  static let documentation = StageDocumentation(
    name: "map",
    summary: "replaces each value by what a table says; a value the table lacks is an error, or gets the default",
    options: [
      .init("values", "a mapping", .oneOf(tables), "the table: what is looked up, and what is written for it"),
      .init("file", "a path", .oneOf(tables), "a CSV file with two columns, no header, in place of values"),
      .init(
        "default", "text, a number, true, false or null", .optional("none: such a value is an error"),
        "what is written for values that the table lacks"),
    ],
    example: "education: {map: {values: {PhD: academic, MSc: academic}, default: other}}",
    promise: """
      What leaves is what the table says and nothing else: a value that it lacks never slips through. A result that \
      only one value has tells that value to whoever knows the table. Values are \
      compared byte by byte, so put `trim`, `nfc` or `lowercase` in front where spellings vary.
      """)

  private static let tables = OptionGroup(
    ["values", "file"], help: "for example  map: {values: {DE: Europe, FR: Europe}, default: elsewhere}")

  let filesRead: [FileRead]
  private let table: ByteTable
  private let values: [WrittenValue]
  private let fallback: WrittenValue?
  private let isShared: Bool

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    var building = Building()
    if reader.has("values"), !reader.has("file") {
      building.read(options)
    } else if reader.has("file"), !reader.has("values") {
      building.readFile(options)
    }
    filesRead = building.file.map { [$0] } ?? []
    fallback = reader.has("default") ? options.writtenValue("default") : nil
    guard options.errorCount == before else { return nil }
    table = building.table
    values = building.values
    isShared = Self.isShared(values, fallback)
  }

  /// Returns whether at least two values get each text that the table writes, so that no text tells the value. The default
  /// is what all others get.
  private static func isShared(_ values: [WrittenValue], _ fallback: WrittenValue?) -> Bool {
    var texts = ByteTable()
    var isSeenTwice: [Bool] = []
    for value in values {
      if case .null = value { continue }
      if let number = texts.insert(value.bytes.span) {
        isSeenTwice[number] = true
      } else {
        isSeenTwice.append(false)
      }
    }
    if let fallback, let number = texts[fallback.bytes.span] { isSeenTwice[number] = true }
    return isSeenTwice.allSatisfy(\.self)
  }

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { isShared ? .coarser : .sometimesWhole }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    StageVerdict((values + [fallback].compactMap(\.self)).contains { $0.isText(value) })
  }

  func rewrite(_ value: Span<UInt8>, into out: inout ByteBuffer) -> Rewritten {
    let found: WrittenValue
    if let number = table[value] {
      found = values[number]
    } else if let fallback {
      found = fallback
    } else {
      return .invalid(FailureReason("is not in the table of 'map', which has no default"))
    }
    switch found {
    case .text(let bytes):
      out.append(bytes)
      return .text
    case .literal(let bytes):
      out.append(bytes)
      return .literal
    case .null: return .null
    }
  }

  private struct Building {
    var table = ByteTable()
    var values: [WrittenValue] = []
    var file: FileRead?

    mutating func read(_ options: StageOptions) {
      guard let entries = options.reader.node("values")?.entries, !entries.isEmpty else {
        options.reader.error("values", "'values' must be a mapping, such as {DE: Europe, FR: Europe}")
        return
      }
      for entry in entries {
        guard let value = WrittenValue(entry.value) else {
          options.diagnostics.error(
            at: entry.value, "a table gives single values, and this one is \(entry.value.summary)")
          continue
        }
        // The YAML reader has already refused duplicate keys.
        if table.insert(Array((entry.key.text ?? "").utf8).span) == nil { values.append(value) }
      }
    }

    mutating func readFile(_ options: StageOptions) {
      guard let name = options.reader.requiredString("file") else { return }
      do throws(MapFile.Problem) {
        let digest = try MapFile.read(options.config.resolve(name)) { key, value, line throws(MapFile.Problem) in
          guard let earlier = table.insert(key) else { return values.append(.text(value)) }
          if values[earlier].bytes != value {
            throw MapFile.Problem(description: "line \(line) gives another value for what an earlier line gave one for")
          }
        }
        file = FileRead(path: name, sha256: digest)
        if values.isEmpty { options.reader.error("file", "'\(name)' is empty") }
      } catch {
        options.reader.error("file", "'\(name)' \(error.description)")
      }
    }
  }
}
