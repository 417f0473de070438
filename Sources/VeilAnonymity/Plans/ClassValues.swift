/// How often each value of a sensitive field occurs in each class of a release, and among its suppressed records.
package struct ClassValues: Sendable, Equatable {
  /// The values in byte order. The first byte of each says what kind of value it is; a missing value is empty.
  private(set) var values: [[UInt8]]
  /// The cells by class, with those of suppressed records last: the numbers of values, ascending, and the records or
  /// people with each value.
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

  /// Returns the counts with texts instead of numbers, so that those of two tables can be compared.
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
  /// Writes the parts that only some plans have. They come last, and nothing is written if a plan has none of them.
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
