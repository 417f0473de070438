import ArgumentParser
import VeilEngine
import VeilGround

struct Erase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Writes published exports anew without the people of a list.",
    discussion: """
      Finds the people as 'veil find' does. All exports that contain somebody are replaced together, each with a manifest \
      that names the one it replaces, or none is. Where an export promises k-anonymity, records whose classes fall below \
      k without those people leave too. What cannot be judged (no key, another pipeline, a changed file, a link, another \
      name of the file, anything that no manifest names) ends the command with status 1 and nothing changed; with \
      --partial the others are done, and the status is 1 all the same. The audit log gets counts, no names. Copies that recipients have are for them to \
      replace. If it is killed, the next command that comes by the folder ends what it began.

      EXAMPLES
        veil erase --list gone.csv --column email out --pipeline customers.yaml
        veil erase --list gone.txt out --pipeline customers.yaml --dry-run
      """)

  @Argument(help: "The folder of the exports and their manifests.", completion: .directory)
  var folder: String

  @Option(help: "The people, as the input names them: one a line, or a column of a CSV, TSV, NDJSON or JSON file.")
  var list: String

  @Option(help: "The column of the list; by default that of records.erasure, or a line is a person.")
  var column: String?

  @Option(help: "A pipeline that made exports there; may be given several times.", completion: .file())
  var pipeline: [String]

  @Option(help: "The input's field that names the person; by default that of records.erasure, or source.subject.")
  var field: String?

  @Option(help: "A private key (PEM) that opens encrypted exports.", completion: .file())
  var privateKey: String?

  @Flag(help: "Does what can be done where some exports cannot be judged.")
  var partial = false

  @Flag(help: "Says what would be done, and changes nothing.")
  var dryRun = false

  @Option(help: "Why; it stands in the audit log.")
  var reason: String?

  @Option(help: "The audit log; by default the pipeline's, or veil.audit.jsonl in the folder.", completion: .file())
  var audit: String?

  func run() throws {
    let pipelines = try pipeline.map { try PipelineFile.load($0) }
    do throws(RunError) {
      let column = column ?? (Self.hasColumns(list) ? pipelines.lazy.compactMap(\.erasureColumn).first : nil)
      if column == nil, Self.hasColumns(list) {
        throw RunError.wrongUse("\(list) has columns: say which of them names the people, with --column")
      }
      let people = try PeopleFile.read(list, column: column)
      var options = ExportErasure.Options(
        folder: folder, pipelines: pipelines, people: people,
        audit: AccountPaths.audit(audit, pipelines: pipelines, folder: folder),
        toolVersion: Version.text)
      options.field = field ?? (self.column == nil ? pipelines.lazy.compactMap(\.erasureField).first : nil)
      (options.privateKey, options.reason) = (privateKey, reason)
      (options.isPartial, options.isDryRun) = (partial, dryRun)
      let erasure = try ExportErasure(options)
      Terminal.answer(erasure.text)
      if erasure.problemCount > 0 {
        throw RunError.check("what is called NOT DONE may still hold people of the list")
      }
    } catch {
      throw Failure(error)
    }
  }

  private static func hasColumns(_ path: String) -> Bool {
    [".csv", ".tsv", ".ndjson", ".jsonl", ".json", ".gz", ".zst"].contains { path.lowercased().hasSuffix($0) }
  }
}
