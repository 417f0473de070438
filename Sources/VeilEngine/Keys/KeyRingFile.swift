import Glibc
public import VeilConfig
import VeilCrypto
public import VeilGround

/// Makes and changes key rings. A key ring is a file that lists the keys, with the key files beside it.
public enum KeyRingFile {
  /// Reads a ring. The error lists everything that is wrong with it.
  public static func read(_ path: String) throws(RunError) -> KeyRingConfig {
    try GuardedFile.require(path, "the key ring")
    let (ring, diagnostics) = KeyRingParser.load(path: path)
    guard let ring else { throw RunError(.invalid, "the key ring cannot be used\n" + diagnostics.render()) }
    return ring
  }

  /// Returns a path of a ring in a form that the process can open.
  static func resolve(_ path: String, ring: String) -> String {
    guard !path.hasPrefix("/"), let slash = ring.lastIndex(of: "/") else { return path }
    return ring[...slash] + path
  }

  /// The file of a key that was made, and the key's fingerprint.
  public struct Made: Sendable {
    public let id: String
    public let fingerprint: String
    /// Whether the key's file was there already: a command before this one made it, and ended before it changed the ring.
    public let wasThere: Bool
  }

  /// Makes a ring with one key, `k1`. If the ring already exists, it stays unchanged and an error is thrown. A key file
  /// that is there already becomes the key: an earlier command may have ended before it wrote the ring.
  /// - Parameters:
  ///   - passphrase: The name of an environment variable with the passphrase that protects the key file; nil for a key
  ///     file without one.
  ///   - notAfter: The last day on which the key makes tokens.
  public static func create(
    _ path: String, passphrase: String?, notAfter: CalendarDate?
  ) throws(RunError) -> Made {
    try PassphraseVariable.require(passphrase)
    let lock = try lock(path)
    defer { withExtendedLifetime(lock) {} }
    if unsafe access(path, F_OK) == 0 {
      throw RunError(.inputOutput, "\(path) already exists and is left as it is; `veil key ring rotate` adds a key")
    }
    let source: KeyConfig.Source = passphrase.map { .wrapped("", passphrase: .env($0)) } ?? .file("")
    let (entry, made) = try makeKey("k1", like: source, ring: path, notAfter: notAfter)
    try write(KeyRingConfig(entries: [entry]), to: path)
    return made
  }

  /// Adds a key and makes it the active one. The previous active key is accepted from then on.
  public static func rotate(_ path: String, notAfter: CalendarDate?) throws(RunError) -> Made {
    let lock = try lock(path)
    defer { withExtendedLifetime(lock) {} }
    var ring = try read(path)
    let numbers = ring.entries.compactMap { $0.id.hasPrefix("k") ? Int($0.id.dropFirst()) : nil }
    let next = (numbers.max() ?? 0) &+ 1
    guard let current = ring.active, next > 0, KeyRingParser.isID("k\(next)") else {
      throw RunError(.invalid, "\(path): no id is left for a new key")
    }
    let (entry, made) = try makeKey("k\(next)", like: current.source, ring: path, notAfter: notAfter)
    for index in ring.entries.indices where ring.entries[index].state == .active {
      ring.entries[index].state = .accepted
    }
    ring.entries.append(entry)
    try write(ring, to: path)
    return made
  }

  /// Retires a key. The active key cannot be retired, and no key file is deleted.
  public static func retire(_ path: String, id: String) throws(RunError) {
    let lock = try lock(path)
    defer { withExtendedLifetime(lock) {} }
    var ring = try read(path)
    guard let index = ring.entries.firstIndex(where: { $0.id == id }) else {
      let near = Diagnostics.nearest(id, in: ring.entries.map(\.id)).map { ": did you mean '\($0)'?" } ?? ""
      throw RunError(.invalid, "\(path): no key has the id '\(id)'\(near)")
    }
    guard ring.entries[index].state != .active else {
      throw RunError(.invalid, "\(path): \(id) is active; rotate first, so that another key makes tokens")
    }
    ring.entries[index].state = .retired
    try write(ring, to: path)
  }

