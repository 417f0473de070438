import VeilConfig
import VeilCrypto

/// The keys of a pipeline, loaded once a run, by the names that the pipeline gives them.
struct KeyStore: Sendable {
  /// One key under a name: with an id where it is one of a ring.
  struct Key: Sendable {
    var id: String?
    var secret: SecretBytes
    /// Whether it makes new tokens; others only read or carry over.
    var isActive = true
  }

  private var keys: [String: [Key]]

  init(_ keys: [String: SecretBytes]) { self.keys = keys.mapValues { [Key(id: nil, secret: $0)] } }

  init(rings: [String: [Key]]) { keys = rings }

  /// The key of that name that makes new tokens. The options reader has checked that the pipeline declares it.
  func key(_ name: String) throws -> SecretBytes { try active(name).secret }

  func active(_ name: String) throws -> Key {
    guard let key = keys[name]?.first(where: \.isActive) else { throw MissingKey(name: name) }
    return key
  }

  /// Keys of a ring that still read tokens, the active one first.
  func readable(_ name: String) -> [Key] {
    let all = keys[name] ?? []
    return all.filter(\.isActive) + all.filter { !$0.isActive }.reversed()
  }

  /// The accepted key of that id; without one, the newest.
  func earlier(_ name: String, id: String?) throws -> Key {
    let found = keys[name]?.last { !$0.isActive && (id == nil || $0.id == id) }
    guard let found else {
      throw RunError(
        .invalid, "key '\(name)': its ring has no accepted key\(id.map { " '\($0)'" } ?? "") to carry tokens over from")
    }
    return found
  }

  /// The same with another of a ring's keys in the active one's place.
  func using(_ key: Key, for name: String) -> KeyStore {
    var store = self
    store.keys[name] = [Key(id: key.id, secret: key.secret)]
    return store
  }

  /// A digest of each key that was loaded, by name (and id, in a ring), for manifests.
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
  /// Loads every key that the pipeline declares; of a ring the active one, which must not have expired, and for `reads`
  /// and where a crosswalk needs it those that are accepted.
  static func load(_ compiled: CompiledPipeline, reads: Bool = false) throws(RunError) -> KeyStore {
    let config = compiled.config
    let carried = Set(compiled.views.flatMap(\.fields).flatMap(\.stages).compactMap(\.carriesOverFrom))
    var rings: [String: [Key]] = [:]
    for key in config.keys {
      guard case .ring(let path) = key.source else {
        rings[key.name] = [Key(id: nil, secret: try load(key.source, of: "key '\(key.name)'", resolve: config.resolve))]
        continue
      }
      let file = config.resolve(path)
      let ring = try KeyRingFile.read(file)
      rings[key.name] = try load(
        ring, file: file, name: key.name, makesTokens: !reads, readsAccepted: reads || carried.contains(key.name))
    }
    return KeyStore(rings: rings)
  }

  private static func load(
    _ ring: KeyRingConfig, file: String, name: String, makesTokens: Bool, readsAccepted: Bool
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
        entry.source, of: "key '\(name)', \(entry.id) of \(file)",
        resolve: { KeyRingFile.resolve($0, ring: file) })
      keys.append(Key(id: entry.id, secret: secret, isActive: entry.state == .active))
    }
    return keys
  }

  private static func load(
    _ source: KeyConfig.Source, of owner: String, resolve: (String) -> String
  ) throws(RunError) -> SecretBytes {
    do throws(KeyError) {
      return try KeyLoader.load(KeySource(source, resolve: resolve))
    } catch {
      throw RunError(.invalid, "\(owner): \(error)")
    }
  }
}

extension KeySource {
  /// Where a pipeline or a ring says a key is. A ring is no key's own place: its file is read first.
  init(_ source: KeyConfig.Source, resolve: (String) -> String) {
    switch source {
    case .file(let path), .ring(let path): self = .file(path: resolve(path))
    case .env(let name): self = .environment(name: name)
    case .command(let words): self = .command(words)
    case .wrapped(let path, let passphrase):
      self = .wrapped(path: resolve(path), passphrase: KeySource(passphrase, resolve: resolve))
    }
  }
}
