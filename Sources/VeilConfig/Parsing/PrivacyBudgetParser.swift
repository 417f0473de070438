/// Reads budget files: a total, and a line for each release.
public enum PrivacyBudgetParser {
  static let sections = ["version", "epsilon", "delta", "spent"]

  public static func parse(
    bytes: [UInt8], path: String
  ) -> (budget: PrivacyBudgetConfig?, diagnostics: Diagnostics) {
    let diagnostics = Diagnostics(path: path, source: bytes, kind: .budget)
    guard let root = YAMLDocument.read(bytes, diagnostics: diagnostics) else { return (nil, diagnostics) }
    let reader = OptionReader(node: root, context: "the privacy budget", known: sections, diagnostics: diagnostics)
    if let version = reader.requiredInt("version", help: "begin the file with 'version: 1'"), version != 1 {
      reader.error("version", "this version of privacy budgets is not known; it must be 1")
    }
    reader.require("epsilon")
    let epsilon = reader.number("epsilon", range: 0...1000)
    let delta = reader.has("delta") ? reader.number("delta", range: 0...1) : ConfigNumber(0)
    var spent: [PrivacyBudgetConfig.Spending] = []
    if let node = reader.node("spent"), !node.isNull {
      if node.items == nil { reader.error("spent", "'spent' is a list of releases, not \(node.summary)") }
      for item in node.items ?? [] {
        let entry = OptionReader(
          node: item, context: "a release", known: ["at", "pipeline", "sink", "epsilon", "delta", "rho", "rho_delta"],
          diagnostics: diagnostics)
        entry.require("epsilon")
        entry.require("delta")
        guard let epsilon = entry.number("epsilon", range: 0...1000), let delta = entry.number("delta", range: 0...1)
        else { continue }
        let rho = entry.has("rho") ? entry.number("rho", range: 0...1_000_000)?.value : nil
        let rest = entry.has("rho_delta") ? entry.number("rho_delta", range: 0...1)?.value : nil
        if (rho == nil) != (rest == nil) {
          diagnostics.error(at: item, "'rho' and 'rho_delta' of a release are both there, or neither")
        }
        spent.append(
          .init(
            amount: .init(epsilon: epsilon, delta: delta, roundingUp: true),
            concentrated: rho.flatMap { rho in rest.map { .init(rho: rho, delta: $0) } }))
      }
    } else if !reader.has("spent") {
      // A new line is appended to the end of the file, so this list must be the last part of the file.
      diagnostics.error(at: reader.mark, "the privacy budget needs 'spent:' as its last line")
    }
    guard let epsilon, let delta, !diagnostics.hasErrors else { return (nil, diagnostics) }
    diagnostics.accept()
    let total = PrivacyBudgetConfig.Amount(epsilon: epsilon, delta: delta, roundingUp: false)
    return (PrivacyBudgetConfig(total: total, spent: spent), diagnostics)
  }
}
