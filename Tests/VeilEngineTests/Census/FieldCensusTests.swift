import Testing

@testable import VeilEngine

@Suite("Census of a field")
struct FieldCensusTests {
  private func hash(_ text: String) -> UInt64 {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe FieldCensus.hash($0) }
  }

  /// Counts as the definition does: all pairs in sets.
  private func plainly(_ pairs: [(String, UInt64)], countsPeople: Bool) -> [Int] {
    var owners: [String: Set<UInt64>] = [:]
    for (value, owner) in pairs { owners[value, default: []].insert(owner) }
    let values = countsPeople ? owners.values.reduce(0) { $0 + $1.count } : pairs.count
    func people(_ isCounted: (Int) -> Bool) -> Int { owners.values.map(\.count).filter(isCounted).reduce(0, +) }
    return [values, owners.count, people { $0 == 1 }, people { $0 < 3 }, people { $0 < 4 }]
  }

  private func counts(_ census: FieldCensus) -> [Int] {
    [census.values, census.distinct, census.single, census.held(byFewerThan: 3), census.held(byFewerThan: 4)]
  }

  @Test("A value that one record has twice is one record's, and so are more people than are kept, in any order")
  func severalInOneRecord() {
    var census = FieldCensus(countsPeople: false, few: 4)
    for owner in [0, 0, 0, 1, 1] as [UInt64] { census.add(hash("a"), owner: owner) { [] } }
    for _ in 0..<9 { census.add(hash("b"), owner: 2) { [] } }
    #expect(census.single == 1 && census.held(byFewerThan: 3) == 3)
    let pairs = (0..<160_000).map { (value: $0 % 2000, owner: UInt64($0 / 2000)) }
    let found = [pairs, pairs.reversed()].map { pairs in
      var census = FieldCensus(countsPeople: true, few: 100)
      for pair in pairs { census.add(FieldCensus.hash(pair.value), owner: pair.owner) { [] } }
      return [census.held(byFewerThan: 100), census.single, census.isExact ? 1 : 0]
    }
    #expect(found[0] == found[1] && found[0][1] == 0 && found[0][2] == 0, "\(found)")
    #expect(140_000...160_000 ~= found[0][0], "\(found)")
  }

  @Test("Equals the definition, in any order of the values")
  func equalsTheDefinition() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      let people = UInt64.random(in: 1...40, using: &random)
      let kinds = Int.random(in: 1...200, using: &random)
      let pairs = (0..<Int.random(in: 1...300, using: &random)).map { _ in
        ("v\(Int.random(in: 0..<kinds, using: &random))", UInt64.random(in: 0..<people, using: &random))
      }
      for order in [pairs, pairs.reversed(), pairs.shuffled()] {
        var census = FieldCensus(countsPeople: true, few: 4)
        for (value, owner) in order { census.add(hash(value), owner: owner) { [] } }
        #expect(counts(census) == plainly(pairs, countsPeople: true))
        #expect(census.isExact && census.cells == pairs.count)
        var records = FieldCensus(countsPeople: false, few: 4)
        for (number, pair) in order.enumerated() { records.add(hash(pair.0), owner: UInt64(number)) { [] } }
        let own = pairs.enumerated().map { ($1.0, UInt64($0)) }
        #expect(counts(records) == plainly(own, countsPeople: false))
      }
    }
  }

  @Test("Beyond what is counted exactly it estimates, the same in any order")
  func estimates() {
    let values = (0..<40_000).map { $0 % 4 == 0 ? "many\($0 % 5000)" : "once\($0)" }
    let order = Array(values.enumerated())
    let counts = [order, order.shuffled(), order.reversed()].map { order in
      var census = FieldCensus(countsPeople: false, few: 5, capacity: 1 << 12)
      for (number, value) in order {
        census.add(hash(value), owner: UInt64(number)) { value.hasPrefix("m") ? .email : [] }
      }
      #expect(!census.isExact)
      return [census.values, census.distinct, census.single, census.tally.count(.email)]
    }
    #expect(counts[0] == counts[1] && counts[0] == counts[2])
    #expect(counts[0][0] == 40_000)
    #expect(28_500...31_500 ~= counts[0][2], "\(counts[0])")
    #expect(8_000...12_000 ~= counts[0][3], "\(counts[0])")
  }
}

