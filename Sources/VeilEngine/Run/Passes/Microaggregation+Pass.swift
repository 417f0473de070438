import VeilAnonymity
import VeilConfig
import VeilGround

extension Microaggregation {
  /// Gathers and groups.
  static func decide(
    _ config: PipelineConfig, _ context: RunContext, _ quarantine: Quarantine?
  ) throws -> Microaggregation? {
    guard let rule = config.microaggregation else { return nil }
    let state = context.beginPass()
    let stations = try (0..<context.threads).map { _ in try MicroStation(rule, context, state) }
    try context.pass(state, through: stations, threads: stations.count)
    try state.policy.judgeEnd(state.tally)
    quarantine?.beginAgain()
    var survey = stations[0].survey
    for station in stations.dropFirst() { survey.merge(station.survey) }
    do throws(MicroPlan.Problem) {
      let plan = try MicroPlan(survey, k: rule.k, countsPeople: config.source.subject != nil)
      return Microaggregation(plan: plan, observed: state.tally)
    } catch {
      let reason =
        switch error {
        case .tooFew: "k is \(rule.k), and fewer people have numbers in all its fields"
        case .dominated:
          "one person makes up more than three quarters of the sum of all, and could be read off every mean\n  cut such "
            + "values first, for example  stages: [{clamp: {max: 100000}}]"
        }
      throw RunError(.check, "microaggregation cannot be done, nothing was published: \(reason)")
    }
  }
}

/// Gathers the numbers of its chunks. One for each thread.
private final class MicroStation: Station {
  private let work: StationWork
  private let state: PassState
  private let subjects: SubjectReader?
  private var reader: MicroReader
  private(set) var survey: MicroSurvey
  private var offset = 0

  init(_ rule: MicroaggregationConfig, _ context: RunContext, _ state: PassState) throws {
    let views = context.views
    work = try ExportView.work(for: views)
    self.state = state
    reader = try MicroReader(rule, views[0].layout)
    survey = MicroSurvey(dimensions: rule.fields.count)
    subjects = try context.register.subjectReader(views[0])
  }

  func process(_ chunk: Chunk) throws {
    offset = chunk.offset
    let batch = work.views[0].batch
    work.prepare(chunk) { subjects?.read(batch) }
    reader.read(batch)
    // What the publishing pass will find to be bad must be bad here.
    work.agree()
    work.encode()
    for (record, point) in reader.points.enumerated() where batch.isLive(record) {
      if let point {
        survey.add(point, person: subjects?.subjects[record])
      } else {
        survey.addRecordWithoutValue()
      }
    }
  }

  func deliver() throws { try state.count(work.views, offset: offset) }
}
