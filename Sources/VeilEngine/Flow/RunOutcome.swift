import VeilGround

/// How a run ended, for reports and metrics.
struct RunOutcome {
  var status: Int32
  /// Why nothing was published; nil if the run did what it should.
  var problem: String?

  static let published = RunOutcome(status: 0, problem: nil)

  init(status: Int32, problem: String?) {
    self.status = status
    self.problem = problem
  }

  init(_ error: RunError) { self.init(status: error.kind.rawValue, problem: error.description) }
}
