import VeilConfig

/// A complete plan: it says what happens to every combination of quasi-identifiers that it was decided for. The last
/// pass applies it, a plan file holds it, and the next release keeps its classes.
///
/// It holds values, combinations and labels, so it is personal data like its source.
package struct PlanContents: Sendable {
  package struct PlanColumn: Sendable {
    /// The values of the records, in the order of their codes; an empty one is a missing value.
    var values: ByteStringTable
    /// The different labels, and which of them each class has.
    package var labels = ByteStringTable()
    package var labelOfClass: [UInt32] = []
    /// The level of each class's label in the hierarchy.
    package var levelOfClass: [UInt8] = []
  }
  package var columns: [PlanColumn]
  /// The layout of a combination's codes in a key, and the keys, ascending.
  var layout: KeyLayout
  var keys: [UInt64] = []
  /// The class of each combination; -1 if its records are suppressed.
  var classOf: [Int32] = []
  /// The records of each combination, and its people. Each person is counted once in all.
  var records: [Int] = []
  var people: [Int] = []
  /// The number of distinct people in each class.
  package var peopleOfClass: [Int] = []
  /// How uncertain the values of each column have become.
  package var entropies: [ColumnEntropy] = []
  package var summary: RecodingSummary
  /// How often each class has each value of the sensitive fields that models need.
  package var sensitive: [ClassValues] = []
  /// The people of the population who fit each class, and who fit none; empty and 0 if there is no population.
  package var populationOfClass: [Int] = []
  package var populationOutside = 0
  /// Whether suppressed records stay in the release, with the same text in every quasi-identifier.
  var keepsSuppressed = false
  /// What this release and the previous one reveal together, if there was a previous one.
  package var intersection: Intersection?

  var count: Int { classOf.count }
  package var classCount: Int { columns.first?.labelOfClass.count ?? 0 }

  func code(_ column: Int, of combination: Int) -> Int { layout.code(column, in: keys, at: combination * layout.words) }

  /// The number of records in each class.
  package var recordsOfClass: [Int] {
    var sums = [Int](repeating: 0, count: classCount)
    for (number, records) in zip(classOf, records) where number >= 0 { sums[Int(number)] += records }
    return sums
  }

  /// Makes the plan of a table without its classes: the values of its records, the combinations and the counts.
  private init(_ table: QuasiTable, summary: RecodingSummary) {
    self.summary = summary
    var codeOfLeaf: [[UInt32]] = []
    columns = []
    for (column, hierarchy) in table.hierarchies.enumerated() {
      var isSeen = [Bool](repeating: false, count: hierarchy.leafCount)
      for index in table.records.indices {
        isSeen[table.layout.code(column, in: table.keys, at: index * table.layout.words)] = true
      }
      var values = ByteStringTable()
      var codes = [UInt32](repeating: 0, count: hierarchy.leafCount)
      for leaf in isSeen.indices where isSeen[leaf] {
        codes[leaf] = values.insert(table.lookups[column].value(of: UInt32(leaf)))
      }
      columns.append(PlanColumn(values: values))
      codeOfLeaf.append(codes)
    }
    layout = KeyLayout(leafCounts: columns.map(\.values.count))
    records = table.records
    people = table.subjects?.credits ?? table.records
    keys = [UInt64](repeating: 0, count: table.records.count * layout.words)
    for index in table.records.indices {
      for (column, place) in layout.places.enumerated() {
        let leaf = table.layout.code(column, in: table.keys, at: index * table.layout.words)
        keys[index * layout.words + place.word] |= UInt64(codeOfLeaf[column][leaf]) << place.shift
      }
    }
  }

  init(_ table: QuasiTable, _ plan: LocalPlan, k: Int) {
    self.init(table, summary: RecodingSummary(table: table, plan: plan, k: k))
    // Classes with equal labels are one class for every reader.
    var classes = ByteStringTable(minimumCapacity: plan.classes)
    var numbers: [UInt32] = []
    for number in 0..<(plan.cells.first?.count ?? 0) {
      var labels: [UInt32] = []
      for column in columns.indices {
        labels.append(columns[column].labels.insert(plan.texts[column][Int(plan.labels[column][number])]))
      }
      let published = unsafe labels.withUnsafeBytes { unsafe classes.insert($0) }
      numbers.append(published)
      if Int(published) < classCount { continue }
      for (column, label) in labels.enumerated() {
        columns[column].labelOfClass.append(label)
        columns[column].levelOfClass.append(plan.cells[column][number].level)
      }
    }
    classOf = plan.classOf.map { $0 < 0 ? -1 : Int32(numbers[Int($0)]) }
    measure(table)
  }

  init(_ table: QuasiTable, _ plan: GlobalPlan, k: Int) {
    self.init(table, summary: RecodingSummary(table: table, plan: plan, k: k))
    for (column, level) in plan.levels.enumerated() {
      columns[column].labels = ByteStringTable()
      columns[column].levelOfClass = Array(repeating: UInt8(level), count: plan.kept.count)
    }
    let groupsOfLeaf = zip(table.hierarchies, plan.levels).map { $0.groups(level: $1) }
    // Groups of one level may have equal labels: a missing value, and a leaf without text.
    let labelOfGroup = table.hierarchies.enumerated().map { column, hierarchy in
      (0..<hierarchy.groupCount(level: plan.levels[column])).map {
        columns[column].labels.insert(hierarchy.label(level: plan.levels[column], group: $0))
      }
    }
    for number in 0..<plan.kept.count {
      let groups = plan.groups(of: number)
      for column in columns.indices {
        columns[column].labelOfClass.append(labelOfGroup[column][Int(groups[column])])
      }
    }
    var groups = [UInt32](repeating: 0, count: columns.count)
    classOf = table.records.indices.map { index in
      for column in groups.indices {
        groups[column] = groupsOfLeaf[column][table.layout.code(column, in: table.keys, at: index * table.layout.words)]
      }
      return unsafe groups.withUnsafeBytes { unsafe plan.kept.find($0) }.map { Int32($0) } ?? -1
    }
    measure(table)
  }

  private mutating func measure(_ table: QuasiTable) {
    peopleOfClass = table.people(of: classOf, count: classCount)
    entropies = ColumnEntropy.columns(table, classOf: classOf, levels: columns.map(\.levelOfClass))
    sensitive = table.sensitive.map { ClassValues($0, classOf: classOf, classCount: classCount) }
    guard !table.population.isEmpty else { return }
    let labels = (0..<classCount).map { number in columns.map { $0.labels[Int($0.labelOfClass[number])] } }
    let match = PopulationMatch(table, people: table.population, classes: labels)
    (populationOfClass, populationOutside) = (match.counts, match.outside)
  }
}

