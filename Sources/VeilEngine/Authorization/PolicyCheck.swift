import VeilConfig
import VeilCrypto

/// Checks a pipeline against its policies (`PolicyFiles`).
enum PolicyCheck {
  static func load(_ config: PipelineConfig, _ diagnostics: Diagnostics) -> [PolicyConfig] {
    let found = PolicyFiles(config, diagnostics).files
    return found.compactMap { file in
      let (policy, problems) = PolicyParser.load(path: file.path)
      for problem in problems.told where problem.severity == .error {
        let line = problem.mark.map { ", line \($0.line)" } ?? ""
        diagnostics.error(at: file.mark, "the policy \(file.path)\(line): \(problem.message)", help: problem.help)
      }
      if policy?.digests == .openssl { DigestMaker.useOpenSSLAlone() }
      return policy
    }
  }

  static func run(_ compiled: CompiledPipeline, _ diagnostics: Diagnostics) {
    for policy in compiled.policies {
      checkPipeline(compiled, against: policy, diagnostics: diagnostics)
      for view in compiled.views {
        for rule in policy.fields { check(rule, in: view, policy: policy, diagnostics: diagnostics) }
      }
    }
  }

  private static func checkPipeline(
    _ compiled: CompiledPipeline, against policy: PolicyConfig, diagnostics: Diagnostics
  ) {
    let config = compiled.config
    if let purposes = policy.purposes, !purposes.contains(config.purpose ?? "") || config.purpose == nil {
      diagnostics.error(
        at: nil,
        "the policy \(policy.path) allows the purposes \(purposes.map(quote).joined(separator: ", ")), and the pipeline "
          + (config.purpose.map { "has \(quote($0))" } ?? "has none"))
    }
    if let raw = config.badRecords.rawCertificate, let forbidden = policy.fields.first(where: \.isForbidden) {
      diagnostics.error(
        at: raw.mark,
        "the policy \(policy.path) forbids that \(quote(forbidden.path.description)) leaves, and bad records are kept "
          + "whole, with all their fields", help: "leave 'raw' out: the quarantine then holds places and reasons")
    }
    guard let least = policy.minimumK else { return }
    if let anonymity = config.anonymity {
      if anonymity.k < least {
        diagnostics.error(at: anonymity.marks.k, "the policy \(policy.path) demands k of \(least) or more")
      }
    } else {
      for view in compiled.views {
        for field in view.fields where !field.isDropped && field.config.fieldClass == .quasi {
          diagnostics.error(
            at: field.config.mark,
            "field \(quote(field.config.path.description)) is a quasi-identifier, and the policy \(policy.path) demands k of \(least)",
            help: "add  anonymity: {k: \(least)}  or drop it")
        }
      }
    }
  }

  /// Checks one rule against all fields of one sink that it concerns: fields of that name, and fields that contain it.
  private static func check(
    _ rule: PolicyConfig.Field, in view: CompiledPipeline, policy: PolicyConfig, diagnostics: Diagnostics
  ) {
    let name = quote(rule.path.description)
    let words = ForbiddenNames.words(rule.path)
    let named = view.fields.filter { field in
      // A forbidden name is found in paths too; a class or a purpose is that of one field.
      folded(field.config.path) == folded(rule.path)
        || rule.isForbidden && ForbiddenNames.holds(ForbiddenNames.words(field.config.path), words)
    }
    if named.isEmpty {
      if let whole = holder(of: rule.path, in: view), !whole.isDropped {
        diagnostics.error(
          at: whole.config.mark,
          "the policy \(policy.path) rules over \(name), which leaves within \(quote(whole.config.path.description)) "
            + "without a rule of its own", help: "name it under 'fields'")
      } else if holder(of: rule.path, in: view) == nil, view.config.unlisted == .keep {
        diagnostics.error(
          at: nil,
          "the policy \(policy.path) rules over \(name), and 'unlisted: keep' would let it leave without a rule of its own",
          help: "name it under 'fields', or write 'unlisted: drop'")
      }
    }
    for field in named where !field.isDropped {
      if rule.isForbidden {
        diagnostics.error(
          at: field.config.mark,
          folded(field.config.path) == folded(rule.path)
            ? "the policy \(policy.path) forbids that \(name) leaves"
            : "the policy \(policy.path) forbids that \(name) leaves, and it is in "
              + quote(field.config.path.description), help: "drop it")
      }
      if let fieldClass = rule.fieldClass, field.config.fieldClass != fieldClass {
        diagnostics.error(
          at: field.config.mark,
          "field \(name) is of class '\(field.config.fieldClass.rawValue)', and the policy \(policy.path) says "
            + "'\(fieldClass.rawValue)'")
      }
      if let purposes = rule.purposes {
        PurposeCheck.require(
          purposes, of: field, by: "by the policy \(policy.path) ", config: view.config, diagnostics: diagnostics)
      }
    }
  }

  /// Returns the field of the pipeline that contains a path: the longest one with which the path begins.
  private static func holder(of path: FieldPath, in view: CompiledPipeline) -> CompiledField? {
    view.fields.filter { field in
      let steps = field.config.path.steps
      return steps.count < path.steps.count && steps.elementsEqual(path.steps[..<steps.count])
    }.max { $0.config.path.steps.count < $1.config.path.steps.count }
  }

  /// Returns a name without the differences that people overlook: a field `E-Mail` must not escape a rule about
  /// `e-mail`.
  private static func folded(_ path: FieldPath) -> String { (path.singleKey ?? path.description).lowercased() }
}
