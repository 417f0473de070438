/// The models that `anonymity` may demand besides k: those about sensitive fields are here, the others below.
extension PipelineReading {
  static let modelKeys = [
    "l", "t", "alpha", "beta", "disclosure", "population", "presence", "k_map", "risk",
  ]

  func sensitiveDemands(_ reader: OptionReader) -> [SensitiveDemand] {
    perField("l", example: "{diagnosis: 3}", in: reader, read: diversity)
      + perField("t", example: "{diagnosis: 0.2}", in: reader, read: closeness)
      + perField("alpha", example: "{diagnosis: 0.5}", in: reader, read: alpha)
      + perField("beta", example: "{diagnosis: 1}", in: reader, read: likeness)
      + perField("disclosure", example: "{diagnosis: 1.5}", in: reader, read: disclosure)
  }

  /// Reads a mapping from sensitive fields to the demands on each: one model, or a list of them.
  private func perField(
    _ key: String, example: String, in reader: OptionReader, read: (ConfigNode) -> SensitiveDemand.Model?
  ) -> [SensitiveDemand] {
    guard let node = reader.node(key) else { return [] }
    guard let entries = node.entries, !entries.isEmpty else {
      reader.error(key, "\(quote(key)) must be a mapping of sensitive fields, such as \(example)")
      return []
    }
    var seen: [FieldPath: Mark] = [:]
    return entries.flatMap { entry -> [SensitiveDemand] in
      guard let field = sensitiveField(entry.key) else { return [] }
      if let first = seen.updateValue(entry.key.mark, forKey: field) {
        diagnostics.error(at: entry.key, "\(quote(field.description)) is there twice, first on line \(first.line)")
        return []
      }
      if entry.value.items?.isEmpty == true {
        diagnostics.error(at: entry.value, "an empty list asks for nothing")
      }
      return (entry.value.items ?? [entry.value]).compactMap { node in
        read(node).map { SensitiveDemand(field: field, model: $0, mark: node.mark) }
      }
    }
  }

  private func sensitiveField(_ key: ConfigNode) -> FieldPath? {
    let text = key.text ?? ""
    do throws(FieldPathError) {
      let path = try FieldPath(text)
      guard let field = fields[path] else {
        diagnostics.error(
          at: key, "there is no field \(quote(text)) under 'fields'",
          suggest: Diagnostics.nearest(text, in: fields.all.map(\.path.description)))
        return nil
      }
      if field.fieldClass != .sensitive, !fields.unsure.contains(path) {
        diagnostics.error(
          at: key, "field \(quote(text)) is of class '\(field.fieldClass.rawValue)'",
          help: "l and t protect fields of 'class: sensitive'")
      }
      return path
    } catch {
      diagnostics.error(at: key, "\(quote(text)) is not a field: \(error.message)", help: error.help)
      return nil
    }
  }

  // MARK: One model each

  /// Returns a whole number, even if it is written as `3.0`.
  private func whole(_ node: ConfigNode?) -> Int? {
    node?.int ?? node?.double.flatMap { Int(exactly: $0) }
  }

  private func diversity(_ node: ConfigNode) -> SensitiveDemand.Model? {
    if node.entries != nil {
      let kinds = ["distinct", "entropy", "recursive"]
      let reader = OptionReader(node: node, context: "'l'", known: kinds, diagnostics: diagnostics)
      let given = kinds.filter(reader.has)
      guard given.count == 1, let kind = given.first else {
        if given.count > 1 || kinds.allSatisfy(reader.isAbsent) {
          diagnostics.error(at: node, "'l' is one of distinct, entropy and recursive; a list asks for several")
        }
        return nil
      }
      switch kind {
      case "distinct":
        if let l = whole(reader.node(kind)), l >= 2 { return .distinct(l) }
        reader.error(kind, "'distinct' must be a whole number, 2 or more")
        return nil
      case "entropy":
        guard let l = reader.double("entropy") else { return nil }
        if l <= 1 { reader.error("entropy", "'entropy' must be above 1") }
        return .entropy(l)
      default: return recursive(reader)
      }
    }
    guard let l = whole(node), l >= 2 else {
      diagnostics.error(at: node, "l must be a whole number, 2 or more, or {entropy: 3}")
      return nil
    }
    return .distinct(l)
  }

  private func recursive(_ diversity: OptionReader) -> SensitiveDemand.Model? {
    guard let reader = section("recursive", of: diversity, known: ["c", "l"]) else { return nil }
    let c = reader.requiredDouble("c")
    if let c, c <= 0 { reader.error("c", "'c' must be above 0") }
    guard reader.require("l") else { return nil }
    guard let l = whole(reader.node("l")), l >= 2 else {
      reader.error("l", "'l' must be a whole number, 2 or more")
      return nil
    }
    return c.map { .recursive(c: $0, l: l) }
  }

  private func closeness(_ node: ConfigNode) -> SensitiveDemand.Model? {
    guard node.entries != nil else {
      guard let t = node.double, (0...1).contains(t) else {
        diagnostics.error(at: node, "t must be a number from 0 to 1")
        return nil
      }
      return .closeness(t: t, .equal)
    }
    let known = ["t", "distance", "order", "hierarchy"]
    let reader = OptionReader(node: node, context: "'t'", known: known, diagnostics: diagnostics)
    let t = reader.requiredDouble("t", range: 0...1)
    let word = reader.choice("distance", of: ["equal", "ordered", "hierarchical"])
    let kind = word ?? (reader.has("hierarchy") ? "hierarchical" : reader.has("order") ? "ordered" : "equal")
    for (key, needed) in [("order", "ordered"), ("hierarchy", "hierarchical")] where reader.has(key) && kind != needed {
      reader.error(key, "\(quote(key)) goes with 'distance: \(needed)'")
    }
    var distance = SensitiveDemand.Distance.equal
    switch kind {
    case "ordered":
      let order = reader.strings("order") ?? []
      if Set(order).count != order.count { reader.error("order", "'order' lists a value twice") }
      distance = .ordered(order)
    case "hierarchical":
      guard reader.require("hierarchy"), let tree = reader.node("hierarchy"),
        let hierarchy = hierarchy(tree, at: reader.keyMark(of: "hierarchy"), of: "the distance")
      else { return nil }
      distance = .hierarchical(hierarchy)
    default: break
    }
    return t.map { .closeness(t: $0, distance) }
  }

