public import VeilConfig
public import VeilGround

/// Checks what a pipeline may do, after other checks found it well-formed: recipients, certificates and policies. A run
/// asks before it reads anything; commands that only look at existing files do not ask.
public enum Authorization {
  /// Reports everything that is not allowed on that day.
  public static func check(_ compiled: CompiledPipeline, on day: CalendarDate, diagnostics: Diagnostics) {
    RecipientCheck.run(compiled, on: day, diagnostics: diagnostics)
    CertificateCheck.run(compiled, on: day, diagnostics: diagnostics)
    PolicyCheck.run(compiled, diagnostics)
  }

  /// Throws `.invalid` with everything that is not allowed on that day.
  public static func require(_ compiled: CompiledPipeline, on day: CalendarDate) throws(RunError) {
    let diagnostics = Diagnostics(
      path: compiled.config.path, source: compiled.config.sourceBytes, kind: .pipeline(stages: []))
    diagnostics.accept()
    check(compiled, on: day, diagnostics: diagnostics)
    if diagnostics.hasErrors { throw RunError(.invalid, "the pipeline may not run\n" + diagnostics.render()) }
  }
}
