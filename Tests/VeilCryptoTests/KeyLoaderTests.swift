import Foundation
import Testing

@testable import VeilCrypto

struct KeyLoaderTests {
  static let hexText = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1E1F"
  static let raw = "7hqT2w9KdxZmE4rY8pL1sV6bNc3gJ5f0"
  static let key = (0..<32).map { UInt8($0) }

  /// Writes a file of these bytes and permissions, and says what loading it gives.
  func load(_ bytes: [UInt8], mode: Int = 0o600) throws -> Result<[UInt8], KeyError.Reason> {
    try withTemporaryFolder { folder in
      let path = folder + "/key"
      try write(bytes, to: path, mode: mode)
      return result(.file(path: path))
    }
  }

  func write(_ bytes: [UInt8], to path: String, mode: Int = 0o600) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  func result(_ source: KeySource) -> Result<[UInt8], KeyError.Reason> {
    do throws(KeyError) { return .success(revealed(try KeyLoader.load(source))) } catch {
      return .failure(error.reason)
    }
  }

  @Test func rawFilesAreTakenExactly() throws {
    for bytes in [Self.key, pattern(33), [0x20, 0x0A] + pattern(40) + [0x20, 0x0A], pattern(65_536)] {
      #expect(try load(bytes) == .success(bytes))
    }
    let digits = Array(Self.hexText.dropFirst(4).utf8) + [0x0A]
    #expect(try load(digits) == .success(digits))
  }

  @Test(arguments: ["", "\n", " \t\r\n"]) func prefixedTextIsTrimmed(space: String) throws {
    #expect(try load(Array((space + Self.hexText + space).utf8)) == .success(Self.key))
    for count in 32...35 {
      let text = "base64:" + Data(pattern(count)).base64EncodedString()
      #expect(try load(Array((space + text + space).utf8)) == .success(pattern(count)))
    }
  }

  @Test(arguments: [
    "hex:", "hex:0", "hex:zz", "hex:00 01", "hex:\n00", "base64:", "base64:AAA", "base64:AA==AA==", "base64:====",
    "base64:AB==", "base64:AAB=", "base64:A\nAA", "base64:AA-_", "base64:=", "base64:A===",
  ]) func malformedText(text: String) throws {
    let wrong: KeyError.Reason = text.hasPrefix("hex:") ? .malformedHex : .malformedBase64
    let filler = text.hasPrefix("hex:") ? String(repeating: "00", count: 32) : String(repeating: "AAAA", count: 12)
    if text == "hex:" || text == "base64:" {
      #expect(try load(Array(text.utf8)) == .failure(.tooShort(byteCount: 0, needed: 32)))
    } else {
      #expect(try load(Array(text.utf8)) == .failure(wrong))
      let prefix = text.prefix(through: try #require(text.firstIndex(of: ":")))
      #expect(try load(Array((prefix + filler + text.dropFirst(prefix.count)).utf8)) == .failure(wrong))
    }
  }

  @Test(arguments: ["HEX:", "Hex:", "BASE64:", "\u{FEFF}hex:", " \u{FEFF}base64:", "\u{FEFF}Hex:"])
  func almostPrefixes(prefix: String) throws {
    let text = prefix + String(Self.hexText.dropFirst(4))
    #expect(try load(Array(text.utf8)) == .failure(.misspeltPrefix))
    // Further in, it is a raw key's own business.
    let inside = Array(("k" + text).utf8)
    #expect(try load(inside) == .success(inside))
  }

  @Test func tooShortOrTooLong() throws {
    #expect(try load([]) == .failure(.tooShort(byteCount: 0, needed: 32)))
    #expect(try load(pattern(31)) == .failure(.tooShort(byteCount: 31, needed: 32)))
    #expect(try load(Array(Self.hexText.dropLast(2).utf8)) == .failure(.tooShort(byteCount: 31, needed: 32)))
    let text = "base64:" + Data(pattern(31)).base64EncodedString()
    #expect(try load(Array(text.utf8)) == .failure(.tooShort(byteCount: 31, needed: 32)))
    #expect(try load(pattern(65_537)) == .failure(.tooLong(limit: 65_536)))
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o610, 0o601, 0o644, 0o666]) func filesOpenToOthers(mode: Int) throws {
    #expect(try load(Self.key, mode: mode) == .failure(.readableByOthers(mode: UInt32(mode))))
  }

