extension PipelineReading {
  func anonymity(_ pipeline: OptionReader, source: SourceConfig) -> AnonymityConfig? {
    let known =
      ["k", "suppress", "recoding", "effort", "labels", "count", "suppressed", "control"] + Self.modelKeys
      + Self.releaseKeys
    guard let reader = section("anonymity", of: pipeline, known: known), let mark = reader.mark else { return nil }
    let k = reader.requiredInt("k", range: 2 ... .max, help: "k is how many must look alike: k: 10")
    let count = reader.choice("count", of: AnonymityConfig.Counting.self)
    if count == .subjects, source.subjectMark == nil {
      reader.error("count", "'count: subjects' needs 'source.subject', the field that says whose a record is")
    }
    let recoding = reader.choice("recoding", of: AnonymityConfig.Recoding.self) ?? .local
    let labels = reader.choice("labels", of: AnonymityConfig.Labels.self) ?? .hierarchy
    if labels == .sets, recoding == .global {
      reader.error(
        "labels", "'labels: sets' does not go with 'recoding: global', which writes one level a column",
        help: "leave one of the two out")
    }
    return AnonymityConfig(
      k: k ?? 2,
      marks: .init(
        section: mark, k: reader.mark(of: "k") ?? mark, recoding: reader.mark(of: "recoding") ?? mark,
        suppress: reader.mark(of: "suppress") ?? mark),
      models: sensitiveDemands(reader), population: population(reader), presence: presence(reader),
      kMap: reader.int("k_map", range: 2 ... .max), risk: riskLimits(reader),
      suppress: suppress(reader),
      recoding: recoding, effort: reader.choice("effort", of: AnonymityConfig.Effort.self) ?? .normal, labels: labels,
      count: count ?? (source.subject == nil ? .records : .subjects), countIsStated: count != nil,
      suppressed: reader.choice("suppressed", of: AnonymityConfig.Suppressed.self) ?? .drop,
      release: release(reader), control: path("control", reader))
  }

  private func suppress(_ reader: OptionReader) -> Share {
    guard let text = reader.string("suppress") else { return .zero }
    guard let share = Share(text) else {
      let percent = Share(text + "%") != nil ? "write \(text)% if that is meant" : nil
      reader.error(
        "suppress", "'suppress' must be a share such as 5% or 0.05, from 0 to 100%, not \(quote(text))", help: percent)
      return .zero
    }
    return share
  }
}
