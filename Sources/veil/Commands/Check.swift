import ArgumentParser
import VeilEngine

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

  func run() throws {
    let compiled = try PipelineFile.load(pipeline, showsNotes: true)
    if let input {
      do throws(RunError) {
        try InputCheck.run(compiled, input: input)
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
