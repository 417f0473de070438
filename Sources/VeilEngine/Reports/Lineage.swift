import VeilConfig
import VeilGround

/// What a run did, as an OpenLineage event (specification 2-0-2) for data catalogues: which files were read and
/// written, and from which input field each field of an export comes, in what form. It has names and figures, no
/// values.
struct Lineage {
  private static let namespace = "file"

  /// The program that sends the event, as a URN (RFC 8141), because the specification asks for a URI.
  private let producer: String

  private func facet(_ name: String, version: String, members: [(String, JSONValue)]) -> JSONValue {
    .object(
      [
        ("_producer", .text(producer)),
        ("_schemaURL", .text("https://openlineage.io/spec/facets/\(version)/\(name).json#/$defs/\(name)")),
      ] + members)
  }

  static func event(
    _ compiled: CompiledPipeline, _ options: RunOptions, input: RunInput, outputs: [RunOutput], tally: Tally
  ) -> JSONValue {
    Lineage(producer: "urn:x-veil:\(options.toolVersion)").event(compiled, input: input, outputs: outputs, tally: tally)
  }

  private func event(
    _ compiled: CompiledPipeline, input: RunInput, outputs: [RunOutput], tally: Tally
  ) -> JSONValue {
    let config = compiled.config
    let about = "\(config.name)" + (config.purpose.map { ", for \($0)" } ?? "")
    let inputs = input.digests.map { dataset($0.path) }
    return .object([
      ("eventTime", .text(Timestamp.now().description)), ("producer", .text(producer)),
      ("schemaURL", .text("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent")),
      ("eventType", .text("COMPLETE")),
      ("run", .object([("runId", .text(identifier()))])),
      (
        "job",
        .object([
          ("namespace", .text("veil")), ("name", .text(config.name)),
          (
            "facets",
            .object([
              (
                "documentation",
                facet("DocumentationJobFacet", version: "1-0-1", members: [("description", .text(about))])
              ),
              (
                "jobType",
                facet(
                  "JobTypeJobFacet", version: "2-0-3",
                  members: [
                    ("processingType", .text("BATCH")), ("integration", .text("VEIL")), ("jobType", .text("JOB")),
                  ])
              ),
            ])
          ),
        ])
      ),
      ("inputs", .array(inputs.map { .object($0) })),
      (
        "outputs",
        .array(zip(outputs, compiled.views).map { output($0, $1, inputs: inputs, tally: tally) })
      ),
    ])
  }

  private func dataset(_ path: String) -> [(String, JSONValue)] {
    [("namespace", .text(Self.namespace)), ("name", .text(FilePath.absolute(path) ?? path))]
  }

  private func output(
    _ output: RunOutput, _ view: CompiledPipeline, inputs: [[(String, JSONValue)]], tally: Tally
  ) -> JSONValue {
    let path = output.path == "-" ? "standard output" : output.path
    let figures = view.config.sinks[0].aggregate != nil
    let leaving = figures ? [] : view.fields.filter { !$0.isDropped }
    var facets: [(String, JSONValue)] = [
      (
        "schema",
        facet(
          "SchemaDatasetFacet", version: "1-1-1",
          members: [("fields", .array(leaving.map { .object([("name", .text($0.config.path.description))]) }))])
      ),
      (
        "columnLineage",
        facet(
          "ColumnLineageDatasetFacet", version: "1-2-0",
          members: [
            ("fields", .object(leaving.map { ($0.config.path.description, .object(origin($0, view, inputs: inputs))) }))
          ])
      ),
    ]
    if figures { facets.removeLast() }
    var statistics: [(String, JSONValue)] = [("rowCount", .integer(tally.written))]
    if figures { statistics = [] }
    if let digest = output.digest { statistics.append(("size", .integer(digest.byteCount))) }
    return .object(
      dataset(path) + [
        ("facets", .object(facets)),
        (
          "outputFacets",
          .object([
            ("outputStatistics", facet("OutputStatisticsOutputDatasetFacet", version: "1-0-2", members: statistics))
          ])
        ),
      ])
  }

  /// Returns the input fields from which a field comes: itself, and the fields that its stages also read.
  private func origin(_ field: CompiledField, _ view: CompiledPipeline, inputs: [[(String, JSONValue)]]) -> [(
    String, JSONValue
  )] {
    let fate = field.fate ?? .nothing
    let isMean = view.config.microaggregation?.fields.contains(field.config.path) == true
    let names =
      field.stages.map(\.name) + (fate == .generalized ? ["anonymity"] : []) + (isMean ? ["microaggregation"] : [])
    func transformation(_ type: String, _ subtype: String) -> JSONValue {
      .array([
        .object([
          ("type", .text(type)), ("subtype", .text(subtype)),
          ("description", .text(([fate.name] + names).joined(separator: ", "))),
          ("masking", .bool(!fate.isReadable || isMean)),
        ])
      ])
    }
    let itself = names.isEmpty ? "IDENTITY" : "TRANSFORMATION"
    let sources =
      [(field.config.path.description, transformation("DIRECT", itself))]
      + field.stages.flatMap(\.lookedAt).map { ($0.description, transformation("INDIRECT", "CONDITIONAL")) }
    return [
      (
        "inputFields",
        .array(
          inputs.flatMap { input in
            sources.map { name, how in .object(input + [("field", .text(name)), ("transformations", how)]) }
          })
      )
    ]
  }

  /// Returns a random UUID (RFC 9562, version 4).
  private func identifier() -> String {
    var digits = Array((RandomName.hex() + RandomName.hex()).utf8)
    digits[12] = UInt8(ascii: "4")
    digits[16] = UInt8(ascii: "a")
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
      .joined(separator: "-")
  }
}
