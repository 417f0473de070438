import Foundation
import Testing

@testable import VeilEngine
@testable import VeilGround

/// The estimators against sums and solvers written anew in Python.
@Suite("Profile: population models")
struct RiskModelTests {
  private static let script = #"""
    import sys, json, math
    def binom(n, k): return math.lgamma(n+1)-math.lgamma(k+1)-math.lgamma(n-k+1)
    def pitman(s, pi):
        n = sum(k*v for k, v in s.items()); u = sum(s.values())
        # Scoring by direct sums: Newton's method on both parameters, halving steps that leave the domain.
        def like(a, t):
            r = sum(math.log(t+i*a) for i in range(1, u)) - sum(math.log(t+i) for i in range(1, n))
            return r + sum(v*sum(math.log(i-a) for i in range(1, k)) for k, v in s.items())
        def grad(a, t):
            da = sum(i/(t+i*a) for i in range(1, u)) - sum(v*sum(1/(i-a) for i in range(1, k)) for k, v in s.items())
            dt = sum(1/(t+i*a) for i in range(1, u)) - sum(1/(t+i) for i in range(1, n))
            daa = -sum(i*i/(t+i*a)**2 for i in range(1, u)) - sum(v*sum(1/(i-a)**2 for i in range(1, k)) for k, v in s.items())
            dat = -sum(i/(t+i*a)**2 for i in range(1, u))
            dtt = -sum(1/(t+i*a)**2 for i in range(1, u)) + sum(1/(t+i)**2 for i in range(1, n))
            return da, dt, daa, dat, dtt
        a, t = 0.5, max(1.0, u/4)
        best = like(a, t)
        for _ in range(200):
            da, dt, daa, dat, dtt = grad(a, t)
            det = daa*dtt - dat*dat
            sa, st = -(dtt*da-dat*dt)/det, -(daa*dt-dat*da)/det
            if da*sa + dt*st <= 0: sa, st = da*1e-4, dt*t
            f = 1.0
            while f > 1e-12:
                na, nt = a+f*sa, t+f*st
                if 0 < na < 1 and nt > 0 and like(na, nt) >= best: break
                f /= 2
            if f <= 1e-12: break
            a, t, best = na, nt, like(na, nt)
        N = n/pi
        return a, t, math.exp(math.lgamma(t+1)-math.lgamma(t+a)+a*math.log(N))
    def zayatz(s, pi):
        n = sum(k*v for k, v in s.items()); N = round(n/pi)
        h = {k: math.exp(math.log(k)+binom(N-k, n-1)-binom(N, n)) for k in s if N-k >= n-1}
        return s[1]*s[1]*h[1]/sum(s[k]*h[k] for k in h)/pi
    def shlosser(s, pi):
        u = sum(s.values())
        return u + s[1]*sum((1-pi)**k*v for k, v in s.items())/sum(k*pi*(1-pi)**(k-1)*v for k, v in s.items())
    def snb_expected(K, a, b, pi):
        # Sizes less one are negative binomial; Bernoulli sampling of each; sums, no closed form.
        s1 = s2 = 0.0; p = b**a; x = 0
        while x < 4000:
            F = x+1
            s1 += p*F*pi*(1-pi)**(F-1)
            if F > 1: s2 += p*F*(F-1)/2*pi*pi*(1-pi)**(F-2)
            p *= (a+x)/(x+1)*(1-b); x += 1
        return K*s1, K*s2
    def inverse(f, p):
        total = 0.0; term = p**f; h = f
        while h < 400000 and (term > 1e-18 or h < f/p):
            total += term/h; term *= h/(h-f+1)*(1-p); h += 1
        return total
    data = json.load(sys.stdin)
    s = {int(k): v for k, v in data['sizes'].items()}
    if data['what'] == 'models':
        a, t, U = pitman(s, data['pi'])
        print(json.dumps({'alpha': a, 'theta': t, 'pitman': U, 'zayatz': zayatz(s, data['pi']), 'shlosser': shlosser(s, data['pi'])}))
    elif data['what'] == 'snb':
        print(json.dumps(snb_expected(data['K'], data['alpha'], data['beta'], data['pi'])))
    else:
        print(json.dumps([inverse(f, p) for f, p in data['pairs']]))
    """#

  private func python(_ input: [String: Any]) throws -> Any {
    let output = try Python.run(Self.script, input: Array(JSONSerialization.data(withJSONObject: input)))
    return try JSONSerialization.jsonObject(with: Data(output), options: .fragmentsAllowed)
  }

  private static let samples: [[Int: Double]] = [
    [1: 120, 2: 40, 3: 20, 4: 9, 7: 5, 12: 3, 40: 1],
    [1: 500, 2: 110, 3: 40, 4: 20, 6: 12, 10: 6, 25: 3, 80: 1],
  ]

  @Test(arguments: samples, [0.01, 0.1, 0.3, 0.7])
  func pitmanAndZayatz(_ sample: [Int: Double], _ fraction: Double) throws {
    let sizes = ClassSizes(sample.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    let found = try #require(
      try python([
        "what": "models", "pi": fraction,
        "sizes": Dictionary(uniqueKeysWithValues: sample.map { ("\($0.key)", Int($0.value)) }),
      ]) as? [String: Double])
    func near(_ a: Double?, _ b: Double?, _ tolerance: Double) -> Bool {
      guard let a, let b else { return false }
      return abs(a - b) <= tolerance * max(abs(b), 1e-9)
    }
    let (alpha, theta) = try #require(PopulationModels.pitmanParameters(sizes))
    #expect(near(alpha, found["alpha"], 1e-3) && near(theta, found["theta"], 5e-3), "\(alpha) \(theta) \(found)")
    #expect(
      near(PopulationModels.pitman(sizes, fraction: fraction), min(found["pitman"]!, sizes.records / fraction), 5e-3))
    #expect(near(PopulationModels.zayatz(sizes, fraction: fraction), found["zayatz"], 1e-6))
    #expect(near(PopulationModels.shlosser(sizes, fraction: fraction), found["shlosser"], 1e-9))
  }

  /// Where no alpha above 0 is likelier, the model is Ewens's, whose theta makes the expected number of classes that
  /// observed, and whose number of uniques is theta.
  @Test(arguments: [[1: 800, 2: 60, 3: 4], [1: 30, 2: 25, 3: 30, 5: 40, 8: 30, 20: 10, 90: 2]])
  func pitmanAtItsEdge(_ sample: [Int: Double]) throws {
    let sizes = ClassSizes(sample.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    var (low, high) = (1e-6, 1e9)
    for _ in 0..<200 {
      let theta = (low * high).squareRoot()
      let classes = (0..<Int(sizes.records)).reduce(0.0) { $0 + theta / (theta + Double($1)) }
      if classes < sizes.classes { low = theta } else { high = theta }
    }
    let (alpha, theta) = try #require(PopulationModels.pitmanParameters(sizes))
    #expect(alpha < 1e-3 && abs(theta - low) < 1e-2 * low, "\(alpha) \(theta) \(low)")
    let uniques = try #require(PopulationModels.pitman(sizes, fraction: 0.1))
    #expect(abs(uniques - low) < 1e-2 * low)
  }

  /// A sample whose classes are as many as the model expects gives the model's uniques back, as far as Shlosser's number of
  /// classes allows.
  @Test func slideNegativeBinomial() throws {
    for (alpha, beta, fraction) in [(0.6, 0.2, 0.3), (1.5, 0.5, 0.5), (0.3, 0.05, 0.2)] {
      for K in [1000.0, 50_000] {
        let expected = try #require(
          try python(["what": "snb", "K": K, "alpha": alpha, "beta": beta, "pi": fraction, "sizes": [String: Int]()])
            as? [Double])
        // All classes of three or more as one size that makes Shlosser's estimate K.
        var low = 0.0
        var high = K * 4
        for _ in 0..<100 {
          let middle = (low + high) / 2
          let sizes = ClassSizes([(1, expected[0]), (2, expected[1]), (9, middle)])
          if PopulationModels.shlosser(sizes, fraction: fraction) < K { low = middle } else { high = middle }
        }
        let sizes = ClassSizes([(1, expected[0]), (2, expected[1]), (9, low)])
        guard abs(PopulationModels.shlosser(sizes, fraction: fraction) - K) < 1e-6 * K else { continue }
        let uniques = try #require(PopulationModels.slideNegativeBinomial(sizes, fraction: fraction))
        #expect(
          abs(uniques - K * pow(beta, alpha)) < 0.01 * K * pow(beta, alpha), "\(alpha) \(beta) \(fraction): \(uniques)")
      }
    }
  }

  @Test func expectedInverses() throws {
    let pairs = [(1, 0.5), (1, 0.1), (1, 0.01), (2, 0.1), (3, 0.3), (10, 0.05), (50, 0.2), (1, 0.9)]
    let expected = try #require(
      try python([
        "what": "inverse", "sizes": [String: Int](),
        "pairs": pairs.map { [Double($0.0), $0.1] }.map { [Int($0[0]) as Any, $0[1] as Any] },
      ])
        as? [Double])
    for (pair, value) in zip(pairs, expected) {
      let own = PopulationModels.expectedInverse(size: pair.0, fraction: pair.1)
      #expect(abs(own - value) < 1e-4 * value, "\(pair): \(own), \(value)")
    }
    // Benedetti and Franconi's closed form for one sampled.
    for p in [0.02, 0.4] {
      #expect(abs(PopulationModels.expectedInverse(size: 1, fraction: p) - p / (1 - p) * log(1 / p)) < 1e-6)
    }
  }

  @Test func theRuleOfDankar() {
    func choice(_ p: Double?, _ s: Double?, _ z: Double?, _ fraction: Double) -> PopulationModels.Model? {
      PopulationModels.decide(pitman: p, slideNegativeBinomial: s, zayatz: z, fraction: fraction)?.model
    }
    #expect(choice(5, 1, 2, 0.1) == .pitman)
    #expect(choice(nil, 1, 2, 0.1) == .zayatz)
    #expect(choice(5, 1, 2, 0.11) == .slideNegativeBinomial)
    #expect(choice(5, 3, 2, 0.5) == .zayatz)
    #expect(choice(5, nil, 2, 0.5) == .zayatz)
    #expect(choice(nil, nil, nil, 0.5) == nil)
  }

  /// Beyond its capacity a table estimates, and any split of the hashes gives the same table.
  @Test func hashSamples() {
    var random = Random(seed: 3)
    var exact: [UInt64: Int] = [:]
    var hashes: [UInt64] = []
    for value in 0..<40_000 as Range<UInt64> {
      let hash = ValueHash.mixed(value)
      for _ in 0..<(value % 4 == 0 ? Int(random.next() % 5) + 2 : 1) {
        hashes.append(hash)
        exact[hash, default: 0] += 1
      }
    }
    hashes.shuffle(using: &random)
    var whole = HashSample(capacity: 4096)
    for hash in hashes { whole.add(hash) }
    #expect(!whole.isExact && whole.size <= 4096 && whole.size > 1500)
    for entry in whole.entries { #expect(exact[entry.hash] == Int(entry.count)) }
    #expect(abs(whole.distinct - 40_000) < 40_000 * 0.08)
    #expect(abs(whole.sizes[0].classes - 30_000) < 30_000 * 0.08)
    var parts = (0..<3).map { _ in HashSample(capacity: 4096) }
    for (index, hash) in hashes.enumerated() { parts[index % 7 % 3].add(hash) }
    var merged = parts[2]
    merged.merge(parts[0])
    merged.merge(parts[1])
    func table(_ sample: HashSample) -> [UInt64: UInt32] {
      Dictionary(uniqueKeysWithValues: sample.entries.map { ($0.hash, $0.count) })
    }
    #expect(merged.level == whole.level && table(merged) == table(whole))
  }
}
