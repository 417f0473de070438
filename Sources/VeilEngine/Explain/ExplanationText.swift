import VeilConfig
import VeilGround

extension Explanation {
  /// The explanation for a terminal.
  public var text: String { write(Style(heading: { $1 }, item: "  ", strong: { $0 })) }

  /// The explanation for a wiki or a record of processing.
  public var markdown: String {
    write(
      Style(
        heading: { String(repeating: "#", count: $0) + " " + $1 + "\n" }, item: "- ",
        strong: { "**" + $0 + "**" }))
  }

  private struct Style {
    var heading: (_ level: Int, _ text: String) -> String
    var item: String
    var strong: (String) -> String
  }

  private func write(_ style: Style) -> String {
    var out = style.heading(1, "\(name): " + (purpose.map { "for \($0)" } ?? "no purpose is named")) + "\n"
    func list(_ title: String, _ lines: [String], level: Int = 2) {
      guard !lines.isEmpty else { return }
      out += "\n" + style.heading(level, title) + "\n" + lines.map { style.item + $0 + "\n" }.joined()
    }
    list(
      "What is read",
      [source] + (subject.map { ["a record is about the person that '\($0)' names"] } ?? []))
    list("Who is left out", excluded)
    list("What becomes of bad records", bad)
    for section in sections {
      let title = "What " + (section.recipient ?? "the recipient") + " gets, in \(section.output)"
      list(
        title, ["It may be called: " + style.strong(section.label.text)] + section.label.reasons.map { "because " + $0 }
      )
      for field in section.fields where field.fate != "dropped" { list(heading(of: field), lines(of: field), level: 3) }
      let dropped = section.fields.filter { $0.fate == "dropped" }.map(\.name)
      if !dropped.isEmpty { list("Dropped", [dropped.joined(separator: ", ")], level: 3) }
      list("Fields that are not listed", [section.unlisted], level: 3)
      list("The order of records", [section.order?.words].compactMap { $0 }, level: 3)
      list("Together", section.anonymity, level: 3)
      if case .kAnonymous = section.label.name {
        let open = section.label.conditions.filter(\.isOpen).map(\.text)
        list("What 'anonymous' would ask besides, of the finished file", open, level: 3)
      }
      list("What this does not protect against", section.label.limitations, level: 3)
    }
    list("What each stage promises", claims)
    list("Keys", keys)
    return out
  }

  private func heading(of field: Field) -> String {
    field.name + ": " + field.fate + (field.fieldClass == .other ? "" : " (\(field.fieldClass.rawValue))")
  }

  private func lines(of field: Field) -> [String] {
    var lines = field.steps
    if let because = field.because { lines.append("because: \(because)") }
    if field.fate != "dropped", field.isReversible {
      lines.append("whoever has the key can turn it back (veil reveal, or the same cipher elsewhere)")
    } else if field.joins != nil {
      lines.append("nobody can turn it back, but whoever has the key can compute it from a guess")
    }
    if let joins = field.joins { lines.append("joins with \(joins)") }
    if let danger = field.danger { lines.append("danger: \(danger)") }
    return lines
  }

  /// The claim of each stage once, in the order of the fields.
  private var claims: [String] {
    var seen: Set<String> = []
    return sections.flatMap(\.fields).flatMap(\.claims).filter { seen.insert($0).inserted }
  }
}

extension Explanation {
  /// The explanation for programs.
  public var json: String { value.document }

  var value: JSONValue {
    .object([
      ("explanation_version", .integer(1)), ("name", .text(name)), ("purpose", .optional(purpose)),
      ("source", .text(source)), ("subject", .optional(subject)), ("excluded", .array(excluded.map { .text($0) })),
      ("bad_records", .array(bad.map { .text($0) })),
      ("keys", .array(keys.map { .text($0) })), ("outputs", .array(sections.map(Self.value))),
    ])
  }

  private static func value(_ section: Section) -> JSONValue {
    .object([
      ("recipient", .optional(section.recipient)), ("path", .text(section.output)),
      ("label", .text(section.label.text)), ("reasons", .array(section.label.reasons.map { .text($0) })),
      ("limitations", .array(section.label.limitations.map { .text($0) })),
      ("label_conditions", section.label.conditionValue),
      ("unlisted", .text(section.unlisted)), ("order", .optional(section.order?.name.rawValue)),
      ("anonymity", .array(section.anonymity.map { .text($0) })),
      (
        "fields",
        .array(
          section.fields.map { field in
            .object([
              ("field", .text(field.name)), ("class", .text(field.fieldClass.rawValue)), ("fate", .text(field.fate)),
              ("steps", .array(field.steps.map { .text($0) })), ("because", .optional(field.because)),
              ("reversible", .bool(field.isReversible)), ("joins_with", .optional(field.joins)),
              ("danger", .optional(field.danger)), ("privacy", .array(field.claims.map { .text($0) })),
            ])
          })
      ),
    ])
  }
}
