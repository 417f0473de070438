extension PipelineReading {
  /// Reads `corrections: {file: FILE, …}`: a table of subject, field and value, with one correction on each line.
  func corrections(_ records: OptionReader, _ pipeline: OptionReader) -> CorrectionsConfig? {
    let known = ["file", "field", "subject", "name", "value", "normalize"]
    guard let reader = filled("corrections", of: records, known: known, example: "{file: corrections.csv}") else {
      return nil
    }
    let file = reader.require("file") ? path("file", reader) : nil
    func column(_ key: String, _ standard: String) -> String? {
      reader.has(key) ? reader.requiredString(key) : standard
    }
    let (subject, name, value) = (column("subject", "subject"), column("name", "field"), column("value", "value"))
    let normalize = reader.node("normalize").map { stages($0, of: "'normalize'") } ?? []
    let field = personField(reader, pipeline, what: "a list of corrections")
    guard let file, let subject, let name, let value, let field, let mark = reader.mark else { return nil }
    if Set([subject, name, value]).count < 3 {
      diagnostics.error(at: reader.mark, "a column of the list of corrections has two uses")
    }
    return CorrectionsConfig(
      file: file, field: field, subject: subject, name: name, value: value, normalize: normalize, mark: mark)
  }
}
