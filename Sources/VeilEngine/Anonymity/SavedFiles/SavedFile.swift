import VeilAnonymity
import VeilConfig
import VeilCrypto
import VeilGround

/// Histograms and plans on the disk. They are personal data, so they have mode 0600, are written whole or not at all,
/// and are encrypted if the pipeline asks for it.
///
/// A file is a line that names its kind, its body, and the SHA-256 of both, which detects a damaged file. An encrypted
/// file holds such a file in blocks under AES-256-GCM (NIST SP 800-38D): a line that says so, the name of the
/// pipeline's key, a check value of the key, a random salt, and the blocks. The key of a file is derived (HKDF-SHA-256)
/// from the pipeline's key and the salt. Each block is bound to its position, and the last block is marked as the last.
enum SavedFile {
  /// The key that a file is encrypted with: a key of the pipeline, by name.
  struct Key {
    var name: String
    var secret: SecretBytes
  }

  static let sealedMagic = "veil-sealed/v1"
  /// The first bytes of all these files.
  private static let family = "veil-"
  private static let blockBytes = 1 << 20
  /// Larger files are refused, because a file must fit into memory several times.
  private static let limit = 8 << 30

  // MARK: Writing

  /// Writes a file, which gets its name when the publication is committed.
  static func begin(_ body: BodyWriter, magic: String, to path: String, key: Key?) throws -> Publication {
    if path == "-" { throw RunError(.invalid, "a \(magic.prefix { $0 != "/" }) is personal data and goes to a file") }
    var plaintext = Array("\(magic)\n".utf8) + body.bytes
    plaintext += sha256(plaintext[...])
    let publication = try Publication.begin(path)
    let bytes = try key.map { try sealed(plaintext, $0) } ?? plaintext
    try unsafe bytes.withUnsafeBytes { try unsafe publication.sink.write($0) }
    return publication
  }

  private static func sealed(_ plaintext: [UInt8], _ key: Key) throws -> [UInt8] {
    var salt = [UInt8](repeating: 0, count: 16)
    unsafe salt.withUnsafeMutableBytes { unsafe SecureRandom.fill($0) }
    var header = BodyWriter(Array("\(sealedMagic)\n".utf8))
    header.write(key.name)
    header.write(key.secret.fingerprint)
    header.write(salt)
    let cipher = try cipher(key.secret, salt: salt, header: header.bytes)
    var out = header.bytes
    var next = 0
    var index: UInt64 = 0
    while index == 0 || next < plaintext.count {
      let end = min(plaintext.count, next + blockBytes)
      var block = BodyWriter()
      block.write(index)
      block.write(end == plaintext.count ? 1 : 0)
      let sealed = cipher.seal(block.bytes + plaintext[next..<end])
      var length = BodyWriter()
      length.write(sealed.count)
      out += length.bytes
      out += sealed
      (next, index) = (end, index + 1)
    }
    return out
  }

  private static func cipher(_ root: SecretBytes, salt: [UInt8], header: [UInt8]) throws(CryptoError) -> GCMCipher {
    let info = try DomainKey.encode(["veil/v1", "saved file"])
    return try GCMCipher(
      key: try HKDF.sha256(inputKey: root, salt: salt, info: info, count: 32), associatedData: header)
  }

