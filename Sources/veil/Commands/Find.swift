import ArgumentParser
import VeilEngine
import VeilGround

struct Find: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find",
    abstract: "Says which published exports contain a person, and what is in them.",
    discussion: """
      Looks at all manifests in the folder and the folders in it, computes for each export what its pipeline calls the \
      person there, and searches the file: packed ones, and with --private-key encrypted ones. What cannot be searched \
      is named, never counted as not containing the person, and the status is then 1: that is every file that no \
      manifest names, but for those that Veil writes about its runs, and every link. Each use appends a line to the \
      audit log, which does not say who was looked for.

      An argument can be seen by other users of the machine while the command runs: better give the person on standard \
      input, with --subject -.

      EXAMPLES
        veil find --subject - out --pipeline customers.yaml < request.txt
        veil find --subject 4711 out --pipeline customers.yaml --pipeline events.yaml --show
      """)

  @Argument(help: "The folder of the exports and their manifests.", completion: .directory)
  var folder: String

  @Option(help: "The person, as the input names them; '-' reads one line from standard input.")
  var subject: String

  @Option(help: "A pipeline that made exports there; may be given several times.", completion: .file())
  var pipeline: [String]

  @Option(help: "The input's field that names the person; by default each pipeline's source.subject.")
  var field: String?

  @Option(help: "A private key (PEM) that opens encrypted exports.", completion: .file())
  var privateKey: String?

  @Flag(help: "Also shows what the exports hold of the person.")
  var show = false

  @Option(help: "Why; it stands in the audit log.")
  var reason: String?

  @Option(help: "The audit log; by default the pipeline's, or veil.audit.jsonl in the folder.", completion: .file())
  var audit: String?

  func run() throws {
    let person = subject == "-" ? readLine() ?? "" : subject
    if person.isEmpty { throw Failure(2, "veil: --subject must name somebody") }
    let pipelines = try pipeline.map { try PipelineFile.load($0) }
    do throws(RunError) {
      var options = SubjectSearch.Options(
        folder: folder, pipelines: pipelines, audit: AccountPaths.audit(audit, pipelines: pipelines, folder: folder),
        toolVersion: Version.text)
      (options.field, options.privateKey, options.showsValues, options.reason) = (field, privateKey, show, reason)
      let search = try SubjectSearch(Array(person.utf8), options)
      Terminal.answer(search.text)
      if !search.isComplete { throw RunError.check("not every export could be searched") }
    } catch {
      throw Failure(error)
    }
  }
}

/// The paths at which commands that work on a folder of exports record what they did.
enum AccountPaths {
  static func audit(_ given: String?, pipelines: [CompiledPipeline], folder: String) -> String {
    given ?? pipelines.lazy.compactMap(\.auditPath).first ?? folder + "/veil.audit.jsonl"
  }
}
