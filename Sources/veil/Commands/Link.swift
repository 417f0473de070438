import ArgumentParser
import VeilEngine
import VeilGround

struct Link: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Tries to join two published files, and says how many people it found in both.",
    discussion: """
      Compares every pair of fields, and combinations of fields that both files have. Values are never shown. The status \
      is 1 when tokens join, which those of two recipients never should.

      EXAMPLES
        veil link out/lab.csv out/bank.ndjson.gz
        veil link out/lab.csv out/bank.csv --on birth_date,postcode
      """)

  @Argument(help: "A published file (CSV, TSV, NDJSON or JSON; .gz and .zst too).", completion: .file())
  var a: String

  @Argument(help: "Another.", completion: .file())
  var b: String

  @Option(help: "Tries this combination of fields alone: names with commas between them.")
  var on: String?

  @Flag(help: "Answers with JSON.")
  var json = false

  func run() throws {
    let fields = on.map { $0.split(separator: ",").map(String.init) }
    if fields?.isEmpty == true { throw ValidationError("--on takes at least one field") }
    do throws(RunError) {
      let report = try LinkReport(a, b, on: fields)
      Terminal.answer(json ? report.json : report.text)
      if report.linksByTokens { throw RunError.check("tokens join: whoever has both files can put people together") }
    } catch {
      throw Failure(error)
    }
  }
}
