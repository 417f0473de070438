import VeilConfig

extension Verification {
  /// Says which fields beside the quasi-identifiers tell people apart by themselves, whatever k is. The pipeline promises
  /// that none does only where a check says so.
  mutating func checkTellingApart(_ config: PipelineConfig, _ measured: [MeasuredField]) {
    for field in measured where field.tellsApart {
      let isPromised = config.checks.contains { check in
        guard case .tellsApart(let except) = check.kind else { return false }
        return check.severity == .error && !field.isExcused(by: except)
      }
      let text = "'\(field.name)' tells people apart: \(field.singleText)"
      if isPromised {
        note("\(text); the pipeline allows none: NOT MET", holds: false)
      } else if field.tellsApartUnsaid {
        note("note: \(text); whatever k is, this file is at most pseudonymous", holds: true)
      }
    }
  }
}
