import Foundation
import Testing
import VeilConfig

@testable import VeilEngine

/// Random documents under random rules, against a second implementation in Python that works on parsed trees.
@Suite("JSON rules against Python")
struct JSONOracleTests {
  private static let oracle = #"""
    import json, random, sys
    seed, count = map(int, sys.stdin.read().split())
    R = random.Random(seed)
    NAMES = ['a', 'b', 'c', 'long_member_1', 'long_member_2', 'é', 'x y', '']
    E = object()

    def string(text):
        out = ''
        for c in text:
            if c != ' ' and R.random() < 0.15 and ord(c) < 0x10000: out += '\\u%04x' % ord(c)
            else: out += c
        return '"' + out + '"'

    def scalar():
        kind = R.random()
        if kind < 0.2: return ('scalar', 'null')
        if kind < 0.5: return ('scalar', R.choice(['0', '-1.50', '2e9', 'true', 'false', '12345678901234567890']))
        return ('scalar', string(R.choice(['', 'v', 'value', 'a]b', '{', 'é😀', '\u20ac,', ':' * 20, 'w' * 70])))

    def value(depth):
        kind = R.random()
        if depth > 3 or kind < 0.4: return scalar()
        n = R.choice([0, 1, 1, 2, 3, 5])
        if kind < 0.75: return ('object', [(n, string(n), value(depth + 1)) for n in (R.choice(NAMES) for _ in range(n))])
        return ('array', [value(depth + 1) for _ in range(n)])

    def text(v, ws):
        if v[0] == 'scalar': return v[1]
        if v[0] == 'object':
            return '{' + ws() + (',').join(ws() + k + ws() + ':' + ws() + text(x, ws) + ws() for _, k, x in v[1]) + ws() + '}'
        return '[' + ws() + ','.join(ws() + text(x, ws) + ws() for x in v[1]) + ws() + ']'

    EMITS = {'keep', 'look', 'write', 'copy'}
    def tight(v): return text(v, lambda: '')

    class Run:
        def __init__(self, rules, unlisted):
            self.rules = rules
            self.column = {}
            for path, way in rules.items():
                if way not in ('keep', 'drop'): self.column[path] = len(self.column)
            self.cells = [[] for _ in self.column]
            self.unlisted = {'keep': 'copy', 'drop': 'gone', 'error': 'stop'}[unlisted]
            self.unexpected = False
            self.record = 0

        def deeper(self, path): return [p for p in self.rules if len(p) > len(path) and p[:len(path)] == path]

        def leaves(self, path, way): return way in EMITS or any(self.rules[p] in EMITS for p in self.deeper(path))

        # The value that is left, or None. `owner` is the path of the rule that holds.
        def walk(self, v, path, way, owner):
            if path in self.rules: way, owner = self.rules[path], path
            below = self.deeper(path)
            if v[0] == 'object' and any(p[len(path)] is not E for p in below):
                kept = []
                for name, key, x in v[1]:
                    left = self.walk(x, path + (name,), way, owner)
                    if left is not None: kept.append((name, key, left))
                return ('object', kept) if self.leaves(path, way) else None
            if v[0] == 'array' and any(p[len(path)] is E for p in below):
                kept = [x for x in (self.walk(x, path + (E,), way, owner) for x in v[1]) if x is not None]
                return ('array', kept) if self.leaves(path, way) else None
            if below and path not in self.rules and (v == ('scalar', 'null') or v[1] == []):
                return v if self.leaves(path, way) else None
            if below and v[0] != 'scalar' and v[1] and way in ('keep', 'look', 'copy'):
                # The other shape might hold what the rules below withhold.
                if owner in self.column or any(self.rules[p] != 'keep' for p in below): way, owner = 'stop', None
            if way == 'stop': self.unexpected = True
            if owner in self.column:
                if v[0] != 'scalar': cell = ['composite', tight(v)]
                elif v[1] == 'null': cell = ['null', '']
                elif v[1][0] == '"': cell = ['string', json.loads(v[1])]
                else: cell = ['literal', v[1]]
                self.cells[self.column[owner]].append([self.record] + cell)
                if way == 'write': return v if v == ('scalar', 'null') else ('scalar', '"R"')
            return v if way in ('keep', 'look', 'copy') else None

