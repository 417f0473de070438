import Foundation
import Testing

/// The examples under pipelines/schedules are right as far as can be told here: their syntax, and every command line.
@Suite struct ScheduleTests {
  private static let folder = "pipelines/schedules"

  /// Runs a command line of an example, with its paths moved into a scratch folder.
  private func run(_ words: [String]) throws {
    let scratch = try Scratch()
    try scratch.write(
      "srv/veil/customers.yaml", TestPipeline(source: "{path: in.csv}", sink: "{path: out/customers.csv}").text)
    try scratch.write("srv/veil/in.csv", "name\nAda\n")
    try scratch.write("srv/veil/out/keep", "")
    try scratch.write("var/lib/node_exporter/keep", "")
    let arguments = words.map { word in
      word.hasPrefix("/srv/") || word.hasPrefix("/var/") ? scratch.root + word : word
    }
    let outcome = try Veil.run(arguments, environment: TestKey.environment)
    #expect(outcome.status == 0, "\(arguments): \(outcome.stderr)")
    #expect(try scratch.text("srv/veil/out/customers.csv") == "name\nAda\n")
    #expect(scratch.exists("var/lib/node_exporter/veil-customers.prom") == words.contains("--metrics"))
  }

  @Test func theUnitIsRight() throws {
    let unit = try Repository.text("\(Self.folder)/veil-customers.service")
    let joined = unit.replacing("\\\n", with: " ")
    let line = try #require(joined.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let words = line.dropFirst("ExecStart=".count).split(separator: " ").map(String.init)
    #expect(words.first == "/usr/local/bin/veil")
    try run(Array(words.dropFirst()))
    for setting in ["Type=oneshot", "PrivateNetwork=yes", "LimitCORE=0", "UMask=0077", "NoNewPrivileges=yes"] {
      #expect(unit.contains("\n\(setting)\n"), "\(setting)")
    }
    #expect(!unit.contains("Documentation=man:"), "there is no such page")
  }

  /// With systemd at hand it says itself what it thinks.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
  func systemdHasNothingToComplainAbout() throws {
    let scratch = try Scratch()
    for name in ["veil-customers.service", "veil-customers.timer"] {
      let text = try Repository.text("\(Self.folder)/\(name)").replacing("/usr/local/bin/veil", with: "/bin/true")
      try scratch.write(name, text, mode: 0o644)
    }
    let outcome = try Command.run(
      "systemd-analyze", ["verify", scratch.path("veil-customers.service"), scratch.path("veil-customers.timer")],
      environment: ["SYSTEMD_UNIT_PATH": "\(scratch.root):"])
    let complaints = outcome.stderr.split(separator: "\n").filter { $0.contains("veil-customers") }
    #expect(complaints.isEmpty, "\(outcome.stderr)")
    let calendar = try #require(
      Repository.text("\(Self.folder)/veil-customers.timer").firstMatch(of: /OnCalendar=(.*)/)
    ).output.1
    let parsed = try Command.run("systemd-analyze", ["calendar", String(calendar)])
    #expect(parsed.status == 0 && parsed.text.contains("03:00:00"), "\(parsed.stderr)")
  }

  @Test func theCronLineIsRight() throws {
    let lines = try Repository.text("\(Self.folder)/veil-customers.cron").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    let line = try #require(lines.last)
    for setting in lines.dropLast() { #expect(setting.wholeMatch(of: /[A-Z]+=\S+/) != nil, "\(setting)") }
    let words = line.split(separator: " ").map(String.init)
    for (word, most) in zip(words.prefix(5), [59, 23, 31, 12, 7]) {
      #expect(word == "*" || Int(word).map { (0...most).contains($0) } == true, "\(word)")
    }
    // Cron reads a percent sign as a line's end.
    #expect(words[5] == "veil" && words[6] == "veil" && !line.contains("%"))
    try run(Array(words.dropFirst(7)))
  }

  /// The three as they are shipped, one night each, in a mount namespace in which nothing may be written but what the unit
  /// names. It needs the right to make one.
  @Test func theyRunAsShipped() throws {
    let program = try Command(
      "python3", [Repository.support("schedules.py"), Repository.path(Self.folder)],
      environment: ["VEIL_BIN": Veil.path, "TMPDIR": NSTemporaryDirectory()])
    let outcome = try program.finish(within: 100)
    if outcome.status == 77 { return print("schedules.py: \(outcome.text)") }
    #expect(outcome.status == 0 && outcome.text.contains("3 nights"), "\(outcome.text) \(outcome.stderr)")
  }

  /// Airflow itself is not here: its few names are stood in for, and the task's function runs.
  @Test func theAirflowTaskIsRight() throws {
    let script = """
      import importlib.util, json, subprocess, sys, types
      made = []
      class DAG:
          def __init__(self, **options): self.options = options
          def __enter__(self): return self
          def __exit__(self, *rest): return False
      class Operator:
          def __init__(self, **options): made.append(options)
      class Fail(Exception): pass
      for name, names in {'airflow': {'DAG': DAG}, 'airflow.exceptions': {'AirflowFailException': Fail},
                          'airflow.operators': {}, 'airflow.operators.python': {'PythonOperator': Operator}}.items():
          module = types.ModuleType(name)
          module.__dict__.update(names)
          sys.modules[name] = module
      spec = importlib.util.spec_from_file_location('dag', sys.argv[1])
      dag = importlib.util.module_from_spec(spec)
      spec.loader.exec_module(dag)
      assert dag.dag.options['max_active_runs'] == 1 and len(made) == 1
      assert made[0]['op_kwargs'] == {'day': '{{ data_interval_end | ds }}'}, 'ds is the day before'
      calls = []
      def fake(status):
          def run(command, check):
              calls.append(command)
              return types.SimpleNamespace(returncode=status)
          return run
      for status, error in [(0, None), (1, Fail), (2, Fail), (3, RuntimeError), (4, Fail), (5, RuntimeError)]:
          dag.subprocess.run = fake(status)
          try:
              made[0]['python_callable'](day='2024-01-31')
              assert error is None, status
          except (Fail, RuntimeError) as caught:
              assert type(caught) is error, (status, caught)
      print(json.dumps(calls[0]))
      """
    let outcome = try Command.run("python3", ["-c", script, Repository.path("\(Self.folder)/veil_customers_dag.py")])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let words = try #require(JSONSerialization.jsonObject(with: outcome.stdout) as? [String])
    #expect(words.first == "veil")
    try run(Array(words.dropFirst()))
  }
}
