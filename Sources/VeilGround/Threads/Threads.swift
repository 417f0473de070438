import Glibc

/// A mutex with a condition variable, as POSIX threads have them.
///
/// Sound because both are in memory of their own that does not move from `init` to `deinit`.
@safe
package final class ThreadLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  package func lock() { unsafe pthread_mutex_lock(mutex) }
  package func unlock() { unsafe pthread_mutex_unlock(mutex) }
  /// Releases the lock, waits for a broadcast, and takes the lock again.
  package func wait() { unsafe pthread_cond_wait(condition, mutex) }
  package func broadcast() { unsafe pthread_cond_broadcast(condition) }
}

/// A thread that runs one body and is joined.
package struct WorkerThread {
  private let handle: pthread_t?

  /// Runs `body` on a new thread, or at once on the current one if the system gives no thread.
  package init(_ body: @escaping () -> Void) {
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Body(run: body))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if StackLimit.isNarrow { unsafe pthread_attr_setstacksize(&attributes, StackLimit.roomyByteCount) }
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    if code == 0 {
      handle = thread
    } else {
      handle = nil
      unsafe box.takeRetainedValue().run()
    }
  }

  package func join() {
    if let handle { pthread_join(handle, nil) }
  }

  /// Carries the body to the thread; nothing else uses it.
  private final class Body: @unchecked Sendable {
    let run: () -> Void
    init(run: @escaping () -> Void) { self.run = run }
  }

  /// The number of processors that this process may use.
  package static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

extension WorkerThread {
  /// Runs `body` on a new thread. Returns nil, and runs nothing, if the system gives no thread. It is for bodies that
  /// wait for their creator, which therefore must not run on the creator's thread.
  package static func started(_ body: @escaping () -> Void) -> WorkerThread? {
    let creator = pthread_self()
    let refusal = Refusal()
    let thread = WorkerThread {
      if pthread_equal(pthread_self(), creator) != 0 { refusal.isGiven = true } else { body() }
    }
    return refusal.isGiven ? nil : thread
  }

  /// A flag that only the creator writes, before the flag is read.
  private final class Refusal {
    var isGiven = false
  }
}
