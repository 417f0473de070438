import VeilConfig

extension AnonymityConfig {
  /// The models that were asked for besides k, with their parameters, each once; none that any data meets.
  var modelNames: [String] {
    var names: [String] = []
    for demand in models where !demand.model.isAlwaysMet && !names.contains(demand.model.title) {
      names.append(demand.model.title)
    }
    if let kMap { names.append("k-map (k=\(kMap))") }
    if let presence {
      names.append("delta-presence (\(ModelFinding.short(presence.low)) to \(ModelFinding.short(presence.high)))")
    }
    return names
  }
}

extension SensitiveDemand.Model {
  /// The name of the model with its parameter.
  fileprivate var title: String {
    func short(_ value: Double) -> String { ModelFinding.short(value) }
    return switch self {
    case .distinct(let l): "l-diversity (l=\(l))"
    case .entropy(let l): "entropy l-diversity (l=\(short(l)))"
    case .recursive(let c, let l): "recursive (c, l)-diversity (c=\(short(c)), l=\(l))"
    case .closeness(let t, _): "t-closeness (t=\(short(t)))"
    case .alpha(let alpha, _): "(alpha, k)-anonymity (alpha=\(short(alpha)))"
    case .likeness(let beta, let isEnhanced):
      "\(isEnhanced ? "enhanced " : "")beta-likeness (beta=\(short(beta)))"
    case .disclosure(let delta): "delta-disclosure privacy (delta=\(short(delta)))"
    }
  }
}

extension WorstInference {
  /// The weakest figure of a label's models: `up to 80% of a class have one value of 'diagnosis'`. It names no value.
  var text: String {
    "up to \(ModelFinding.short((share.value * 1000).rounded() / 10))% of a class have one value of '\(share.field)'"
  }
}

extension AggregateConfig {
  /// The parameters of differential privacy: epsilon; delta, where something needs it; and the standard deviation of
  /// Gaussian noise, in units of each figure.
  var privacyParameters: String {
    var parts = ["epsilon=\(epsilon.text)"]
    if delta.value > 0 { parts.append("delta=\(delta.text)") }
    let deviations = gaussianDeviations
    let texts = Set(deviations.map(\.text))
    if texts.count == 1, let text = texts.first {
      parts.append("sigma=\(text)")
    } else if !texts.isEmpty {
      parts.append("sigma=" + deviations.map { "\($0.text) for '\($0.name)'" }.joined(separator: ", "))
    }
    return parts.joined(separator: ", ")
  }

  /// Empty with other noise, or if the noise cannot be drawn, for which a run stops.
  private var gaussianDeviations: [(name: String, text: String)] {
    guard noise == .gaussian,
      let made = try? measures.map({ measure throws(AggregateError) in try AggregateMeasure(measure) }),
      let plan = NoisePlan(self, reaches: made.map(\.reach))
    else { return [] }
    return zip(made, plan.measures).map { measure, noise in
      let deviation = noise.deviation * measure.unit
      // Four significant digits.
      let scale = deviation >= 1000 ? 1.0 : deviation >= 1 ? 1000 : 1_000_000
      return (measure.name, "\((deviation * scale).rounded() / scale)")
    }
  }
}
