extension PipelineReading {
  private static let kinds = ["date", "prefix", "interval", "ip", "order", "tree", "file"]
  private static let hierarchyHelp =
    "{date: [month, year]}, {prefix: 5}, {interval: {width: 5, levels: 4}}, {interval: auto}, ip, {order: [low, middle, "
    + "high]}, {tree: {…}} or {file: PATH}"

  /// Reads the hierarchy of a field. `missing` may stand beside its kind, and is read by `missing(_:of:)`.
  func hierarchy(_ node: ConfigNode, at key: Mark?, of owner: String) -> HierarchyConfig? {
    let kinds = OptionReader.list(Self.kinds).replacing("'", with: "")
    switch node.isNull ? nil : node.text {
    case "ip": return .ip(v4: Self.networks4, v6: Self.networks6)
    case "date": return .date([.month, .year, .decade])
    default: break
    }
    let given = node.entries?.filter { $0.key.text != "missing" } ?? []
    guard given.count == 1, let entry = given.first else {
      diagnostics.error(
        at: node.isNull ? key : node.mark, "the hierarchy of \(owner) must be one of \(kinds)", help: Self.hierarchyHelp
      )
      return nil
    }
    let reader = OptionReader(
      node: node, context: "the hierarchy of \(owner)", known: Self.kinds + ["missing"], diagnostics: diagnostics)
    switch entry.key.text {
    case "date": return dateLevels(reader).map { .date($0) }
    case "prefix": return reader.int("prefix", range: 1...255).map { .prefix($0) }
    case "interval": return interval(reader)
    case "ip": return networks(reader)
    case "order": return order(reader)
    case "tree": return tree(entry.value, at: entry.key.mark).map { .tree($0) }
    case "file": return path("file", reader).map { .file($0) }
    default: return nil
    }
  }

  func missing(_ node: ConfigNode, of owner: String) -> HierarchyConfig.Missing {
    guard let found = node["missing"] else { return .error }
    guard let text = found.text, let missing = HierarchyConfig.Missing(rawValue: text) else {
      diagnostics.error(
        at: found, "'missing' in the hierarchy of \(owner) must be error or top",
        help: "error stops the run at values that the hierarchy does not cover; top writes '*' for them")
      return .error
    }
    return missing
  }

  private func dateLevels(_ reader: OptionReader) -> [HierarchyConfig.DateLevel]? {
    guard let names = reader.strings("date") else { return nil }
    let words = HierarchyConfig.DateLevel.allCases.map(\.rawValue)
    let nodes = reader.node("date").map { $0.items ?? [$0] } ?? []
    var levels: [HierarchyConfig.DateLevel] = []
    for (name, node) in zip(names, nodes) {
      guard let level = HierarchyConfig.DateLevel(rawValue: name) else {
        diagnostics.error(
          at: node, "unknown date level \(quote(name))", suggest: Diagnostics.nearest(name, in: words),
          help: "the levels are \(words.joined(separator: ", "))")
        return nil
      }
      if let last = levels.last, level <= last {
        diagnostics.error(
          at: node, "\(quote(name)) is no coarser than \(quote(last.rawValue)) before it",
          help: "name levels from fine to coarse: \(words.joined(separator: ", "))")
        return nil
      }
      levels.append(level)
    }
    if levels.isEmpty { reader.error("date", "'date' is an empty list") }
    return levels
  }

  // MARK: Intervals

  private func interval(_ hierarchy: OptionReader) -> HierarchyConfig? {
    if hierarchy.node("interval")?.text == "auto" { return .autoInterval(.equalFrequency, levels: 4) }
    let known = ["width", "levels", "origin", "auto"]
    guard let reader = section("interval", of: hierarchy, known: known) else { return nil }
    if reader.has("auto") { return autoInterval(reader) }
    let width =
      reader.require("width", help: "or write  interval: auto  to have intervals chosen from the data")
      ? reader.number("width") : nil
    if let width, width.value <= 0 { reader.error("width", "'width' must be above 0") }
    let levels = reader.requiredInt("levels", range: 1...32)
    let origin = reader.number("origin") ?? ConfigNumber(0)
    guard let width, let levels else { return nil }
    return .interval(width: width, levels: levels, origin: origin)
  }

