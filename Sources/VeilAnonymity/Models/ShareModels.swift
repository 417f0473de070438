import Glibc

/// (alpha, k)-anonymity (Wong, Li, Fu, Wang 2006): besides k, no sensitive value has a larger share than alpha in a
/// class.
///
/// It promises that nobody's value is inferred from their class with more confidence than alpha. It does not promise
/// that alpha is not much more than what is known about everybody (see `BetaLikeness`). The paper protects chosen
/// values; without a choice all are protected, including the missing one.
package struct AlphaAnonymity: SensitiveCriterion {
  let alpha: Double
  /// Whether each value is protected.
  let isProtected: [Bool]

  package init(alpha: Double, isProtected: [Bool]) {
    self.alpha = alpha
    self.isProtected = isProtected
  }

  /// Returns whether the share of people with each protected value is small enough. A person with several values has
  /// each of them.
  package func holds(_ view: ClassView) -> Bool {
    zip(view.values, view.counts).allSatisfy { value, count in
      !isProtected[Int(value)] || Double(count) <= (alpha + ModelTolerance.value) * Double(view.people)
    }
  }

  package func keepable(_ view: ClassView) -> Int? {
    Keepable.capped(view, slack: 0) { isProtected[Int($0)] ? alpha : 1 }
  }
}

/// beta-likeness (Cao, Karras 2012): a value's share in a class exceeds its share q in the whole table by at most beta
/// times q. Enhanced: by at most min(beta, -ln q) times q, which also keeps frequent values from becoming certain.
///
/// It promises, as t-closeness does not, that rare values gain little in proportion. It does not limit losses: an
/// adversary may learn that a value is absent from a class.
package struct BetaLikeness: SensitiveCriterion {
  /// The largest allowed share of each value.
  private let caps: [Double]

  package init(beta: Double, isEnhanced: Bool, overall: [Double]) {
    caps = overall.map { share in
      guard share > 0 else { return 0 }
      return share * (1 + (isEnhanced ? min(beta, -log(share)) : beta))
    }
  }

  package func holds(_ view: ClassView) -> Bool {
    let total = Double(max(1, view.total))
    return zip(view.values, view.counts).allSatisfy { value, count in
      Double(count) / total <= caps[Int(value)] + ModelTolerance.value
    }
  }

  package func keepable(_ view: ClassView) -> Int? {
    Keepable.capped(view, slack: 0) { caps[Int($0)] }
  }
}

/// delta-disclosure privacy (Brickell, Shmatikov 2008): each value's share in a class differs from its share in the
/// whole table by less than a factor of exp(delta), up or down.
///
/// It limits what an adversary may learn about any value, also that somebody does not have it. Therefore every class
/// must hold every value of the table. It is the strictest model here, and usually only few and large classes meet it.
package struct DeltaDisclosure: SensitiveCriterion {
  let delta: Double
  let overall: [Double]

  package init(delta: Double, overall: [Double]) {
    self.delta = delta
    self.overall = overall
  }

  package func holds(_ view: ClassView) -> Bool {
    let total = Double(max(1, view.total))
    var seen = 0
    for (value, count) in zip(view.values, view.counts) where count > 0 {
      seen += 1
      let change = log(Double(count) / total / overall[Int(value)])
      if abs(change) >= delta - ModelTolerance.value { return false }
    }
    return seen == overall.count { $0 > 0 }
  }

  /// Returns a bound that limits frequent values, and that also limits the class by its rarest value.
  package func keepable(_ view: ClassView) -> Int? {
    guard view.counts.count(where: { $0 > 0 }) == overall.count(where: { $0 > 0 }) else { return 0 }
    let rarest = zip(view.values, view.counts).map { Double($1) / overall[Int($0)] * exp(delta) }.min() ?? 0
    return min(
      Int(min(rarest + 1, Double(view.total))), Keepable.capped(view, slack: 0) { overall[Int($0)] * exp(delta) })
  }
}
