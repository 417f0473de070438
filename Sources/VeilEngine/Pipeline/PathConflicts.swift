import Glibc
import VeilConfig
import VeilGround

/// Checks that a run never replaces a file that it reads, and never one of its outputs by another: publishing would
/// rename over that file, and its contents would be lost.
enum PathConflicts {
  /// A file that the run writes, and its name in messages.
  struct Written {
    let path: String
    let what: String
  }

  /// Throws if a written file would replace an input, the pipeline, a key, a list or another written file.
  static func check(_ compiled: CompiledPipeline, inputs: [String], written: [Written]) throws(RunError) {
    let read = inputs.filter { $0 != "-" } + filesRead(by: compiled)
    for file in written where file.path == "-" && file.what != "export" {
      throw RunError(.invalid, "a \(file.what) goes to a file, not to standard output")
    }
    let files = written.filter { $0.path != "-" }
    for file in files {
      guard let identity = Identity(file: file.path) else { continue }
      if let found = read.first(where: { Identity(file: $0) == identity }) {
        throw RunError(
          .invalid, "\(file.path) is \(found), which the run reads: it would be replaced; choose another path")
      }
    }
    for (index, file) in files.enumerated() {
      for other in files[..<index] where isSame(other.path, file.path) {
        if other.what == file.what {
          throw RunError(.invalid, "two sinks would both be \(other.path): choose another path for one of them")
        }
        throw RunError(
          .invalid,
          "the \(other.what) and \(other.what == "export" ? "its" : "the") \(file.what) would both be \(file.path): choose another path for one of them"
        )
      }
    }
  }

  /// Returns the files besides the inputs that a pipeline names for reading.
  private static func filesRead(by compiled: CompiledPipeline) -> [String] {
    let config = compiled.config
    var read = [config.path]
    read += [config.recipients, config.policy].compactMap { $0.map { config.resolve($0.path) } }
    read += config.sinks.compactMap { $0.encryption?.certificate.map { config.resolve($0) } }
    read += [config.badRecords.rawCertificate].compactMap { $0.map { config.resolve($0.path) } }
    for key in config.keys {
      read += files(of: key.source).map(config.resolve)
      guard case .ring(let path) = key.source else { continue }
      let ring = config.resolve(path)
      for entry in KeyRingParser.load(path: ring).ring?.entries ?? [] {
        read += files(of: entry.source).map { KeyRingFile.resolve($0, ring: ring) }
      }
    }
    if let population = config.anonymity?.population {
      // The path may be a pattern, like that of any input.
      let listing = try? InputListing(population.file, of: config, format: population.format)
      read += [config.resolve(population.file)] + (listing?.paths ?? [])
    }
    if let control = config.anonymity?.control {
      let listing = try? InputListing(control, of: config, format: config.source.format)
      read += [config.resolve(control)] + (listing?.paths ?? [])
    }
    if let erasure = config.records.erasure { read.append(config.resolve(erasure.file)) }
    if let corrections = config.records.corrections { read.append(config.resolve(corrections.file)) }
    if let ledger = config.records.consent?.ledger { read.append(config.resolve(ledger.file)) }
    if let previous = config.anonymity?.release.previous { read.append(config.resolve(previous)) }
    for field in config.fields {
      if case .file(let path)? = field.hierarchy { read.append(config.resolve(path)) }
    }
    for stage in ([compiled] + compiled.views).flatMap(\.fields).flatMap(\.stages) {
      read += stage.filesRead.map { config.resolve($0.path) }
    }
    for sink in config.sinks {
      if let aggregate = sink.aggregate { read.append(config.resolve(aggregate.budget)) }
    }
    return read
  }

  private static func files(of key: KeyConfig.Source) -> [String] {
    switch key {
    case .file(let path), .ring(let path): [path]
    case .wrapped(let path, let passphrase): [path] + files(of: passphrase)
    case .env, .command: []
    }
  }

  static func isSame(_ a: String, _ b: String) -> Bool {
    if let a = Identity(a), let b = Identity(b) { return a == b && !a.isDevice }
    let (first, second) = (parts(a), parts(b))
    guard PathKey(String(first.name)) == PathKey(String(second.name)) else { return false }
    if let first = Identity(first.folder), let second = Identity(second.folder) { return first == second }
    // The run will make the folder.
    return place(ofNew: a) == place(ofNew: b)
  }

  /// Returns the place of a file whose folder does not exist yet.
  private static func place(ofNew path: String) -> PathKey {
    let parts = path.split(separator: "/").filter { $0 != "." }
    let joined = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    return PathKey(FilePath.absolute(joined) ?? joined)
  }

  private static func parts(_ path: String) -> (folder: String, name: Substring) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path[...]) }
    return (String(path[...slash]), path[path.utf8.index(after: slash)...])
  }

  /// The identity of the file to which a path leads, if there is one.
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

    /// Returns nil also for a device, because a device is written to and not replaced.
    init?(file path: String) {
      self.init(path)
      if isDevice { return nil }
    }
  }
}
