import Glibc
package import VeilConfig
import VeilGround

/// Finds classes for local recoding: each class has its own generalization, the lowest common ancestors of its members.
///
/// k-anonymity (Samarati 2001; Sweeney 2002) as `GlobalSearch` explains it; local recoding as in LeFevre, DeWitt and
/// Ramakrishnan (2006) and Xu et al. (2006). Equal combinations always stay together, so that the result for a record
/// depends on its values alone. The result is not proven to be optimal. It is the same at any number of threads and for
/// records in any order, because the work is limited by counting it, not by the clock.
package struct LocalSearch {
  let table: QuasiTable
  let k: Int
  /// The largest number of records that may be suppressed.
  let limit: Int
  let effort: AnonymityConfig.Effort
  /// The kind of labels that are written for a class; the classes do not depend on it.
  let labels: AnonymityConfig.Labels

  package init(
    _ table: QuasiTable, k: Int, suppress: Double, effort: AnonymityConfig.Effort = .normal,
    labels: AnonymityConfig.Labels = .hierarchy
  ) {
    self.table = table
    self.k = max(1, k)
    limit = GlobalSearch.limit(share: suppress, records: table.recordCount)
    self.effort = effort
    self.labels = labels
  }

  /// Returns nil if there are fewer than k people.
  package func run(threads: Int = 1, keeping previous: PreviousClasses? = nil) -> LocalPlan? {
    if let previous, !previous.classes.isEmpty { return run(threads: threads, previous) }
    guard table.peopleCount >= k, !table.records.isEmpty else { return nil }
    let model = LocalModel(table)
    let (classes, suppressed) = found(model, limit: limit, threads: threads)
    return LocalPlan(table, model, classes: classes, suppressed: suppressed, k: k, labels: labels)
  }

  /// Returns classes of a model's combinations, and the combinations to suppress. There must be at least k people.
  func found(_ model: LocalModel, limit: Int, threads: Int) -> (classes: [[Int32]], suppressed: [Int32]) {
    let work = SearchWork(effort, combinations: model.count, k: k)
    let blocks = LocalBlocks.split(model, k: k, target: work.block)
    let solved = WorkerThread.map(blocks.count, threads: threads) { number in
      let block = blocks[number]
      return BlockSearch(model.restricted(to: block), k: k, work: work).run().map { $0.map { block[Int($0)] } }
    }
    var classes = solved.flatMap { $0 }
    let suppressed = Outliers(model, k: k, limit: limit).take(from: &classes)
    return (classes, suppressed)
  }
}

/// The search in one block, which has at least k people.
struct BlockSearch {
  private let model: LocalModel
  private let k: Int
  private let work: SearchWork

  init(_ model: LocalModel, k: Int, work: SearchWork) {
    self.model = model
    self.k = k
    self.work = work
  }

  func run() -> [[Int32]] {
    var builder = ClassBuilder(model, k: k)
    var best = start(&builder, .init(price: 0.01, factor: work.factor))
    // Large classes are few and quickly improved, so there is time to start in several ways.
    if best.count * 30 < model.count {
      for price in work.otherPrices {
        let other = start(&builder, .init(price: price, factor: work.factor))
        if other.total < best.total { best = other }
      }
    }
    var refiner = Refiner(best, near: Neighbours(model))
    for _ in 0..<work.passes where refiner.improveAll() == 0 { break }
    var random = SplitMix64(state: UInt64(model.count))
    let allowed = builder.work + work.rebuilding * model.count
    while builder.work < allowed, refiner.classes.count > 1 { rebuild(&refiner, builder: &builder, random: &random) }
    if model.count <= BoxAnnealer.most {
      var annealer = BoxAnnealer(refiner.classes)
      refiner = Refiner(annealer.run(work: work.annealing * model.count), near: refiner.near)
      _ = refiner.improveAll()
    }
    return refiner.classes.members.filter { !$0.isEmpty }
  }

  private func rebuild(_ refiner: inout Refiner, builder: inout ClassBuilder, random: inout SplitMix64) {
    let member = Int(random.next() % UInt64(model.count))
    let price = 0.004 * pow(50, random.fraction())
    _ = refiner.rebuild(
      around: Int(refiner.classes.classOf[member]), nearest: 6, atMost: 1500, builder: &builder,
      options: .init(price: price, factor: 1.1 + 1.4 * random.fraction()))
    // Rebuilding also has to look at all classes, which costs this work.
    builder.spend(64 + min(600, refiner.classes.count) / 2)
  }

  /// Returns initial classes: those of the builder, with each remaining combination added where it costs least.
  private func start(_ builder: inout ClassBuilder, _ options: ClassBuilder.Options) -> ClassSet {
    let built = builder.build((0..<Int32(model.count)).map { $0 }, options)
    var set = ClassSet(model, k: k, classes: built.classes)
    for combination in built.rest {
      let best = set.members.indices.min {
        set.increase($0, adding: combination) < set.increase($1, adding: combination)
      }
      if let best { set.insert(combination, into: best) }
    }
    return set
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix64 {
  private var state: UInt64

  init(state: UInt64) { self.state = state }

  mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return LocalModel.mixed(state)
  }

  /// Returns a number from 0 to 1, excluding 1.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
