import Glibc
import VeilEngine

/// What happens where the process has a limit on memory (`ulimit -v`) and reaches it. Swift ends a process that gets no
/// memory, wherever it is. Then the user is told why, nothing is left behind, and the status is the documented one.
enum MemoryLimit {
  static func watch() {
    guard isSet else { return }
    for number in [SIGABRT, SIGTRAP, SIGILL, SIGSEGV, SIGBUS] {
      var action = sigaction()
      // Sound: the handler calls what a handler may call: it takes no lock and allocates nothing.
      unsafe action.__sigaction_handler.sa_handler = { _ in
        let text: StaticString =
          "veil: ended, most likely for want of memory: the process has a limit on it (ulimit -v); nothing was published\n"
        _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        Interruption.end(status: 3)
      }
      unsafe sigaction(number, &action, nil)
    }
  }

  private static var isSet: Bool {
    [RLIMIT_AS, RLIMIT_DATA].contains { resource in
      var limit = rlimit()
      // Sound: the call fills the structure.
      return unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 && limit.rlim_cur != rlim_t.max
    }
  }
}
