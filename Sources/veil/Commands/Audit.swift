import ArgumentParser
import VeilEngine
import VeilGround

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Looks after the audit log.",
    discussion: """
      EXAMPLES
        veil audit verify audit.jsonl
        veil audit verify audit.jsonl --head 5d41402a…
      """,
    subcommands: [Verify.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Finds out whether any line of an audit log was changed, removed, put in or moved.",
      discussion: """
        Answers with the number of lines and the head, the SHA-256 of the last line. The log cannot tell by itself \
        whether lines were cut off at its end: keep the head elsewhere, and give it with --head next time. The status is \
        1 where something does not fit.
        """)

    @Argument(help: "The audit log.", completion: .file())
    var log: String

    @Option(help: "A head that was printed before: 64 hexadecimal digits.")
    var head: String?

    func validate() throws {
      if let head, head.utf8.count != 64 || !head.allSatisfy(\.isHexDigit) {
        throw ValidationError("--head takes the 64 hexadecimal digits that 'veil audit verify' printed")
      }
    }

    func run() throws {
      do throws(RunError) {
        let check = try AuditCheck(path: log, head: head)
        Terminal.answer(check.text)
        if !check.isWhole { throw RunError.check("\(log) is not as it was written") }
      } catch {
        throw Failure(error)
      }
    }
  }
}