  @Test func whatIsNoOrdinaryFile() throws {
    try withTemporaryFolder { folder in
      try write(Self.key, to: folder + "/key")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: folder + "/key")
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(result(.file(path: folder + "/link")) == .failure(.symbolicLink))
      #expect(result(.file(path: folder + "/pipe")) == .failure(.notRegularFile))
      #expect(result(.file(path: folder)) == .failure(.notRegularFile))
      #expect(result(.file(path: folder + "/none")) == .failure(.unreadable(errno: ENOENT)))
      #expect(result(.file(path: folder + "/key\0x")) == .failure(.unreadable(errno: EINVAL)))
    }
  }

  @Test func filesOfOthers() throws {
    guard geteuid() == 0 else { return }  // Only root can give a file away.
    try withTemporaryFolder { folder in
      try write(Self.key, to: folder + "/key")
      #expect(chown(folder + "/key", 12345, 12345) == 0)
      #expect(result(.file(path: folder + "/key")) == .failure(.foreignOwner(user: 12345)))
    }
  }

  /// The only test that changes the environment, and by one name only: glibc moves the list of variables when a second
  /// one is added, which other tests may be reading.
  @Test func environment() {
    func load(_ value: String) -> Result<[UInt8], KeyError.Reason> {
      setenv("VEIL_TEST_KEY", value, 1)
      return result(.environment(name: "VEIL_TEST_KEY"))
    }
    let raw = Self.raw
    #expect(load(Self.hexText) == .success(Self.key))
    #expect(load(raw) == .success(Array(raw.utf8)))
    #expect(load(raw + "\n") == .success(Array(raw.utf8)))
    #expect(load(raw + "\n\n") == .success(Array(raw.utf8) + [0x0A]))
    #expect(load(raw.dropLast() + "\n") == .failure(.tooShort(byteCount: 31, needed: 32)))
    #expect(load("") == .failure(.tooShort(byteCount: 0, needed: 32)))
    #expect(load(String(repeating: "k", count: 65_537)) == .failure(.tooLong(limit: 65_536)))
    unsetenv("VEIL_TEST_KEY")
    #expect(result(.environment(name: "VEIL_TEST_KEY")) == .failure(.environmentNotSet))
    #expect(result(.environment(name: "")) == .failure(.environmentNotSet))
  }

  @Test func command() {
    let raw = Self.raw
    #expect(result(.command(["echo", Self.hexText])) == .success(Self.key))
    #expect(result(.command(["echo", raw])) == .success(Array(raw.utf8)))
    #expect(result(.command(["printf", "%s", raw])) == .success(Array(raw.utf8)))
    // No shell reads the arguments.
    #expect(result(.command(["printf", "%s", "$HOME;" + raw])) == .success(Array(("$HOME;" + raw).utf8)))
    // Standard input is empty, the environment is passed on, and bytes need not be text.
    #expect(result(.command(["cat"])) == .failure(.tooShort(byteCount: 0, needed: 32)))
    #expect(
      result(.command(["sh", "-c", "test -n \"$PATH\" && printf '\\0\\377\(raw)'"]))
        == .success([0, 255] + Array(raw.utf8)))
  }

  @Test func commandsThatFail() {
    let print = "printf %s " + String(repeating: "k", count: 32)
    #expect(result(.command(["sh", "-c", print + "; exit 3"])) == .failure(.commandFailed(status: 3)))
    #expect(result(.command(["sh", "-c", print + "; kill -9 $$"])) == .failure(.commandKilled(signal: 9)))
    #expect(result(.command(["/no/such/program"])) == .failure(.commandNotStarted(errno: ENOENT)))
    #expect(result(.command([])) == .failure(.commandInvalid))
    #expect(result(.command([""])) == .failure(.commandInvalid))
    #expect(result(.command(["echo", "a\0b"])) == .failure(.commandInvalid))
    // Endless output is cut off, not waited for.
    #expect(result(.command(["yes"])) == .failure(.tooLong(limit: 65_536)))
  }

  @Test func messagesSayWhereAndHowToMend() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/key"
      try write(Self.key, to: path, mode: 0o644)
      let open = try #require(throws: KeyError.self) { try KeyLoader.load(.file(path: path)) }
      #expect(open.description == "key file \(path): readable by others (mode 644); run chmod 600 \(path)")
    }
    let command = KeySource.command(["sh", "-c", "exit 2", "--token=s3cret"])
    let failed = try #require(throws: KeyError.self) { try KeyLoader.load(command) }
    #expect(failed.description == "key command sh: failed with exit status 2; its own message, if any, is above")
    let unset = try #require(throws: KeyError.self) { try KeyLoader.load(.environment(name: "VEIL_NO_SUCH")) }
    #expect(
      unset.description
        == "key in environment variable VEIL_NO_SUCH: is not set; export it, or correct the name in the pipeline")
  }

  @Test func noMessageHoldsAKey() throws {
    let short = "hex:5ec2e75ec2e7"
    let broken = "base64:5ec2e7" + String(repeating: "!", count: 58)
    for text in [short, broken, "5ec2e7"] {
      let error = try #require(throws: KeyError.self) { try KeyLoader.load(.command(["printf", "%s", text])) }
      var dumped = ""
      dump(error, to: &dumped)
      #expect(!"\(error) \(String(reflecting: error)) \(dumped)".contains("5ec2e7"))
    }
  }
}
