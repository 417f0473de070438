import Foundation

/// Python's json module as an independent judge.
enum Python {
  /// Runs a script with `input` on its standard input and answers its standard output.
  static func run(_ script: String, input: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("veil-json-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("input")
    let target = folder.appendingPathComponent("output")
    try Data(input).write(to: source)
    try Data().write(to: target)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardInput = try FileHandle(forReadingFrom: source)
    process.standardOutput = try FileHandle(forWritingTo: target)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed() }
    return Array(try Data(contentsOf: target))
  }

  struct Failed: Error {}

  /// For each line that is not blank, `1` where it is an object by RFC 8259's letter and `0` where not. Python's reader
  /// by itself lets NaN and lone surrogates pass.
  static let verdicts = #"""
    import json, sys
    sys.setrecursionlimit(100000)
    sys.set_int_max_str_digits(0)
    def no(x): raise ValueError()
    def check(v):
        if isinstance(v, str):
            v.encode('utf-8')
        elif isinstance(v, list):
            for x in v: check(x)
        elif isinstance(v, Pairs):
            for k, x in v.pairs: check(k); check(x)
    class Pairs:
        def __init__(self, pairs): self.pairs = pairs
    out = []
    for line in sys.stdin.buffer.read().split(b'\n'):
        if not line.strip(b' \t\r'): continue
        try:
            v = json.loads(line.decode('utf-8'), parse_constant=no, object_pairs_hook=Pairs)
            check(v)
            out.append('1' if isinstance(v, Pairs) else '0')
        except (ValueError, RecursionError):
            out.append('0')
    sys.stdout.write(''.join(out))
    """#
}
