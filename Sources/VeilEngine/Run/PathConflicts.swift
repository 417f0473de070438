import Glibc
import VeilConfig

/// A run never replaces what it reads, nor one of its outputs by another: the rename that publishes would succeed, and
/// what stood there would be gone.
enum PathConflicts {
  /// Throws where the export or the manifest would replace an input, the pipeline, a key, a list or each other.
  static func check(
    _ config: PipelineConfig, inputs: [String], outputs: [String], manifest: String?
  ) throws(RunError) {
    if manifest == "-" { throw RunError(.invalid, "a manifest goes to a file, not to standard output") }
    var read = inputs.filter { $0 != "-" }
    read.append(config.path)
    read += [config.recipients, config.policy].compactMap { $0.map { config.resolve($0.path) } }
    read += config.sinks.compactMap { $0.encryption?.certificate.map { config.resolve($0) } }
    for key in config.keys {
      if case .file(let path) = key.source { read.append(config.resolve(path)) }
    }
    if let erasure = config.records.erasure { read.append(config.resolve(erasure.file)) }
    if let corrections = config.records.corrections { read.append(config.resolve(corrections.file)) }
    if let ledger = config.records.consent?.ledger { read.append(config.resolve(ledger.file)) }
    for field in config.fields {
      if case .file(let path)? = field.hierarchy { read.append(config.resolve(path)) }
    }
    for written in outputs + (manifest.map { [$0] } ?? []) where written != "-" {
      guard let file = Identity(file: written) else { continue }
      if let found = read.first(where: { Identity(file: $0) == file }) {
        throw RunError(
          .invalid, "\(written) is \(found), which the run reads: it would be replaced; choose another path")
      }
    }
    for (index, output) in outputs.enumerated() {
      if let other = outputs[..<index].first(where: { isSame($0, output) }) {
        throw RunError(.invalid, "two sinks would both be \(other): choose another path for one of them")
      }
    }
    if let manifest, outputs.contains(where: { $0 != "-" && isSame($0, manifest) }) {
      throw RunError(
        .invalid, "the export and its manifest would both be \(manifest): choose another path for one of them")
    }
  }

  /// Throws where the audit log or the lineage event is something else that the run reads or writes.
  static func checkAccounts(_ options: RunOptions, _ others: [String]) throws(RunError) {
    let named = [("audit log", options.audit), ("lineage event", options.lineage)]
    var seen = others + [options.manifest].compactMap { $0 }
    for (what, path) in named {
      guard let path else { continue }
      if path == "-" { throw RunError(.invalid, "the \(what) goes to a file, not to standard output") }
      if seen.contains(where: { $0 != "-" && isSame($0, path) }) {
        throw RunError(.invalid, "\(path) cannot be the \(what): the run reads or writes it otherwise")
      }
      seen.append(path)
    }
  }

  static func isSame(_ a: String, _ b: String) -> Bool {
    if let a = Identity(a), let b = Identity(b) { return a == b && !a.isDevice }
    let (a, b) = (parts(a), parts(b))
    guard a.name == b.name, let a = Identity(a.folder), let b = Identity(b.folder) else { return false }
    return a == b
  }

  private static func parts(_ path: String) -> (folder: String, name: Substring) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path[...]) }
    return (String(path[...slash]), path[path.utf8.index(after: slash)...])
  }

  /// What a path leads to, if anything is there.
  private struct Identity: Equatable {
    let device: UInt
    let inode: UInt
    let isDevice: Bool

    init?(_ path: String) {
      var status = stat()
      // Sound: the path is a C string for the length of the call.
      guard unsafe stat(path, &status) == 0 else { return nil }
      (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
      isDevice = status.st_mode & S_IFMT == S_IFCHR
    }

    /// Nil also for a device, which is written to and not replaced.
    init?(file path: String) {
      self.init(path)
      if isDevice { return nil }
    }
  }
}
