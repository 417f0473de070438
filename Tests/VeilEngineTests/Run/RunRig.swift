import Testing
import VeilConfig

@testable import VeilEngine
@testable import VeilGround

/// What a run in this process did.
struct RunResult {
  var report: RunReport?
  var kind: RunError.Kind?
  var message = ""
  /// What the pipeline's diagnostics say, where it is invalid.
  var diagnostics = ""

  var tally: Tally? { report?.tally }
}

/// A folder with inputs, in which pipelines run.
final class RunRig {
  let folder: ScratchFolder

  init(_ files: [String: String] = [:]) throws {
    folder = try ScratchFolder()
    for (name, text) in files { try add(name, Array(text.utf8)) }
  }

  func add(_ name: String, _ bytes: [UInt8]) throws { _ = try folder.file(name, bytes) }

  func compile(_ yaml: String) throws -> (CompiledPipeline?, String) {
    let path = try folder.file("p.yaml", Array(("version: 1\nname: test\n" + yaml).utf8))
    let (pipeline, diagnostics) = PipelineCompiler.load(path: path)
    return (pipeline, diagnostics.render())
  }

  /// Runs a pipeline of the rig's folder.
  func run(_ yaml: String, _ change: (inout RunOptions) -> Void = { _ in }) throws -> RunResult {
    let (pipeline, text) = try compile(yaml)
    guard let pipeline else { return RunResult(diagnostics: text) }
    var options = RunOptions(toolVersion: "test")
    options.asOf = CalendarDate("2024-03-31")
    change(&options)
    do throws(RunError) {
      let report = try Runner(pipeline, options, monitor: RunMonitor()).run().reports.first
      if options.preview == nil, let tally = report?.tally {
        #expect(tally.addsUp, "read = written + excluded + suppressed + bad")
      }
      return RunResult(report: report)
    } catch {
      return RunResult(kind: error.kind, message: error.description)
    }
  }

  /// A file of the folder as text; nil where there is none.
  func text(_ name: String) -> String? {
    (try? folder.bytes(name)).map { String(decoding: $0, as: UTF8.self) }
  }
}