extension GlobalPlan {
  /// Returns one group per column for a published class.
  fileprivate func groups(of number: Int) -> [UInt32] {
    unsafe kept.withBytes(of: number) { bytes in
      (0..<levels.count).map { unsafe bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
    }
  }
}

// MARK: Saving

extension PlanContents {
  package static let magic = "veil-plan/v1"

  package func write(to body: inout BodyWriter) {
    summary.write(to: &body)
    for figure in intersection.map(\.figures) ?? [0] { body.write(figure) }
    body.write(columns.count)
    body.write(classCount)
    for people in peopleOfClass { body.write(people) }
    for (column, entropy) in zip(columns, entropies) {
      body.write(entropy.bits)
      body.write(entropy.most)
      for table in [column.values, column.labels] {
        body.write(table.count)
        for index in 0..<table.count { body.write(table[index]) }
      }
      for label in column.labelOfClass { body.write(label) }
      for level in column.levelOfClass { body.write(Int(level)) }
    }
    // Combinations that only the population has are not needed later.
    let seen = (0..<count).filter { records[$0] > 0 }
    body.write(seen.count)
    for index in seen {
      for column in columns.indices { body.write(code(column, of: index)) }
      body.write(Int(classOf[index]) + 1)
      body.write(records[index])
      body.write(people[index])
    }
    writeModels(to: &body)
  }

