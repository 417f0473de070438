import Glibc
import VeilEngine

/// What happens when a signal interrupts the program: temporary files are deleted, nothing is published, and the exit
/// status tells which signal it was.
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
      // A signal that the caller chose to ignore, as nohup does, stays ignored.
      let ignored = unsafe UInt(bitPattern: unsafeBitCast(SIG_IGN, to: Int.self))
      let was = unsafe UInt(bitPattern: unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self))
      if was == ignored { unsafe sigaction(number, &before, nil) }
    }
    // `write` reports that the reader of standard output is gone, and that a limit on the size of files was reached.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Opens substitutes for standard streams that were closed when the process started. Otherwise the next opened file
  /// would get such a number, and messages would be written into the export. The substitutes do not work: input and
  /// output fail, and only messages are lost without an error.
  static func fillStandardStreams() {
    for (number, flags) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(number, F_GETFD) < 0 {
      // `open` returns the lowest free number, which is this one: all lower ones are in use.
      _ = unsafe open("/dev/null", flags)
    }
  }
}
