import VeilCrypto

/// A few values that are digested together: where they stand, whose cells they are, and room for their digests.
///
/// Sound because the memory is this object's own, and nothing is added to a group that is full. Values are looked at only
/// between being added and `removeAll`, while the column that they were taken from stays as it is.
@safe
final class TokenGroup {
  private(set) var count = 0
  let cells: UnsafeMutablePointer<Int>
  let values: UnsafeMutablePointer<DigestInput>
  /// One behind the other; each may be read for `TokenFormat.digestCapacity` bytes.
  let digests: UnsafeMutablePointer<UInt8>

  private static let longestDigest = 64

  init() {
    unsafe cells = .allocate(capacity: DigestInput.most)
    unsafe values = .allocate(capacity: DigestInput.most)
    let room = DigestInput.most * Self.longestDigest + TokenFormat.digestCapacity
    unsafe digests = .allocate(capacity: room)
    unsafe digests.initialize(repeating: 0, count: room)
  }

  deinit {
    unsafe cells.deallocate()
    unsafe values.deallocate()
    unsafe digests.deallocate()
  }

  @inline(__always)
  var isFull: Bool { count == DigestInput.most }

  @inline(__always)
  func add(_ cell: Int, _ value: DigestInput) {
    precondition(!isFull)
    unsafe (cells + count).initialize(to: cell)
    unsafe (values + count).initialize(to: value)
    count += 1
  }

  func removeAll() { count = 0 }
}
