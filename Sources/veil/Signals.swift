import Glibc
import VeilEngine

/// Interruptions: temporary files go, nothing is published, and the status says which signal it was.
enum Signals {
  static func install() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { number in
        Interruption.removeTemporaryFiles()
        _exit(128 + number)
      }
      unsafe sigaction(number, &action, nil)
    }
    // A crash must not tell: the runtime's report shows what registers point to, and a core dump everything.
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE] { signal(number, SIG_DFL) }
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    // A reader of standard output that goes away is noticed by `write`.
    signal(SIGPIPE, SIG_IGN)
  }
}