  package init(from body: inout BodyReader) throws(MalformedFile) {
    summary = try RecodingSummary(from: &body)
    let form = try body.integer(upTo: 2)
    if form > 0 {
      let (both, singled, k) = (try body.integer(), try body.integer(), try body.integer())
      let oneOnly = form > 1 ? Intersection.OneOnly(came: try body.integer(), left: try body.integer()) : nil
      intersection = Intersection(inBoth: both, singledOut: singled, k: k, oneOnly: oneOnly)
    }
    let width = try body.count()
    let classCount = try body.count()
    guard width > 0, width == summary.columns.count else { throw MalformedFile("its columns do not agree") }
    columns = []
    for _ in 0..<classCount { peopleOfClass.append(try body.integer()) }
    for _ in 0..<width {
      entropies.append(ColumnEntropy(bits: try body.double(), most: try body.double()))
      var column = PlanColumn(values: try Self.table(&body))
      column.labels = try Self.table(&body)
      for _ in 0..<classCount { column.labelOfClass.append(try body.code(below: column.labels.count)) }
      for _ in 0..<classCount { column.levelOfClass.append(UInt8(try body.integer(upTo: 255))) }
      columns.append(column)
    }
    layout = KeyLayout(leafCounts: columns.map(\.values.count))
    let count = try body.count(width: width + 3)
    var recordsOfClass = [Int](repeating: 0, count: classCount)
    var total = 0
    var published = 0
    for index in 0..<count {
      var key = [UInt64](repeating: 0, count: layout.words)
      for column in 0..<width {
        let place = layout.places[column]
        key[place.word] |= UInt64(try body.code(below: columns[column].values.count)) << place.shift
      }
      // The keys ascend, so each occurs once.
      guard index == 0 || keys[(keys.count - layout.words)...].lexicographicallyPrecedes(key) else {
        throw MalformedFile("its combinations are out of order")
      }
      keys += key
      let number = try body.integer(upTo: classCount) - 1
      classOf.append(Int32(number))
      records.append(try body.integer())
      people.append(try body.integer())
      total += records[index]
      guard records[index] > 0, people[index] <= records[index], total <= 1 << 53 else {
        throw MalformedFile("its counts do not agree")
      }
      if number >= 0 {
        recordsOfClass[number] += records[index]
        published += records[index]
      }
    }
    try readModels(from: &body)
    // A class of k people has at least k records. No figure of the summary may claim more than the classes hold.
    guard body.isAtEnd, total == summary.records, total - published == summary.suppressedRecords,
      zip(recordsOfClass, peopleOfClass).allSatisfy({ $0 >= $1 && $1 >= max(1, summary.smallestClass) }),
      classCount == summary.classes, summary.smallestClass >= summary.k || classCount == 0
    else { throw MalformedFile("its figures do not agree") }
  }

  private static func table(_ body: inout BodyReader) throws(MalformedFile) -> ByteStringTable {
    var table = ByteStringTable()
    for number in 0..<(try body.count()) {
      guard table.insert(try body.text()) == UInt32(number) else { throw MalformedFile("a text is there twice") }
    }
    return table
  }
}

extension Intersection {
  /// What a plan file says of it, which begins with its form.
  fileprivate var figures: [Int] {
    [oneOnly == nil ? 1 : 2, inBoth, singledOut, k] + (oneOnly.map { [$0.came, $0.left] } ?? [])
  }
}

extension RecodingSummary {
  fileprivate func write(to body: inout BodyWriter) {
    body.write(recoding.rawValue)
    for figure in [k, records, people, countsSubjects ? 1 : 0, suppressedRecords, classes, smallestClass] {
      body.write(figure)
    }
    body.write(loss)
    body.write(columns.count)
    for column in columns {
      body.write(column.level.map { $0 + 1 } ?? 0)
      body.write(column.height)
      body.write(column.leaves)
      body.write(column.loss)
    }
  }

  fileprivate init(from body: inout BodyReader) throws(MalformedFile) {
    guard let recoding = AnonymityConfig.Recoding(rawValue: try body.string()) else {
      throw MalformedFile("its recoding is not known")
    }
    self.recoding = recoding
    k = try body.integer()
    records = try body.integer()
    people = try body.integer()
    countsSubjects = try body.integer(upTo: 1) == 1
    suppressedRecords = try body.integer()
    classes = try body.integer()
    smallestClass = try body.integer()
    loss = try body.double()
    var columns: [ColumnSummary] = []
    for _ in 0..<(try body.count(width: 11)) {
      let level = try body.integer(upTo: 256)
      columns.append(
        ColumnSummary(
          level: level > 0 ? level - 1 : nil, height: try body.integer(upTo: 256), leaves: try body.integer(),
          loss: try body.double()))
    }
    self.columns = columns
    let losses = columns.map(\.loss) + [loss]
    guard losses.allSatisfy({ (0...1.000001).contains($0) }) else {
      throw MalformedFile("a loss in it is out of range")
    }
  }
}
