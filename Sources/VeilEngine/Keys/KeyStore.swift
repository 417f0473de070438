import VeilConfig
import VeilCrypto
import VeilGround

/// The keys of a pipeline, by the names that the pipeline gives them. They are loaded once for each run.
struct KeyStore: Sendable {
  /// One key of a name; it has an id if it belongs to a ring.
  struct Key: Sendable {
    var id: String?
    var secret: SecretBytes
    /// Whether the key makes new tokens. Other keys only read tokens or carry them over.
    var isActive = true
  }

  private var keys: [String: [Key]]

  init(_ keys: [String: SecretBytes]) { self.keys = keys.mapValues { [Key(id: nil, secret: $0)] } }

  init(rings: [String: [Key]]) { keys = rings }

  /// Returns the key of that name that makes new tokens. The options reader has checked that the pipeline declares it.
  func key(_ name: String) throws -> SecretBytes { try active(name).secret }

  func active(_ name: String) throws -> Key {
    guard let key = keys[name]?.first(where: \.isActive) else { throw MissingKey(name: name) }
    return key
  }

  /// Returns the keys of a ring that can still read tokens, the active one first.
  func readable(_ name: String) -> [Key] {
    let all = keys[name] ?? []
    return all.filter(\.isActive) + all.filter { !$0.isActive }.reversed()
  }

  /// Returns the accepted key with that id; without an id, the newest accepted key.
  func earlier(_ name: String, id: String?) throws -> Key {
    let found = keys[name]?.last { !$0.isActive && (id == nil || $0.id == id) }
    guard let found else {
      throw RunError(
        .invalid, "key '\(name)': its ring has no accepted key\(id.map { " '\($0)'" } ?? "") to carry tokens over from")
    }
    return found
  }

  /// Returns the same keys, with another key of a ring as the active one.
  func using(_ key: Key, for name: String) -> KeyStore {
    var store = self
    store.keys[name] = [Key(id: key.id, secret: key.secret)]
    return store
  }

  /// A digest of each loaded key, by name (and id, for a key of a ring), for manifests.
  var fingerprints: [String: String] {
    var found: [String: String] = [:]
    for (name, ring) in keys {
      for key in ring { found[key.id.map { "\(name)/\($0)" } ?? name] = key.secret.fingerprint }
    }
    return found
  }
}

struct MissingKey: Error, CustomStringConvertible {
  let name: String
  var description: String { "the key '\(name)' was not loaded" }
}

extension KeyStore {
  /// Loads every key that a pipeline declares. From a ring it loads the active key, which must not have expired. It
  /// also loads the accepted keys if `reads` is set, and for the names in `carried`, whose tokens a crosswalk carries
  /// over.
  static func load(_ config: PipelineConfig, carried: Set<String>, reads: Bool) throws(RunError) -> KeyStore {
    var files: [String: KeyRingConfig] = [:]
    for key in config.keys {
      if case .ring(let path) = key.source { files[key.name] = try KeyRingFile.read(config.resolve(path)) }
    }
    // A program that fetches one key has no business with the others.
    let variables = Set(
      (config.keys.map(\.source) + files.values.flatMap(\.entries).map(\.source)).flatMap(KeySource.variables))
    var rings: [String: [Key]] = [:]
    for key in config.keys {
      guard case .ring(let path) = key.source, let ring = files[key.name] else {
        let secret = try load(key.source, of: "key '\(key.name)'", without: variables, resolve: config.resolve)
        rings[key.name] = [Key(id: nil, secret: secret)]
        continue
      }
      rings[key.name] = try load(
        ring, file: config.resolve(path), name: key.name, makesTokens: !reads,
        readsAccepted: reads || carried.contains(key.name), without: variables)
    }
    return KeyStore(rings: rings)
  }

  private static func load(
    _ ring: KeyRingConfig, file: String, name: String, makesTokens: Bool, readsAccepted: Bool, without: Set<String>
  ) throws(RunError) -> [Key] {
    var keys: [Key] = []
    for entry in ring.entries where entry.state == .active || readsAccepted && entry.state == .accepted {
      if entry.state == .active, makesTokens, let last = entry.notAfter.flatMap({ CalendarDate($0) }),
        .today() > last
      {
        throw RunError(
          .invalid,
          "key '\(name)': \(entry.id) of \(file) makes no tokens after \(last); run  veil key ring rotate \(file)")
      }
      let secret = try load(
        entry.source, of: "key '\(name)', \(entry.id) of \(file)", without: without,
        resolve: { KeyRingFile.resolve($0, ring: file) })
      keys.append(Key(id: entry.id, secret: secret, isActive: entry.state == .active))
    }
    return keys
  }

  private static func load(
    _ source: KeyConfig.Source, of owner: String, without: Set<String>, resolve: (String) -> String
  ) throws(RunError) -> SecretBytes {
    do throws(KeyError) {
      return try KeyLoader.load(KeySource(source, without: without, resolve: resolve))
    } catch {
      throw RunError(.invalid, "\(owner): \(KeyShape.hiding("\(error)"))")
    }
  }
}

extension KeySource {
  /// Returns the place of a key that a pipeline or a ring names. A ring itself is no place of a key: its file is read
  /// first.
  ///
  /// `without` are the variables of all keys, which a command does not get.
  init(_ source: KeyConfig.Source, without: Set<String>, resolve: (String) -> String) {
    switch source {
    case .file(let path), .ring(let path): self = .file(path: resolve(path))
    case .env(let name): self = .environment(name: name)
    case .command(let words, let seconds): self = .command(words, seconds: seconds, without: without)
    case .wrapped(let path, let passphrase):
      self = .wrapped(path: resolve(path), passphrase: KeySource(passphrase, without: without, resolve: resolve))
    }
  }

  /// The variables that a key's place names.
  static func variables(_ source: KeyConfig.Source) -> [String] {
    switch source {
    case .env(let name): [name]
    case .wrapped(_, let passphrase): variables(passphrase)
    case .file, .command, .ring: []
    }
  }
}
