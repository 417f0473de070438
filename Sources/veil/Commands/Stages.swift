import ArgumentParser
import VeilEngine

struct Stages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages",
    abstract: "Lists the stages, or explains one with its options and an example.",
    discussion: """
      EXAMPLES
        veil stages
        veil stages pseudonym
      """)

  @Argument(help: "A stage to explain.")
  var name: String?

  @Flag(help: "The whole catalogue as Markdown.")
  var markdown = false

  func run() throws {
    if markdown { return Terminal.answer(StageReference.markdown) }
    guard let name else { return Terminal.answer(StageReference.list) }
    guard let text = StageReference.explanation(of: name) else {
      let near = StageReference.nearest(name).map { "\n  help: did you mean '\($0)'?" } ?? ""
      throw Failure(2, "veil: there is no stage '\(name)'\(near)")
    }
    Terminal.answer(text)
  }
}
