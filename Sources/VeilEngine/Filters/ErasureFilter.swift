import VeilConfig
import VeilCrypto

/// `records.erasure`: keeps out the records of people who asked to be forgotten.
///
/// Both sides pass the same normalizing stages. What is remembered of the list is 128 bits of a keyed digest of each
/// entry, under a key that lives as long as the run: a person is never missed, and one who is not on the list is taken
/// for one who is with a chance of about 2^-100.
final class ErasureFilter: BatchFilter {
  struct Digest: Hashable, Sendable {
    var high: UInt64
    var low: UInt64
  }

  /// The list, shared by all workers.
  struct List: Sendable {
    let key: SecretBytes
    let digests: Set<Digest>
  }

  private let column: Int
  /// Its field among the pipeline's, for what cannot be normalized.
  private let field: Int
  private let list: List
  private let digester: Digester
  private let normalization: [any Rewriter]
  private let scratch: Column

  init(list: List, column: Int, field: Int, normalization: [any Rewriter], hasRows: Bool) {
    self.column = column
    self.field = field
    self.list = list
    self.normalization = normalization
    digester = Digester(list.key)
    scratch = Column(hasRows: hasRows)
  }

  func judge(_ batch: Batch) {
    let column = batch.columns[column]
    column.unescape(batch.escapes)
    // What the list cannot hold stays out here, before a stage could find it odd.
    for index in 0..<column.cells.count where column.cells[index].has(.composite) {
      batch.exclude(column.record(ofCell: index), .erasure)
    }
    scratch.copyPlaces(of: column)
    for rewriter in normalization { rewriter.rewrite(scratch, of: field, in: batch) }
    unsafe batch.keepRecords(in: scratch, orExclude: .erasure) { unsafe !list.digests.contains(digester.digest($0)) }
  }

  /// Digests values under the run's key. Belongs to one thread.
  final class Digester {
    private let context: HMACContext
    private var out = [UInt8](repeating: 0, count: 64)

    init(_ key: SecretBytes) { context = HMACContext(algorithm: .sha256, key: key) }

    func digest(_ value: UnsafeBufferPointer<UInt8>) -> Digest {
      guard let base = value.baseAddress else { return Digest(high: 0, low: 0) }
      return unsafe out.withUnsafeMutableBytes { bytes in
        guard let target = bytes.baseAddress else { return Digest(high: 0, low: 0) }
        unsafe context.authenticate(base, count: value.count, into: target.assumingMemoryBound(to: UInt8.self))
        return unsafe Digest(high: bytes.load(as: UInt64.self), low: bytes.load(fromByteOffset: 8, as: UInt64.self))
      }
    }
  }
}
