import Glibc
import VeilConfig
import VeilGround

/// The file that records how much was published about the same people: a total, and a line for each release.
///
/// Everybody who may write this file may change it. It protects from publishing too much by mistake, not from its
/// owner.
enum PrivacyBudgetFile {
  /// The cost of a release, and the sink that caused it.
  struct Spending {
    var epsilon: ConfigNumber
    var delta: ConfigNumber
    var pipeline: String
    var sink: String
    var concentrated: PrivacyBudgetConfig.Concentrated

    var amount: PrivacyBudgetConfig.Amount { .init(epsilon: epsilon, delta: delta, roundingUp: true) }
  }

  /// Throws if the pipeline's aggregates would cost more than the budget has left, so that the run ends before the data
  /// are read.
  static func check(for pipeline: CompiledPipeline) throws(RunError) {
    for (path, spendings) in try spendings(of: pipeline) { try check(path, spendings) }
  }

  /// Spends what the pipeline's aggregates cost.
  static func spend(for pipeline: CompiledPipeline) throws(RunError) {
    for (path, spendings) in try spendings(of: pipeline) { try spend(path, spendings) }
  }

  /// The cost of an aggregate's noise, rounded up to what the file can say.
  private static func concentrated(
    _ aggregate: AggregateConfig
  ) throws(RunError) -> PrivacyBudgetConfig.Concentrated {
    do throws(AggregateError) {
      let noise = try AggregateSink.noise(aggregate)
      return .init(
        rho: (noise.rho * 1e9).rounded(.up) / 1e9, delta: (noise.selectionDelta * 1e15).rounded(.up) / 1e15)
    } catch {
      throw RunError(.invalid, "\(error)")
    }
  }

  private static func spendings(of pipeline: CompiledPipeline) throws(RunError) -> [(
    path: String, spendings: [Spending]
  )] {
    var found: [String: [Spending]] = [:]
    for view in pipeline.views {
      guard let sink = view.config.sinks.first, let aggregate = sink.aggregate else { continue }
      let spending = Spending(
        epsilon: aggregate.epsilon, delta: aggregate.delta, pipeline: pipeline.config.name, sink: sink.recipient ?? "",
        concentrated: try concentrated(aggregate))
      found[pipeline.config.resolve(aggregate.budget), default: []].append(spending)
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Throws `.check` if the budget does not allow the spendings together. Changes nothing.
  static func check(_ path: String, _ spendings: [Spending]) throws(RunError) {
    let descriptor = try openLocked(path, O_RDONLY)
    defer { close(descriptor) }
    try judge(path, descriptor, spendings: spendings)
  }

  /// Writes the spendings to the file and brings them to the disk; nothing may be published before. A crash in between
  /// wastes budget, and never overspends it.
  static func spend(_ path: String, _ spendings: [Spending]) throws(RunError) {
    let descriptor = try openLocked(path, O_RDWR | O_APPEND)
    defer { close(descriptor) }
    try judge(path, descriptor, spendings: spendings)
    var text = ""
    for spending in spendings {
      // A name that ended its quotes could write sums of its own.
      text += "  - {at: \"\(Timestamp.now())\", pipeline: \(YAMLText.quoted(spending.pipeline)), "
      text += "sink: \(YAMLText.quoted(spending.sink)), "
      text += "epsilon: \(spending.epsilon.text), delta: \(spending.delta.text), "
      text += "rho: \(decimal(Int((spending.concentrated.rho * 1e9).rounded()), 9)), "
      text += "rho_delta: \(decimal(Int((spending.concentrated.delta * 1e15).rounded()), 15))}\n"
    }
    let bytes = Array(text.utf8)
    guard unsafe write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw failure(path, errno)
    }
  }

  private static func judge(_ path: String, _ descriptor: Int32, spendings: [Spending]) throws(RunError) {
    let bytes = try contents(path, descriptor)
    let (budget, diagnostics) = PrivacyBudgetParser.parse(bytes: bytes, path: path)
    guard let budget else {
      throw RunError(.invalid, "the privacy budget cannot be used\n" + diagnostics.render())
    }
    if let last = bytes.last, last != 0x0A {
      throw RunError(.invalid, "\(path): its last line is not complete; mend it by hand before anything more is spent")
    }
    let asked = spendings.map(\.amount).reduce(PrivacyBudgetConfig.Amount(epsilon: 0, delta: 0), +)
    let accountant = PrivacyAccountant(budget: budget)
    guard accountant.allows(spendings.map { .init(amount: $0.amount, concentrated: $0.concentrated) }) else {
      let (sum, total) = (budget.sum, budget.total)
      throw RunError(
        .check,
        "\(path): the privacy budget does not allow this release, nothing was published"
          + "\n  epsilon: \(decimal(total.epsilon, 6)) in all, \(decimal(sum.epsilon, 6)) spent, \(decimal(asked.epsilon, 6)) asked for"
          + "\n  delta: \(decimal(total.delta, 15)) in all, \(decimal(sum.delta, 15)) spent, \(decimal(asked.delta, 15)) asked for"
      )
    }
  }

  private static func openLocked(_ path: String, _ mode: Int32) throws(RunError) -> Int32 {
    let descriptor = unsafe open(path, mode | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT {
        throw RunError(
          .invalid,
          "there is no privacy budget at \(path): make one that says how much may be told about these people in all:"
            + "\n  version: 1\n  epsilon: 3\n  delta: 0.00001\n  spent:")
      }
      throw failure(path, errno)
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw RunError(.inputOutput, "\(path): the privacy budget is not a file")
    }
    // The lock keeps two runs at the same time from both finding enough budget left.
    guard flock(descriptor, LOCK_EX) == 0 else {
      let code = errno
      close(descriptor)
      throw failure(path, code)
    }
    return descriptor
  }

  private static func contents(_ path: String, _ descriptor: Int32) throws(RunError) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= 1 << 24 {
      let count = unsafe pread(descriptor, &block, block.count, off_t(bytes.count))
      guard count >= 0 else { throw failure(path, errno) }
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
    throw RunError(.invalid, "\(path): the privacy budget is larger than 16 MiB")
  }

  private static func failure(_ path: String, _ code: Int32) -> RunError {
    RunError(.inputOutput, unsafe "\(path): \(String(cString: strerror(code)))")
  }

  private static func decimal(_ units: Int, _ places: Int) -> String {
    var out = ByteBuffer()
    out.append(Int128(units), places: places, trimmed: true)
    return unsafe String(decoding: UnsafeBufferPointer(start: out.start, count: out.count), as: UTF8.self)
  }
}
