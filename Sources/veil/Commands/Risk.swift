import ArgumentParser
import VeilConfig
import VeilEngine
import VeilGround

struct Risk: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "Measures how well some fields of data tell people apart, or attacks a release of that data.",
    discussion: """
      Each record is taken to be about one person, unless --subject names the field that says whose a record is, or
      --pipeline has a source.subject: then people are counted. Without --sample-fraction or --population the data is taken to be the
      whole population, which is the strictest view.

      With --attack RELEASE the data is what the release was made from. Three attacks (singling out, linkability, inference) are
      made on its people, and on those of --control FILE: records of the same form that are not in the release. Only what succeeds
      more often on the first is a risk of the release. --pipeline tells hierarchies, and which fields others know.

      EXAMPLES
        veil risk customers.csv --quasi postcode,birth_date,gender
        veil risk survey.csv --quasi age,city,occupation --population 450000 --json
        veil risk visits.csv --quasi age,city --subject patient_id
        veil risk visits.csv --pipeline visits.yaml
        veil risk --attack out/visits.csv visits.csv --control held-out.csv --pipeline visits.yaml --max-risk 0.1
      """)

  @OptionGroup var data: DataArguments

  @Option(
    help: "The quasi-identifiers: fields that others may know, with commas between them; by default the pipeline's.")
  var quasi: String?

  @Option(help: "The field that says whose a record is, so that people are counted and not records.")
  var subject: String?

  @Option(help: "A pipeline: its source.subject, its quasi-identifiers and the form of its input.", completion: .file())
  var pipeline: String?

  @Option(help: "The share of the population that is in the data, above 0 and at most 1, or with %.")
  var sampleFraction: String?

  @Option(help: "How many people the population has.")
  var population: Int?

  @OptionGroup(title: "Attack") var attack: AttackArguments

  @Flag(help: "Answers with JSON.")
  var json = false

  private var given: [String] {
    (quasi ?? "").split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
  }

  private var fraction: Double? {
    guard let sampleFraction else { return nil }
    if sampleFraction.hasSuffix("%") { return Double(sampleFraction.dropLast()).map { $0 / 100 } }
    return Double(sampleFraction)
  }

  func validate() throws {
    if attack.attack != nil {
      if sampleFraction != nil || population != nil || subject != nil {
        throw ValidationError("--attack goes without --sample-fraction, --population and --subject")
      }
      if quasi != nil, given.isEmpty { throw ValidationError("--quasi takes names of fields: --quasi postcode,age") }
      return
    }
    if given.isEmpty, quasi != nil || pipeline == nil {
      throw ValidationError("--quasi takes names of fields: --quasi postcode,birth_date,gender")
    }
    if given.count > 64 { throw ValidationError("--quasi takes at most 64 fields") }
    if sampleFraction != nil, !(fraction.map { $0 > 0 && $0 <= 1 } ?? false) {
      throw ValidationError("--sample-fraction takes a share above 0 and at most 1, such as 0.1 or 10%")
    }
    if sampleFraction != nil, population != nil {
      throw ValidationError("--sample-fraction and --population exclude each other")
    }
    if let population, population < 1 { throw ValidationError("--population takes a number of people") }
  }

  func run() throws {
    if let release = attack.attack {
      return try attack.run(
        on: release, data, known: given, pipeline: pipeline.map { try PipelineFile.load($0) }, json: json)
    }
    var (options, names, subject) = (data.options, given, subject)
    if let pipeline {
      let config = try PipelineFile.load(pipeline).config
      subject = subject ?? config.source.subject?.description
      if names.isEmpty { names = config.fields.filter { $0.fieldClass == .quasi }.map(\.path.description) }
      if names.isEmpty { throw Failure(2, "veil: \(pipeline) has no quasi-identifiers: name some with --quasi") }
      if data.format == nil, let format = config.source.format { options.format = format }
      if data.delimiter == nil, !data.noHeader, !data.header { options.csv = config.source.csv }
      if data.encoding == nil { options.encoding = config.source.encoding }
    }
    options.knownNames = Set(names).union(subject.map { [$0] } ?? [])
    do throws(RunError) {
      let profile = try DataProfile.risk(
        options, quasi: names, subject: subject, fraction: fraction, population: population)
      Terminal.answer(json ? profile.riskJSON : profile.riskReport)
    } catch {
      throw Failure(error)
    }
  }
}