  private func alpha(_ node: ConfigNode) -> SensitiveDemand.Model? {
    if node.entries != nil {
      let reader = OptionReader(node: node, context: "'alpha'", known: ["alpha", "values"], diagnostics: diagnostics)
      let values = reader.strings("values") ?? []
      if reader.has("values"), values.isEmpty { reader.error("values", "'values' is an empty list") }
      return reader.requiredDouble("alpha", range: 0...1).map { .alpha($0, values: values) }
    }
    guard let alpha = node.double, (0...1).contains(alpha) else {
      diagnostics.error(at: node, "alpha must be a number from 0 to 1: the largest share of one value in a class")
      return nil
    }
    return .alpha(alpha, values: [])
  }

  private func likeness(_ node: ConfigNode) -> SensitiveDemand.Model? {
    if node.entries != nil {
      let kinds = ["basic", "enhanced"]
      let reader = OptionReader(node: node, context: "'beta'", known: kinds, diagnostics: diagnostics)
      guard let kind = kinds.first(where: reader.has), kinds.filter(reader.has).count == 1 else {
        diagnostics.error(at: node, "'beta' is a number, {basic: 1} or {enhanced: 1}")
        return nil
      }
      guard let beta = reader.double(kind) else { return nil }
      if beta <= 0 { reader.error(kind, "beta must be above 0") }
      return .likeness(beta, isEnhanced: kind == "enhanced")
    }
    guard let beta = node.double, beta > 0 else {
      diagnostics.error(at: node, "beta must be a number above 0, or {enhanced: 1}")
      return nil
    }
    return .likeness(beta, isEnhanced: false)
  }

  private func disclosure(_ node: ConfigNode) -> SensitiveDemand.Model? {
    guard let delta = node.double, delta > 0 else {
      diagnostics.error(at: node, "delta must be a number above 0")
      return nil
    }
    return .disclosure(delta)
  }
}

/// The models of linkage and of membership.
extension PipelineReading {
  func riskLimits(_ anonymity: OptionReader) -> RiskLimits {
    let known = ["prosecutor", "journalist", "marketer", "average"]
    guard let reader = section("risk", of: anonymity, known: known) else { return RiskLimits() }
    func limit(_ key: String) -> Double? {
      guard let text = reader.string(key) else { return nil }
      guard let share = Share(text), share.fraction > 0 else {
        reader.error(key, "\(quote(key)) must be a share above 0 such as 5% or 0.05, not \(quote(text))")
        return nil
      }
      return share.fraction
    }
    let limits = RiskLimits(
      prosecutor: limit("prosecutor"), journalist: limit("journalist"), marketer: limit("marketer"),
      average: limit("average"))
    for key in ["journalist", "marketer"] where reader.has(key) && !anonymity.has("population") {
      reader.error(
        key, "\(quote(key)) needs 'population', the file of everybody who might be in the release",
        help: "towards somebody who knows who is in it, limit 'prosecutor' or 'average'")
    }
    return limits
  }

  func population(_ anonymity: OptionReader) -> PopulationConfig? {
    guard let node = anonymity.node("population") else { return nil }
    var config = PopulationConfig(file: "", csv: CSVDialect(), mark: node.mark)
    if let text = node.text, !node.isNull {
      config.file = text
    } else {
      let known = ["file", "format", "csv"]
      guard let reader = section("population", of: anonymity, known: known) else { return nil }
      guard reader.require("file"), let file = path("file", reader) else { return nil }
      config.file = file
      config.format = reader.choice("format", of: DataFormat.self)
      config.csv = dialect(reader, config.format)
    }
    if ["presence", "k_map"].allSatisfy({ !anonymity.has($0) }),
      !["journalist", "marketer"].contains(where: { anonymity.node("risk")?[$0] != nil })
    {
      diagnostics.error(
        at: anonymity.keyMark(of: "population"), "'population' is there, and nothing asks for it",
        help: "'presence', 'k_map', 'risk.journalist' and 'risk.marketer' do")
    }
    return config
  }

  func presence(_ anonymity: OptionReader) -> PresenceLimits? {
    for key in ["presence", "k_map"] where anonymity.has(key) && !anonymity.has("population") {
      anonymity.error(key, "\(quote(key)) needs 'population', the file of everybody who might be in the release")
    }
    guard let node = anonymity.node("presence") else { return nil }
    var limits = PresenceLimits(low: 0, high: 1)
    if node.entries == nil, let high = node.double, (0...1).contains(high) {
      limits.high = high
      return limits
    }
    guard let reader = section("presence", of: anonymity, known: ["min", "max"]) else { return nil }
    limits.low = reader.double("min", range: 0...1, default: 0)
    limits.high = reader.double("max", range: 0...1, default: 1)
    if limits.low > limits.high { reader.error("min", "'min' is above 'max'") }
    return limits
  }
}
