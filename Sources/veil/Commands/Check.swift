import ArgumentParser
import VeilEngine
import VeilGround

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says whether a pipeline is valid, and fits an input's fields; all mistakes at once.",
    discussion: """
      EXAMPLES
        veil check pipelines/customers.yaml
        veil check pipelines/customers.yaml --input customers.csv
      """)

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(help: "Also checks that the fields of this input are those that the pipeline names.", completion: .file())
  var input: String?

  @Option(help: "The day on which recipients must still be allowed to get data, YYYY-MM-DD; by default today (UTC).")
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
    if let input {
      do throws(RunError) {
        // The number of people matters for tokens, so it is counted only if the pipeline makes tokens.
        let people = try InputCheck.run(compiled, input: input, counts: compiled.makesTokens && input != "-")
        for line in people?.advice(compiled) ?? [] { Terminal.complain("\(pipeline): \(line)") }
      } catch {
        throw Failure(error)
      }
    }
    do throws(RunError) {
      for line in try HierarchyAdvice.lines(compiled, input: input) { Terminal.complain("\(pipeline): note: \(line)") }
    } catch {
      throw Failure(error)
    }
    Terminal.answer("\(pipeline): valid\(input.map { ", and fits \($0)" } ?? "")\n")
  }
}
