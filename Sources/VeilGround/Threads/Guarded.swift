/// A value that one thread at a time has, behind a POSIX mutex. A thread sanitizer understands that one, as it does not
/// understand `Synchronization.Mutex` where two threads wait for each other.
///
/// Sound to share: `value` is touched under the lock only.
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
