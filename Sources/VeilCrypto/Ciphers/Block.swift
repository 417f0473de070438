/// Sixteen bytes, the first in the lowest position, as the CPU loads them.
typealias Block = SIMD2<UInt64>

extension SIMD2 where Scalar == UInt64 {
  /// Loads 16 readable bytes from any address.
  @inline(__always)
  init(loading bytes: UnsafePointer<UInt8>) {
    self = unsafe UnsafeRawPointer(bytes).loadUnaligned(as: Block.self)
  }

  /// Loads up to 16 bytes, filled up with CMAC's padding: a set bit, then zeros.
  @inline(__always)
  init(padding bytes: UnsafePointer<UInt8>, count: Int) {
    var block = Block()
    unsafe withUnsafeMutableBytes(of: &block) { block in
      // Sound: `count` is below 16.
      unsafe block.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
      unsafe block[count] = 0x80
    }
    self = block
  }

  @inline(__always)
  func store(to out: UnsafeMutablePointer<UInt8>) {
    unsafe UnsafeMutableRawPointer(out).storeBytes(of: self, as: Block.self)
  }

  /// The block multiplied by x in GF(2^128), as RFC 4493 and RFC 5297 define `dbl`: big-endian, with the polynomial's
  /// 0x87.
  var doubled: Block {
    let (high, low) = (self[0].bigEndian, self[1].bigEndian)
    let carry: UInt64 = high >> 63 == 1 ? 0x87 : 0
    return Block((high << 1 | low >> 63).bigEndian, (low << 1 ^ carry).bigEndian)
  }
}

extension AESBlock {
  @inline(__always)
  func encrypt(_ block: Block) -> Block {
    var block = block
    unsafe withUnsafeMutableBytes(of: &block) { bytes in
      // Sound: a block has 16 bytes, and AES works in place.
      guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      unsafe encrypt(start, count: 1, into: start)
    }
    return block
  }
}
