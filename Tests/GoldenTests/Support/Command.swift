import Foundation

/// What a finished program left behind.
struct Outcome {
  /// The exit status; 128 and the signal's number where a signal ended it.
  let status: Int32
  let stdout: Data
  let stderr: String

  var text: String { String(decoding: stdout, as: UTF8.self) }
}

/// A program that runs with its standard streams on files, so that no amount of output can block it.
struct Command {
  struct CannotStart: Error { let program: String, code: Int32 }
  struct TookTooLong: Error { let program: String }

  private let program: String
  private let process: pid_t
  private let streams: Scratch

  /// A program with a sanitizer is slower, and needs its options.
  private static let isSanitized = ProcessInfo.processInfo.environment["VEIL_SANITIZER"] != nil
  private static let kept = ["ASAN_OPTIONS", "TSAN_OPTIONS", "VEIL_SANITIZER"]

  /// Starts `program` with nothing of the caller's environment but the path, and a sanitizer's name and options.
  ///
  /// - Parameter stdin: a file to read from; nothing where it is left out.
  init(
    _ program: String, _ arguments: [String], stdin: String = "/dev/null", environment: [String: String] = [:],
    directory: String? = nil
  ) throws {
    self.program = program
    streams = try Scratch()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The threads that run tests block signals, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    posix_spawnattr_setsigmask(&attributes, &unblocked)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    posix_spawn_file_actions_addopen(&actions, 0, stdin, O_RDONLY, 0)
    let creating = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, streams.path("stdout"), creating, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, streams.path("stderr"), creating, 0o600)

    let own = ProcessInfo.processInfo.environment
    let path = own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let variables = ["PATH": path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
      .merging(own.filter { Self.kept.contains($0.key) }) { _, kept in kept }
      .merging(environment) { _, given in given }
    // `env` changes the folder and then becomes the program, so the process is the program's own.
    let words = (directory.map { ["env", "-C", $0] } ?? []) + [program] + arguments
    var argv = words.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var process = pid_t()
    let code = posix_spawnp(&process, words[0], &actions, &attributes, &argv, &envp)
    guard code == 0 else { throw CannotStart(program: program, code: code) }
    self.process = process
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// How many threads it has now; 0 when it has ended.
  var threadCount: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").count) ?? 0 }

  /// Waits for the end; a program that runs longer than `seconds` is killed, with a sanitizer five times as long.
  func finish(within seconds: Double = 60) throws -> Outcome {
    var status: Int32 = 0
    let deadline = Date(timeIntervalSinceNow: Self.isSanitized ? 5 * seconds : seconds)
    while waitpid(process, &status, WNOHANG) == 0 {
      guard Date() < deadline else {
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        throw TookTooLong(program: program)
      }
      usleep(1000)
    }
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, stdout: try streams.data("stdout"),
      stderr: String(decoding: try streams.data("stderr"), as: UTF8.self))
  }

  static func run(
    _ program: String, _ arguments: [String], stdin: Data? = nil, environment: [String: String] = [:],
    directory: String? = nil
  ) throws -> Outcome {
    let scratch = try Scratch()
    let input = try stdin.map { try scratch.write("stdin", $0) }
    return try Command(
      program, arguments, stdin: input ?? "/dev/null", environment: environment, directory: directory
    ).finish()
  }
}

/// The binary under test.
enum Veil {
  /// `VEIL_BIN`, or what was built beside the tests.
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["VEIL_BIN"], !given.isEmpty { return given }
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: tests ?? CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
      "veil"
    ).path
  }()

  static func run(
    _ arguments: [String], stdin: Data? = nil, environment: [String: String] = [:], directory: String? = nil
  ) throws -> Outcome {
    let outcome = try Command.run(path, arguments, stdin: stdin, environment: environment, directory: directory)
    Accounting.check(outcome.stderr)
    return outcome
  }
}

/// A folder of its own for one test, gone when the test is.
final class Scratch {
  let root: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "veil-test-XXXXXX").utf8CString)
    guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
    root = String(cString: made)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  /// Runs `veil` in the folder, with the words of a command line and the tests' keys.
  func veil(_ line: String) throws -> Outcome {
    try Veil.run(line.split(separator: " ").map(String.init), environment: TestKey.environment, directory: root)
  }

  @discardableResult
  func write(_ name: String, _ content: Data, mode: Int = 0o600) throws -> String {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try content.write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    return url.path
  }

  @discardableResult
  func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
    try write(name, Data(text.utf8), mode: mode)
  }

  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
  }

  /// Names of everything directly in a folder, hidden files included.
  func list(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  func copy(_ source: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: path(name))
  }
}
