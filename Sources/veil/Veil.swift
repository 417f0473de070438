import ArgumentParser
import VeilCrypto
import VeilEngine
import VeilGround

/// The command line, one file for each command. Each command states its name, because deriving it from the type would
/// cost milliseconds at every start.
@main
struct Veil: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "veil",
    abstract: "Turns an export full of people into files that may be shared.",
    discussion: """
      One pipeline file says what leaves, for whom and why. Nothing leaves that
      it does not name, and an export is published whole or not at all.

      EXAMPLES
        veil check pipelines/customers.yaml
        veil run pipelines/customers.yaml --manifest out/customers.manifest.json
        veil run pipelines/one-off.yaml < customers.csv > shared.csv
        veil verify out/customers.csv --pipeline pipelines/customers.yaml

      EXIT STATUS
        0         published
        1         a declared check failed, or input files were left out
        2         command line or pipeline invalid
        3         input or output failed
        4         the input's fields do not match the pipeline
        5         another run holds the lock
        129, 130, 143  interrupted
        But for 0, nothing was published; with 'on_file_error: continue' and 1, the
        good files were.
      """,
    version: Version.text,
    subcommands: [
      Run.self, Check.self, Explain.self, Record.self, Verify.self, Init.self, Profile.self, Risk.self, Stages.self,
      Key.self, Reveal.self, Link.self, Anonymize.self, Audit.self, Prune.self, Find.self, Erase.self,
    ])

  static func main() {
    Signals.fillStandardStreams()
    ProcessProtection.apply()
    Signals.install()
    MemoryLimit.watch()
    CryptoFailure.handle { message in
      Terminal.complain("veil: \(message)")
      Interruption.end(status: 3)
    }
    StackLimit.withRoom { perform() }
  }

  private static func perform() {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if let request = RunRequest(simple: arguments) {
        try request.perform()
      } else {
        var command = try parseAsRoot(arguments)
        try command.run()
      }
    } catch let failure as Failure {
      Terminal.complain(failure.message)
      Terminal.exit(failure.status)
    } catch {
      // Help and version are no failures; any other problem with the command line gives the documented status 2.
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess {
        print(text)
        Terminal.exit(0)
      }
      Terminal.complain(text)
      Terminal.exit(2)
    }
  }
}

/// The version of the tool, as manifests give it.
enum Version {
  static let text = "0.1.0"
}
