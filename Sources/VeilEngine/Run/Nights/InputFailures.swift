import VeilConfig
import VeilGround

/// What becomes of input files that cannot be published. With `on_file_error: stop` the first ends the run. With
/// `continue` it is left out, and the export is made of the others.
///
/// The headers of all files are looked at before the first record is read, so that every file that does not fit is told at
/// once.
struct InputFailures {
  private let action: FileErrorAction
  private(set) var failed: [FailedInput] = []

  init(_ action: FileErrorAction) { self.action = action }

  /// The error of a run in which no file is left.
  var error: RunError? {
    guard let first = failed.first?.error else { return nil }
    // What is wrong with the run as a whole is told once.
    var seen: Set<String> = []
    let texts = failed.map(\.error.description).filter { seen.insert($0).inserted }
    return RunError(first.kind, texts.joined(separator: "\n"))
  }

  /// Looks at the headers of all files of a run with several.
  mutating func check(_ units: [NightPlan.Unit], _ compiled: CompiledPipeline, _ job: RunJob) throws(RunError) {
    guard units.reduce(0, { $0 + $1.inputs.count }) > 1 else { return }
    for unit in units {
      for (path, error) in HeaderCheck.failures(unit.inputs, compiled, job) {
        failed.append(FailedInput(path: path, error: error))
      }
    }
    if action == .stop, let error { throw error }
  }

  /// Makes an export of the files that are left of `inputs`, and again without a file that fails.
  /// - Parameter make: makes the export, and adds it to what is published.
  /// - Returns: The report, and what is to be published; nil if no file is left.
  mutating func export(
    _ inputs: [String], _ monitor: RunMonitor, make: (_ inputs: [String], PublicationSet) throws -> RunReport
  ) throws -> (RunReport, PublicationSet)? {
    let out = Set(failed.map { PathKey($0.path) })
    var left = inputs.filter { !out.contains(PathKey($0)) }
    while !left.isEmpty {
      let own = PublicationSet()
      monitor.beginExport()
      do {
        return (try make(left, own), own)
      } catch {
        own.abandon()
        guard action == .continue, let path = culprit(error, of: left, monitor) else { throw error }
        failed.append(FailedInput(path: path, error: RunError(any: error)))
        left.removeAll { PathKey($0) == PathKey(path) }
        monitor.forgetExport()
        monitor.read(nil)
      }
    }
    return nil
  }

  /// The file that an error is about; nil if it is none of a file, or the file cannot be left out.
  private func culprit(_ error: any Error, of inputs: [String], _ monitor: RunMonitor) -> String? {
    if error is OutputError { return nil }
    guard [.check, .inputOutput, .mismatch].contains(RunError(any: error).kind) else { return nil }
    // What was read from a pipe is gone, and so are the files before it that would have to be read again.
    guard !inputs.contains(where: FileFacts.isPipe) else { return nil }
    return monitor.file ?? (inputs.count == 1 ? inputs[0] : nil)
  }
}

/// Looks at the headers of input files, before anything is read of them for the export.
enum HeaderCheck {
  /// Returns the files that cannot be opened, that do not fit the pipeline, or whose header is not that of the first that
  /// fits.
  static func failures(_ inputs: [String], _ compiled: CompiledPipeline, _ job: RunJob) -> [(String, RunError)] {
    // A run of its own, which counts nothing and starts no thread.
    var own = RunJob(compiled.config, job.options)
    own.options.threads = 1
    own.inputs = inputs
    guard let input = try? RunInput(compiled, own) else { return [] }
    var failures: [(String, RunError)] = []
    var common: [String]?
    for (index, path) in inputs.enumerated() where !FileFacts.isPipe(path) {
      do {
        let (header, fits) = try header(of: index, in: input, compiled)
        if let common, header != common {
          throw RunError(.mismatch, "\(printable(path)): its header is not the same as that of the files before it")
        }
        try fits()
        common = header
      } catch {
        failures.append((path, RunError(any: error)))
      }
    }
    return failures
  }

  /// Reads a header. `fits` throws if it does not fit the pipeline.
  private static func header(
    of index: Int, in input: RunInput, _ compiled: CompiledPipeline
  ) throws -> (header: [String], fits: () throws -> Void) {
    let form = TableForm(input.format, compiled.config.source.csv)
    let opened = try input.open(index, comesAgain: false)
    let table = try TableReader(opened.source, form, name: opened.name, chunkBytes: 1 << 16) {
      try RunContext.readHeader(of: $0, form, compiled)
    }
    return (
      table.header,
      {
        for view in compiled.views where input.format.isSeparated {
          _ = try Layout(
            view, header: table.header, source: input.format, sink: view.config.sinks[0].format ?? input.format,
            file: opened.name)
        }
      }
    )
  }
}
