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
    // A reader of standard output that goes away is noticed by `write`.
    signal(SIGPIPE, SIG_IGN)
  }
}
