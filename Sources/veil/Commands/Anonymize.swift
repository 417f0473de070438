import ArgumentParser
import VeilEngine
import VeilGround

struct Anonymize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anonymize",
    abstract: "The steps of k-anonymity apart: for data that lies in partitions, or on several machines.",
    discussion: """
      Each partition is observed, what was seen is joined, a plan is decided once, and 'veil run --plan' applies it to \
      each partition in one pass. Histograms and plans hold values: they are personal data, have mode 0600, and can be \
      encrypted.

      EXAMPLE
        veil anonymize observe pipeline.yaml --input part-1.csv --output part-1.hist
        veil anonymize observe pipeline.yaml --input part-2.csv --output part-2.hist
        veil anonymize merge part-1.hist part-2.hist --output all.hist
        veil anonymize decide pipeline.yaml all.hist --output release.plan
        veil run pipeline.yaml --plan release.plan --input part-1.csv --output out-1.csv
      """,
    subcommands: [Observe.self, Merge.self, Decide.self])

  struct Observe: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "observe",
      abstract: "Saves how often each combination of quasi-identifiers occurs.",
      discussion: """
        Where people are counted, the histogram holds a keyed digest of each subject, so that a person who is in two \
        partitions is one. The key is that of --subject-key, or the pipeline's only key; without either it is random, \
        and the histogram cannot be joined with others.

        EXAMPLE
          veil anonymize observe pipeline.yaml --input part-1.csv --output part-1.hist --encrypt-key vault
        """)

    @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String

    @Option(help: "Reads this file in place of source.path; '-' is standard input.", completion: .file())
    var input: String?

    @Option(help: "Where the histogram goes.", completion: .file())
    var output: String

    @Option(help: "The key of the pipeline under which people are told apart.")
    var subjectKey: String?

    @Option(help: "Encrypts the histogram with this key of the pipeline.")
    var encryptKey: String?

    @Option(help: "The day that retention counts from, YYYY-MM-DD; by default today (UTC).")
    var asOf: String?

    @Option(help: "Worker threads; by default one for each processor.")
    var threads: Int?

    func validate() throws {
      if let asOf, CalendarDate(asOf) == nil { throw ValidationError("--as-of takes a day as YYYY-MM-DD") }
      try checkThreads(threads)
    }

    func run() throws {
      var options = RunOptions(toolVersion: Version.text)
      options.input = input
      options.asOf = asOf.flatMap { CalendarDate($0) }
      options.threads = threads
      if let bytes = RunRequest.chunkBytes { options.chunkBytes = bytes }
      let compiled = try PipelineFile.load(pipeline)
      do throws(RunError) {
        let line = try Anonymization(compiled, options)
          .observe(to: output, subjectKey: subjectKey, encryptKey: encryptKey)
        Terminal.complain("veil: \(line)")
      } catch {
        throw Failure(error)
      }
    }
  }

  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge",
      abstract: "Joins histograms; any order and any grouping gives the same one.",
      discussion: """
        Encrypted histograms need the pipeline that has their key; the result is then encrypted as the first of them.

        EXAMPLE
          veil anonymize merge part-1.hist part-2.hist --output all.hist
        """)

    @Argument(help: "The histograms.", completion: .file())
    var histograms: [String]

    @Option(help: "Where the joined histogram goes.", completion: .file())
    var output: String

    @Option(help: "The pipeline that has the keys of encrypted histograms.", completion: .file())
    var pipeline: String?

    @Option(help: "Encrypts the result with this key of the pipeline.")
    var encryptKey: String?

    func run() throws {
      let compiled = try pipeline.map { try PipelineFile.load($0) }
      do throws(RunError) {
        Terminal.complain(
          "veil: \(try Anonymization.merge(histograms, to: output, keysOf: compiled, encryptKey: encryptKey))")
      } catch {
        throw Failure(error)
      }
    }
  }

  struct Decide: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "decide",
      abstract: "Decides what becomes of each combination: from histograms to a plan.",
      discussion: """
        EXAMPLE
          veil anonymize decide pipeline.yaml part-1.hist part-2.hist --output release.plan
        """)

    @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String

    @Argument(help: "The histograms of all partitions, joined or not.", completion: .file())
    var histograms: [String]

    @Option(help: "Where the plan goes.", completion: .file())
    var output: String

    @Option(help: "Encrypts the plan with this key of the pipeline.")
    var encryptKey: String?

    @Option(help: "Worker threads; any number gives the same plan.")
    var threads: Int?

    func validate() throws { try checkThreads(threads) }

    func run() throws {
      let compiled = try PipelineFile.load(pipeline)
      var options = RunOptions(toolVersion: Version.text)
      options.threads = threads
      do throws(RunError) {
        let line = try Anonymization(compiled, options).decide(histograms, to: output, encryptKey: encryptKey)
        Terminal.complain("veil: \(line)")
      } catch {
        throw Failure(error)
      }
    }
  }
}

private func checkThreads(_ threads: Int?) throws {
  if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
}
