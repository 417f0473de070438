import Foundation
import Testing

@testable import VeilEngine

/// Whole runs under every model, judged from the published text by definition and by `verify`.
@Suite("Privacy models: runs")
struct ModelRunTests {
  private struct Case {
    var yaml: String
    var model: Definitions.Model
  }

  private static func cases(_ random: inout Random) -> [Case] {
    func number(_ range: ClosedRange<Double>) -> Double {
      (Double.random(in: range, using: &random) * 100).rounded() / 100
    }
    let (l, e, c, t, o, h) = (
      Int.random(in: 2...4, using: &random), number(1.2...3), number(0.5...4), number(0.05...0.6), number(0.05...0.4),
      number(0.05...0.5)
    )
    let (a, b, n, d) = (number(0.3...0.9), number(0.2...2), number(0.2...2), number(0.3...2))
    let tree = "{t: \(h), distance: hierarchical, hierarchy: {file: tree.csv}}"
    return [
      Case(yaml: "l: {s: \(l)}", model: .distinct(l)), Case(yaml: "l: {s: {distinct: \(l).0}}", model: .distinct(l)),
      Case(yaml: "l: {s: {entropy: \(e)}}", model: .entropy(e)),
      Case(yaml: "l: {s: {recursive: {c: \(c), l: 2}}}", model: .recursive(c, 2)),
      Case(yaml: "t: {s: \(t)}", model: .equal(t)),
      Case(yaml: "t: {s: {t: \(o), distance: ordered}}", model: .ordered(o)),
      Case(yaml: "t: {s: \(tree)}", model: .tree(h)), Case(yaml: "alpha: {s: \(a)}", model: .alpha(a)),
      Case(yaml: "beta: {s: \(b)}", model: .beta(b)),
      Case(yaml: "beta: {s: {enhanced: \(n)}}", model: .enhancedBeta(n)),
      Case(yaml: "disclosure: {s: \(d)}", model: .delta(d)),
    ]
  }

  private func lines(_ text: String) -> [[String]] {
    text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(arguments: ["local", "global"])
  func whatIsPublishedHoldsByDefinition(_ recoding: String) throws {
    let rig = try RunRig()
    try rig.add(
      "tree.csv", Array("1;low;*\n2;low;*\n3;high;*\n4;high;*\n10;high;*\n".utf8))
    var published = 0
    var refused = 0
    for seed in Sweep.seeds(0..<12, sample: 6) {
      var random = Random(seed: seed)
      let domain = ["1", "2", "3", "4", "10", ""]
      let rows = (0..<60).map { row in
        let age = Int.random(in: 20...49, using: &random)
        let place = Int.random(in: 0...2, using: &random)
        let value = domain[(0..<2).map { _ in Int.random(in: domain.indices, using: &random) }.min()!]
        return "p\(row * 3 / 4);\(age);\(place);\(value)"
      }
      try rig.add("in.csv", Array(("id;age;place;s\n" + rows.joined(separator: "\n") + "\n").utf8))
      for item in Self.cases(&random) {
        let byPeople = Bool.random(using: &random)
        let keeps = Bool.random(using: &random)
        let yaml = """
          source: {path: in.csv\(byPeople ? ", subject: id" : ""), csv: {delimiter: ";"}}
          fields:
            id: keep
            age: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}
            place: {class: quasi}
            s: {class: sensitive, stages: [keep]}
          anonymity: {k: 2, count: \(byPeople ? "subjects" : "records"), recoding: \(recoding), suppress: 30%, suppressed: \(keeps ? "keep" : "drop"), effort: fast, \(item.yaml)}
          sink: {path: out.csv, csv: {delimiter: ";"}}

          """
        let result = try rig.run(yaml)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        guard let text = rig.text("out.csv") else {
          #expect(result.kind == .check, "\(item.yaml): \(result.message)")
          #expect(result.message.contains("what would meet it"), "\(result.message)")
          refused += 1
          continue
        }
        published += 1
        func member(_ line: [String], _ index: Int) -> Definitions.Member {
          (byPeople ? UInt64(line[0].dropFirst())! : UInt64(index), line[3])
        }
        let out = lines(text).enumerated().map { ($1, member($1, $0)) }
        let judged = lines(rig.text("in.csv")!).enumerated().map { member($1, $0) }
        let kept = out.filter { !keeps || $0.0[1] != "*" || $0.0[2] != "*" }
        for (label, own) in Dictionary(grouping: kept, by: { $0.0[1...2] }) {
          let members = own.map(\.1)
          #expect(Set(members.map(\.person)).count >= 2)
          for whole in [judged, out.map(\.1)] {
            let order = Set(whole.map(\.value)).sorted { (Double($0) ?? -1) < (Double($1) ?? -1) }
            #expect(
              Definitions.holds(item.model, members, whole: whole, order: order, group: ModelTable.group),
              "seed \(seed), \(item.yaml), class \(label)")
          }
        }
        let compiled = try #require(try rig.compile(yaml).0)
        let found = try Verification.run(rig.folder("out.csv"), compiled)
        #expect(found.holds, "\(item.yaml): \(found.text)")
        try FileManager.default.removeItem(atPath: rig.folder("out.csv"))
      }
    }
    #expect(published > Sweep.count(60, sample: 30), "\(published) published, \(refused) refused")
  }