  private static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let hash = StreamingSHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finalize()
  }

  // MARK: Reading

  /// Returns whether the file at `path` is of one of these kinds, judged by its first bytes.
  static func isSaved(_ path: String) throws -> Bool {
    let source = try FileSource(path: path, takes: .files)
    var start = [UInt8](repeating: 0, count: 5)
    // Sound: the array has room for its own count.
    let count = try unsafe start.withUnsafeMutableBytes { try unsafe source.read(into: $0) }
    return count == 5 && start == Array("veil-".utf8)
  }

  /// Reads a file of kind `magic`. Returns its body and the key that it was encrypted with. `keys` returns a key for
  /// its name and fingerprint; it is called for encrypted files only.
  static func read(
    _ path: String, magic: String, keys: (_ name: String, _ fingerprint: String) throws -> SecretBytes
  ) throws -> (body: BodyReader, key: Key?) {
    var bytes = try contents(of: path)
    var key: Key?
    do throws(MalformedFile) {
      if bytes.starts(with: Array("\(sealedMagic)\n".utf8)) {
        let box = try SealedBox(bytes, magicCount: sealedMagic.utf8.count + 1)
        let secret: SecretBytes
        do { secret = try keys(box.keyName, box.fingerprint) } catch { throw MalformedFile("\(error)") }
        key = Key(name: box.keyName, secret: secret)
        let opened: [UInt8]?
        do throws(CryptoError) {
          opened = box.open(try cipher(secret, salt: box.salt, header: box.header))
        } catch {
          throw MalformedFile("\(error)")
        }
        guard let opened else { throw MalformedFile("it was changed, or encrypted under another key") }
        bytes = opened
      }
      return (BodyReader(try checked(bytes, magic: magic)), key)
    } catch {
      throw RunError(.inputOutput, "\(path): this is no usable \(noun(magic)): \(error.reason)")
    }
  }

  /// Returns `histogram` or `plan`.
  static func noun(_ magic: String) -> String {
    magic.split(separator: "/").first?.split(separator: "-").last.map { String($0) } ?? magic
  }

  private static func checked(_ bytes: [UInt8], magic: String) throws(MalformedFile) -> [UInt8] {
    let line = Array("\(magic)\n".utf8)
    guard bytes.starts(with: line) else {
      let kinds = [Histogram.magic, PlanContents.magic]
      if let kind = kinds.first(where: { bytes.starts(with: Array("\($0)\n".utf8)) }) {
        throw MalformedFile("it is a \(noun(kind))")
      }
      if magic == Histogram.magic, bytes.starts(with: Array("\(Histogram.oldMagic)\n".utf8)) {
        throw MalformedFile(
          "an older version made it, which did not note what it was observed of, so a part that is there twice could "
            + "not be known: observe its records again")
      }
      throw MalformedFile("it does not begin with '\(magic)', so it is something else or was made by another version")
    }
    guard bytes.count >= line.count + 32, sha256(bytes.dropLast(32)) == Array(bytes.suffix(32)) else {
      throw MalformedFile("it is damaged or cut short")
    }
    return Array(bytes[line.count..<bytes.count - 32])
  }

  private static func contents(of path: String) throws -> [UInt8] {
    let source = try FileSource(path: path, takes: .files)
    var bytes: [UInt8] = []
    if let size = source.identity?.byteCount {
      guard size <= limit else { throw RunError(.inputOutput, "\(path) is larger than \(ByteCount.text(limit))") }
      bytes.reserveCapacity(size)
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      // Sound: the chunk has room for its own count.
      let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe source.read(into: $0) }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
      // A file of another kind need not be read to its end, which a device may not have.
      if bytes.count >= family.utf8.count, !bytes.starts(with: family.utf8) { return bytes }
      guard bytes.count <= limit else {
        throw RunError(.inputOutput, "\(path) is larger than \(ByteCount.text(limit))")
      }
    }
    try source.checkUnchanged()
    return bytes
  }
}

/// The parts of an encrypted file.
private struct SealedBox {
  let keyName: String
  let fingerprint: String
  let salt: [UInt8]
  /// Everything before the blocks; it is authenticated together with each block.
  let header: [UInt8]
  private let blocks: [[UInt8]]

  init(_ bytes: [UInt8], magicCount: Int) throws(MalformedFile) {
    var body = BodyReader(Array(bytes.dropFirst(magicCount)))
    let keyName = try body.string()
    let fingerprint = try body.string()
    let salt = try body.text()
    var header = BodyWriter(Array(bytes.prefix(magicCount)))
    header.write(keyName)
    header.write(fingerprint)
    header.write(salt)
    var blocks: [[UInt8]] = []
    while !body.isAtEnd { blocks.append(try body.text()) }
    (self.keyName, self.fingerprint, self.salt, self.header, self.blocks) =
      (keyName, fingerprint, salt, header.bytes, blocks)
  }

  /// Returns the contents; nil unless every block is authentic and in its position, and the last one is there.
  func open(_ cipher: GCMCipher) -> [UInt8]? {
    var plaintext: [UInt8] = []
    for (index, sealed) in blocks.enumerated() {
      guard let block = cipher.open(sealed) else { return nil }
      var place = BodyWriter()
      place.write(index)
      place.write(index == blocks.count - 1 ? 1 : 0)
      guard block.starts(with: place.bytes) else { return nil }
      plaintext += block.dropFirst(place.bytes.count)
    }
    return blocks.isEmpty ? nil : plaintext
  }
}
