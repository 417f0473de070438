/// A key file that is protected by a passphrase: the key is encrypted with AES-256-GCM, under a key that scrypt derives
/// from the passphrase.
///
/// It is one line of text: `veil-wrapped/v1 scrypt N r p SALT SEALED`, with the cost in decimal, and 16 bytes of salt
/// and the nonce, ciphertext and tag in hexadecimal. Everything before SEALED is authenticated together with the key.
enum WrappedKey {
  /// The shortest passphrase: a shorter one can be guessed, whatever a guess costs.
  static let leastPassphrase = 12

  static func seal(
    _ key: SecretBytes, passphrase: SecretBytes, cost: PasswordKey.ScryptCost = .standard
  ) throws(KeyError.Reason) -> String {
    guard passphrase.count >= leastPassphrase else { throw .passphraseTooShort(needed: leastPassphrase) }
    var salt = [UInt8](repeating: 0, count: 16)
    unsafe salt.withUnsafeMutableBytes { unsafe SecureRandom.fill($0) }
    let header = "veil-wrapped/v1 scrypt \(cost.cost) \(cost.blockSize) \(cost.parallelization) \(Hex.string(salt)) "
    let cipher = try cipher(passphrase, salt: salt, cost: cost, header: header)
    let sealed = unsafe key.withUnsafeBytes { key in
      var sealed = [UInt8](repeating: 0, count: key.count + GCMCipher.overhead)
      if let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self) {
        unsafe cipher.seal(start, count: key.count, into: &sealed)
      }
      return sealed
    }
    return header + Hex.string(sealed) + "\n"
  }

  static func open(_ text: SecretBytes, passphrase: SecretBytes) throws(KeyError.Reason) -> SecretBytes {
    // Nothing in the text is secret before it is decrypted.
    let words = unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
      .split(whereSeparator: \.isWhitespace)
    guard words.count == 7, words[0] == "veil-wrapped/v1", words[1] == "scrypt",
      let n = UInt64(words[2]), let r = UInt64(words[3]), let p = UInt64(words[4]),
      let salt = bytes(words[5]), let sealed = bytes(words[6]), sealed.count > GCMCipher.overhead
    else { throw .malformedWrapping }
    let header = words[..<6].joined(separator: " ") + " "
    let cost = PasswordKey.ScryptCost(cost: n, blockSize: r, parallelization: p)
    let cipher = try cipher(passphrase, salt: salt, cost: cost, header: header)
    var isAuthentic = false
    let key = unsafe SecretBytes(count: sealed.count - GCMCipher.overhead) { (key: UnsafeMutableRawBufferPointer) in
      if let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self) {
        isAuthentic = unsafe cipher.open(sealed, count: sealed.count, into: start)
      }
    }
    guard isAuthentic else { throw .wrongPassphrase }
    guard key.count >= KeyText.leastByteCount else {
      throw .tooShort(byteCount: key.count, needed: KeyText.leastByteCount)
    }
    return key
  }

  private static func cipher(
    _ passphrase: SecretBytes, salt: [UInt8], cost: PasswordKey.ScryptCost, header: String
  ) throws(KeyError.Reason) -> GCMCipher {
    do throws(CryptoError) {
      let key = try PasswordKey.scrypt(passphrase: passphrase, salt: salt, cost: cost, count: 32)
      return try GCMCipher(key: key, associatedData: Array(header.utf8))
    } catch {
      throw .malformedWrapping
    }
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.utf8.map(Hex.value)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
