import ArgumentParser
import VeilEngine

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Prints a record of processing activities (GDPR, article 30) for pipelines.",
    discussion: """
      Takes pipeline files, and folders whose .yaml and .yml files are all pipelines but for key rings and such. Reads no
      data and no keys. A pipeline that is invalid ends the command: a record with a gap is no record.

      EXAMPLES
        veil record pipelines > record.md
        veil record pipelines/customers.yaml pipelines/events.yaml --json
      """)

  @Argument(help: "Pipeline files, or folders of them.", completion: .file())
  var paths: [String]

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    let files = try paths.flatMap { try PipelineFolder.files(at: $0) }
    var seen: Set<String> = []
    let pipelines = try files.filter { seen.insert($0).inserted }.map { try PipelineFile.load($0) }
    if pipelines.isEmpty { throw Failure(2, "veil: no pipeline in \(paths.joined(separator: ", "))") }
    let record = ProcessingRecord(pipelines)
    Terminal.answer(json ? record.json : record.markdown)
  }
}
