import VeilGround

/// How a run ended, for reports and metrics.
struct RunOutcome {
  var status: Int32
  /// Why nothing was published, or not everything; nil if the run did what it should.
  var problem: String?
  /// The input files that were left out.
  var failedInputs: [FailedInput] = []

  static let published = RunOutcome(status: 0, problem: nil)

  init(status: Int32, problem: String?) {
    self.status = status
    self.problem = problem
  }

  init(_ error: RunError) { self.init(status: error.kind.rawValue, problem: error.description) }

  /// The outcome of a run that published its good files.
  init(leavingOut failed: [FailedInput], of count: Int, publishes: Bool) {
    self.init(status: failed.isEmpty ? 0 : RunError.Kind.check.rawValue, problem: nil)
    failedInputs = failed
    if !failed.isEmpty {
      problem =
        (failed.map(\.error.description) + [
          "\(failed.count) of \(count) input files were left out; the others \(publishes ? "are" : "would be") published"
        ])
        .joined(separator: "\n")
    }
  }
}

/// An input file that a run could not publish, and why.
struct FailedInput {
  var path: String
  var error: RunError

  var value: JSONValue { .object([("path", .text(path)), ("error", .text(error.description))]) }
}
