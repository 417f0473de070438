/// A pipeline file, typed and checked. Its stages are still names with options: the engine's catalogue builds them.
public struct PipelineConfig: Sendable {
  /// The pipeline file's path, as given.
  public var path: String
  /// The bytes of the file, for the digest in the manifest.
  public var sourceBytes: [UInt8]

  public var name: String
  /// The purpose of the export.
  public var purpose: String?
  public var source: SourceConfig
  /// The keys in the order of the file.
  public var keys: [KeyConfig]
  public var records: RecordsConfig
  /// The rules for fields in the order of the file; no path twice.
  public var fields: [FieldConfig]
  public var unlisted: Unlisted
  public var anonymity: AnonymityConfig?
  /// The sinks, at least one. A pipeline without `sink` has one in which nothing is set.
  public var sinks: [SinkConfig]
  public var badRecords: BadRecords
  /// The file that says who may get data, for what and until when.
  public var recipients: NamedFile?
  /// The policy that applies in addition to the one in the pipeline's folder.
  public var policy: NamedFile?
  /// The checks in the order of the file.
  public var checks: [CheckConfig]
  /// The path of the file that records which inputs were published, not yet resolved.
  public var state: String?
  /// What to do where one of several input files cannot be published.
  public var onFileError = FileErrorAction.stop
  /// The numeric fields whose values are replaced by means of groups.
  public var microaggregation: MicroaggregationConfig?
  /// The files that document a run, besides its exports.
  public var accountability = AccountabilityConfig()

  public func key(named name: String) -> KeyConfig? {
    keys.first { $0.name == name }
  }

  /// Returns a path of the pipeline in a form that the process can open: relative paths start from the pipeline file's
  /// folder; `-` (standard input or output) stays unchanged.
  public func resolve(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
    return self.path[...slash] + path
  }
}

/// What a run does where one of several input files cannot be published.
public enum FileErrorAction: String, Sendable, CaseIterable {
  /// Publishes nothing.
  case stop
  /// Publishes the others.
  case `continue`
}

/// What happens to fields that have no rule.
public enum Unlisted: String, Sendable, CaseIterable {
  case error, drop, keep
}

/// The order in which records leave.
public enum RecordOrder: String, Sendable, CaseIterable {
  /// An order that says nothing about the input's, another one for each sink and each run.
  case keyed
  /// The input's order.
  case input
}

public enum DataFormat: String, Sendable, CaseIterable {
  case csv, tsv, ndjson, json

  /// Whether records are lines with delimiters between the cells, after a header.
  public var isSeparated: Bool { self == .csv || self == .tsv }

  /// Returns the format by the ending of a file's name, without `.cms`, `.p7m`, `.gz` and `.zst`; nil if the ending
  /// does not tell it.
  public init?(fileName: String) {
    var name = fileName.lowercased()
    for ending in [".cms", ".p7m", ".gz", ".zst"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...] {
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "ndjson", "jsonl": self = .ndjson
    case "json": self = .json
    default: return nil
    }
  }
}

/// The bytes that separate and quote cells: ASCII, neither CR nor LF. Nil means the default of the format: a comma or a
/// tab, and a double quote.
public struct CSVDialect: Sendable, Hashable {
  public var delimiter: UInt8?
  public var quote: UInt8?
  public var header: Bool
  /// Whether somebody said so. Otherwise a first record that looks like data stops the run.
  public var isHeaderStated: Bool
  /// For a sink: whether cells that a spreadsheet would take for formulas are turned into text.
  public var guardsFormulas: Bool

  public init(
    delimiter: UInt8? = nil, quote: UInt8? = nil, header: Bool = true, isHeaderStated: Bool = false,
    guardsFormulas: Bool = false
  ) {
    self.isHeaderStated = isHeaderStated
    self.delimiter = delimiter
    self.quote = quote
    self.header = header
    self.guardsFormulas = guardsFormulas
  }
}

public struct SourceConfig: Sendable {
  /// A file, a glob or `-`; nil if the command line gives it.
  public var path: String?
  /// The format; nil means that the file name tells it.
  public var format: DataFormat?
  /// The field that says which person a record is about.
  public var subject: FieldPath?
  public var subjectMark: Mark?
  public var csv: CSVDialect
  /// The encoding of the text; nil means UTF-8, or UTF-16 if a byte order mark says so.
  public var encoding: TextEncoding?
  /// The largest number of bytes after decompression.
  public var maxBytes: Int?
  /// The largest number of decompressed bytes for each compressed byte.
  public var maxRatio: Double?
  public var mark: Mark?
}

public struct SinkConfig: Sendable {
  /// A file or `-`; nil if the command line gives it. Always set if there are several sinks.
  public var path: String?
  /// The format; nil means that the file name tells it.
  public var format: DataFormat?
  public var csv: CSVDialect
  /// The recipient; always set if there are several sinks, and different for each.
  public var recipient: String?
  public var recipientMark: Mark?
  public var encryption: EncryptionConfig?
  /// The rules for fields in which this sink differs from the pipeline's `fields`.
  public var fields: [SinkField] = []
  /// Set if this sink gets figures about groups of records in place of records.
  public var aggregate: AggregateConfig?
  /// The order that the sink itself asks for.
  public var ownOrder: RecordOrder?
  /// The order in which its records leave: its own, or else the pipeline's, or else the one that its pipeline needs.
  public var order = RecordOrder.input
  /// How long the export may be kept, from the day of its run.
  public var expires: CalendarPeriod?
  public var mark: Mark?
}

public struct KeyConfig: Sendable {
  public enum Source: Sendable, Hashable {
    /// A file's path, not yet resolved.
    case file(String)
    /// The name of an environment variable.
    case env(String)
    /// A program and its arguments, at least the program; there is no shell. It is ended after so many seconds.
    case command([String], seconds: Int = 60)
    /// A file that is protected by a passphrase: its path, not yet resolved, and the place of the passphrase.
    indirect case wrapped(String, passphrase: Source)
    /// The path of a key ring's file, not yet resolved.
    case ring(String)
  }
  public var name: String
  public var source: Source
  public var mark: Mark
}

/// What to do with records that cannot be read.
public struct BadRecords: Sendable {
  public enum Action: String, Sendable, CaseIterable {
    case error, skip
  }
  public enum Limit: Sendable, Hashable {
    case count(Int)
    /// A share of the records that were read.
    case share(Share)
  }
  public var action: Action
  /// With `skip`, the run fails if there are more bad records than this. Nil means no limit.
  public var limit: Limit?
  /// The path of the file that lists bad records, not yet resolved; it may have placeholders.
  public var quarantine: String?
  /// The certificate to which the quarantine is encrypted, if it holds the bad records themselves.
  public var rawCertificate: NamedFile?
}
