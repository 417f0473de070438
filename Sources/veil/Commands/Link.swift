import ArgumentParser
import VeilEngine
import VeilGround

struct Link: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Tries to join two published files, and says how many people it found in both.",
    discussion: """
      Compares every pair of fields, combinations of fields that both files have, and the places of records: whether \
      rows join by their number, or because they stand in the same order. Values are never shown. The status is 1 when \
      tokens join, which those of two recipients never should, and when the order joins records.

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
      if report.linksByOrder {
        throw RunError.check(
          "the order of records joins: whoever has both files can put people together by it")
      }
    } catch {
      throw Failure(error)
    }
  }
}
