import VeilConfig
import VeilGround

/// The classes of an export after the erasure of people, and which of them no longer keep what was promised.
struct ErasedClasses {
  private struct Class {
    var records = 0
    var people: Set<[UInt8]> = []
    /// For each sensitive field and value: the people who have it, or the number of records if people are not told
    /// apart.
    var owners: [[[UInt8]: Set<[UInt8]>]]
    var counts: [[[UInt8]: Int]]
  }

  private let k: Int
  private let countsPeople: Bool
  private let fields: Int
  /// The measure of the models; nil if only k is promised.
  private let measure: ModelMeasure?
  private var classes: [[UInt8]: Class] = [:]

  init(k: Int, countsPeople: Bool, fields: Int, measure: ModelMeasure?) {
    (self.k, self.countsPeople, self.fields, self.measure) = (k, countsPeople, fields, measure)
  }

  /// Adds a record.
  /// - Parameter sensitive: the values by field; empty if the record has no value.
  mutating func add(_ key: [UInt8], person: [UInt8], sensitive: [[UInt8]]) {
    var own =
      classes[key] ?? Class(owners: Array(repeating: [:], count: fields), counts: Array(repeating: [:], count: fields))
    // The entry is taken out of the dictionary, so that the change makes no copy.
    classes[key] = nil
    own.records += 1
    if countsPeople { own.people.insert(person) }
    for (field, value) in sensitive.enumerated() {
      if countsPeople { own.owners[field][value, default: []].insert(person) }
      own.counts[field][value, default: 0] += 1
    }
    classes[key] = own
  }

  private func values(_ own: Class) -> [[[UInt8]: Int]] {
    countsPeople ? own.owners.map { $0.mapValues(\.count) } : own.counts
  }

  /// The values of each person who has several, by field.
  private func several(_ own: Class) -> [[Set<[UInt8]>]] {
    own.owners.map { owners in
      var values: [[UInt8]: Set<[UInt8]>] = [:]
      for (value, people) in owners { for person in people { values[person, default: []].insert(value) } }
      return values.values.filter { $0.count > 1 }
    }
  }

  private func whole(without gone: Set<[UInt8]>) -> [[[UInt8]: Int]] {
    (0..<fields).map { field in
      var owners: [[UInt8]: Set<[UInt8]>] = [:]
      var counts: [[UInt8]: Int] = [:]
      for (key, own) in classes where !gone.contains(key) {
        if countsPeople {
          owners.merge(own.owners[field]) { $0.union($1) }
        } else {
          counts.merge(own.counts[field], uniquingKeysWith: +)
        }
      }
      return countsPeople ? owners.mapValues(\.count) : counts
    }
  }

  /// Finds the classes that must be removed so that the others keep their promise. Some models compare classes with the
  /// whole, which changes with every removed class. So the models are asked again until every class that is left keeps
  /// the promise.
  /// - Parameter stars: the key of the suppressed records that stayed, which are in no class; nil if they do not stay.
  func broken(stars: [UInt8]?) throws(RunError) -> (keys: Set<[UInt8]>, records: Int, left: Int) {
    var gone: Set<[UInt8]> = []
    var isSettled = false
    while !isSettled {
      isSettled = true
      let whole = measure == nil ? [] : whole(without: gone)
      for (key, own) in classes where key != stars && !gone.contains(key) {
        var measured = MeasuredClass(fields: fields)
        measured.people = countsPeople ? own.people.count : own.records
        measured.values = values(own)
        if countsPeople { measured.several = several(own) }
        let findings = try measure?.findings([measured], wholes: [whole], outside: 0, several: []) ?? []
        if measured.people >= k, findings.allSatisfy(\.holds) { continue }
        gone.insert(key)
        isSettled = false
      }
    }
    let records = gone.reduce(0) { $0 + (classes[$1]?.records ?? 0) }
    return (gone, records, classes.values.reduce(0) { $0 + $1.records } - records)
  }
}

extension AnonymityConfig {
  /// Why people cannot be erased from an export under this model without a new run; nil if they can.
  var erasureNeedsRun: String? {
    let again = "put these people on the list of records.erasure, and run the pipeline again"
    if population != nil { return "it is compared with a population, of which a new run alone can tell: \(again)" }
    if risk.average != nil { return "a mean risk of all classes is promised, which a new run alone can keep: \(again)" }
    if release.previous != nil {
      return "it is in step with the release before, which a new run alone can keep: \(again)"
    }
    return nil
  }
}