  private static func makeKey(
    _ id: String, like source: KeyConfig.Source, ring path: String, notAfter: CalendarDate?
  ) throws(RunError) -> (KeyRingConfig.Entry, Made) {
    switch source {
    case .file, .wrapped: break
    case .env, .command, .ring:
      throw RunError(
        .invalid,
        "\(path): its active key does not live in a file, so veil cannot make the next: add it to the ring by hand")
    }
    var base = String(path.split(separator: "/").last ?? "ring")
    for ending in [".yaml", ".yml", ".ring"] where base.hasSuffix(ending) { base.removeLast(ending.count) }
    let place: KeySource
    let made: KeyConfig.Source
    if case .wrapped(_, let passphrase) = source {
      made = .wrapped("\(base).\(id).wrapped", passphrase: passphrase)
    } else {
      made = .file("\(base).\(id).key")
    }
    place = KeySource(made, without: Set(KeySource.variables(made)), resolve: { resolve($0, ring: path) })
    if case .file(let file) = place { try refuseShared(file, ring: path) }
    if case .wrapped(let file, _) = place { try refuseShared(file, ring: path) }
    let secret: SecretBytes
    var wasThere = false
    do throws(KeyError) {
      (secret, wasThere) = try makeKey(at: place)
    } catch {
      throw RunError(.inputOutput, KeyShape.hiding("\(error)"))
    }
    let entry = KeyRingConfig.Entry(
      id: id, state: .active, created: CalendarDate.today().description, notAfter: notAfter?.description, source: made)
    return (entry, Made(id: id, fingerprint: secret.fingerprint, wasThere: wasThere))
  }

  /// Makes the key's file, or reads the one that is there: an id has one key, so that another under the same id would
  /// make other tokens that look alike.
  private static func makeKey(at place: KeySource) throws(KeyError) -> (SecretBytes, wasThere: Bool) {
    switch place {
    case .file(let path):
      if exists(path) { return (try KeyLoader.load(place), true) }
      return (try KeyFile.create(path: path), false)
    case .wrapped(let path, let passphrase):
      if exists(path) { return (try KeyLoader.load(place), true) }
      return (try KeyFile.createWrapped(path: path, passphrase: try KeyLoader.passphrase(passphrase)), false)
    case .environment, .command: return (try KeyLoader.load(place), true)
    }
  }

  /// Throws if the key file is there and another ring beside it names it.
  private static func refuseShared(_ file: String, ring path: String) throws(RunError) {
    guard exists(file) else { return }
    let (folder, name) = (FilePath.folder(of: path), Array(FilePath.name(of: file).utf8))
    for other in (try? FolderNames.all(of: folder)) ?? [] where other.hasSuffix(".yaml") || other.hasSuffix(".yml") {
      guard other != FilePath.name(of: path),
        let bytes = try? SmallFile.bytes(FilePath.joined(folder, other), limit: 1 << 20)
      else { continue }
      if bytes.indices.contains(where: { bytes[$0...].starts(with: name) }) {
        throw RunError(
          .inputOutput, "\(file) is there already, and \(other) names it: choose another name for the ring")
      }
    }
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Keeps two commands from changing a ring at the same time: each would write it back without the other's change.
  private static func lock(_ path: String) throws(RunError) -> OutputLock? {
    do {
      switch try OutputLock.take(Place(target: path), run: "key ring") {
      case .taken(let lock): return lock
      case .held(let holder):
        throw RunError(
          .locked, "another command changes the key ring \(path)\(holder.text.isEmpty ? "" : " (\(holder.text))")")
      case .impossible: return nil
      }
    } catch {
      throw RunError(any: error)
    }
  }

  /// Replaces the ring's file in one step.
  private static func write(_ ring: KeyRingConfig, to path: String) throws(RunError) {
    do {
      let publication = try Publication.begin(path)
      let text = Array(ring.text.utf8)
      try unsafe text.withUnsafeBytes { bytes in try unsafe publication.sink.write(bytes) }
      try publication.commit()
    } catch {
      throw RunError(any: error)
    }
  }
}

/// The state of the keys of a ring, as text for people.
public struct KeyRingReport {
  public let text: String

  /// Lists ids, states, days and fingerprints; for a key that cannot be read, the reason.
  public init(_ path: String) throws(RunError) {
    let ring = try KeyRingFile.read(path)
    let variables = Set(ring.entries.map(\.source).flatMap(KeySource.variables))
    text = ring.entries.map { entry in
      var line = "\(entry.id): \(entry.state.rawValue)"
      if let created = entry.created { line += ", created \(created)" }
      if let notAfter = entry.notAfter { line += ", makes tokens until \(notAfter)" }
      if entry.state == .retired { return line + "\n" }
      do throws(KeyError) {
        let key = try KeyLoader.load(
          KeySource(entry.source, without: variables, resolve: { KeyRingFile.resolve($0, ring: path) }))
        return line + ", fingerprint \(key.fingerprint)\n"
      } catch {
        return line + "; \(KeyShape.hiding("\(error)"))\n"
      }
    }.joined()
  }
}
