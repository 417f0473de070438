import COpenSSL
import Glibc

/// Keeps keys out of what a process leaves behind when it crashes.
public enum ProcessProtection {
  /// Disables core dumps, and forbids other processes of the same user to read this process's memory. From then on, a
  /// crash only ends the process with its signal: Swift's own handler would print registers, which may hold part of a
  /// key.
  public static func apply() {
    // Sound: the calls only read their arguments. If the system refuses one, nothing more can be done.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = veil_forbid_dumps()
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT, SIGSYS] { signal(number, SIG_DFL) }
  }
}