  /// Whether a published label covers a value.
  private func covers(_ label: String, _ value: String) -> Bool {
    if label == "*" || label == value { return true }
    let bounds = label.dropFirst().dropLast().split(separator: ",").compactMap {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard label.hasPrefix("["), bounds.count == 2, let number = Double(value) else { return false }
    return bounds[0] <= number && number < bounds[1]
  }

  /// With local recoding, too, nobody of the population fits two classes.
  @Test("Models against a population hold when people are counted by hand", arguments: ["local", "global"])
  func population(_ recoding: String) throws {
    let rig = try RunRig()
    var published = 0
    for seed in 0..<10 as Range<UInt64> {
      var random = Random(seed: seed)
      let people = (0..<150).map { number in
        (Int.random(in: 20...49, using: &random), Int.random(in: 0...1, using: &random), number)
      }
      let data = people.filter { _ in Bool.random(using: &random) }
      func text(_ rows: [(Int, Int, Int)]) -> String {
        "id;age;place\n" + rows.map { "\($0.2);\($0.0);\($0.1)\n" }.joined()
      }
      try rig.add("everybody.csv", Array(text(people).utf8))
      try rig.add("in.csv", Array(text(data).utf8))
      let share = Double(Int.random(in: 45...80, using: &random)) / 100
      for (model, name) in [
        ("k_map: 12", "k-map"), ("presence: \(share)", "presence"), ("presence: {min: 0.3, max: 0.9}", "both"),
        ("risk: {journalist: 10%}", "journalist"), ("risk: {marketer: 4%}", "marketer"),
      ] {
        let yaml = """
          source: {path: in.csv, csv: {delimiter: ";"}}
          fields:
            id: drop
            age: {class: quasi, hierarchy: {interval: {width: 5, levels: 3}}}
            place: {class: quasi}
          anonymity:
            k: 2
            recoding: \(recoding)
            suppress: 30%
            population: {file: everybody.csv, csv: {delimiter: ";"}}
            \(model)
          sink: {path: out.csv, csv: {delimiter: ";"}}

          """
        let result = try rig.run(yaml)
        guard let out = rig.text("out.csv") else {
          #expect(result.kind == .check && result.message.contains("met"), "\(result.diagnostics)\(result.message)")
          continue
        }
        published += 1
        let classes = Dictionary(grouping: lines(out), by: { $0 })
        var sizes: [(own: Double, alike: Double)] = []
        var outside = people.count
        for (label, own) in classes {
          let alike = people.count { covers(label[0], "\($0.0)") && covers(label[1], "\($0.1)") }
          outside -= alike
          sizes.append((Double(own.count), Double(alike)))
        }
        for person in people {
          let fitting = classes.keys.count { covers($0[0], "\(person.0)") && covers($0[1], "\(person.1)") }
          #expect(fitting <= 1)
        }
        let shares = sizes.map { $0.own / $0.alike }
        let all = sizes.reduce(0) { $0 + $1.own }
        switch name {
        case "k-map": #expect(sizes.allSatisfy { $0.alike >= 12 })
        case "presence": #expect(shares.allSatisfy { $0 <= share + 1e-9 })
        case "both": #expect(outside == 0 && shares.allSatisfy { $0 >= 0.3 - 1e-9 && $0 <= 0.9 + 1e-9 })
        case "journalist": #expect(sizes.allSatisfy { $0.alike >= 10 })
        default: #expect(sizes.reduce(0) { $0 + $1.own / $1.alike } / all <= 0.04 + 1e-9)
        }
        let compiled = try #require(try rig.compile(yaml).0)
        let found = try Verification.run(rig.folder("out.csv"), compiled)
        #expect(found.holds, "\(found.text)")
        // The run measured what is found by hand, so it looked at the population and at nothing else.
        if name == "k-map" {
          let least = "k-map: \(Int(sizes.map(\.alike).min() ?? 0)); at least 12"
          #expect(found.text.contains(least) && result.report?.summary.contains(least) == true, "\(found.text)")
        }
        let stricter = try #require(
          try rig.compile(
            yaml.replacing("k: 2", with: "k: 2\n  risk: {prosecutor: 0.001}").replacing(model, with: "k_map: 1000")
          ).0)
        #expect(!(try Verification.run(rig.folder("out.csv"), stricter).holds))
        try FileManager.default.removeItem(atPath: rig.folder("out.csv"))
      }
    }
    // Half of the population is in the data: all but the narrowest shares can be kept.
    #expect(published > 40, "\(published)")
  }

