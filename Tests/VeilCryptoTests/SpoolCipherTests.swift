import Testing

@testable import VeilCrypto

struct SpoolCipherTests {
  func seal(_ contents: [UInt8], as block: UInt64, with cipher: SpoolCipher) throws -> [UInt8] {
    var sealed = [UInt8](repeating: 0, count: contents.count + SpoolCipher.overhead)
    let count = try sealed.withUnsafeMutableBytes { sealed in
      try contents.withUnsafeBytes { try cipher.encrypt(block: block, $0, into: sealed) }
    }
    #expect(count == sealed.count)
    return sealed
  }

  /// What opening gives: the contents, or the error and what it left in the buffer.
  func open(_ sealed: [UInt8], as block: UInt64, with cipher: SpoolCipher) -> (Result<[UInt8], CryptoError>, [UInt8]) {
    var contents = [UInt8](repeating: 0xA5, count: max(0, sealed.count - SpoolCipher.overhead))
    let result = contents.withUnsafeMutableBytes { out -> Result<Int, CryptoError> in
      sealed.withUnsafeBytes { sealed in
        Result { () throws(CryptoError) in try cipher.decrypt(block: block, sealed, into: out) }
      }
    }
    return (result.map { Array(contents.prefix($0)) }, contents)
  }

  @Test func roundTrip() throws {
    let cipher = SpoolCipher()
    let blocks = [0, 1, 15, 16, 17, 4096, 65_536, 1_000_003].map { pattern($0, seed: $0) }
    let sealed = try blocks.enumerated().map { try seal($1, as: UInt64($0), with: cipher) }
    for (index, block) in blocks.enumerated().reversed() {
      #expect(open(sealed[index], as: UInt64(index), with: cipher).0 == .success(block))
    }
    let last = try seal(blocks[5], as: .max, with: cipher)
    #expect(open(last, as: .max, with: cipher).0 == .success(blocks[5]))
  }

  @Test func everyByteCounts() throws {
    let cipher = SpoolCipher()
    let contents = pattern(100)
    let sealed = try seal(contents, as: 7, with: cipher)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 0x10
      let (result, left) = open(changed, as: 7, with: cipher)
      #expect(result == .failure(.notAuthentic(block: 7)))
      #expect(left.allSatisfy { $0 == 0 }, "what failed to open must not be left behind")
    }
    #expect(open(sealed, as: 7, with: cipher).0 == .success(contents))
  }

  @Test func blocksCannotBeCutMovedOrTakenElsewhere() throws {
    let cipher = SpoolCipher()
    let sealed = try seal(pattern(100), as: 7, with: cipher)
    #expect(open(sealed, as: 8, with: cipher).0 == .failure(.notAuthentic(block: 8)))
    #expect(open(sealed, as: 7, with: SpoolCipher()).0 == .failure(.notAuthentic(block: 7)))
    #expect(open(sealed.dropLast(), as: 7, with: cipher).0 == .failure(.notAuthentic(block: 7)))
    #expect(open(sealed + [0], as: 7, with: cipher).0 == .failure(.notAuthentic(block: 7)))
    for count in [0, 1, SpoolCipher.overhead - 1] {
      let (result, _) = open(Array(sealed.prefix(count)), as: 7, with: cipher)
      #expect(result == .failure(.blockSize(byteCount: count)))
    }
  }

  @Test func equalBlocksLookDifferent() throws {
    let cipher = SpoolCipher()
    let zeros = [UInt8](repeating: 0, count: 64)
    let bodies = try [0, 0, 1].map { Array(try seal(zeros, as: $0, with: cipher).dropFirst(8)) }
    #expect(Set(bodies).count == 3)
    #expect(!bodies.contains { $0.starts(with: zeros.prefix(16)) })
  }

  @Test func buffersThatAreTooSmall() throws {
    let cipher = SpoolCipher()
    let sealed = try seal(pattern(100), as: 0, with: cipher)
    var small = [UInt8](repeating: 0, count: 99)
    small.withUnsafeMutableBytes { small in
      #expect(throws: CryptoError.bufferTooSmall(needed: 100, given: 99)) {
        try sealed.withUnsafeBytes { try cipher.decrypt(block: 0, $0, into: small) }
      }
      #expect(throws: CryptoError.bufferTooSmall(needed: 124, given: 99)) {
        try pattern(100).withUnsafeBytes { try cipher.encrypt(block: 0, $0, into: small) }
      }
    }
  }

  @Test func threadsMayShareIt() async throws {
    let cipher = SpoolCipher()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let block = UInt64(task * 1000 + round)
            let sealed = try seal(pattern(500, seed: round), as: block, with: cipher)
            #expect(open(sealed, as: block, with: cipher).0 == .success(pattern(500, seed: round)))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
