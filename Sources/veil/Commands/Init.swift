import ArgumentParser
import VeilEngine
import VeilGround

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Profiles some data and prints a first pipeline for it.",
    discussion: """
      What names a person is dropped or becomes a token; what others may know together is generalized; what is not
      understood is dropped. Read it before you use it. No value of the data is in it.

      EXAMPLE
        veil init customers.csv > customers.yaml
        veil init exports/customers.csv --output pipelines/customers.yaml
      """)

  @OptionGroup var data: DataArguments

  @Option(
    help: "Writes the pipeline to this new file, with paths relative to its folder.", completion: .file())
  var output: String?

  func run() throws {
    do throws(RunError) {
      let text = try DataProfile.starter(data.options, target: output)
      guard let output else { return Terminal.answer(text) }
      try NewFile.write(text, to: output)
    } catch {
      throw Failure(error)
    }
  }
}
