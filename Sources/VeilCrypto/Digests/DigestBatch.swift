import CMultiBuffer
import COpenSSL

/// Values that are digested together, and room for their digests: many at a time are faster than each alone (`Gang`).
///
/// The caller writes where the values are and how long they are, sets `count`, gives the batch to a `DigestContext` or
/// an `HMACContext`, and reads the digests. Until then the values are borrowed. It serves one thread.
///
/// Sound: the memory is allocated in `init` for `capacity` elements and freed in `deinit`; `count` is checked against
/// that.
@safe
public final class DigestBatch {
  /// The largest number of values.
  public static let capacity = veil_gang_capacity
  /// The number of bytes from one digest to the next. After the start of the last digest, too, twice this number is
  /// readable.
  public static let stride = veil_gang_stride

  /// The address of each value, its number of bytes, and the owner's number for it.
  public let values: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  public let lengths: UnsafeMutablePointer<UInt32>
  public let places: UnsafeMutablePointer<Int>
  /// The digests in the order of the values, `stride` bytes each.
  public let digests: UnsafeMutablePointer<UInt8>

  /// The number of values.
  public var count = 0 {
    didSet { precondition(0...Self.capacity ~= count) }
  }

  private static let digestsByteCount = (capacity + 1) * stride

  public init() {
    unsafe values = .allocate(capacity: Self.capacity)
    unsafe values.initialize(repeating: nil, count: Self.capacity)
    unsafe lengths = .allocate(capacity: Self.capacity)
    unsafe lengths.initialize(repeating: 0, count: Self.capacity)
    unsafe places = .allocate(capacity: Self.capacity)
    unsafe places.initialize(repeating: 0, count: Self.capacity)
    unsafe digests = .allocate(capacity: Self.digestsByteCount)
    unsafe digests.initialize(repeating: 0, count: Self.digestsByteCount)
  }

  deinit {
    unsafe OPENSSL_cleanse(digests, Self.digestsByteCount)
    unsafe values.deallocate()
    unsafe lengths.deallocate()
    unsafe places.deallocate()
    unsafe digests.deallocate()
  }

  /// Returns whether the lengths of all values are in a range.
  func lengthsAre(in range: ClosedRange<Int>) -> Bool {
    var (shortest, longest) = (UInt32.max, UInt32.min)
    for index in 0..<count {
      let length = unsafe lengths[index]
      shortest = min(shortest, length)
      longest = max(longest, length)
    }
    return count == 0 || Int(shortest) >= range.lowerBound && Int(longest) <= range.upperBound
  }

  /// Makes the digests one after another.
  @inline(__always)
  func makeEach(
    _ body: (_ value: UnsafePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<UInt8>) -> Void
  ) {
    for index in 0..<count {
      guard let value = unsafe values[index] else { continue }
      unsafe body(value, Int(lengths[index]), digests + index * Self.stride)
    }
  }
}
