import Foundation
import Testing

/// A key that everybody may know is planted, and must come to light nowhere.
@Suite struct PlantedKeyTests {
  static let key = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 0x5B) }

  /// The command beside these tests.
  static let veil = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("veil").path

  static func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws
    -> (status: Int32, output: Data)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: veil)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, given) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = output
    process.standardInput = given
    try process.run()
    given.fileHandleForWriting.write(Data(input.utf8))
    try given.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, data)
  }

  /// The key as bytes and as text would show it.
  static var traces: [Data] {
    let data = Data(key)
    let hex = key.map { String(format: "%02x", $0) }.joined()
    let base64 = data.base64EncodedString()
    // Parts as well: half of it, and the characters that do not depend on where it begins in longer base64.
    return [
      data, data.prefix(16), data.suffix(16), Data(data.reversed()), Data(hex.utf8), Data(hex.uppercased().utf8),
      Data(hex.prefix(32).utf8), Data(base64.prefix(40).utf8),
      Data(base64.prefix(40).replacing("+", with: "-").replacing("/", with: "_").utf8),
    ]
  }

  @Test func isFoundNowhere() throws {
    guard FileManager.default.isExecutableFile(atPath: Self.veil) else {
      Issue.record("there is no \(Self.veil)")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("veil-planted-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    let environment = ["PLANTED": "base64:" + Data(Self.key).base64EncodedString()]
    try Data(Self.key).write(to: folder.appendingPathComponent("planted.key"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path("planted.key"))
    try """
    version: 1
    name: planted
    source: {path: in.csv, subject: a}
    keys: {p: {env: PLANTED}, q: {file: planted.key}}
    fields:
      a: {pseudonym: {key: p, derive: none, unique: true}}
      b: {hash: {salt: q}}
      c: {encrypt: {key: q}}
      d: {encrypt: {key: p, random: true}}
      e: {fpe: {key: p}}
      f: {date_shift: {days: 30, key: q}}
    sink: {path: out.csv}
    bad_records: {action: skip}

    """.write(toFile: path("p.yaml"), atomically: true, encoding: .utf8)
    let text = "a,b,c,d,e,f\n1,2,3,4,1234567,2024-01-01\n,,,,,\nx,x,x,x,x,x\n"
    try text.write(toFile: path("in.csv"), atomically: true, encoding: .utf8)
    // A pipeline with keys where their names or places belong.
    let hex = Self.key.map { String(format: "%02x", $0) }.joined()
    try """
    version: 1
    name: wrong
    keys: {p: "hex:\(hex)", q: {env: "\(hex)"}, r: {key: "hex:\(hex)"}, s: {ring: {k1: "hex:\(hex)"}}, t: {wrapped: "hex:\(hex)"}, u: {wrapped: {key: "hex:\(hex)"}}, v: {file: {x: "hex:\(hex)"}}}
    fields: {a: {pseudonym: {key: "hex:\(hex)"}}, b: {encrypt: {key: "\(hex)"}}}

    """.write(toFile: path("wrong.yaml"), atomically: true, encoding: .utf8)

    var said = Data()
    var statuses: [Int32] = []
    for arguments in [
      ["run", path("p.yaml"), "--manifest", path("m.json")], ["run", path("p.yaml"), "--preview", "2"],
      ["check", path("p.yaml")], ["key", "inspect", path("planted.key")], ["check", path("wrong.yaml")],
      ["reveal", path("p.yaml"), "--field", "c", "--reason", "r", "--input", path("out.csv")],
      ["reveal", path("p.yaml"), "--field", "d", "--reason", "r", "--input", path("in.csv")],
      ["key", "new", path("planted.key")],
    ] {
      let (status, output) = try Self.run(arguments, environment: environment)
      statuses.append(status)
      said += output
    }
    #expect(statuses == [0, 0, 0, 0, 2, 0, 1, 3], "\(String(decoding: said, as: UTF8.self))")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(Set(["out.csv", "m.json", "p.yaml.audit.jsonl"]).isSubset(of: names))
    let given: Set = ["planted.key", "wrong.yaml"]
    var found: [(name: String, data: Data)] = [("what was said", said)]
    for name in names where !given.contains(name) {
      found.append((name, try Data(contentsOf: folder.appendingPathComponent(name))))
    }
    for (name, data) in found {
      for trace in Self.traces { #expect(data.range(of: trace) == nil, "\(name)") }
    }
    // The search itself finds what is there.
    #expect(try Data(contentsOf: folder.appendingPathComponent("planted.key")).range(of: Self.traces[0]) != nil)
  }

  /// A crash in the middle of a run, with the key in use, leaves no core and says nothing. (SIGABRT is left out: the
  /// threads that start processes here may block it, and a process inherits that.)
  @Test(arguments: [("SEGV", 139), ("ILL", 132), ("TRAP", 133)])
  func crashesLeaveNothing(signal: String, status: Int) throws {
    let script = """
      cd "$(mktemp -d)"; ulimit -c unlimited; mkfifo pipe
      cat > p.yaml <<'YAML'
      version: 1
      name: crash
      source: {path: "-", format: csv}
      keys: {p: {env: PLANTED}}
      fields: {a: {pseudonym: {key: p, derive: none}}}
      sink: {path: out.csv}
      YAML
      "\(Self.veil)" run p.yaml < pipe & pid=$!
      exec 3> pipe; printf 'a\\n1\\n' >&3; sleep 0.7; grep -E 'Max core' /proc/$pid/limits
      kill -\(signal) $pid; wait $pid; echo "status $?"; ls -A
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PLANTED": "base64:" + Data(Self.key).base64EncodedString(), "SWIFT_BACKTRACE": "enable=yes",
    ]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let limits = text.split(separator: "\n").first?.split(separator: " ").suffix(3).map(String.init)
    #expect(limits == ["0", "0", "bytes"], "\(text)")
    #expect(text.contains("status \(status)") && !text.contains("Registers") && !text.contains("Thread 0"), "\(text)")
    #expect(text.hasSuffix("p.yaml\npipe\n"), "\(text)")
    for trace in Self.traces { #expect(data.range(of: trace) == nil) }
  }
}
