import VeilAnonymity
import VeilGround

/// The classes of a release by the fields that others know, and which of them a person may be in.
struct ReleaseClasses {
  private let data: AttackData
  let known: [Int]
  /// The codes of each class's labels, by field.
  private let labels: [[UInt32]]
  private(set) var sizes: [Int] = []
  private(set) var classOfRecord: [Int] = []
  /// The classes with each label, by field.
  private let classesOfLabel: [[[Int32]]]
  private let indices: [LabelIndex]

  init(_ data: AttackData) {
    self.data = data
    known = data.known
    var numbers: [[UInt32]: Int] = [:]
    var labels: [[UInt32]] = data.known.map { _ in [] }
    for record in 0..<data.records.release {
      let key = known.map { data.fields[$0].release.codes[record] }
      if let number = numbers[key] {
        sizes[number] += 1
        classOfRecord.append(number)
      } else {
        numbers[key] = sizes.count
        classOfRecord.append(sizes.count)
        sizes.append(1)
        for place in key.indices { labels[place].append(key[place]) }
      }
    }
    self.labels = labels
    classesOfLabel = known.enumerated().map { place, field in
      var lists = [[Int32]](repeating: [], count: data.fields[field].release.values.count)
      for (number, label) in labels[place].enumerated() { lists[Int(label)].append(Int32(number)) }
      return lists
    }
    indices = known.map { field in
      let values = data.fields[field].release.values
      return LabelIndex((0..<values.count).map { values[$0] }, rule: data.fields[field].rule)
    }
  }

  /// Returns the classes whose labels cover what a person has in some of the known fields (`places` among them), in
  /// ascending order.
  func covering(_ record: Int, of people: AttackData.People, places: [Int]) -> [Int] {
    let covering = places.map { place in
      let column = data.column(known[place], of: people)
      return indices[place].covering(column.values[Int(column.codes[record])])
    }
    func size(_ order: Int) -> Int {
      covering[order].reduce(0) { $0 + classesOfLabel[places[order]][$1].count }
    }
    guard let first = places.indices.min(by: { size($0) < size($1) }) else { return Array(sizes.indices) }
    var found = covering[first].flatMap { classesOfLabel[places[first]][$0] }.map { Int($0) }
    for order in places.indices where order != first {
      let fits = Set(covering[order].map { UInt32($0) })
      found = found.filter { fits.contains(labels[places[order]][$0]) }
    }
    return found.sorted()
  }
}

extension AttackData {
  /// Returns the people who are attacked: some records of the original or of the control, in random order.
  func targets(_ people: People, attempts: Int, seed: UInt64) -> [Int] {
    var random = AttackRandom(seed: seed, stream: 20 + people.rawValue)
    return random.sample(attempts, below: records(of: people))
  }
}
