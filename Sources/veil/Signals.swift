import Glibc
import VeilEngine

/// Interruptions: temporary files go, nothing is published, and the status says which signal it was.
enum Signals {
  static func install() {
    Interruption.prepare()
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = { number in
        Interruption.end(number)
      }
      var before = sigaction()
      unsafe sigaction(number, &action, &before)
      // What the caller has chosen to ignore, as nohup does, stays ignored.
      let ignored = unsafe UInt(bitPattern: unsafeBitCast(SIG_IGN, to: Int.self))
      let was = unsafe UInt(bitPattern: unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self))
      if was == ignored { unsafe sigaction(number, &before, nil) }
    }
    // A reader of standard output that goes away is noticed by `write`, and so is a limit on the size of files.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Fills the places of standard streams that the process was started without. Else the next file to be opened would
  /// take such a place, and messages would be written into the export. What is filled in cannot be used: input fails,
  /// and so does output, only messages go nowhere.
  static func fillStandardStreams() {
    for (number, flags) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is this one: those below were filled before.
      _ = unsafe open("/dev/null", flags)
    }
  }
}
