import Foundation
import Testing

@testable import VeilCrypto

struct KeyFileTests {
  @Test func aNewFileHoldsTheKeyForItsOwnerOnly() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/new.key"
      let key = try KeyFile.create(path: path)
      #expect(key.count == 32)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text == "hex:" + hex(revealed(key)) + "\n")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(revealed(try KeyLoader.load(.file(path: path))) == revealed(key))
      #expect(revealed(try KeyFile.create(path: folder + "/other.key")) != revealed(key))
    }
  }

  @Test func whatExistsStays() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/key"
      try "precious".write(toFile: path, atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/target")
      for taken in [path, folder + "/link", folder] {
        let error = try #require(throws: KeyError.self) { try KeyFile.create(path: taken) }
        #expect(error.reason == .alreadyExists)
        #expect(error.description.hasPrefix("key file \(taken): already exists"))
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
      #expect(!FileManager.default.fileExists(atPath: folder + "/target"))
    }
  }

  /// `veil init` proposes `keys/NAME.key`, and tells to make it.
  @Test func aFolderThatIsMissingIsMadeForItsOwnerOnly() throws {
    try withTemporaryFolder { folder in
      let key = try KeyFile.create(path: folder + "/keys/new.key")
      #expect(revealed(try KeyLoader.load(.file(path: folder + "/keys/new.key"))) == revealed(key))
      let mode = try FileManager.default.attributesOfItem(atPath: folder + "/keys")[.posixPermissions] as? Int
      #expect(mode == 0o700)
      let error = try #require(throws: KeyError.self) { try KeyFile.create(path: folder + "/one/two/new.key") }
      #expect(error.reason == .unwritable(errno: ENOENT))
      #expect(!FileManager.default.fileExists(atPath: folder + "/one"))
    }
  }

  @Test func whereNothingCanBeWritten() throws {
    for (path, code) in [("/no/such/folder/key", ENOENT), ("", ENOENT), ("/tmp/a\0b", EINVAL)] {
      let error = try #require(throws: KeyError.self) { try KeyFile.create(path: path) }
      #expect(error.reason == .unwritable(errno: code))
    }
  }
}
