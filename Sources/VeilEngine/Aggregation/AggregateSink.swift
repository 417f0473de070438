import VeilAnonymity
import VeilConfig
import VeilGround

/// Takes the contributions that encoders made, in input order. At the end it writes the noisy figures and nothing else.
final class AggregateSink: ByteSink {
  let config: AggregateConfig
  private let measures: [AggregateMeasure]
  private let perPerson: [Bool]
  private let noise: NoisePlan
  private let write: (AggregateRelease) throws(OutputError) -> Void
  private var table: AggregateTable
  private var groups = ByteStringTable()
  private var values: [[[UInt8]]] = []
  /// The number of records whose group is not among the known ones.
  private(set) var recordsOutside = 0
  private(set) var rowsWritten = 0

  /// - Parameter write: writes the figures as soon as they may be published.
  init(
    _ config: AggregateConfig, write: @escaping (AggregateRelease) throws(OutputError) -> Void
  ) throws(AggregateError) {
    self.config = config
    self.write = write
    measures = try Self.measures(config)
    perPerson = measures.map(\.isPerPerson)
    noise = try Self.noise(config)
    table = AggregateTable(
      measures: measures.count, groupsPerPerson: config.groupsPerPerson, recordsPerGroup: config.recordsPerGroup)
    if config.groupsAreKnown {
      var combinations: [[[UInt8]]] = [[]]
      for group in config.by {
        combinations = combinations.flatMap { row in (group.values ?? []).map { row + [Array($0.utf8)] } }
      }
      for combination in combinations { add(combination) }
    }
  }

  private static func measures(_ config: AggregateConfig) throws(AggregateError) -> [AggregateMeasure] {
    var measures: [AggregateMeasure] = []
    for measure in config.measures { measures.append(try AggregateMeasure(measure)) }
    return measures
  }

  /// The noise of an aggregate's figures, and what it costs.
  static func noise(_ config: AggregateConfig) throws(AggregateError) -> NoisePlan {
    guard let noise = NoisePlan(config, reaches: try measures(config).map(\.reach)) else {
      throw AggregateError(
        "epsilon and delta are too small, or a sum's unit too small for its bounds: the noise could not be drawn")
    }
    return noise
  }

  /// What δ pays for.
  var deltas: (noise: Double, groups: Double) { (noise.noiseDelta, noise.selectionDelta) }

  /// The standard deviation of each figure's noise, in whole units of the figure.
  var deviations: [(name: String, deviation: Double)] {
    zip(measures, noise.measures).map { measure, noise in (measure.name, noise.deviation * measure.unit) }
  }

  /// The least noisy number of people at which a group is shown; nil if the groups are known.
  var threshold: Int? { noise.threshold }
  /// The number of records beyond what one person may add.
  var recordsOverBounds: Int { table.recordsOverBounds }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    var offset = 0
    while offset < bytes.count {
      let end = unsafe offset + 4 + Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      let contribution = unsafe UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<end])
      unsafe add(contribution)
      offset = end
    }
  }

  private func add(_ bytes: UnsafeRawBufferPointer) {
    let person = unsafe bytes.loadUnaligned(as: UInt64.self)
    let amounts = measures.indices.map { unsafe Int(bytes.loadUnaligned(fromByteOffset: 8 + 8 * $0, as: Int64.self)) }
    let key = unsafe UnsafeRawBufferPointer(rebasing: bytes[(8 + 8 * measures.count)...])
    var group = unsafe groups.find(key).map(Int.init)
    if group == nil, !config.groupsAreKnown { group = unsafe add(Self.cells(key)) }
    guard let group else {
      recordsOutside += 1
      return
    }
    table.add(person: person, group: group, amounts: amounts, perPerson: perPerson)
  }

  @discardableResult
  private func add(_ group: [[UInt8]]) -> Int {
    values.append(group)
    _ = groups.insert(
      group.flatMap { cell in (0..<4).map { UInt8(truncatingIfNeeded: cell.count >> (8 * $0)) } + cell })
    return table.addGroup()
  }

  private static func cells(_ key: UnsafeRawBufferPointer) -> [[UInt8]] {
    var cells: [[UInt8]] = []
    var offset = 0
    while offset < key.count {
      let count = unsafe Int(key.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      cells.append(unsafe Array(key[(offset + 4)..<(offset + 4 + count)]))
      offset += 4 + count
    }
    return cells
  }

  func finish() throws(OutputError) {
    var bits = SecureBits()
    let release = AggregateRelease(
      table, groups: values, by: config.by.map(\.field.description), measures: measures, noise: noise, bits: &bits)
    rowsWritten = release.rows.count
    try write(release)
  }
}
