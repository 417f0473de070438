import VeilAnonymity
import VeilConfig
import VeilGround

extension Recoding {
  /// Makes the stations of the first pass, one for each thread.
  static func observers(
    _ config: PipelineConfig, _ context: RunContext, _ state: PassState
  ) throws -> [ObserveStation] {
    let views = context.views
    let layout = views[0].layout
    let paths = layout.quasiFields.map { layout.fields[$0].path }
    let coders = try coders(of: paths, config)
    let weights = paths.map { path in config.fields.first { $0.path == path }?.weight ?? 1 }
    // A bad record must be bad in both passes. Where one ends the run, the second pass need not be foreseen.
    let foresees = config.badRecords.action == .skip
    let countsSubjects = config.countsSubjects
    let fields = config.anonymity?.modelledFields ?? []
    let sensitive = fields.compactMap { layout.column(of: $0) }
    if sensitive.count < fields.count { throw RunError(.mismatch, "a sensitive field of a model is not there") }
    return try (0..<context.threads).map { _ in
      ObserveStation(
        try foresees ? ExportView.work(for: views) : views[0].observingWork(), rehearses: foresees, layout: layout,
        observer: QuasiObserver(
          coders: coders, countsSubjects: countsSubjects, sensitiveCount: fields.count, weights: weights),
        subjects: try countsSubjects ? views[0].subjectReader(key: context.subjectKey) : nil,
        identifiers: views[0].identifierReader(key: context.subjectKey),
        sensitive: SensitiveReader(columns: sensitive, form: context.publishedForm), state: state,
        gaps: foresees ? nil : HierarchyGaps(columns: coders.count))
    }
  }

  /// What one thread applies the plan with.
  func applier(_ view: ExportView, _ context: RunContext) throws -> QuasiApplier {
    let layout = view.layout
    guard case .file = origin else {
      return QuasiApplier(plan, layout: layout, anonymity: anonymity, counts: applied.add())
    }
    // What a plan from a file is applied to is another matter than what it was decided on: it is judged by itself.
    let subjects = try view.pipeline.config.countsSubjects ? view.subjectReader(key: context.subjectKey) : nil
    let fields = anonymity.modelledFields
    let columns = fields.compactMap { layout.column(of: $0) }
    if columns.count < fields.count { throw RunError(.mismatch, "a sensitive field of a model is not there") }
    let counts = applied.add(
      sensitive: SensitiveHistogram(columns: columns.count, countsSubjects: subjects != nil))
    return QuasiApplier(
      plan, layout: layout, anonymity: anonymity, counts: counts,
      subjects: subjects, sensitive: SensitiveReader(columns: columns, form: context.publishedForm),
      stopsAtUnseen: anonymity.release.unseen == .error)
  }
}
