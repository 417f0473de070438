/// A value that only one thread at a time can use, protected by a POSIX mutex. The thread sanitizer understands that
/// mutex; it does not understand `Synchronization.Mutex` when two threads wait for each other.
///
/// Sound to share: `value` is used under the lock only.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = ThreadLock()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
