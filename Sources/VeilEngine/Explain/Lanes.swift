extension CompiledPipeline {
  /// The pipeline as each sink sees it.
  var lanes: [CompiledPipeline] { [self] }
}