  /// Classes that never overlap lose at most what one level for each column loses.
  /// A value that its hierarchy does not know leaves as `*`, which everybody fits, and not only those unknown.
  @Test("Everybody fits a class whose label says nothing", arguments: ["local", "global"])
  func unknownValues(_ recoding: String) throws {
    let rig = try RunRig([
      "in.csv": "c,g,v\nDE,m,1\nDE,m,1\nXX,m,2\nYY,m,2\nUS,f,1\nUS,f,2\n",
      "everybody.csv": "c,g\nDE,m\nDE,m\nDE,m\nXX,m\nYY,m\nZZ,m\nUS,f\nUS,f\nUS,f\n",
    ])
    for model in ["presence: {min: 0.4, max: 0.7}", "presence: {min: 0.3, max: 0.7}", "k_map: 3", "k_map: 6"] {
      let yaml = """
        source: {path: in.csv}
        fields:
          c: {class: quasi, hierarchy: {tree: {E: [DE, FR], A: [US, CA]}, missing: top}}
          g: {class: quasi}
          v: keep
        anonymity: {k: 2, recoding: \(recoding), population: everybody.csv, \(model)}
        checks: [{not_null: v}]
        sink: {path: out.csv}

        """
      let result = try rig.run(yaml)
      guard result.kind == nil else {
        // Refused, and not with a figure that its own file would contradict.
        #expect(result.kind == .check && result.message.contains("not"), "\(result.diagnostics)\(result.message)")
        continue
      }
      let found = try Verification.run(rig.folder("out.csv"), try #require(try rig.compile(yaml).0))
      #expect(found.holds, "\(model): \(found.text)")
      let figures = found.text.split(separator: "\n").filter { $0.hasSuffix("is promised: met") }
      #expect(!figures.isEmpty)
      let summary = result.report?.summary ?? ""
      for figure in figures { #expect(summary.contains(figure.dropLast(5)), "\(figure): \(summary)") }
    }
  }

  @Test("With a population, local recoding is never worse than global")
  func populationLoss() throws {
    let rig = try RunRig()
    var better = 0
    for seed in 0..<8 as Range<UInt64> {
      var random = Random(seed: seed)
      let people = (0..<300).map { number in
        "p\(number);\(Int.random(in: 20...59, using: &random));\(Int.random(in: 0...2, using: &random));"
          + "\(Int.random(in: 1...4, using: &random))\n"
      }
      let header = "id;age;place;s\n"
      try rig.add("everybody.csv", Array((header + people.joined()).utf8))
      let data = people.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
      try rig.add("in.csv", Array((header + data.joined() + data.prefix(20).joined()).utf8))
      for model in ["k_map: 9", "presence: {min: 0.1, max: 0.7}", "k_map: 6, l: {s: 2}", "risk: {marketer: 8%}"] {
        var losses: [Double] = []
        for recoding in ["global", "local"] {
          let yaml = """
            source: {path: in.csv, subject: id, csv: {delimiter: ";"}}
            fields:
              id: keep
              age: {class: quasi, hierarchy: {interval: {width: 5, levels: 4}}}
              place: {class: quasi}
              s: {class: sensitive, stages: [keep]}
            anonymity: {k: 2, recoding: \(recoding), suppress: 10%, population: {file: everybody.csv, csv: {delimiter: ";"}}, \(model)}
            sink: {path: out.csv, csv: {delimiter: ";"}}

            """
          let result = try rig.run(yaml)
          guard result.kind == nil, let compiled = try rig.compile(yaml).0 else { continue }
          #expect(try Verification.run(rig.folder("out.csv"), compiled).holds)
          let text = try #require(result.report?.summary)
          losses.append(Double(text.split(separator: ", loss ")[1].prefix { $0 == "." || $0.isNumber }) ?? -1)
        }
        guard losses.count == 2 else { continue }
        #expect(losses[1] <= losses[0], "seed \(seed), \(model)")
        if losses[1] < losses[0] { better += 1 }
      }
    }
    #expect(better > 10, "\(better)")
  }

  @Test("verify finds what a release breaks, and says by how much")
  func verifyFindsBreaches() throws {
    let yaml = { (model: String) in
      """
      source: {path: in.csv}
      fields:
        q: {class: quasi}
        s: {class: sensitive, stages: [keep]}
      anonymity: {k: 2, \(model)}
      sink: {path: out.csv}

      """
    }
    // Class a has x and x, class b x and y.
    let rig = try RunRig(["out.csv": "q,s\na,x\na,x\nb,x\nb,y\n"])
    for (model, holds, part) in [
      ("l: {s: 2}", false, "distinct l-diversity of 's': 1; at least 2 is promised: NOT MET"),
      ("l: {s: {entropy: 1.5}}", false, "entropy l-diversity of 's': 1; at least 1.5 is promised: NOT MET"),
      ("l: {s: {recursive: {c: 2, l: 2}}}", false, "recursive (c, 2)-diversity of 's': without bound"),
      ("t: {s: 0.2}", false, "t-closeness (equal distance) of 's': 0.25; at most 0.2 is promised: NOT MET"),
      ("t: {s: 0.25}", true, "t-closeness (equal distance) of 's': 0.25; at most 0.25 is promised: met"),
      ("alpha: {s: 0.9}", false, "(alpha, k)-anonymity of 's': 1; at most 0.9 is promised: NOT MET"),
      ("alpha: {s: {alpha: 0.5, values: [y]}}", true, "(alpha, k)-anonymity of 's': 0.5"),
      ("beta: {s: 0.5}", false, "beta-likeness of 's': 1; at most 0.5 is promised: NOT MET"),
      ("disclosure: {s: 5}", false, "delta-disclosure privacy of 's': without bound; below 5 is promised: NOT MET"),
      ("risk: {prosecutor: 0.4}", false, "prosecutor risk: 0.5; at most 0.4 is promised: NOT MET"),
      ("risk: {average: 50%}", true, "average risk: 0.5; at most 0.5 is promised: met"),
    ] {
      let (compiled, text) = try rig.compile(yaml(model))
      let found = try Verification.run(rig.folder("out.csv"), try #require(compiled, "\(text)"))
      #expect(found.holds == holds && found.text.contains(part), "\(model): \(found.text)")
    }
  }

  @Test("An unmet model is refused with what would meet it")
  func unmet() throws {
    let rig = try RunRig(["in.csv": "q,s\na,x\na,x\nb,x\nb,y\n"])
    let result = try rig.run(
      """
      source: {path: in.csv}
      fields:
        q: {class: quasi}
        s: {class: sensitive, stages: [keep]}
      anonymity: {k: 2, l: {s: 3}}
      sink: {path: out.csv}

      """)
    #expect(result.kind == .check && rig.text("out.csv") == nil)
    #expect(
      result.message.contains(
        "distinct l-diversity of 's': 2; at least 3 is promised; what would meet it: l of at most 2"),
      "\(result.message)")
  }

  @Test("Models that would promise nothing are refused before data is read")
  func senseless() throws {
    let rig = try RunRig(["in.csv": "q,s\na,x\n"])
    for (field, model, part) in [
      ("{class: sensitive, stages: [drop]}", "l: {s: 2}", "'s' is dropped"),
      ("{class: sensitive, stages: [keep]}", "k_map: 5", "'k_map' needs 'population'"),
      (
        "{class: sensitive, stages: [keep]}", "k_map: 5, population: all.csv, labels: sets",
        "'population' does not go with 'labels: sets'"
      ),
      ("{class: sensitive, stages: [keep]}", "risk: {journalist: 5%}", "'journalist' needs 'population'"),
      ("{class: sensitive, stages: [keep]}", "l: {s: []}", "an empty list asks for nothing"),
    ] {
      let result = try rig.run(
        """
        source: {path: in.csv}
        fields:
          q: {class: quasi}
          s: \(field)
        anonymity: {k: 2, \(model)}
        sink: {path: out.csv}

        """)
      #expect(result.diagnostics.contains(part), "\(model): \(result.diagnostics)")
    }
  }
}
