import VeilCrypto
import VeilGround

/// What stages report about a run as a whole, from all threads: whether two values got one token, and which tokens were
/// carried over to a new key.
///
/// Of values it holds keyed digests only, under a key that lives as long as the run.
final class TokenRegister: Sendable {
  /// More different values than these in one field are not verified, and fail the run.
  static let uniqueLimit = 50_000_000

  let key = SecretBytes.random(count: 32)
  private let fields = Guarded<[String: Tokens]>([:])
  /// For each crosswalk's path, the new token of each old one.
  private let crosswalks = Guarded<[String: [[UInt8]: [UInt8]]]>([:])

  private struct Tokens {
    /// The value of each token, both as digests.
    var values: [TokenTracker.Digest: TokenTracker.Digest] = [:]
    var hasCollision = false
    var isFull = false
  }

  /// What notes one field's tokens for one recipient on one thread.
  func tracker(of field: String, for recipient: String = "") -> TokenTracker {
    TokenTracker(self, field: recipient.isEmpty ? field : "\(field)' for '\(recipient)", key: key)
  }

  fileprivate func add(_ pairs: [(token: TokenTracker.Digest, value: TokenTracker.Digest)], of field: String) {
    fields.withLock { fields in
      var tokens = fields.removeValue(forKey: field) ?? Tokens()
      for pair in pairs where !tokens.isFull {
        if let known = tokens.values[pair.token] {
          if known != pair.value { tokens.hasCollision = true }
        } else if tokens.values.count == Self.uniqueLimit {
          tokens.isFull = true
        } else {
          tokens.values[pair.token] = pair.value
        }
      }
      fields[field] = tokens
    }
  }

  /// Records each old and new token for the crosswalk at `path`.
  func addPairs(_ pairs: [(old: [UInt8], new: [UInt8])], path: String) {
    crosswalks.withLock { crosswalks in
      if crosswalks[path] == nil { crosswalks[path] = [:] }
      for pair in pairs { crosswalks[path, default: [:]][pair.old] = pair.new }
    }
  }

  /// Writes each crosswalk (CSV, mode 0600, in the order of the old tokens), to be published with the rest.
  func addCrosswalks(to set: PublicationSet) throws {
    let crosswalks = crosswalks.withLock { $0 }
    for (path, pairs) in crosswalks.sorted(by: { $0.key < $1.key }) {
      var text = ByteBuffer()
      text.append("old_token,new_token\n")
      for (old, new) in pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        text.append(old)
        text.append(",")
        text.append(new)
        text.append("\n")
      }
      let publication = try Publication.begin(path)
      try unsafe publication.sink.write(UnsafeRawBufferPointer(start: text.start, count: text.count))
      set.add(companion: publication)
    }
  }

  /// Throws where a promise of the run does not hold.
  func check() throws(RunError) {
    let (collided, full) = fields.withLock { fields in
      (fields.filter(\.value.hasCollision).keys.sorted(), fields.filter(\.value.isFull).keys.sorted())
    }
    if let field = collided.first {
      throw RunError(
        .check,
        "field '\(field)': two different values got the same token ('unique: true'); nothing was "
          + "published. Make 'length' longer")
    }
    if let field = full.first {
      throw RunError(
        .check,
        "field '\(field)': more than \(Self.uniqueLimit) different values, which 'unique: true' cannot verify; nothing "
          + "was published")
    }
  }
}

/// Notes the values and tokens of one field on one thread, and hands them on a batch at a time.
final class TokenTracker {
  typealias Digest = SIMD2<UInt64>

  private let register: TokenRegister
  private let field: String
  private let context: HMACContext
  private var pairs: [(token: Digest, value: Digest)] = []
  private var scratch = [UInt8](repeating: 0, count: 32)

  fileprivate init(_ register: TokenRegister, field: String, key: SecretBytes) {
    self.register = register
    self.field = field
    context = HMACContext(algorithm: .sha256, key: key)
  }

  func note(_ value: UnsafePointer<UInt8>, count: Int, token: UnsafePointer<UInt8>, width: Int) {
    unsafe pairs.append((digest(token, count: width), digest(value, count: count)))
  }

  func deliver() {
    register.add(pairs, of: field)
    pairs.removeAll(keepingCapacity: true)
  }

  private func digest(_ bytes: UnsafePointer<UInt8>, count: Int) -> Digest {
    // Sound: the scratch has a tag's 32 bytes.
    unsafe scratch.withUnsafeMutableBytes { scratch in
      guard let start = scratch.baseAddress else { return Digest() }
      unsafe context.authenticate(bytes, count: count, into: start.assumingMemoryBound(to: UInt8.self))
      return unsafe start.loadUnaligned(as: Digest.self)
    }
  }
}
