import Glibc

/// A growable array of trivial elements. It is reused from batch to batch, so that a record needs no allocation.
///
/// `slack` bytes after the last element are always allocated. A scan that reads 64 bytes at a time may read past the
/// count, but never past the allocation.
///
/// Sound because this value alone owns the memory (it cannot be copied), every access through the safe members is
/// checked against `count`, and the pointers it returns are documented as valid only until the next mutation.
@safe
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  /// Valid until the next mutation that may grow the buffer.
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private(set) var capacity: Int

  private static var slack: Int { 64 }

  /// Makes an empty buffer, which allocates memory at the first append.
  init() {
    unsafe start = UnsafeMutablePointer<Element>(bitPattern: MemoryLayout<Element>.alignment)!
    capacity = 0
  }

  deinit {
    if capacity > 0 { unsafe free(start) }
  }

  var isEmpty: Bool { count == 0 }

  /// Empties the buffer and keeps its memory.
  @inline(__always)
  mutating func removeAll() { count = 0 }

  /// Makes room for `more` further elements, so that the unchecked writes below are sound.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(to: count + more) }
  }

  @inline(never)
  private mutating func grow(to needed: Int) {
    let new = max(needed, capacity + capacity / 2, 1024)
    let bytes = new * MemoryLayout<Element>.stride + Self.slack
    guard let memory = unsafe realloc(capacity > 0 ? start : nil, bytes) else {
      fatalError("out of memory")
    }
    unsafe start = memory.assumingMemoryBound(to: Element.self)
    capacity = new
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    unsafe start[count] = element
    // No overflow: the count is below the capacity.
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ elements: UnsafePointer<Element>, count more: Int) {
    reserve(more)
    unsafe (start + count).update(from: elements, count: more)
    count += more
  }

  mutating func append(repeating element: Element, count more: Int) {
    reserve(more)
    unsafe (start + count).update(repeating: element, count: more)
    count += more
  }

  /// Adds `more` elements to the count. The caller has written them at `end` after `reserve(more)`.
  @inline(__always)
  mutating func advance(by more: Int) {
    precondition(count + more <= capacity)
    count += more
  }

  /// The address where the next element is written.
  @inline(__always)
  var end: UnsafeMutablePointer<Element> { unsafe start + count }

  /// Shortens the buffer to its first `kept` elements.
  @inline(__always)
  mutating func truncate(to kept: Int) {
    precondition(kept >= 0 && kept <= count)
    count = kept
  }

  /// Removes the first `dropped` elements and moves the others to the front.
  mutating func removeFirst(_ dropped: Int) {
    precondition(dropped >= 0 && dropped <= count)
    unsafe memmove(start, start + dropped, (count - dropped) * MemoryLayout<Element>.stride)
    count -= dropped
  }

  subscript(_ index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe start[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count)
      unsafe start[index] = newValue
    }
  }
}

typealias ByteBuffer = Buffer<UInt8>

extension Buffer where Element == UInt8 {
  /// Appends the bytes of a literal.
  @inline(__always)
  mutating func append(_ text: StaticString) {
    unsafe append(text.utf8Start, count: text.utf8CodeUnitCount)
  }

  @inline(__always)
  mutating func append(_ bytes: borrowing Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      unsafe append(base, count: source.count)
    }
  }

  mutating func append(utf8 text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe append(base, count: bytes.count)
    }
  }
}
