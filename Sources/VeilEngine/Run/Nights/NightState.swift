import Glibc
import VeilConfig
import VeilCrypto

/// Which inputs were published by earlier runs, so that a night handles what is new.
///
/// It is a text file beside the pipeline, a line a fact, written as a whole with every publication. What is about to be
/// published is noted before (`pending`): a run that is killed between publishing and writing its state is recognized by the
/// next one, from the exports themselves. So nothing is lost, and nothing is published twice under two names.
struct NightState {
  /// One input, as it was when it was published.
  struct Input: Equatable {
    var run: String
    var byteCount: Int
    var sha256: String
    /// Times that change with the file; empty where they cannot be relied on.
    var stamp: String
  }

  /// A publication that was begun. Whether it came to its end, the files say.
  struct Pending {
    var run: String
    var date: String
    var inputs: [(path: String, input: Input)] = []
    var outputs: [(path: String, sha256: String)] = []
    var manifests: [String] = []
  }

  let path: String
  /// By path, from the pipeline's folder where it lies in there.
  private(set) var inputs: [String: Input] = [:]
  /// The run that published each export.
  private(set) var outputs: [String: String] = [:]
  var pending: Pending?

  init(path: String) { self.path = path }

  mutating func record(_ pending: Pending) {
    for (path, input) in pending.inputs { inputs[path] = input }
    for output in pending.outputs { outputs[output.path] = pending.run }
    self.pending = nil
  }

  /// Other inputs with the very same bytes.
  func twins(of sha256: String, path: String) -> [String] {
    inputs.filter { $0.value.sha256 == sha256 && $0.key != path }.map(\.key).sorted()
  }

  // MARK: Reading and writing

  private static let head = "veil-state\t1"
  private static let limit = 1 << 30

  /// Reads the state at `path`; an empty one where there is none yet.
  static func read(_ path: String) throws(RunError) -> NightState {
    var state = NightState(path: path)
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try SmallFile.bytes(path, limit: limit)
    } catch {
      if error.isMissing { return state }
      throw RunError(.inputOutput, "cannot read the state \(path): \(error)")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    // The last line counts the others: half a state would have everything published again.
    guard lines.count >= 3, lines[0] == head, lines.last == "", lines[lines.count - 2] == "end\t\(lines.count - 2)"
    else { throw damaged(path, line: lines.count) }
    for (index, line) in lines[1..<(lines.count - 2)].enumerated() {
      guard state.take(line.split(separator: "\t", omittingEmptySubsequences: false).map(plain)) else {
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
    case ("in", 6), ("pending-in", 6):
      guard let count = Int(words[2]) else { return false }
      let input = Input(run: words[1], byteCount: count, sha256: words[3], stamp: words[4])
      if words[0] == "in" { inputs[words[5]] = input } else { pending?.inputs.append((words[5], input)) }
    case ("out", 3): outputs[words[2]] = words[1]
    case ("pending", 3): pending = Pending(run: words[1], date: words[2])
    case ("pending-out", 3): pending?.outputs.append((words[2], words[1]))
    case ("pending-manifest", 2): pending?.manifests.append(words[1])
    default: return false
    }
    return true
  }

  var document: String {
    var lines = [Self.head]
    func add(_ words: String...) { lines.append(words.map(Self.escaped).joined(separator: "\t")) }
    for (path, input) in inputs.sorted(by: { $0.key < $1.key }) {
      add("in", input.run, "\(input.byteCount)", input.sha256, input.stamp, path)
    }
    for (path, run) in outputs.sorted(by: { $0.key < $1.key }) { add("out", run, path) }
    if let pending {
      add("pending", pending.run, pending.date)
      for (path, input) in pending.inputs {
        add("pending-in", input.run, "\(input.byteCount)", input.sha256, input.stamp, path)
      }
      for output in pending.outputs { add("pending-out", output.sha256, output.path) }
      for manifest in pending.manifests { add("pending-manifest", manifest) }
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
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  private static func plain(_ word: Substring) -> String {
    guard word.utf8.contains(UInt8(ascii: "\\")) else { return String(word) }
    var out = String.UnicodeScalarView()
    var isEscape = false
    for scalar in word.unicodeScalars {
      if isEscape {
        out.append(scalar == "t" ? "\t" : scalar == "n" ? "\n" : scalar)
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
