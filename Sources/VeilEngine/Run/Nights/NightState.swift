import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// The inputs that earlier runs published, so that a run handles only what is new.
///
/// It is a text file beside the pipeline with one fact on each line, and every publication writes it anew as a whole.
/// What is about to be published is recorded before (`pending`). If a run is killed after it published and before it
/// wrote its state, the next run recognizes that from the exports themselves. So nothing is lost, and nothing is
/// published twice under two names.
struct NightState {
  /// One input, in the state in which it was published.
  struct Input: Equatable {
    var run: String
    var byteCount: Int
    var sha256: String
    /// The times of the file, which change with it; empty if they are not reliable.
    var stamp: String
  }

  /// A publication that was begun. The files show whether it was completed.
  struct Pending {
    var run: String
    var date: String
    var inputs: [(path: PathKey, reader: String, input: Input)] = []
    var outputs: [(path: PathKey, sha256: String)] = []
    /// The files that go with the exports: crosswalks, plan, lineage event, quarantine.
    var companions: [(path: PathKey, sha256: String)] = []
    var manifests: [PathKey] = []
  }

  let path: String
  /// The published inputs by path (relative to the pipeline's folder if they are inside it), and by the recipient of
  /// the export.
  private(set) var inputs: [PathKey: [String: Input]] = [:]
  /// The run that published each export.
  private(set) var outputs: [PathKey: String] = [:]
  var pending: Pending?

  init(path: String) { self.path = path }

  /// The recipient in states of older versions, which did not tell recipients apart: everybody.
  private static let everybody = "*"

  /// Returns the input as it was when it was published for a recipient; nil if it was not.
  func published(_ path: PathKey, for reader: String) -> Input? {
    inputs[path].flatMap { $0[reader] ?? $0[Self.everybody] }
  }

  mutating func record(_ pending: Pending) {
    for (path, reader, input) in pending.inputs { inputs[path, default: [:]][reader] = input }
    for output in pending.outputs { outputs[output.path] = pending.run }
    self.pending = nil
  }

  /// Returns other inputs with exactly the same bytes.
  func twins(of sha256: String, path: PathKey) -> [PathKey] {
    inputs.filter { $0.key != path && $0.value.values.contains { $0.sha256 == sha256 } }.map(\.key).sorted()
  }

  // MARK: Reading and writing

  private static let head = "veil-state\t1"
  private static let limit = 1 << 30

  /// Reads the state at `path`; an empty one if there is none yet.
  static func read(_ path: String) throws(RunError) -> NightState {
    var state = NightState(path: path)
    try GuardedFile.require(path, "the state")
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try SmallFile.bytes(path, limit: limit)
    } catch {
      if error.isMissing { return state }
      throw RunError(.inputOutput, "cannot read the state \(path): \(error)")
    }
    // The lines are split as bytes: in a string, a tab or line feed and a following accent can be one character.
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // The last line has the number of the others: an incomplete state would publish everything again.
    guard lines.count >= 3, lines[0].elementsEqual(head.utf8), lines.last?.isEmpty == true,
      lines[lines.count - 2].elementsEqual("end\t\(lines.count - 2)".utf8)
    else { throw damaged(path, line: lines.count) }
    for (index, line) in lines[1..<(lines.count - 2)].enumerated() {
      let words = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      guard state.take(words.map { unescaped(String(decoding: $0, as: UTF8.self)) }) else {
        throw damaged(path, line: index + 2)
      }
    }
    return state
  }

  private static func damaged(_ path: String, line: Int) -> RunError {
    RunError(
      .inputOutput,
      "\(path), line \(line): this is no state of Veil, or a damaged one. Restore it; without it all inputs would be "
        + "published again")
  }

  private mutating func take(_ words: [String]) -> Bool {
    switch (words.first, words.count) {
    case ("in", 6...7), ("pending-in", 6...7):
      guard let count = Int(words[2]) else { return false }
      let input = Input(run: words[1], byteCount: count, sha256: words[3], stamp: words[4])
      let (path, reader) = (PathKey(words[5]), words.count == 7 ? words[6] : Self.everybody)
      if words[0] == "in" {
        inputs[path, default: [:]][reader] = input
      } else {
        pending?.inputs.append((path, reader, input))
      }
    case ("out", 3): outputs[PathKey(words[2])] = words[1]
    case ("pending", 3): pending = Pending(run: words[1], date: words[2])
    case ("pending-out", 3): pending?.outputs.append((PathKey(words[2]), words[1]))
    case ("pending-with", 3): pending?.companions.append((PathKey(words[2]), words[1]))
    case ("pending-manifest", 2): pending?.manifests.append(PathKey(words[1]))
    default: return false
    }
    return true
  }

  var document: String {
    var lines = [Self.head]
    func add(_ words: String...) { lines.append(words.map(Self.escaped).joined(separator: "\t")) }
    func add(_ word: String, _ path: PathKey, reader: String, input: Input) {
      add(word, input.run, "\(input.byteCount)", input.sha256, input.stamp, path.text, reader)
    }
    for (path, readers) in inputs.sorted(by: { $0.key < $1.key }) {
      for (reader, input) in readers.sorted(by: { $0.key < $1.key }) { add("in", path, reader: reader, input: input) }
    }
    for (path, run) in outputs.sorted(by: { $0.key < $1.key }) { add("out", run, path.text) }
    if let pending {
      add("pending", pending.run, pending.date)
      for (path, reader, input) in pending.inputs { add("pending-in", path, reader: reader, input: input) }
      for output in pending.outputs { add("pending-out", output.sha256, output.path.text) }
      for companion in pending.companions { add("pending-with", companion.sha256, companion.path.text) }
      for manifest in pending.manifests { add("pending-manifest", manifest.text) }
    }
    lines.append("end\t\(lines.count)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ word: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in word.unicodeScalars {
      switch scalar {
      case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
      case "\t": out.append(contentsOf: "\\t".unicodeScalars)
      case "\n": out.append(contentsOf: "\\n".unicodeScalars)
      case "\r": out.append(contentsOf: "\\r".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  private static func unescaped(_ word: String) -> String {
    guard word.utf8.contains(UInt8(ascii: "\\")) else { return word }
    var out = String.UnicodeScalarView()
    var isEscape = false
    for scalar in word.unicodeScalars {
      if isEscape {
        out.append(scalar == "t" ? "\t" : scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
        isEscape = false
      } else if scalar == "\\" {
        isEscape = true
      } else {
        out.append(scalar)
      }
    }
    return String(out)
  }
}
