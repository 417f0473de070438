import VeilAnonymity
import VeilConfig

/// The classes that a recoding would publish, formed by their labels alone, before anything is published.
struct ReleaseMeasure {
  private(set) var classes: [MeasuredClass] = []
  /// How often each value of each sensitive field occurs among the published records, and below among all judged
  /// records.
  private(set) var published: [[[UInt8]: Int]]
  private(set) var judged: [[[UInt8]: Int]]
  /// The number of people of the population who fit no class.
  private(set) var outside = 0
  /// The suppressed records. If they stay, they are alike in every quasi-identifier, and so a class of their own.
  private(set) var suppressed: MeasuredClass
  /// The classes of each person who is in several, by number; `suppressedClass` stands for the suppressed records.
  private(set) var several: [[Int]] = []

  static let suppressedClass = -1

  init(_ table: QuasiTable, _ plan: RecodingPlan) {
    let fields = table.sensitive.count
    published = Array(repeating: [:], count: fields)
    judged = published
    suppressed = MeasuredClass(fields: fields)
    // Records whose labels have the same text are one class, even if the search took them for two.
    var numbers: [[[UInt8]]: Int] = [:]
    let classOf: [Int?] = table.records.indices.map { combination in
      guard let found = plan.classIndex(combination: combination) else { return nil }
      let labels = table.hierarchies.indices.map { unsafe Array(plan.label(column: $0, class: found)) }
      let number = numbers[labels] ?? numbers.count
      numbers[labels] = number
      return number
    }
    classes = Array(repeating: MeasuredClass(fields: fields), count: numbers.count)
    countPeople(table, classOf)
    if !table.population.isEmpty {
      // The match uses the text of the labels: a label with the text of a higher level fits other people than the
      // search assumed.
      let labels = numbers.sorted { $0.value < $1.value }.map(\.key)
      let match = PopulationMatch(table, people: table.population, classes: labels)
      for (number, people) in match.counts.enumerated() { classes[number].population = people }
      outside = match.outside
    }
    for field in 0..<fields { countValues(table.sensitive[field], field: field, classOf: classOf) }
  }

  /// Measures the published result of applying a plan: people by class, and sensitive values by class in place of
  /// combinations. In both, the suppressed records come last. `several` has the classes of each person in more than one,
  /// where the suppressed records have the number after the last class.
  init(_ contents: PlanContents, people: [Int], several: [[Int]], sensitive: [SensitiveColumn]) {
    let fields = sensitive.count
    published = Array(repeating: [:], count: fields)
    judged = published
    suppressed = MeasuredClass(fields: fields)
    classes = Array(repeating: MeasuredClass(fields: fields), count: contents.classCount)
    for number in classes.indices { classes[number].people = people[number] }
    suppressed.people = people[contents.classCount]
    for (number, own) in contents.populationOfClass.enumerated() { classes[number].population = own }
    // People who fit only a class without records here fit no class.
    let empty = zip(contents.populationOfClass, people).filter { $0.1 == 0 }
    outside = contents.populationOutside + empty.reduce(0) { $0 + $1.0 }
    let classOf = (0...contents.classCount).map { $0 < contents.classCount ? $0 : nil }
    for field in 0..<fields { countValues(sensitive[field], field: field, classOf: classOf) }
    let left = classes.indices.filter { classes[$0].people > 0 }
    var numbers = [Int](repeating: Self.suppressedClass, count: classes.count + 1)
    for (number, old) in left.enumerated() { numbers[old] = number }
    self.several = several.map { own in own.map { numbers[$0] } }
    classes = left.map { classes[$0] }
  }

  /// The mean over published people of 1 / the people of their class, the smallest of theirs.
  var averageRisk: Double { PersonMean(classes, several: several) { 1 / Double($0.people) }.value }

  /// What the worst class tells of the fields that models guard. Suppressed records that stay are in no class, and in the
  /// file.
  func inference(_ anonymity: AnonymityConfig) -> WorstInference? {
    var people = PersonMean(classes, several: several) { _ in 0 }.people
    let stays = anonymity.suppressed == .keep
    if stays { people += suppressed.people - several.count { $0.contains(Self.suppressedClass) } }
    return WorstInference(
      classes, fields: anonymity.modelledFields, whole: stays ? judged : published, people: people)
  }

  /// The candidates of each person over all of their records.
  func candidates(_ anonymity: AnonymityConfig) -> PersonCandidates? {
    PersonCandidates(
      classes, suppressed: suppressed, several: several, keepsSuppressed: anonymity.suppressed == .keep, k: anonymity.k)
  }

  private mutating func countPeople(_ table: QuasiTable, _ classOf: [Int?]) {
    func add(_ number: Int?, _ count: Int) {
      if let number { classes[number].people += count } else { suppressed.people += count }
    }
    guard let subjects = table.subjects else {
      for (number, records) in zip(classOf, table.records) { add(number, records) }
      return
    }
    for (number, count) in zip(classOf, subjects.single) { add(number, count) }
    for subject in 0..<subjects.starts.count - 1 {
      let own = subjects.classes[subjects.starts[subject]..<subjects.starts[subject + 1]]
      let numbers = Set(own.map { classOf[Int($0)] })
      for number in numbers { add(number, 1) }
      if numbers.count > 1 { several.append(numbers.map { $0 ?? Self.suppressedClass }) }
    }
  }

  private mutating func countValues(_ column: SensitiveColumn, field: Int, classOf: [Int?]) {
    // The class and the value of each cell.
    var places: [(number: Int?, value: [UInt8])] = []
    for combination in classOf.indices {
      for cell in column.cells.starts[combination]..<column.cells.starts[combination + 1] {
        places.append((classOf[combination], column.values[Int(column.cells.values[cell])]))
      }
    }
    for (cell, place) in places.enumerated() {
      let count = column.cells.pairs?.single[cell] ?? column.cells.counts[cell]
      judged[field][place.value, default: 0] += count
      guard let number = place.number else {
        suppressed.values[field][place.value, default: 0] += count
        continue
      }
      published[field][place.value, default: 0] += count
      classes[number].values[field][place.value, default: 0] += count
    }
    for cells in column.cells.cellsOfPeople {
      var values: [Int?: Set<[UInt8]>] = [:]
      for cell in cells { values[places[Int(cell)].number, default: []].insert(places[Int(cell)].value) }
      for (number, own) in values where own.count > 1 {
        if let number { classes[number].several[field].append(own) } else { suppressed.several[field].append(own) }
      }
    }
    guard let pairs = column.cells.pairs else { return }
    for pair in 0..<pairs.starts.count - 1 {
      let cells = pairs.classes[pairs.starts[pair]..<pairs.starts[pair + 1]].map { places[Int($0)] }
      let value = cells[0].value
      judged[field][value, default: 0] += 1
      let numbers = Set(cells.compactMap(\.number))
      if !numbers.isEmpty { published[field][value, default: 0] += 1 }
      for number in numbers { classes[number].values[field][value, default: 0] += 1 }
      if cells.contains(where: { $0.number == nil }) { suppressed.values[field][value, default: 0] += 1 }
    }
  }
}