    def shown(path):
        out = ''
        for step in path:
            if step is E: out += '[]'
            else: out += ('.' if out else '') + ("''" if step == '' else step)
        return out

    cases = []
    for _ in range(count):
        rules = {}
        for _ in range(R.choice([0, 1, 2, 3, 5, 8, 14])):
            path = (R.choice(NAMES),) + tuple(R.choice(NAMES[:4] + [E, E]) for _ in range(R.choice([0, 0, 1, 2, 3])))
            rules[path] = R.choice(['keep', 'look', 'drop', 'peek', 'write'])
        unlisted = R.choice(['keep', 'drop', 'error'])
        run = Run(rules, unlisted)
        loose = R.random() < 0.4
        ws = (lambda: R.choice(['', '', ' ', '\t ', '\r'])) if loose else (lambda: '')
        lines, expected = [], []
        for _ in range(R.choice([1, 3])):
            n = R.choice([0, 1, 3, 8])
            v = ('object', [(n, string(n), value(1)) for n in (R.choice(NAMES) for _ in range(n))])
            lines.append(text(v, ws))
            kept = []
            for name, key, x in v[1]:
                left = run.walk(x, (name,), run.unlisted, None)
                if left is not None: kept.append((name, key, left))
            expected.append(tight(('object', kept)))
            run.record += 1
        cases.append({'rules': [[shown(p), w] for p, w in rules.items()], 'unlisted': unlisted, 'lines': lines,
                      'expected': expected, 'cells': run.cells, 'unexpected': run.unexpected, 'loose': loose})
    json.dump(cases, sys.stdout)
    """#

  private func tight(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { !" \t\r\n".unicodeScalars.contains($0) }))
  }

  @Test("Same records, cells and unexpected fields", arguments: [1, 2, 3])
  func agrees(_ seed: Int) throws {
    let count = Sweep.count(2000, sample: 700)
    let made = try Python.run(Self.oracle, input: Array("\(seed) \(count)".utf8))
    let cases = try #require(try JSONSerialization.jsonObject(with: Data(made)) as? [[String: Any]])
    #expect(cases.count == count)
    for entry in cases {
      let rules = try #require(entry["rules"] as? [[String]]).map { ($0[0], Way(rawValue: $0[1])!) }
      let unlisted = try #require((entry["unlisted"] as? String).flatMap(Unlisted.init(rawValue:)))
      let lines = try #require(entry["lines"] as? [String])
      let expected = try #require(entry["expected"] as? [String])
      let rows = try #require(entry["cells"] as? [[[Any]]])
      let cells = rows.map { $0.map { "\($0[0]):\($0[1]):\($0[2])" } }
      let isLoose = try #require(entry["loose"] as? Bool)
      var rig = try JSONRig(rules, unlisted)
      for form in [JSONRecordDecoder.Form.lines, .array] {
        rig.form = form
        rig.output = .lines
        let outcome = rig.run(form == .lines ? lines.joined(separator: "\n") : "[\(lines.joined(separator: ","))]")
        // Spelled out only where something differs: a description of everything takes longer than the rest of the test.
        var note: Comment { Comment(rawValue: "\(rules) \(unlisted) \(lines) gave \(outcome)") }
        #expect(outcome.failures.isEmpty && outcome.error == nil, note)
        let got = outcome.output.split(separator: "\n").map { isLoose ? tight(String($0)) : String($0) }
        #expect(got == expected.map { isLoose ? tight($0) : $0 }, note)
        let seen = outcome.cells.map { $0.map { isLoose ? tight($0.description) : $0.description } }
        #expect(seen == cells.map { $0.map { isLoose ? tight($0) : $0 } }, note)
        #expect((outcome.unexpected != nil) == (entry["unexpected"] as? Bool), note)
      }
    }
  }
}
