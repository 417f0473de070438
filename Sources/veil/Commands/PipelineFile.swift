import VeilConfig
import VeilEngine
import VeilGround

/// Reads a pipeline file for a command, and shows everything that is wrong with it at once.
enum PipelineFile {
  /// Returns the pipeline, and writes its warnings to standard error. Throws status 2 if it is invalid.
  /// - Parameters:
  ///   - recipient: the recipient whose sink is loaded; nil for all sinks.
  ///   - warn: takes the warnings.
  static func load(
    _ path: String, showsNotes: Bool = false, recipient: String? = nil, warn: (String) -> Void = Terminal.complain
  ) throws -> CompiledPipeline {
    let (pipeline, diagnostics) = PipelineCompiler.load(path: path)
    guard let pipeline else { throw Failure(2, diagnostics.render()) }
    if showsNotes { pipeline.advise(diagnostics) }
    let text = showsNotes ? diagnostics.render() : diagnostics.renderWithoutNotes()
    if !text.isEmpty { warn(text) }
    guard let recipient else { return pipeline }
    do throws(RunError) { return try pipeline.view(for: recipient) } catch { throw Failure(error) }
  }
}
