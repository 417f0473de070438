import ArgumentParser
import Glibc
import VeilEngine
import VeilGround

struct Reveal: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reveal",
    abstract: "Turns tokens of 'encrypt' back into values, for a reason that is written down.",
    discussion: """
      Reads tokens from standard input, one a line, or from a column of a CSV file, and answers with CSV: token,value. \
      If one of them was changed, or made under another key, recipient, table or field, nothing is shown, and the \
      message says which it was. Each use appends a line to an audit log (mode 0600) before anything is shown.

      EXAMPLES
        echo s1_… | veil reveal pipelines/customers.yaml --field account --reason "access request 4711"
        veil reveal pipelines/customers.yaml --field account --input out/customers.csv --reason "audit 2026"
      """)

  @Argument(help: "The pipeline that made the tokens.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "The field whose tokens these are.")
  var field: String

  @Option(help: "Why they are turned back; it stands in the audit log.")
  var reason: String

  @Option(help: "Reads tokens from this CSV file in place of standard input.", completion: .file())
  var input: String?

  @Option(help: "The column of the file that holds them; by default the field's name.")
  var column: String?

  @Option(help: "For whom the tokens were made, where the pipeline has several recipients.")
  var recipient: String?

  @Option(help: "The audit log; by default PIPELINE.audit.jsonl.", completion: .file())
  var audit: String?

  func validate() throws {
    if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why") }
    if column != nil && input == nil { throw ValidationError("--column goes with --input") }
  }

  func run() throws {
    let compiled = try PipelineFile.load(pipeline)
    do throws(RunError) {
      let reader = try TokenReader(compiled, field: field, recipient: recipient)
      let tokens = try self.tokens()
      let log = AuditLog(path: audit ?? pipeline + ".audit.jsonl")
      var entry = AuditLog.Entry(
        reason: reason, pipeline: compiled, field: field, recipient: reader.recipient,
        source: input ?? "standard input",
        tokens: tokens.map(\.token), keys: reader.keys, result: "revealed", toolVersion: Version.text)
      var answer = Array("token,value\n".utf8)
      for (place, token) in tokens {
        do throws(TokenProblem) {
          answer += token + [UInt8(ascii: ",")] + Self.quoted(try reader.value(of: token)) + [0x0A]
        } catch {
          entry.result = "refused at \(place)"
          try log.append(entry)
          throw RunError.check("\(input ?? "standard input"): the token at \(place): \(error); nothing was revealed")
        }
      }
      try log.append(entry)
      Terminal.answer(bytes: answer)
    } catch {
      throw Failure(error)
    }
  }

  private func tokens() throws(RunError) -> [(place: String, token: [UInt8])] {
    if let input {
      return try TokenColumn.read(input, column: column ?? field).map { ("record \($0.record)", $0.token) }
    }
    var tokens: [(place: String, token: [UInt8])] = []
    var number = 0
    while let line = readLine() {
      number += 1
      let token = Array(line.utf8)
      if token.isEmpty { continue }
      tokens.append(("line \(number)", token))
    }
    return tokens
  }

  /// Returns a CSV field, in quotes if it needs them.
  private static func quoted(_ value: [UInt8]) -> [UInt8] {
    let needsQuotes = value.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    if !needsQuotes { return value }
    return [0x22] + value.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
  }
}
