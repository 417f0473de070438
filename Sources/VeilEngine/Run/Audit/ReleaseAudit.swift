/// The classes that a recoding would publish, told by their labels alone, before anything is published.
struct ReleaseAudit {
  private(set) var classes: [AuditedClass] = []
  /// How often each value of each sensitive field occurs among what is published, and among all records judged.
  private(set) var published: [[[UInt8]: Int]]
  private(set) var judged: [[[UInt8]: Int]]
  /// People of the population who fit no class.
  private(set) var outside = 0

  init(_ table: QuasiTable, _ plan: RecodingPlan) {
    let fields = table.sensitive.count
    published = Array(repeating: [:], count: fields)
    judged = published
    // Records whose labels read the same are one class, whatever the search took them for.
    var numbers: [[[UInt8]]: Int] = [:]
    let classOf: [Int?] = table.records.indices.map { combination in
      let codes = table.hierarchies.indices.map {
        UInt32(table.layout.code($0, in: table.keys, at: combination * table.layout.words))
      }
      return unsafe codes.withUnsafeBufferPointer { codes -> Int? in
        guard let base = codes.baseAddress, let found = unsafe plan.classIndex(base) else { return nil }
        let labels = codes.indices.map { unsafe Array(plan.label(column: $0, class: found)) }
        let number = numbers[labels] ?? numbers.count
        numbers[labels] = number
        return number
      }
    }
    classes = Array(repeating: AuditedClass(fields: fields), count: numbers.count)
    countPeople(table, classOf)
    for (number, people) in zip(classOf, table.population) {
      if let number {
        classes[number].population = (classes[number].population ?? 0) + people
      } else {
        outside += people
      }
    }
    for field in 0..<fields { countValues(table.sensitive[field], field, classOf) }
  }

  private mutating func countPeople(_ table: QuasiTable, _ classOf: [Int?]) {
    guard let subjects = table.subjects else {
      for (number, records) in zip(classOf, table.records) {
        if let number { classes[number].people += records }
      }
      return
    }
    for (number, count) in zip(classOf, subjects.single) {
      if let number { classes[number].people += count }
    }
    for subject in 0..<subjects.starts.count - 1 {
      let own = subjects.classes[subjects.starts[subject]..<subjects.starts[subject + 1]]
      for number in Set(own.compactMap { classOf[Int($0)] }) { classes[number].people += 1 }
    }
  }

  private mutating func countValues(_ column: SensitiveColumn, _ field: Int, _ classOf: [Int?]) {
    // Class and value of each cell.
    var places: [(number: Int?, value: [UInt8])] = []
    for combination in classOf.indices {
      for cell in column.cells.starts[combination]..<column.cells.starts[combination + 1] {
        places.append((classOf[combination], column.values[Int(column.cells.values[cell])]))
      }
    }
    for (cell, place) in places.enumerated() {
      let count = column.cells.pairs?.single[cell] ?? column.cells.counts[cell]
      judged[field][place.value, default: 0] += count
      guard let number = place.number else { continue }
      published[field][place.value, default: 0] += count
      classes[number].values[field][place.value, default: 0] += count
    }
    guard let pairs = column.cells.pairs else { return }
    for pair in 0..<pairs.starts.count - 1 {
      let cells = pairs.classes[pairs.starts[pair]..<pairs.starts[pair + 1]].map { places[Int($0)] }
      let value = cells[0].value
      judged[field][value, default: 0] += 1
      let numbers = Set(cells.compactMap(\.number))
      if !numbers.isEmpty { published[field][value, default: 0] += 1 }
      for number in numbers { classes[number].values[field][value, default: 0] += 1 }
    }
  }
}
