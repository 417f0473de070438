import ArgumentParser
import VeilEngine
import VeilGround

struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Deletes exports whose time is over, as their manifests say.",
    discussion: """
      Looks at all manifests in the folder and the folders in it. An export is deleted from the day on that its manifest \
      gives as 'expires', if it is still the file that the manifest describes, to the byte; links, changed files, what \
      lies outside of the folder and manifests that cannot be read are refused, and then the status is 1. What no \
      manifest names is left alone. What is deleted is written to the audit log first, and noted in the manifest, which \
      stays. While a run publishes there, it ends with status 5.

      EXAMPLES
        veil prune out --dry-run
        veil prune out --audit audit.jsonl
      """)

  @Argument(help: "The folder of the exports and their manifests.", completion: .directory)
  var folder: String

  @Flag(help: "Says what would be deleted, and deletes nothing.")
  var dryRun = false

  @Option(help: "The day that counts, YYYY-MM-DD; by default today (UTC).")
  var asOf: String?

  @Option(help: "The audit log; by default veil.audit.jsonl in the folder.", completion: .file())
  var audit: String?

  func validate() throws {
    if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
  }

  func run() throws {
    do throws(RunError) {
      var options = Pruning.Options(
        folder: folder, asOf: asOf.flatMap { CalendarDate($0) } ?? .today(),
        audit: audit ?? folder + "/veil.audit.jsonl", toolVersion: Version.text)
      options.isDryRun = dryRun
      let pruning = try Pruning(options)
      Terminal.answer(pruning.text)
      if !pruning.isComplete { throw RunError.check("not everything that has expired could be deleted") }
    } catch {
      throw Failure(error)
    }
  }
}
