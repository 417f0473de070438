extension PipelineReading {
  func source(_ pipeline: OptionReader) -> SourceConfig {
    let known = ["path", "format", "subject", "csv", "encoding", "max_bytes", "max_ratio"]
    guard let reader = section("source", of: pipeline, known: known) else {
      return SourceConfig(csv: CSVDialect())
    }
    let format = reader.choice("format", of: DataFormat.self)
    return SourceConfig(
      path: path("path", reader),
      format: format,
      subject: fieldPath("subject", reader),
      subjectMark: reader.has("subject") ? reader.mark(of: "subject") : nil,
      csv: dialect(reader, format),
      encoding: encoding(reader),
      maxBytes: byteCount("max_bytes", reader),
      maxRatio: reader.double("max_ratio", range: 1...Double.infinity),
      mark: reader.mark)
  }

  func sinks(_ pipeline: OptionReader, subject: FieldPath?) -> [SinkConfig] {
    let known = ["path", "format", "csv", "recipient", "expires", "aggregate", "encrypt", "order"]
    let severalKnown = known + ["fields"]
    if pipeline.has("sink"), pipeline.has("sinks") {
      diagnostics.error(
        at: pipeline.keyMark(of: "sinks"), "'sink' and 'sinks' are both given",
        help: "'sink' is one export; 'sinks' is a list of them, one a recipient")
    }
    guard let node = pipeline.node("sinks") else {
      let reader = section("sink", of: pipeline, known: known)
      return [reader.map { sink($0, subject) } ?? SinkConfig(csv: CSVDialect())]
    }
    guard let items = node.items, !items.isEmpty else {
      let what = node.items == nil ? node.summary : "an empty list"
      pipeline.error("sinks", "'sinks' must be a list of sinks, one a recipient, not \(what)")
      // A pipeline always has a sink, also where its mistakes are only told.
      return [SinkConfig(csv: CSVDialect())]
    }
    var paths: [String: Mark] = [:]
    var recipients: [String: Mark] = [:]
    return items.map { item in
      let reader = OptionReader(node: item, context: "a sink", known: severalKnown, diagnostics: diagnostics)
      var sink = self.sink(reader, subject)
      sink.fields = sinkFields(reader)
      if sink.path == "-", items.count > 1 {
        reader.error(
          "path", "one of several sinks cannot be standard output: they are published together or not at all")
      }
      for (key, seen) in [("path", paths), ("recipient", recipients)] {
        guard reader.require(key), let text = reader.node(key)?.text, let mark = reader.mark(of: key) else { continue }
        if let first = seen[text] {
          reader.error(key, "two sinks with the same \(key); the first is on line \(first.line)")
        } else if key == "path" {
          paths[text] = mark
        } else {
          recipients[text] = mark
        }
      }
      return sink
    }
  }

  private func sink(_ reader: OptionReader, _ subject: FieldPath?) -> SinkConfig {
    checkTemplate("path", reader)
    let format = reader.choice("format", of: DataFormat.self)
    let path = path("path", reader)
    return SinkConfig(
      path: path,
      format: format,
      csv: dialect(reader, format ?? path.flatMap { DataFormat(fileName: $0) }, isSink: true),
      recipient: reader.has("recipient") ? reader.requiredString("recipient") : nil,
      recipientMark: reader.mark(of: "recipient"),
      encryption: encryption(reader),
      aggregate: aggregate(reader, subject: subject),
      ownOrder: ownOrder(reader),
      expires: expiry(reader),
      mark: reader.mark)
  }

  func badRecords(_ pipeline: OptionReader) -> BadRecords {
    guard let reader = section("bad_records", of: pipeline, known: ["action", "limit", "quarantine", "raw"]) else {
      return BadRecords(action: .error, limit: nil)
    }
    let action = reader.choice("action", of: BadRecords.Action.self)
    var limit: BadRecords.Limit?
    if let text = reader.string("limit") {
      if let count = reader.node("limit")?.int, count >= 0 {
        limit = .count(count)
      } else if text.hasSuffix("%"), let share = Share(text) {
        limit = .share(share)
      } else {
        reader.error("limit", "'limit' must be a number of records or a share such as 1%, not \(quote(text))")
      }
    }
    if let limit, limit != .count(0), reader.isAbsent("action") || action == .error {
      reader.error("limit", "a limit does nothing with 'action: error'", help: "write 'action: skip' to allow some")
    }
    return BadRecords(
      action: action ?? .error, limit: limit, quarantine: quarantine(reader), rawCertificate: rawCertificate(reader))
  }

  /// Reads a path that could name something.
  func path(_ key: String, _ reader: OptionReader) -> String? {
    guard let text = reader.has(key) ? reader.requiredString(key) : nil else { return nil }
    guard !text.utf8.contains(0) else {
      reader.error(key, "\(quote(key)) holds a zero byte")
      return nil
    }
    return text
  }

  private func encoding(_ reader: OptionReader) -> TextEncoding? {
    guard reader.has("encoding"), let text = reader.requiredString("encoding") else { return nil }
    guard let encoding = TextEncoding(text) else {
      reader.error(
        "encoding", "this system knows no encoding \(quote(text))",
        suggest: Diagnostics.nearest(text.lowercased(), in: TextEncoding.common),
        help: "utf-8, utf-16, windows-1252, iso-8859-15 and whatever  iconv -l  lists")
      return nil
    }
    return encoding
  }

  private func byteCount(_ key: String, _ reader: OptionReader) -> Int? {
    guard let text = reader.string(key) else { return nil }
    guard let bytes = ByteCount.parse(text) else {
      reader.error(key, "\(quote(key)) must be a number of bytes such as 500MB or 10GiB, not \(quote(text))")
      return nil
    }
    return bytes
  }

  // MARK: csv

  func dialect(_ reader: OptionReader, _ format: DataFormat?, isSink: Bool = false) -> CSVDialect {
    let known = ["delimiter", "quote", "header"] + (isSink ? ["formula_guard"] : [])
    guard let csv = section("csv", of: reader, known: known) else { return CSVDialect() }
    if let format, format != .csv, format != .tsv {
      diagnostics.error(at: reader.keyMark(of: "csv"), "'csv' does not go with format \(format.rawValue)")
    }
    let dialect = CSVDialect(
      delimiter: byte("delimiter", csv), quote: byte("quote", csv), header: csv.bool("header", default: true),
      isHeaderStated: csv.has("header"), guardsFormulas: csv.bool("formula_guard", default: false))
    if let delimiter = dialect.delimiter, delimiter == dialect.quote ?? UInt8(ascii: "\"") {
      csv.error("delimiter", "delimiter and quote must differ")
    } else if let quote = dialect.quote, dialect.delimiter == nil,
      quote == UInt8(ascii: format == .tsv ? "\t" : ",")
    {
      csv.error("quote", "delimiter and quote must differ")
    }
    return dialect
  }

  private func byte(_ key: String, _ reader: OptionReader) -> UInt8? {
    guard let text = reader.string(key) else { return nil }
    if text == "tab" || text == "\\t" { return 0x09 }
    guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80, byte != 0x0A, byte != 0x0D, byte != 0 else {
      reader.error(
        key, "\(quote(key)) must be one ASCII character that ends no line, not \(quote(text))",
        help: "a tab is written \"\\t\" or tab")
      return nil
    }
    return byte
  }
}
