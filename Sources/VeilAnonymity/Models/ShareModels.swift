import Glibc

/// (alpha, k)-anonymity (Wong, Li, Fu, Wang 2006): besides k, no sensitive value has a larger share than alpha in a class.
///
/// It promises that nobody's value is inferred from their class with more confidence than alpha. It does not promise that
/// this is not much more than what is known of everybody (see `BetaLikeness`). The paper protects chosen values; without
/// a choice all are protected, the missing one among them.
package struct AlphaAnonymity: SensitiveCriterion {
  let alpha: Double
  /// Whether each value is protected.
  let isProtected: [Bool]

  package init(alpha: Double, isProtected: [Bool]) {
    self.alpha = alpha
    self.isProtected = isProtected
  }

  /// Of people, since somebody with several values has each of them.
  package func holds(_ view: ClassView) -> Bool {
    zip(view.values, view.counts).allSatisfy { value, count in
      !isProtected[Int(value)] || Double(count) <= (alpha + ModelTolerance.value) * Double(view.people)
    }
  }

  package func keepable(_ view: ClassView) -> Int? {
    Keepable.capped(view, slack: 0) { isProtected[Int($0)] ? alpha : 1 }
  }
}

/// beta-likeness (Cao, Karras 2012): no value's share in a class exceeds its share in the whole table by more than beta
/// times the latter. Enhanced: by no more than min(beta, -ln q) times it, which also keeps frequent values from
/// becoming certain.
///
/// It promises, as t-closeness does not, that rare values gain little in proportion. Losses are not limited: that a
/// value is absent from a class may be learnt.
package struct BetaLikeness: SensitiveCriterion {
  /// The largest share of each value that is allowed.
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

/// delta-disclosure privacy (Brickell, Shmatikov 2008): each value's share in a class differs from its share in the whole
/// table by less than a factor of exp(delta), up or down.
///
/// It limits what may be learnt about any value, also that somebody does not have it; therefore every class must hold
/// every value there is. The strictest model here, and mostly met by few and large classes only.
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

  /// Besides what is too frequent, a class can be no larger than its rarest value makes it.
  package func keepable(_ view: ClassView) -> Int? {
    guard view.counts.count(where: { $0 > 0 }) == overall.count(where: { $0 > 0 }) else { return 0 }
    let rarest = zip(view.values, view.counts).map { Double($1) / overall[Int($0)] * exp(delta) }.min() ?? 0
    return min(
      Int(min(rarest + 1, Double(view.total))), Keepable.capped(view, slack: 0) { overall[Int($0)] * exp(delta) })
  }
}
