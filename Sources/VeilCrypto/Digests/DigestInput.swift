/// One of several values that are digested together: where its bytes stand, and how many they are.
///
/// Sound because whoever makes one keeps the bytes alive and unchanged until the digests are there.
@safe
public struct DigestInput: BitwiseCopyable {
  /// The most values that are taken at once.
  public static let most = 16

  public let start: UnsafePointer<UInt8>
  public let count: Int

  public init(_ start: UnsafePointer<UInt8>, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  /// Which of the first `count` values are still to be digested, a bit for each: all of them.
  static func all(_ count: Int) -> UInt32 {
    precondition(count >= 0 && count <= most)
    return 1 << count - 1
  }
}

/// Runs `body` for the index of each bit that is set.
func forEachBit(_ bits: UInt32, _ body: (Int) -> Void) {
  var left = bits
  while left != 0 {
    body(left.trailingZeroBitCount)
    left &= left - 1
  }
}
