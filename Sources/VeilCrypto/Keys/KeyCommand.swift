// `environ` needs this import: it is a mutable global of C, which nothing in this program changes.
@unsafe @preconcurrency import Glibc

/// Keys from programs such as password managers and secret stores.
enum KeyCommand {
  /// Returns what the program prints. The program gets no input, its errors go to this process's standard error, and it
  /// must end with status 0 within so many seconds; else it is killed. Its environment has neither the variables of
  /// `names`, which hold other keys, nor any whose value is written as a key.
  static func output(
    of arguments: [String], seconds: Int, without names: Set<String>
  ) throws(KeyError.Reason) -> SecretBytes {
    guard let program = arguments.first, !program.isEmpty, !arguments.contains(where: { $0.contains("\0") })
    else { throw .commandInvalid }
    // Sound: the C function writes two descriptors, and there is room for two.
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .commandNotStarted(errno: errno) }
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let deadline = ContinuousClock.now + .seconds(seconds)
    let (child, code) = unsafe spawn(program, arguments, output: output, environment: environment(without: names))
    close(output)
    guard code == 0 else { throw .commandNotStarted(errno: code) }

    let (text, status): (SecretBytes, Int32?)
    do throws(KeyError.Reason) {
      text = try KeyLoader.readToEnd(input) { () throws(KeyError.Reason) in
        guard isReadable(input, before: deadline) else { throw .commandTooSlow(seconds: seconds) }
      }
      status = try wait(for: child, before: deadline, seconds)
    } catch {
      // The program prints too much or takes too long, or its output cannot be read: it may never end by itself.
      kill(child, SIGKILL)
      _ = wait(for: child)
      throw error
    }
    guard let status else { throw .commandStatusUnknown }
    // The encoding of waitpid(2): a signal in the low seven bits, else the exit status in the next byte.
    if status & 0x7F != 0 { throw .commandKilled(signal: status & 0x7F) }
    if status >> 8 & 0xFF != 0 { throw .commandFailed(status: status >> 8 & 0xFF) }
    return text
  }

  /// Returns the variables of this process, as `NAME=VALUE`, that a program which fetches one key may see.
  private static func environment(without names: Set<String>) -> [UnsafeMutablePointer<CChar>?] {
    // Sound: nothing in this program changes the environment, and the strings are not changed either.
    var kept: [UnsafeMutablePointer<CChar>?] = unsafe []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      unsafe next += 1
      let length = unsafe strcspn(entry, "=")
      let name = unsafe String(decoding: UnsafeRawBufferPointer(start: entry, count: length), as: UTF8.self)
      if !names.contains(name), unsafe !isKey(entry + length) { unsafe kept.append(entry) }
    }
    return unsafe kept + [nil]
  }

  private static func isKey(_ value: UnsafePointer<CChar>) -> Bool {
    unsafe strncmp(value, "=hex:", 5) == 0 || strncmp(value, "=base64:", 8) == 0
  }

  private static func isReadable(_ descriptor: Int32, before deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = (deadline - .now).components
      guard left.seconds >= 0, left.attoseconds >= 0 else { return false }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = min(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1, 600_000)
      // Sound: one structure is given, and said to be one. An error is left to the read that follows.
      let count = unsafe poll(&wanted, 1, Int32(milliseconds))
      if count > 0 || count < 0 && errno != EINTR { return true }
    }
  }

  /// Starts the program with the descriptor as its standard output. Returns the process and 0, or an error.
  private static func spawn(
    _ program: String, _ arguments: [String], output: Int32, environment: [UnsafeMutablePointer<CChar>?]
  ) -> (pid_t, Int32) {
    // Sound: everything initialized here is destroyed here, and posix_spawnp copies what it needs before it returns.
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return (0, ENOMEM) }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    guard unsafe posix_spawnattr_init(&attributes) == 0 else { return (0, ENOMEM) }
    defer { unsafe posix_spawnattr_destroy(&attributes) }

    // The program does not inherit the signals that this process blocks or ignores.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD] { unsafe sigaddset(&signals, signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    guard unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0,
      unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0
    else { return (0, ENOMEM) }

    let strings = unsafe arguments.map { unsafe strdup($0) }
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    guard unsafe !strings.contains(nil) else { return (0, ENOMEM) }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, program, &actions, &attributes, strings + [nil], environment)
    return (child, code)
  }

  /// Returns the status with which the process ended, or nil if it is not available. Throws if it has not ended at the
  /// deadline.
  private static func wait(
    for child: pid_t, before deadline: ContinuousClock.Instant, _ seconds: Int
  ) throws(KeyError.Reason) -> Int32? {
    var status: Int32 = 0
    // A program mostly ends as soon as it has closed its output.
    var pause: UInt32 = 50
    while true {
      let found = unsafe waitpid(child, &status, WNOHANG)
      if found == child { return status }
      if found < 0, errno != EINTR { return nil }
      guard ContinuousClock.now < deadline else { throw .commandTooSlow(seconds: seconds) }
      usleep(pause)
      pause = min(2 * pause, 20_000)
    }
  }

  private static func wait(for child: pid_t) -> Int32? {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return nil }
    }
    return status
  }
}
