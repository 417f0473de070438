import VeilConfig
import VeilGround

/// The part of a pipeline with `state` that is left to do: compares the inputs with what earlier runs published, and
/// records what this run publishes. Only the holder of the state's lock may use it.
final class Night {
  private var state: NightState
  private let compiled: CompiledPipeline
  private let job: RunJob
  /// The run that was interrupted while it published; this run takes over its names.
  let adopted: (run: String, date: String)?
  private var isDirty = false
  /// The times of each input before it was read. A change during the run is then found by the next run.
  private var stamps: [PathKey: String] = [:]
  /// The recipients of this run's exports: an input is new to each of them until they got it.
  private var readers: [String] = []

  init(_ compiled: CompiledPipeline, _ job: RunJob, state path: String) throws(RunError) {
    self.compiled = compiled
    self.job = job
    var state = try NightState.read(path)
    var adopted: (run: String, date: String)?
    if let pending = state.pending {
      if Self.isPublished(pending, compiled) {
        state.record(pending)
        isDirty = true
        job.monitor.warn("run \(pending.run) was ended just after it had published; its inputs count as published")
      } else {
        adopted = (pending.run, pending.date)
        job.monitor.warn("run \(pending.run) was ended before it had published; its exports are made again")
      }
    }
    (self.state, self.adopted) = (state, adopted)
    readers =
      job.options.output.map { ["output \(key($0).text)"] }
      ?? compiled.views.map { view in
        view.config.sinks[0].recipient.map { "recipient \($0)" } ?? "sink"
      }
  }

  private static func isPublished(_ pending: NightState.Pending, _ compiled: CompiledPipeline) -> Bool {
    !pending.outputs.isEmpty
      && (pending.outputs + pending.companions).allSatisfy {
        FileFacts.sha256(compiled.config.resolve($0.path.text)) == $0.sha256
      }
      && pending.manifests.allSatisfy { path in
        guard let bytes = try? SmallFile.bytes(compiled.config.resolve(path.text), limit: 1 << 30) else { return false }
        return JSONReader.read(bytes)?["run"]?.text == pending.run
      }
  }

  private func key(_ path: String) -> PathKey {
    let slash = compiled.config.path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return PathKey(FileFacts.key(path, from: slash.map { String(compiled.config.path[...$0]) } ?? "."))
  }

  /// Whether nothing was ever published. Then a pattern that matches no file is a mistake.
  var isFirst: Bool { state.inputs.isEmpty }

  /// Returns the inputs that no run has published for the recipients of this run's exports. Throws if the contents of a
  /// published input have changed, or if only some of the recipients have got it.
  func new(of paths: [String]) throws(RunError) -> [String] {
    var new: [String] = []
    for path in paths {
      if path == "-" { throw RunError(.invalid, "'state' remembers files, and standard input is none") }
      let key = key(path)
      if state.outputs[key] != nil {
        throw RunError(.invalid, "\(path) is an export of this pipeline: keep exports out of where it reads")
      }
      let facts = try FileFacts.look(path)
      stamps[PathKey(path)] = facts.stamp
      let known = readers.map { state.published(key, for: $0) }
      if job.options.reruns || known.allSatisfy({ $0 == nil }) {
        new.append(path)
        continue
      }
      for known in known.compactMap(\.self) where !isSame(path, facts: facts, known: known) {
        throw RunError(
          .inputOutput,
          "\(path) was published by run \(known.run) and has changed since: give new contents a new name, or repeat "
            + "all with --rerun")
      }
      if let place = known.firstIndex(where: { $0 == nil }) {
        throw RunError(
          .inputOutput,
          "\(path) was published, but not for the \(readers[place]): give them what they lack with --recipient, or repeat "
            + "all with --rerun")
      }
    }
    return new
  }

  private func isSame(
    _ path: String, facts: (byteCount: Int, stamp: String), known: NightState.Input
  ) -> Bool {
    guard known.byteCount == facts.byteCount else { return false }
    if known.stamp == facts.stamp, !facts.stamp.isEmpty { return true }
    return FileFacts.sha256(path) == known.sha256
  }

  /// Throws if an export of an earlier run, made of other inputs, would be replaced.
  func check(_ units: [NightPlan.Unit], isTemplate: Bool) throws(RunError) {
    guard isTemplate, !job.options.reruns else { return }
    for unit in units {
      for output in unit.outputs {
        guard let run = state.outputs[key(output)], run != adopted?.run else { continue }
        throw RunError(
          .inputOutput,
          "\(output) was published by run \(run) and would be replaced by other inputs' records: put {run} into "
            + "the sink's path, or repeat all with --rerun")
      }
    }
  }

  /// Records what is about to be published, and adds the state that is true after the publication.
  func add(to set: PublicationSet, _ reports: [RunReport], manifests: [String], run: String, date: String) throws {
    var pending = NightState.Pending(run: run, date: date)
    for digest in reports.flatMap(\.inputs) {
      let path = key(digest.path)
      for twin in state.twins(of: digest.sha256, path: path).prefix(1) {
        job.monitor.warn("\(digest.path) has the very contents of \(twin.text), which was published before")
      }
      let input = NightState.Input(
        run: run, byteCount: digest.byteCount, sha256: digest.sha256, stamp: stamps[PathKey(digest.path)] ?? "")
      for reader in readers { pending.inputs.append((path, reader, input)) }
    }
    pending.outputs = reports.flatMap(\.outputs).map { (key($0.path), $0.sha256) }
    pending.companions = set.companions.compactMap { companion in
      companion.sha256.map { (key(companion.target), $0) }
    }
    pending.manifests = manifests.map(key)
    state.pending = pending
    let note = try Publication.begin(state.path)
    try note.write(state.document)
    try note.commit()
    state.record(pending)
    let publication = try Publication.begin(state.path)
    try publication.write(state.document)
    set.add(publication)
  }

  /// Saves what was recognized as published, if nothing is left to do.
  func settle() throws(OutputError) {
    guard isDirty, job.publishes else { return }
    let publication = try Publication.begin(state.path)
    try publication.write(state.document)
    try publication.commit()
  }
}
