extension PipelineReading {
  /// Reads `order: keyed` or `order: input` of a sink.
  func ownOrder(_ sink: OptionReader) -> RecordOrder? {
    let order = sink.choice("order", of: RecordOrder.self)
    if sink.has("order"), sink.has("aggregate") {
      diagnostics.error(
        at: sink.keyMark(of: "order"), "an aggregate has no records, and so no order",
        help: "its figures are sorted by their groups")
    }
    return order
  }

  /// Returns the sinks with the order in which the records of each leave.
  ///
  /// Where neither sink nor pipeline says it, the order is keyed if the input's order would undo what the pipeline
  /// does: with `anonymity`, and with several sinks of records.
  func ordered(_ sinks: [SinkConfig], _ pipeline: OptionReader, hasAnonymity: Bool) -> [SinkConfig] {
    let common = pipeline.choice("order", of: RecordOrder.self)
    let isNeeded = hasAnonymity || sinks.count { $0.aggregate == nil } > 1
    return sinks.map { sink in
      var sink = sink
      sink.order = sink.ownOrder ?? common ?? (isNeeded ? .keyed : .input)
      return sink
    }
  }
}
