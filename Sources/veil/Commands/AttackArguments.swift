import ArgumentParser
import VeilConfig
import VeilEngine
import VeilGround

/// The arguments of `veil risk --attack`.
struct AttackArguments: ParsableArguments {
  @Option(help: "Attacks this published file, which was made from the data.", completion: .file())
  var attack: String?

  @Option(
    help: "Records of the data's form whose people are not in the release, as many as possible.", completion: .file())
  var control: String?

  @Option(
    help:
      "The fields to guess, with commas between them; by default the pipeline's sensitive ones, or all that are not known."
  )
  var secret: String?

  @Option(
    help: "The known fields that one of two linked data sets has; the other has the rest. By default every other one.")
  var linked: String?

  @Option(help: "How many people, or predicates, are tried at most.")
  var attempts = 2000

  @Option(help: "Where chance decides: the same seed gives the same figures.")
  var seed = 1

  @Option(help: "The highest risk that is accepted, from 0 to 1: one above it ends with status 1.")
  var maxRisk: Double?

  @Option(
    help: "For whom the release was made, where the pipeline has several sinks; by default the sink of that path.")
  var recipient: String?

  func validate() throws {
    guard attack != nil else {
      if control != nil || secret != nil || linked != nil || maxRisk != nil || recipient != nil {
        throw ValidationError("--control, --secret, --linked, --max-risk and --recipient go with --attack RELEASE")
      }
      return
    }
    if control == nil { throw ValidationError("--attack needs --control FILE: records that are not in the release") }
    if !(1...100_000).contains(attempts) { throw ValidationError("--attempts takes 1 to 100000") }
    if seed < 0 { throw ValidationError("--seed takes a whole number from 0") }
    if let maxRisk, !(0...1).contains(maxRisk) { throw ValidationError("--max-risk takes a number from 0 to 1") }
  }

  private static func names(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) }
  }

  /// Attacks the release, tells what came of it, and throws if a risk is above --max-risk.
  func run(
    on release: String, _ data: DataArguments, known: [String], pipeline: CompiledPipeline?, json: Bool
  ) throws {
    var request = ReleaseAttack.Request(release: release, original: data.data, control: control ?? "")
    request.format = data.format == nil ? pipeline?.config.source.format : data.options.format
    (request.csv, request.encoding) = (data.options.csv, data.options.encoding)
    if let source = pipeline?.config.source, data.delimiter == nil, !data.noHeader { request.csv = source.csv }
    request.pipeline = pipeline
    request.recipient = recipient
    request.known = known
    request.secrets = Self.names(secret)
    request.linked = Self.names(linked)
    (request.attempts, request.seed) = (attempts, UInt64(seed))
    if let threads = data.threads { request.threads = threads }
    do throws(RunError) {
      let found = try ReleaseAttack.run(request)
      Terminal.answer(json ? found.json : found.text)
      if let maxRisk, let worst = ThreeRisks.worst(found.risks.all), worst.risk.value > maxRisk {
        throw RunError.check("\(release): a risk is above --max-risk \(maxRisk)")
      }
    } catch {
      throw Failure(error)
    }
  }
}
