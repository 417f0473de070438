import Glibc

/// The limit on stacks that the process was given (`ulimit -s`). Threads get theirs from it.
package enum StackLimit {
  /// What the deepest records that are read need, and more.
  package static let roomyByteCount = 8 << 20

  /// Whether the limit is too small for a parser: then threads ask for a stack of their own size, and nothing else runs on
  /// the first one.
  package static let isNarrow: Bool = {
    var limit = rlimit()
    // Sound: the call fills the structure.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 else { return false }
    return limit.rlim_cur < 1 << 20
  }()

  /// Runs `body` here, or, where the stack is narrow, on a thread that has room, until it ends.
  package static func withRoom(_ body: @escaping () -> Void) {
    guard isNarrow else { return body() }
    WorkerThread(body).join()
  }
}
