import ArgumentParser
import VeilEngine
import VeilGround

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Says what is in some data: fields, types, identifiers, and how well it tells people apart.",
    discussion: """
      No value of the data is shown: only counts, lengths, shapes that many values share, and what they look like. The
      data is read twice; standard input waits in an encrypted temporary file.

      EXAMPLES
        veil profile customers.csv
        veil profile events.ndjson.gz --json
      """)

  @OptionGroup var data: DataArguments

  @Flag(help: "Answers with JSON.")
  var json = false

  func run() throws {
    do throws(RunError) {
      let profile = try DataProfile.profile(data.options)
      Terminal.answer(json ? profile.json : profile.text)
    } catch {
      throw Failure(error)
    }
  }
}
