import ArgumentParser
import VeilEngine
import VeilGround

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a pipeline is valid, and whether a run of an input would publish; all mistakes at once.",
    discussion: """
      With --input the input goes the whole way of a run, and nothing is published: fields, values, hierarchies, limits, models and
      checks are judged by the run's own code. What would end a run is told all at once, by field and record number, with the
      status that a run would have. It needs no place for the export, takes no lock, and does without keys that cannot be read.

      EXAMPLES
        veil check pipelines/customers.yaml
        veil check pipelines/customers.yaml --input customers.csv
      """)

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "Also tries whether a run of this input would publish; '-' is standard input.", completion: .file())
  var input: String?

  @Option(help: "The day of the run, for recipients and retention, YYYY-MM-DD; by default today (UTC).")
  var asOf: String?

  func validate() throws {
    if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
  }

  func run() throws {
    let compiled = try PipelineFile.load(pipeline, showsNotes: true)
    do throws(RunError) {
      try Authorization.require(compiled, on: asOf.flatMap { CalendarDate($0) } ?? .today())
    } catch {
      throw Failure(error)
    }
    var tried: InputCheck?
    if let input {
      do throws(RunError) {
        let found = try InputCheck.run(compiled, input: input, asOf: asOf.flatMap { CalendarDate($0) })
        for line in found.warnings { Terminal.complain("\(pipeline): \(line)") }
        for line in found.people?.advice(compiled) ?? [] { Terminal.complain("\(pipeline): \(line)") }
        tried = found
      } catch {
        throw Failure(error)
      }
    }
    do throws(RunError) {
      for line in try HierarchyAdvice.lines(compiled, input: input == "-" ? nil : input) {
        Terminal.complain("\(pipeline): note: \(line)")
      }
    } catch {
      throw Failure(error)
    }
    Terminal.answer("\(pipeline): valid\(input.map { ", and fits \($0 == "-" ? "standard input" : $0)" } ?? "")\n")
    if let tried { Terminal.answer(tried.summary + "\n") }
  }
}
