// `environ` needs this import: it is a mutable global of C, which nothing in this program changes.
@unsafe @preconcurrency import Glibc

/// Keys from programs such as password managers and secret stores.
enum KeyCommand {
  /// Returns what the program prints. The program gets no input, its errors go to this process's standard error, and it
  /// must end with status 0.
  static func output(of arguments: [String]) throws(KeyError.Reason) -> SecretBytes {
    guard let program = arguments.first, !program.isEmpty, !arguments.contains(where: { $0.contains("\0") })
    else { throw .commandInvalid }
    // Sound: the C function writes two descriptors, and there is room for two.
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .commandNotStarted(errno: errno) }
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (child, code) = spawn(program, arguments, output: output)
    close(output)
    guard code == 0 else { throw .commandNotStarted(errno: code) }

    let text: SecretBytes
    do throws(KeyError.Reason) {
      text = try KeyLoader.readToEnd(input)
    } catch {
      // The program prints too much, or its output cannot be read, so it may never end by itself.
      kill(child, SIGKILL)
      _ = wait(for: child)
      throw error
    }
    guard let status = wait(for: child) else { throw .commandStatusUnknown }
    // The encoding of waitpid(2): a signal in the low seven bits, else the exit status in the next byte.
    if status & 0x7F != 0 { throw .commandKilled(signal: status & 0x7F) }
    if status >> 8 & 0xFF != 0 { throw .commandFailed(status: status >> 8 & 0xFF) }
    return text
  }

  /// Starts the program with the descriptor as its standard output. Returns the process and 0, or an error.
  private static func spawn(_ program: String, _ arguments: [String], output: Int32) -> (pid_t, Int32) {
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
    let code = unsafe posix_spawnp(&child, program, &actions, &attributes, strings + [nil], environ)
    return (child, code)
  }

  /// Returns the status with which the process ended, or nil if it is not available.
  private static func wait(for child: pid_t) -> Int32? {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return nil }
    }
    return status
  }
}