@Suite("Signs of identifiers")
struct IdentifierSignTests {
  private func signs(_ text: String) -> IdentifierSigns { IdentifierSigns.of(Array(text.utf8).span) }

  @Test("Certain signs are found by themselves and within text")
  func certain() {
    for (value, sign) in [
      ("anna@example.org", IdentifierSigns.email), ("+43 660 1234567", .dialled), ("+43(0)1-2345678", .dialled),
      ("DE89 3704 0044 0532 0130 00", .iban), ("NL91ABNA0417164300", .iban), ("4111-1111-1111-1111", .groupedCard),
      ("00:1b:63:84:45:e6", .mac),
    ] {
      for text in [value, "see \(value), please", "(\(value))", "\(value);x", "x \(value)"] {
        #expect(signs(text).contains(sign), "\(text)")
      }
    }
  }

  @Test("Full names of people, and what only looks like one")
  func fullNames() {
    for text in [
      "Anna Adler", "anna adler", "ANNA ADLER", "Weiß, Jürgen", "call Élodie Blanc back", "Thomas M. Vance",
      "Anne-Marie Roy",
      "von Dr. Petra Öztürk",
    ] {
      #expect(signs(text).contains(.fullName), "\(text)")
    }
    for text in [
      "Anna", "Martin Street", "San Diego California", "Marie Curie Hospital", "anna went home early", "red apples",
      "Anna, 34",
      "ABC Thomas 12", "St. Martin Parish",
    ] {
      #expect(!signs(text).contains(.fullName), "\(text)")
    }
  }

  @Test("What only begins like one is none")
  func others() {
    for text in [
      "+43 660", "+0123456789", "DE89 3704 0044 0532 0130 01", "ZZ89370400440532013000", "xDE89370400440532013000",
      "DE893704004405320130001", "4111 1111 1111 1112", "4111 1111-1111 1111", "14111 1111 1111 1111",
      "00:1b:63:84:45:e6:00", "00:1b:63:84:45", "a@b", "",
    ] where !text.isEmpty {
      #expect(signs(text).isDisjoint(with: .certain), "\(text)")
    }
  }

  @Test("One in ten numbers passes a check digit: only many of them are a kind")
  func byChance() {
    var tally = IdentifierTally()
    for number in 100_000_000..<100_001_000 { tally.add(signs("\(number)")) }
    #expect(tally.findings(distinct: 1000).isEmpty)
    var few = IdentifierTally()
    for text in ["9434765919", "9434765870"] { few.add(signs(text)) }
    #expect(few.findings(distinct: 2).isEmpty)
  }

  @Test("Strings, numbers and names of members within JSON that leaves whole")
  func composites() {
    func signs(_ text: String) -> IdentifierSigns { CompositeText(field: "o").signs(in: Array(text.utf8).span) }
    #expect(signs(#"{"a": ["x", "anna@example.org"]}"#).contains(.email))
    #expect(signs(#"{"a": {"b": 490154203237518}}"#).contains(.imei))
    #expect(signs(#"{"anna@example.org": 1, "b": "\"", "c": []}"#).contains(.email))
    #expect(signs(#"{"a": "\"", "c": [], "b": ["anna\u0040example.org"]}"#).contains(.email))
    for named in [
      #"{"iban": "x"}"#, #"{"a": [{"e\u006dail": 1}]}"#, #"{"phones": ["1"]}"#, #"{"customer": {"name": "x"}}"#,
    ] {
      #expect(signs(named).contains(.namedMember), "\(named)")
    }
    for other in [
      #"{"iban": null}"#, #"{"email": ""}"#, #"{"product": {"name": "x"}, "name_of": 1}"#, #"{"phones": []}"#,
    ] {
      #expect(!signs(other).contains(.namedMember), "\(other)")
    }
  }
}
