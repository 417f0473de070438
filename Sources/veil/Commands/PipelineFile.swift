import VeilConfig
import VeilEngine
import VeilGround

/// Reads a pipeline file for a command, and shows all that is wrong with it at once.
enum PipelineFile {
  /// The pipeline, with its warnings on standard error. Throws status 2 when it is invalid.
  /// - Parameters:
  ///   - recipient: the one whose sink it is loaded for; nil for all sinks.
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
