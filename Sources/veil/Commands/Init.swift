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
      """)

  @OptionGroup var data: DataArguments

  func run() throws {
    do throws(RunError) {
      let profile = try DataProfile.profile(data.options)
      Terminal.answer(try profile.starter(data.options))
    } catch {
      throw Failure(error)
    }
  }
}
