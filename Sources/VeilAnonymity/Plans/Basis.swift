package import VeilGround

/// The facts that a histogram or plan depends on, with names: the quasi-identifiers, their stages and hierarchies, who
/// is counted and, for a plan, the privacy model. A saved file is used only if every fact is the same in the pipeline.
package struct Basis: Sendable, Equatable {
  package struct Fact: Sendable, Equatable {
    /// The name in messages: `k`, `the hierarchy of 'age'`.
    package var name: String
    /// Readable text, or the hex of a digest if the text is long.
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
  package var facts: [Fact]

  package init(facts: [Fact]) { self.facts = facts }

  /// The number of quasi-identifiers.
  package var columnCount: Int { facts.count { $0.name.hasPrefix(Self.hierarchyOf) } }

  package static let hierarchyOf = "the hierarchy of "

  /// Returns the facts whose names another basis also has.
  package func among(_ other: Basis) -> Basis {
    var basis = self
    basis.facts = facts.filter { fact in other.facts.contains { $0.name == fact.name } }
    return basis
  }

  /// Throws `.mismatch` if a fact differs from the pipeline's. `file` is the path of a histogram or plan.
  package func mustBe(_ wanted: Basis, file: String) throws(RunError) {
    var problems: [String] = []
    for fact in wanted.facts {
      guard let own = facts.first(where: { $0.name == fact.name }) else {
        problems.append("it knows nothing of \(fact.name)")
        continue
      }
      if own.value == fact.value { continue }
      let isReadable = own.value.utf8.count < 60 && fact.value.utf8.count < 60
      problems.append(
        isReadable
          ? "\(fact.name) was \(ShownName.plain(own.value)) and is \(ShownName.plain(fact.value))"
          : "\(fact.name) is not what it was")
    }
    for own in facts where !wanted.facts.contains(where: { $0.name == own.name }) {
      problems.append("it was made with \(ShownName.plain(own.name)), which the pipeline does not have")
    }
    if problems.isEmpty { return }
    throw RunError(
      .mismatch,
      "\(file) was made for another pipeline\n  \(problems.joined(separator: "\n  "))\n"
        + "  make it anew with this pipeline, or use the pipeline that it was made with")
  }

  // MARK: Saving

  package func write(to body: inout BodyWriter) {
    body.write(facts.count)
    for fact in facts {
      body.write(fact.name)
      body.write(fact.value)
    }
  }

  package init(from body: inout BodyReader) throws(MalformedFile) {
    facts = []
    for _ in 0..<(try body.count(width: 2)) { facts.append(Fact(name: try body.string(), value: try body.string())) }
  }
}

extension QuasiCoder {
  /// Everything that decides how values become groups, as bytes.
  package var basis: [UInt8] {
    var body = BodyWriter()
    switch rule {
    case .file(let hierarchy):
      body.write("listed")
      for level in 0...hierarchy.height {
        for group in 0..<hierarchy.groupCount(level: level) { body.write(hierarchy.label(level: level, group: group)) }
        for group in hierarchy.groups(level: level) { body.write(group) }
      }
    case .date(let levels): body.write("date \(levels)")
    case .prefix(let length): body.write("prefix \(length)")
    case .interval(let rule): body.write("interval \(rule)")
    case .autoInterval(let kind, let levels, _): body.write("automatic intervals \(kind) \(levels)")
    case .cuts(let cuts): body.write("intervals \(cuts)")
    case .ip(let rule): body.write("networks \(rule)")
    case .none: body.write("none")
    }
    body.write(takesUnknown ? 1 : 0)
    return body.bytes
  }
}
