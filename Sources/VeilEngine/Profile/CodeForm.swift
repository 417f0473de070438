import VeilGround

/// Whether the values of a field without a telling name are codes, such as numbers of members, phones or contracts, and
/// no amounts, durations or counts. A code says whose a record is, however often its values repeat, and no interval of
/// codes means anything.
enum CodeForm {
  /// Up to so many different codes may be the groups of a survey.
  static let fewCodes = 12.0

  /// Returns the evidence in words; nil if the values are no codes.
  static func evidence(_ survey: ColumnSurvey) -> String? {
    guard survey.values > 0 else { return nil }
    let share = Double(survey.count(.integer)) / Double(survey.values)
    let isOneLength = survey.shortest == survey.longest
    if share >= 0.95 {
      // Amounts and durations have many lengths; years and small counts are short.
      if isOneLength, survey.longest >= 5 {
        return "whole numbers of \(survey.longest) digits"
      }
      if survey.shortest >= 7, survey.longest >= 9 { return "long whole numbers" }
      return nil
    }
    guard isOneLength, let form = survey.commonShapes.first, form.share >= 0.9,
      isCode(form.text)
    else { return nil }
    return "all of the form \(form.text)"
  }

  /// Returns what values are that look like none of the numbers a hierarchy reads and are measures all the same: amounts
  /// with a decimal comma, times of day and durations. Nil if they are something else.
  static func measure(_ survey: ColumnSurvey) -> String? {
    let shapes = survey.commonShapes
    guard !shapes.isEmpty, shapes.reduce(0, { $0 + $1.share }) >= 0.5 else { return nil }
    let signs = shapes.map { shape in Set(shape.text.filter { !$0.isNumber || $0 == "9" }) }
    if signs.allSatisfy({ $0.contains(",") && $0.isSubset(of: ["9", "{", "}", ",", ".", "-", "+"]) }) {
      return "numbers with a comma"
    }
    if signs.allSatisfy({ $0.contains(":") && $0.isSubset(of: ["9", "{", "}", ":", "."]) }) {
      return "times of day or durations"
    }
    return nil
  }

  /// Returns whether whole numbers that hardly repeat are measured or counted, and not given out one after the other:
  /// numbers in a row are as many as their digits allow.
  static func isMeasured(_ survey: ColumnSurvey) -> Bool {
    guard survey.longest - survey.shortest >= 2, survey.longest <= 12 else { return false }
    var room = 1.0
    for _ in 1..<max(1, survey.longest) { room *= 10 }
    return survey.sample.distinct * 2 < room
  }

  /// Returns whether a shape (see `ValueShape`) has four digits or more, and no sign of a decimal number or a time.
  private static func isCode(_ shape: String) -> Bool {
    var (digits, run) = (0, "")
    var isInRun = false
    var last: Character = " "
    for sign in shape {
      switch sign {
      case "{": (isInRun, run) = (true, "")
      case "}":
        isInRun = false
        if last == "9" { digits += (Int(run) ?? 1) - 1 }
      case _ where isInRun: run.append(sign)
      case ".", ",", ":", "/", "+": return false
      default:
        if sign == "9" { digits += 1 }
        last = sign
      }
    }
    return digits >= 4
  }
}
