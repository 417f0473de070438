import COpenSSL
import Glibc

/// Keeps keys out of what a process leaves behind when it crashes.
public enum ProcessProtection {
  /// No core dumps from now on, and no other process of the same user may read this one's memory. Crashes end with the
  /// signal alone: Swift's own handler prints registers, which may hold part of a key.
  public static func apply() {
    // Sound: the calls only read what they are given. What the system refuses cannot be helped.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = veil_forbid_dumps()
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT, SIGSYS] { signal(number, SIG_DFL) }
  }
}
