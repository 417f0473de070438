extension PipelineReading {
  /// Reads the weight of a quasi-identifier's loss: above 0, at most 1000.
  func weight(_ rule: OptionReader) -> Double {
    guard let weight = rule.double("weight", range: 0...1000) else { return 1 }
    if weight < 0.001 {
      rule.error("weight", "'weight' must be 0.001 or more", help: "1 is what every other field has")
      return 1
    }
    return weight
  }

  func checkWeight(_ field: FieldConfig, _ owner: String, anonymous: Bool) {
    guard let mark = field.weightMark else { return }
    if field.fieldClass != .quasi {
      diagnostics.error(
        at: mark, "\(owner) has a weight but is of class '\(field.fieldClass.rawValue)'",
        help: "only 'class: quasi' is generalized, and weighed against others")
    } else if !anonymous {
      diagnostics.error(
        at: mark, "\(owner) has a weight, but there is no 'anonymity' section that would weigh it",
        help: "add 'anonymity: {k: 10}', or leave the weight out")
    }
  }
}
