import ArgumentParser
import VeilEngine
import VeilGround

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Measures k and other models, and looks for leaks, in a published file, from that file alone.",
    discussion: """
      Nothing is taken from the run that made the file: its records are read and its classes counted anew, all of
      them in memory. The status is 1 when the file does not keep what the pipeline promises. With --previous it also
      counts the people whom this release and the one before would single out together. With --original and --control it
      attacks the file as 'veil risk --attack' does, and says the three risks (singling out, linkability, inference) beside the label.

      EXAMPLES
        veil verify out/today.csv --pipeline p.yaml --plan out/today.plan --previous out/yesterday.plan
        veil verify out/research.csv --pipeline pipelines/research-release.yaml
        veil verify out/visits.csv --pipeline visits.yaml --original visits.csv --control held-out.csv
      """)

  @Argument(help: "The published file.", completion: .file())
  var file: String

  @Option(help: "The pipeline that made it.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Option(
    help: "The release before: its plan, or its published file where both files hold the subject.",
    completion: .file())
  var previous: String?

  @Option(help: "The plan that made the file, where --previous is a plan.", completion: .file())
  var plan: String?

  @Option(help: "For whom the file was made, where the pipeline has several sinks; by default the sink of that path.")
  var recipient: String?

  @Option(help: "The data that the file was made from: then the three risks are measured, too.", completion: .file())
  var original: String?

  @Option(
    help: "Records of the same form whose people are not in the file; by default the pipeline's anonymity.control.",
    completion: .file())
  var control: String?

  func validate() throws {
    if control != nil && original == nil { throw ValidationError("--control goes with --original FILE") }
    if plan != nil && previous == nil { throw ValidationError("--plan goes with --previous") }
  }

  func run() throws {
    let compiled = try PipelineFile.load(pipeline)
    do throws(RunError) {
      let finding = try Verification.run(
        file, compiled, recipient: recipient, previous: previous, plan: plan, original: original, control: control)
      Terminal.answer(finding.text)
      if !finding.holds { throw RunError.check("the file does not keep what \(pipeline) promises") }
    } catch {
      throw Failure(error)
    }
  }
}