  private func autoInterval(_ reader: OptionReader) -> HierarchyConfig? {
    for key in ["width", "origin"] where reader.has(key) {
      diagnostics.error(
        at: reader.keyMark(of: key), "\(quote(key)) and 'auto' exclude each other",
        help: "'auto' chooses intervals from the data; leave it out to choose them yourself")
    }
    let levels = reader.int("levels", range: 1...12) ?? 4
    return reader.choice("auto", of: HierarchyConfig.AutoInterval.self).map { .autoInterval($0, levels: levels) }
  }

  // MARK: Networks

  private static let networks4 = [24, 16, 8]
  private static let networks6 = [64, 48, 32]

  private func networks(_ hierarchy: OptionReader) -> HierarchyConfig? {
    guard let reader = section("ip", of: hierarchy, known: ["v4", "v6"]) else { return nil }
    let v4 = lengths("v4", reader, most: 31, standard: Self.networks4)
    let v6 = lengths("v6", reader, most: 127, standard: Self.networks6)
    guard let v4, let v6 else { return nil }
    return .ip(v4: v4, v6: v6)
  }

  private func lengths(_ key: String, _ reader: OptionReader, most: Int, standard: [Int]) -> [Int]? {
    guard reader.has(key) else { return standard }
    guard let lengths = wholeNumbers(key, reader) else { return nil }
    let isFalling = zip(lengths, lengths.dropFirst()).allSatisfy { $0 > $1 }
    guard !lengths.isEmpty, isFalling, lengths.allSatisfy({ 1...most ~= $0 }) else {
      reader.error(
        key, "\(quote(key)) must be lengths of prefixes in bits, from 1 to \(most), each shorter than the one before",
        help: "such as [\(standard.map(String.init).joined(separator: ", "))]")
      return nil
    }
    return lengths
  }

  // MARK: Order

  private func order(_ hierarchy: OptionReader) -> HierarchyConfig? {
    guard let node = hierarchy.node("order") else { return nil }
    var values: [String]?
    var widths: [Int]?
    if node.entries != nil {
      guard let reader = section("order", of: hierarchy, known: ["values", "widths"]) else { return nil }
      values = reader.require("values", help: "values: [low, middle, high]") ? reader.strings("values") : nil
      if reader.has("widths") {
        guard let given = wholeNumbers("widths", reader) else { return nil }
        widths = given
        let all = [1] + given
        let nests = zip(all, all.dropFirst()).allSatisfy { $1 > $0 && $1 % $0 == 0 }
        if given.isEmpty || !nests {
          reader.error(
            "widths", "'widths' must be numbers of neighbours, each a multiple of the one before",
            help: "widths: [2, 4] makes groups of two values and then of four")
          return nil
        }
      }
    } else {
      values = hierarchy.strings("order")
    }
    guard let values else { return nil }
    if let twice = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +).filter({ $0.value > 1 }).keys.min() {
      hierarchy.error("order", "'order' has \(quote(twice)) twice")
      return nil
    }
    guard values.count > 1 else {
      hierarchy.error("order", "'order' needs two values or more")
      return nil
    }
    if widths == nil {
      widths = sequence(first: 2) { $0 * 2 }.prefix { $0 < values.count }.map { $0 }
    }
    return .order(values: values, widths: (widths ?? []).filter { $0 < values.count })
  }

  private func wholeNumbers(_ key: String, _ reader: OptionReader) -> [Int]? {
    guard let node = reader.node(key) else { return nil }
    let numbers = (node.items ?? [node]).map(\.int)
    guard numbers.allSatisfy({ $0 != nil }) else {
      reader.error(key, "\(quote(key)) must be a list of whole numbers")
      return nil
    }
    return numbers.compactMap { $0 }
  }
}
