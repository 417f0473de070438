/// A pipeline file, typed and checked. Stages are still calls by name: the engine's catalogue builds them.
public struct PipelineConfig: Sendable {
  /// The pipeline file's path, as given.
  public var path: String
  /// The file's bytes, for its digest in the manifest.
  public var sourceBytes: [UInt8]

  public var name: String
  /// Why this export exists.
  public var purpose: String?
  public var source: SourceConfig
  /// In file order.
  public var keys: [KeyConfig]
  public var records: RecordsConfig
  /// In file order; no path twice.
  public var fields: [FieldConfig]
  public var unlisted: Unlisted
  public var anonymity: AnonymityConfig?
  /// At least one. A pipeline without `sink` has one with nothing set.
  public var sinks: [SinkConfig]
  public var badRecords: BadRecords
  /// The file that says who may get data, for what and until when.
  public var recipients: NamedFile?
  /// The policy that holds besides the one in the pipeline's folder.
  public var policy: NamedFile?
  /// In file order.
  public var checks: [CheckConfig]
  /// Where it is kept which inputs were published; a path to be resolved.
  public var state: String?
  /// Numeric fields that become means of groups.
  public var microaggregation: MicroaggregationConfig?
  /// What a run leaves behind besides its exports.
  public var accountability = AccountabilityConfig()

  public func key(named name: String) -> KeyConfig? {
    keys.first { $0.name == name }
  }

  /// A path of the pipeline as the process may open it: relative ones start from the pipeline file's folder; `-`
  /// (standard input or output) stays.
  public func resolve(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
    return self.path[...slash] + path
  }
}

/// What happens to fields that no rule names.
public enum Unlisted: String, Sendable, CaseIterable {
  case error, drop, keep
}

public enum DataFormat: String, Sendable, CaseIterable {
  case csv, tsv, ndjson, json

  /// Whether records are lines of cells between delimiters, under a header.
  public var isSeparated: Bool { self == .csv || self == .tsv }

  /// By the ending of a file's name, `.cms`, `.p7m`, `.gz` and `.zst` set aside; nil when it says nothing.
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

/// Bytes are ASCII and neither CR nor LF. Nil is the format's own: a comma or a tab, and a double quote.
public struct CSVDialect: Sendable, Hashable {
  public var delimiter: UInt8?
  public var quote: UInt8?
  public var header: Bool
  /// Of a sink: whether cells that a spreadsheet would take for formulas are made text.
  public var guardsFormulas: Bool

  public init(
    delimiter: UInt8? = nil, quote: UInt8? = nil, header: Bool = true, guardsFormulas: Bool = false
  ) {
    self.delimiter = delimiter
    self.quote = quote
    self.header = header
    self.guardsFormulas = guardsFormulas
  }
}

public struct SourceConfig: Sendable {
  /// A file, a glob or `-`; nil when the command line is to say.
  public var path: String?
  /// Nil: by file name.
  public var format: DataFormat?
  /// The field that says which person a record is about.
  public var subject: FieldPath?
  public var subjectMark: Mark?
  public var csv: CSVDialect
  /// At most this many bytes after unpacking.
  public var maxBytes: Int?
  /// At most this many bytes unpacked for each packed byte.
  public var maxRatio: Double?
  public var mark: Mark?
}

public struct SinkConfig: Sendable {
  /// A file or `-`; nil when the command line is to say. Set when there are several sinks.
  public var path: String?
  /// Nil: by file name.
  public var format: DataFormat?
  public var csv: CSVDialect
  /// Set, and not twice the same, when there are several sinks.
  public var recipient: String?
  public var recipientMark: Mark?
  public var encryption: EncryptionConfig?
  /// What this sink does otherwise than the pipeline's `fields`.
  public var fields: [SinkField] = []
  /// Set where this sink gets figures about groups of records, and no records.
  public var aggregate: AggregateConfig?
  /// How long the export may be kept, from the day of its run.
  public var expires: CalendarPeriod?
  public var mark: Mark?
}

public struct KeyConfig: Sendable {
  public enum Source: Sendable, Hashable {
    /// A path, to be resolved.
    case file(String)
    /// An environment variable's name.
    case env(String)
    /// A program and its arguments; never empty; no shell.
    case command([String])
    /// A file that opens with a passphrase: a path, to be resolved, and where the passphrase is.
    indirect case wrapped(String, passphrase: Source)
    /// A key ring's file: a path, to be resolved.
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
    /// Of the records read.
    case share(Share)
  }
  public var action: Action
  /// With `skip`: the run fails with more than this many bad records. Nil: no limit.
  public var limit: Limit?
  /// Where it is written which records were bad; a path to be resolved, which may have placeholders.
  public var quarantine: String?
  /// The certificate that the quarantine is encrypted to, where it holds the bad records themselves.
  public var rawCertificate: NamedFile?
}
