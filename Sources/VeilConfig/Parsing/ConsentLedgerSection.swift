extension PipelineReading {
  static let ledgerKeys = [
    "ledger", "field", "subject", "purpose", "any_purpose", "status", "at", "expires", "granted", "withdrawn",
    "normalize",
  ]

  /// The statuses that mean no, in upper or lower case.
  static let withdrawnStatuses = [
    "withdrawn", "revoked", "denied", "refused", "declined", "rejected", "objected", "opted_out", "opt_out", "opt-out",
    "no", "false", "0",
  ]

  /// Reads `consent: {ledger: FILE, …}`. All other options have a default: the ledger's columns have the names of the
  /// options.
  func consentLedger(_ reader: OptionReader, _ pipeline: OptionReader) -> ConsentConfig? {
    let file = path("ledger", reader)
    let normalize = reader.node("normalize").map { stages($0, of: "'normalize'") } ?? []
    let granted = reader.has("granted") ? values("granted", reader) : ["granted"]
    let withdrawn = reader.has("withdrawn") ? values("withdrawn", reader) : Self.withdrawnStatuses
    for status in granted ?? [] where withdrawn?.contains(status) == true {
      reader.error("granted", "\(quote(status)) cannot mean both yes ('granted') and no ('withdrawn')")
    }
    func column(_ key: String) -> String? { reader.has(key) ? reader.requiredString(key) : key }
    let isForAll = reader.bool("any_purpose", default: false)
    if isForAll, reader.has("purpose") {
      reader.error("any_purpose", "'purpose' and 'any_purpose: true' contradict each other; only one can hold")
    }
    if !isForAll, pipeline.isAbsent("purpose") {
      diagnostics.error(
        at: reader.mark, "consent is given for a purpose, and the pipeline has none",
        help: "say why this export exists, in the ledger's words:  purpose: …")
    }
    let names = ["subject", "status", "at", "expires"].map { column($0) } + (isForAll ? [] : [column("purpose")])
    let given = names.compactMap { $0 }
    for (index, name) in given.enumerated() where given[..<index].contains(name) {
      diagnostics.error(at: reader.mark, "the ledger's column \(quote(name)) has two uses")
    }
    guard let field = personField(reader, pipeline, what: "a consent ledger"), let mark = reader.mark, let file,
      let granted, let withdrawn,
      given.count == names.count
    else { return nil }
    let ledger = ConsentLedgerConfig(
      file: file, subject: given[0], purpose: isForAll ? nil : given[4], status: given[1], at: given[2],
      expires: (given[3], reader.has("expires")), granted: granted, withdrawn: withdrawn, normalize: normalize)
    return ConsentConfig(field: field, granted: granted, ledger: ledger, mark: mark)
  }

  /// Returns the field that identifies the person in the same way as a list does: `field`, or `source.subject`.
  func personField(_ reader: OptionReader, _ pipeline: OptionReader, what: String) -> FieldPath? {
    if reader.has("field") { return fieldPath("field", reader) }
    let text = pipeline.node("source")?["subject"]?.text
    if let text { return try? FieldPath(text) }
    if reader.isAbsent("field") {
      diagnostics.error(
        at: reader.mark, "\(what) needs to know whose a record is",
        help: "name the field under 'source', as  subject: NAME,  or here, as  field: NAME")
    }
    return nil
  }
}
