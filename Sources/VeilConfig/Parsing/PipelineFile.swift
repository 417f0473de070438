import Glibc

extension PipelineParser {
  /// Reads the file at `path` and parses it. A file that cannot be read is reported like any other mistake.
  public static func load(
    path: String, stageNames: [String]
  ) -> (config: PipelineConfig?, diagnostics: Diagnostics) {
    let (draft, diagnostics) = loadDraft(path: path, stageNames: stageNames)
    return (diagnostics.hasErrors ? nil : draft, diagnostics)
  }

  /// Does the same, and returns as much of the pipeline as could be read: see `draft`.
  public static func loadDraft(
    path: String, stageNames: [String]
  ) -> (draft: PipelineConfig?, diagnostics: Diagnostics) {
    load(path, kind: .pipeline(stages: stageNames)) { bytes, path in
      draft(bytes: bytes, path: path, stageNames: stageNames)
    }
  }

  /// Reads the configuration file at `path` and passes its bytes to `parse`. A file that cannot be read gives one
  /// message.
  static func load<Config>(
    _ path: String, kind: ConfigKind, parse: (_ bytes: [UInt8], _ path: String) -> (Config?, Diagnostics)
  ) -> (Config?, Diagnostics) {
    switch readSmallFile(path, limit: YAMLDocument.sizeLimit) {
    case .success(let bytes): return parse(bytes, path)
    case .failure(let problem):
      let diagnostics = Diagnostics(path: path, source: [], kind: kind)
      diagnostics.refuse(problem.message)
      return (nil, diagnostics)
    }
  }

  public struct ReadProblem: Error {
    public var message: String
  }

  /// Returns the bytes of a regular file, at most one more than `limit`. Never waits for a pipe, and never reads a
  /// device.
  ///
  /// The unsafe calls are those of POSIX, on a buffer that outlives them.
  public static func readSmallFile(_ path: String, limit: Int) -> Result<[UInt8], ReadProblem> {
    func failure(_ code: Int32) -> Result<[UInt8], ReadProblem> {
      .failure(ReadProblem(message: "cannot be read: \(RegularFile.Problem.system(code))"))
    }
    let descriptor: Int32
    do throws(RegularFile.Problem) { descriptor = try RegularFile.open(path) } catch {
      switch error {
      case .system(let code): return failure(code)
      case .other(let kind):
        let what = kind == "a folder" ? "is a folder" : "is not a regular file"
        return .failure(ReadProblem(message: "\(what); a pipeline is a YAML file"))
      }
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return failure(errno) }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return .success(bytes)
  }
}
