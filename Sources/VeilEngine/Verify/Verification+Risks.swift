import VeilConfig
import VeilGround

/// The three risks beside the label, where the original and a control are there to measure them.
extension Verification {
  /// The conditions that a file does not show, since only the run knows the input's order and layout, and whose the records
  /// are.
  private static let unseen: Set<String> = ["order", "layout"]

  static func attack(
    _ path: String, _ pipeline: CompiledPipeline, recipient: String?, original: String, control: String?
  ) throws(RunError) -> ReleaseAttack {
    let named = pipeline.config.anonymity?.control.map { pipeline.config.resolve($0) }
    guard let control = control ?? named else {
      throw RunError(
        .invalid, "--original goes with --control FILE, or with  anonymity: {control: FILE}: records that were held out"
      )
    }
    var request = ReleaseAttack.Request(release: path, original: original, control: control)
    (request.pipeline, request.recipient) = (pipeline, recipient)
    (request.format, request.csv) = (pipeline.config.source.format, pipeline.config.source.csv)
    return try ReleaseAttack.run(request)
  }

  mutating func tell(_ attack: ReleaseAttack) {
    note("the three risks, against a control of \(attack.records.control) records that were held out:", holds: true)
    for line in attack.table.split(separator: "\n") { note("  \(line)", holds: true) }
    let names = attack.risks.notCompared
    guard !names.isEmpty else { return }
    note(
      "note: \(names.map { ShownName.text($0) }.joined(separator: ", ")) could not be compared with the original, so the risks "
        + "are not those of the whole file", holds: true)
  }

  /// - Parameters:
  ///   - open: the conditions of 'anonymous' that are not met, where they are to be told.
  ///   - hidesPeople: whether the run counted people, whom the file does not show.
  mutating func tell(_ label: ExportLabel, open: [LabelCondition], hidesPeople: Bool) {
    let unseen = hidesPeople ? Self.unseen.union(["people"]) : Self.unseen
    let missing = open.filter { !unseen.contains($0.name) }
    if !open.isEmpty, missing.isEmpty {
      note(
        "may be called: anonymous, if the run's manifest says the same of what the file does not show "
          + "(\(open.map(\.name).joined(separator: ", "))); otherwise \(label.text)", holds: true)
      return
    }
    note("may be called: \(label.text)", holds: true)
    for condition in missing { note("  \(condition.text)", holds: true) }
  }
}
