import Foundation

/// Tables about made-up people, in the shapes of public tables for which a starter pipeline once published somebody.
enum PeopleTables {
  struct Table {
    let header: String
    /// The records of people who are in the release, and of others.
    let ours: [String], others: [String]
    /// What must not be in the export, in any record.
    var secrets: [String] = []
  }

  struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 31)
    }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func pick(_ words: [String]) -> String { words.randomElement(using: &self) ?? "" }
  }

  static let shapes = [
    "visits", "shuffled visits", "wages", "panel", "survey", "senators", "header word", "hospital", "row numbers",
    "logarithms",
  ]

  static func make(_ shape: String) -> Table {
    var chance = Chance(state: 5)
    switch shape {
    case "visits", "shuffled visits": return visits(&chance, isShuffled: shape != "visits")
    case "wages": return wages(&chance)
    case "panel": return panel(&chance)
    case "survey": return survey(&chance)
    case "senators": return senators(&chance)
    case "header word": return headerWord(&chance)
    case "hospital": return hospital(&chance)
    case "row numbers": return rowNumbers(&chance)
    default: return logarithms(&chance)
    }
  }

  private static func table(_ header: String, _ count: Int, _ record: (Int) -> String) -> Table {
    let records = (0..<count).map(record)
    return Table(header: header, ours: Array(records[..<(count / 2)]), others: Array(records[(count / 2)...]))
  }

  private static let given = [
    "Anna", "Bernd", "Clara", "Dieter", "Eva", "Fritz", "Gerda", "Hans", "Ingrid", "Johanna", "Karl", "Lena",
  ]

  /// Several records a person, under names that say nothing: first names, plates, streets, dotted dates, numbers in a row.
  private static func visits(_ chance: inout Chance, isShuffled: Bool) -> Table {
    func people(_ count: Int, from first: Int, _ chance: inout Chance) -> (records: [String], secrets: [String]) {
      var records: [String] = []
      var secrets: [String] = []
      for person in 0..<count {
        let name = chance.pick(given)
        let plate = "\(chance.pick(["B", "KA", "M"]))-\(chance.pick(["AX", "CY", "DZ"])) \(chance.number(10...9999))"
        let street = "\(chance.pick(["Musterweg", "Hauptstr.", "Lange Gasse"])) \(chance.number(1...99))"
        let born =
          "\(String(format: "%02d", chance.number(1...28))).\(String(format: "%02d", chance.number(1...12))).\(chance.number(1940...2000))"
        secrets += [name, plate, street, born]
        for _ in 0..<chance.number(5...12) {
          records.append("\(name),\(plate),\(street),\(born),\(first + person),\(chance.number(0...3))")
        }
      }
      return (isShuffled ? records.shuffled(using: &chance) : records, secrets)
    }
    let (ours, secrets) = people(40, from: 1, &chance)
    return Table(
      header: "a,b,c,d,e,f", ours: ours, others: people(40, from: 41, &chance).records, secrets: Array(Set(secrets)))
  }

  /// An income that hardly anybody shares.
  private static func wages(_ chance: inout Chance) -> Table {
    table("wage,educ,exper,sex", 500) { _ in
      "\(chance.number(3...30)).\(chance.number(100_000...999_999)),\(chance.number(1...5)),\(chance.number(0...40)),"
        + chance.pick(["male", "female"])
    }
  }

  /// The years of people whose number says whose a record is.
  private static func panel(_ chance: inout Chance) -> Table {
    func people(_ numbers: Range<Int>, _ chance: inout Chance) -> [String] {
      numbers.flatMap { person in
        let (school, union) = (chance.number(8...16), chance.number(0...1))
        return (1980..<1986).map { year in
          "\(person),\(year),\(school),\(union),\(chance.number(0...9)),\(chance.number(0...20)).\(chance.number(100...999))"
        }
      }
    }
    return Table(
      header: "id,year,school,union,hours,lwage", ours: people(1000..<1080, &chance),
      others: people(2000..<2080, &chance))
  }

  /// Special categories with few values.
  private static func survey(_ chance: inout Chance) -> Table {
    table("sex,age,ym,child,religious,education,occupation,rate,drugs", 600) { _ in
      "\(chance.pick(["male", "female"])),\(chance.number(18...60)),\(chance.number(1...15)),"
        + "\(chance.pick(["yes", "no"])),\(chance.number(1...5)),\(chance.number(9...20)),\(chance.number(1...7)),"
        + "\(chance.number(1...5)),\(chance.number(0...1))"
    }
  }

  /// Names, terms that hold dates and words, and times.
  private static func senators(_ chance: inout Chance) -> Table {
    var secrets: [String] = []
    var made = table("Name,Affiliation,Province,Term,start_date,reason,diff_days", 400) { record in
      let name = "Quux\(["a", "e", "i", "o"][record % 4])zonk, \(chance.pick(given))"
      let (year, month) = (chance.number(1870...1990), chance.number(1...9))
      secrets.append(name)
      return
        "\"\(name)\",\(chance.pick(["Liberal", "Conservative"])),\(chance.pick(["Quebec", "Ontario", "Manitoba"])),"
        + "\(year).0\(month).12 - \(year + 9).0\(month).30  (Death),\(year)-0\(month)-12 00:00:00,"
        + "\(chance.pick(["Death", "Resignation"])),\(chance.number(100...9999))"
    }
    made.secrets = secrets
    return made
  }

  /// The name of a column is one of its values.
  private static func headerWord(_ chance: inout Chance) -> Table {
    table("intnum,age,educatn,earnings,hours,kids,married", 400) { record in
      "\(1000 + record),\(chance.number(30...50)),\(chance.number(8...17)),\(chance.number(0...60_000)),"
        + "\(chance.number(0...2500)),\(chance.number(0...5)),\(chance.pick(["married", "divorced", "single"]))"
    }
  }

  /// Diagnoses, days and postcodes.
  private static func hospital(_ chance: inout Chance) -> Table {
    table("mrn,postcode,birth_date,gender,diagnosis,admission,station", 500) { record in
      "M\(50_000 + record),10\(chance.number(100...160)),19\(chance.number(40...99))-0\(chance.number(1...9))-1\(chance.number(0...9)),"
        + "\(chance.pick(["m", "f"])),\(chance.pick(["flu", "flu", "asthma", "hiv"])),"
        + "2024-0\(chance.number(1...9))-2\(chance.number(0...8)),\(chance.pick(["N1", "N2", "S1"]))"
    }
  }

  /// Numbers of rows, and marks for missing numbers.
  private static func rowNumbers(_ chance: inout Chance) -> Table {
    table("rownames,wtkg,preanti,karnof,cd4,homo,days", 400) { record in
      "\(record + 1),\(chance.number(40...120)).\(chance.number(1...9)),\(chance.number(0...2800)),"
        + "\(chance.number(7...10))0,\(chance.number(0...4) == 0 ? "NA" : "\(chance.number(1...900))"),"
        + "\(chance.number(0...1)),\(chance.number(14...1231))"
    }
  }

  /// Measures with so many digits that each occurs once.
  private static func logarithms(_ chance: inout Chance) -> Table {
    table("lnhhexp,commune,educ,sex,injury,insurance", 500) { _ in
      "\(chance.number(0...4)).\(chance.number(100_000_000...999_999_999)),\(chance.number(1...194)),"
        + "\(chance.number(0...21)),\(chance.pick(["male", "female"])),\(chance.number(0...1)),\(chance.number(0...1))"
    }
  }
}
