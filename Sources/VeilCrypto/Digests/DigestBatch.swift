import CMultiBuffer
import COpenSSL

/// Values whose digests are wanted together, and room for these: many are made faster than each alone (`Gang`).
///
/// Whoever fills it writes where the values are and how long, says how many there are by `count`, gives it to a
/// `DigestContext` or an `HMACContext` and reads the digests. The values are borrowed until then. It serves one thread.
///
/// Sound: the memory is allocated in `init` for `capacity` elements and freed in `deinit`; `count` is checked against
/// that.
@safe
public final class DigestBatch {
  /// How many values it takes.
  public static let capacity = veil_gang_capacity
  /// Bytes from one digest to the next; the last one, too, is readable for twice as many.
  public static let stride = veil_gang_stride

  /// Where each value is, how many bytes it has, and what its owner knows it by.
  public let values: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  public let lengths: UnsafeMutablePointer<UInt32>
  public let places: UnsafeMutablePointer<Int>
  /// The digests in the values' order, `stride` bytes each.
  public let digests: UnsafeMutablePointer<UInt8>

  /// How many values there are.
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

  /// Whether all values have so many bytes.
  func lengthsAre(in range: ClosedRange<Int>) -> Bool {
    var (shortest, longest) = (UInt32.max, UInt32.min)
    for index in 0..<count {
      let length = unsafe lengths[index]
      shortest = min(shortest, length)
      longest = max(longest, length)
    }
    return count == 0 || Int(shortest) >= range.lowerBound && Int(longest) <= range.upperBound
  }

  /// Makes the digests one after the other.
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
