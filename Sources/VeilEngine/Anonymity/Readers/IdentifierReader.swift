import VeilConfig
import VeilCrypto
import VeilGround

/// Whether values repeat: exactly for up to `capacity` different ones, beyond that for a sample of them that is chosen by
/// their digests, so that every occurrence of a value in the sample is seen. Its memory is bounded.
struct RepeatSample {
  private static let capacity = 1 << 18
  private var seen: Set<UInt64> = []
  /// The bits that are zero in each digest of the sample; the lowest bit of a digest says only that there is a value.
  private var rejected: UInt64 = 0
  private(set) var repeats = false

  /// Adds a keyed digest; 0 stands for no value.
  mutating func add(_ digest: UInt64) {
    guard digest != 0, !repeats, digest & rejected == 0 else { return }
    if !seen.insert(digest).inserted {
      repeats = true
      seen = []
    }
    while seen.count > Self.capacity {
      rejected = rejected << 1 | 2
      seen = seen.filter { $0 & rejected == 0 }
    }
  }

  /// Adds the values of another thread.
  mutating func merge(_ other: RepeatSample) {
    repeats = repeats || other.repeats
    guard !repeats else { return }
    rejected |= other.rejected
    seen = seen.filter { $0 & rejected == 0 }
    for digest in other.seen { add(digest) }
  }
}

/// Looks whether the values of fields that are called like a person's identifier repeat, which means that one person has
/// several records. Belongs to one thread.
final class IdentifierReader {
  private let names: [String]
  private let readers: [SubjectReader]
  private var samples: [RepeatSample]

  init(_ fields: [(name: String, column: Int, field: Int)], key: SecretBytes) {
    names = fields.map(\.name)
    readers = fields.map { SubjectReader(column: $0.column, field: $0.field, key: key, form: []) }
    samples = fields.map { _ in RepeatSample() }
  }

  /// Reads the values of a batch, before stages rewrite them.
  func read(_ batch: Batch) {
    for place in readers.indices where !samples[place].repeats { readers[place].read(batch) }
  }

  /// Counts the values of the records that may leave.
  func count(_ batch: Batch) {
    for place in readers.indices where !samples[place].repeats {
      for (record, digest) in readers[place].subjects.enumerated() where batch.isLive(record) {
        samples[place].add(digest)
      }
    }
  }

  /// Throws if a field's values repeat, on any thread or across them.
  static func refuse(_ all: [IdentifierReader]) throws(RunError) {
    guard let first = all.first else { return }
    for other in all.dropFirst() {
      for place in first.samples.indices { first.samples[place].merge(other.samples[place]) }
    }
    let repeated = zip(first.names, first.samples).filter { $0.1.repeats }.map { ShownName.text($0.0) }
    guard let name = repeated.first else { return }
    let list = repeated.map { "'\($0)'" }.joined(separator: ", ")
    throw RunError(
      .mismatch,
      "\(list) \(repeated.count == 1 ? "looks" : "look") like what identifies a person, and values of it repeat: people have "
        + "several records, and k would count records; nothing was published"
        + "\n  say whose a record is, with  source: {subject: \(name)},  or that records are meant, with  anonymity: {count: records}"
    )
  }
}
