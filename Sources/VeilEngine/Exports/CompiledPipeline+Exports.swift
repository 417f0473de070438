import VeilConfig
public import VeilGround

extension CompiledPipeline {
  /// The pipeline's audit log, if it names one.
  public var auditPath: String? { config.accountability.audit.map { config.resolve($0) } }

  /// The column that names people in the pipeline's own erasure list.
  public var erasureColumn: String? { config.records.erasure?.column }

  /// The input's field that names the people of the erasure list.
  public var erasureField: String? { config.records.erasure?.field.description }
}

extension CompiledPipeline {
  /// The pipeline itself and its keys, which are no exports wherever they lie.
  var ownFiles: [String] {
    var files = [config.path]
    for key in config.keys {
      switch key.source {
      case .file(let path), .ring(let path), .wrapped(let path, _): files.append(config.resolve(path))
      case .env, .command: break
      }
    }
    return files
  }
}

extension RunError {
  /// Returns the error for a command line whose parts contradict each other.
  public static func wrongUse(_ description: String) -> RunError { RunError(.invalid, description) }
}
