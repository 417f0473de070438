import Glibc
import VeilConfig
import VeilGround

/// What a manifest says of one export so that `veil find`, `erase` and `prune` can use it later: where the export is,
/// how it is written, until when it may be kept, and how it names its people.
enum ExportFacts {
  static func members(_ output: RunOutput, _ view: CompiledPipeline, job: RunJob) -> [(String, JSONValue)] {
    let sink = view.config.sinks[0]
    var members: [(String, JSONValue)] = []
    if output.path != "-", let manifest = job.options.manifest {
      members.append(("location", .text(FilePath.relative(output.path, toFolderOf: manifest))))
    }
    members += [
      ("purpose", .optional(view.config.purpose)),
      ("expires", .optional(sink.expires.map { job.day.after($0).description })),
    ]
    if output.format.isSeparated {
      let csv = CSVFormat(sink.csv, format: output.format)
      members.append(
        (
          "csv",
          .object([
            ("delimiter", .text(String(Unicode.Scalar(csv.delimiter)))),
            ("quote", .text(String(Unicode.Scalar(csv.quote)))), ("header", .bool(sink.csv.header)),
          ])
        ))
    }
    if sink.aggregate == nil {
      // A name in the header without a rule may be anything, even data, so the manifest does not show it.
      let known = Set(view.fields.map { $0.config.path.singleKey ?? $0.config.path.description })
      members.append(("columns", .array(output.columns.map { known.contains($0) ? .text($0) : .null })))
      members.append(("subject", subject(view)))
    }
    return members
  }

  /// Returns how the export names the person that a record is about.
  private static func subject(_ view: CompiledPipeline) -> JSONValue {
    guard let path = view.config.source.subject else { return .null }
    let field = view.fields.first { $0.config.path == path }
    return .object([
      ("field", .text(path.description)), ("leaves", .bool(field.map { !$0.isDropped } ?? false)),
      ("fate", .text(field?.fate?.name ?? "dropped")),
      ("stages", .array(field?.config.stages.map { .text($0.name) } ?? [])),
    ])
  }
}
