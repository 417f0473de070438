import ArgumentParser
import VeilEngine

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says in plain words what a pipeline does to each field, for whom and why.",
    discussion: """
      Reads the pipeline alone, no data and no keys.

      EXAMPLES
        veil explain pipelines/customers.yaml
        veil explain pipelines/customers.yaml --markdown > customers.md
        veil explain pipelines/customers.yaml --json
      """)

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Flag(help: "As Markdown.")
  var markdown = false

  @Flag(help: "As JSON.")
  var json = false

  func validate() throws {
    if markdown && json { throw ValidationError("--markdown and --json exclude each other") }
  }

  func run() throws {
    let explanation = Explanation(try PipelineFile.load(pipeline))
    Terminal.answer(json ? explanation.json : markdown ? explanation.markdown : explanation.text)
  }
}
