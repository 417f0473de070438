/// How often each value of a sensitive field occurs in each class of a release, and among its suppressed records.
package struct ClassValues: Sendable, Equatable {
  /// In byte order, each with a first byte that says what kind of value it is; a missing one is empty.
  private(set) var values: [[UInt8]]
  /// By class, and last those of suppressed records: numbers of values, ascending, and the records or people with each.
  package private(set) var classes: [[ValueCount]]

  package struct ValueCount: Sendable, Equatable {
    var value: UInt32
    var count: Int
  }

  package init(_ column: SensitiveColumn, classOf: [Int32], classCount: Int) {
    let cells = column.cells.joined(
      classOf.map { $0 < 0 ? UInt32(classCount) : UInt32($0) }, classCount: classCount + 1)
    values = column.values
    classes = (0...classCount).map { number in
      let own = (cells.starts[number]..<cells.starts[number + 1]).map {
        ValueCount(value: cells.values[$0], count: cells.counts[$0])
      }
      return own.sorted { $0.value < $1.value }
    }
  }

  /// The same with texts for numbers, so that those of two tables can be compared.
  package func counts(_ number: Int) -> [[UInt8]: Int] {
    Dictionary(uniqueKeysWithValues: classes[number].map { (values[Int($0.value)], $0.count) })
  }

  // MARK: Saving

  func write(to body: inout BodyWriter) {
    body.write(values.count)
    for value in values { body.write(value) }
    for cells in classes {
      body.write(cells.count)
      for cell in cells {
        body.write(cell.value)
        body.write(cell.count)
      }
    }
  }

  init(from body: inout BodyReader, classCount: Int) throws(MalformedFile) {
    values = []
    for _ in 0..<(try body.count()) {
      let value = try body.text()
      if let last = values.last, !last.lexicographicallyPrecedes(value) {
        throw MalformedFile("its sensitive values are out of order")
      }
      values.append(value)
    }
    classes = []
    for _ in 0...classCount {
      var cells: [ValueCount] = []
      for _ in 0..<(try body.count(width: 2)) {
        let cell = ValueCount(value: try body.code(below: values.count), count: try body.integer())
        guard cell.count > 0, cells.last.map({ $0.value < cell.value }) ?? true else {
          throw MalformedFile("its sensitive values are out of order")
        }
        cells.append(cell)
      }
      classes.append(cells)
    }
  }
}

extension PlanContents {
  /// What only some plans hold stands at the end, and nothing at all where there is none of it.
  func writeModels(to body: inout BodyWriter) {
    if !keepsSuppressed, sensitive.isEmpty, populationOfClass.isEmpty { return }
    body.write(keepsSuppressed ? 1 : 0)
    body.write(sensitive.count)
    for field in sensitive { field.write(to: &body) }
    body.write(populationOfClass.isEmpty ? 0 : 1)
    for people in populationOfClass { body.write(people) }
    if !populationOfClass.isEmpty { body.write(populationOutside) }
  }

  mutating func readModels(from body: inout BodyReader) throws(MalformedFile) {
    if body.isAtEnd { return }
    keepsSuppressed = try body.integer(upTo: 1) == 1
    for _ in 0..<(try body.count()) { sensitive.append(try ClassValues(from: &body, classCount: classCount)) }
    guard try body.integer(upTo: 1) == 1 else { return }
    for _ in 0..<classCount { populationOfClass.append(try body.integer()) }
    populationOutside = try body.integer()
  }
}
