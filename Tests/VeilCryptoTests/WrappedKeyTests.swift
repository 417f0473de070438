import Foundation
import Testing

@testable import VeilCrypto

struct WrappedKeyTests {
  static let cheap = PasswordKey.ScryptCost(cost: 16, blockSize: 1, parallelization: 1)
  static let passphrase = secret(Array("correct horse battery".utf8))

  @Test func opensWithItsPassphraseOnly() throws {
    let key = secret(pattern(32))
    let text = try WrappedKey.seal(key, passphrase: Self.passphrase, cost: Self.cheap)
    #expect(!text.contains(hex(pattern(32))) && text.hasPrefix("veil-wrapped/v1 scrypt 16 1 1 "))
    #expect(revealed(try WrappedKey.open(secret(Array(text.utf8)), passphrase: Self.passphrase)) == pattern(32))
    let other = secret(Array("correct horse batterx".utf8))
    #expect(throws: KeyError.Reason.wrongPassphrase) {
      try WrappedKey.open(secret(Array(text.utf8)), passphrase: other)
    }
    #expect(try WrappedKey.seal(key, passphrase: Self.passphrase, cost: Self.cheap) != text)
    #expect(throws: KeyError.Reason.passphraseTooShort(needed: 12)) {
      try WrappedKey.seal(key, passphrase: secret(Array("elevenbytes".utf8)), cost: Self.cheap)
    }
  }

  @Test func nothingInItMayChange() throws {
    let text = Array(try WrappedKey.seal(secret(pattern(32)), passphrase: Self.passphrase, cost: Self.cheap).utf8)
    for index in text.indices.dropLast() {
      var changed = text
      changed[index] = changed[index] == 0x33 ? 0x34 : 0x33
      #expect(throws: KeyError.Reason.self, "\(index)") {
        try WrappedKey.open(secret(changed), passphrase: Self.passphrase)
      }
    }
    // Costs that would take all memory are refused before anything is computed.
    for cost in ["1073741824 8 1", "16 1073741824 1", "3 1 1", "0 0 0", "-1 1 1", "16 1 99999999999999999999"] {
      let line = "veil-wrapped/v1 scrypt \(cost) 00 " + String(repeating: "00", count: 60)
      #expect(throws: KeyError.Reason.malformedWrapping) {
        try WrappedKey.open(secret(Array(line.utf8)), passphrase: Self.passphrase)
      }
    }
  }

  @Test func filesAreWrapped() throws {
    try withTemporaryFolder { folder in
      let (path, words) = (folder + "/a.wrapped", folder + "/words")
      try "correct horse battery\n".write(toFile: words, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: words)
      let key = try KeyFile.createWrapped(path: path, passphrase: KeyLoader.passphrase(.file(path: words)))
      let loaded = try KeyLoader.load(.wrapped(path: path, passphrase: .file(path: words)))
      #expect(revealed(loaded) == revealed(key))
      // Its text must never pass for a key's raw bytes.
      let error = #expect(throws: KeyError.self) { try KeyLoader.load(.file(path: path)) }
      #expect(error?.reason == .isWrapped)
      #expect(throws: KeyError.self) {
        try KeyLoader.load(.wrapped(path: path, passphrase: .environment(name: "VEIL_NONE")))
      }
    }
  }
}
