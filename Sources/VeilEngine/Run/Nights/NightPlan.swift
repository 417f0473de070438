import Glibc
import VeilConfig
import VeilGround

/// The exports that one call of `veil run` makes, and their inputs: one export of all inputs, or one export of each
/// input if the sink's path has `{stem}`.
struct NightPlan {
  struct Unit {
    var inputs: [String]
    /// The output paths, one for each sink.
    var outputs: [String]
    var manifest: String?
    /// The values for the placeholders in paths.
    var values: PathTemplate.Values
  }

  let units: [Unit]

  /// - Parameters:
  ///   - outputs: one for each sink.
  ///   - values: the values for the placeholders; `stem` is taken from each input.
  init(
    inputs: [String], outputs: [PathTemplate], manifest: PathTemplate?, values: PathTemplate.Values
  ) throws(RunError) {
    let isSplit = outputs.contains { $0.placeholders.contains(.stem) }
    for template in outputs + [manifest].compactMap({ $0 }) where inputs.count > 1 || !isSplit {
      guard template.placeholders.contains(.stem) != isSplit else { continue }
      throw RunError(
        .invalid,
        isSplit
          ? "{stem} makes an export of each input, and \(template.text) would be written by all of them: put {stem} into it"
          : "\(template.text) has {stem}, and the export has not: it has no input of its own")
    }
    guard isSplit else {
      units = [try Self.unit(inputs, outputs: outputs, manifest: manifest, values: values)]
      return
    }
    var units: [Unit] = []
    var seen: [PathKey: String] = [:]
    for input in inputs {
      var own = values
      own.stem = try Self.stem(of: input)
      let unit = try Self.unit([input], outputs: outputs, manifest: manifest, values: own)
      for output in unit.outputs {
        if let other = seen[PathKey(output)] {
          throw RunError(.invalid, "\(other) and \(input) would both be written to \(output): rename one of them")
        }
        seen[PathKey(output)] = input
      }
      units.append(unit)
    }
    self.units = units
  }

  private static func unit(
    _ inputs: [String], outputs: [PathTemplate], manifest: PathTemplate?, values: PathTemplate.Values
  ) throws(RunError) -> Unit {
    var unit = Unit(inputs: inputs, outputs: [], values: values)
    for output in outputs { unit.outputs.append(try fill(output, values)) }
    if let manifest { unit.manifest = try fill(manifest, values) }
    return unit
  }

  /// Returns an input's name without its endings. Refuses a name that could lead out of the export's folder, or that
  /// would make a hidden file.
  static func stem(of input: String) throws(RunError) -> String {
    if input == "-" { throw RunError(.invalid, "{stem} needs an input with a name, and standard input has none") }
    var name = input.utf8.lastIndex(of: UInt8(ascii: "/")).map { input[input.utf8.index(after: $0)...] } ?? input[...]
    for ending in [".gz", ".zst"] where name.lowercased().hasSuffix(ending) { name = name.dropLast(ending.count) }
    if DataFormat(fileName: String(name)) != nil, let dot = name.lastIndex(of: ".") { name = name[..<dot] }
    let isPrintable = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    guard !name.isEmpty, name.first != ".", isPrintable else {
      throw RunError(
        .inputOutput,
        "{stem} of \(ShownName.plain(input)) is no name for a file: rename the input, so that it begins with no dot")
    }
    return String(name)
  }

  /// Fills the placeholders of a path. A folder that a placeholder names must not lead elsewhere through a symbolic
  /// link.
  static func fill(_ template: PathTemplate, _ values: PathTemplate.Values) throws(RunError) -> String {
    let path = template.filled(values)
    let written = template.text.split(separator: "/", omittingEmptySubsequences: false)
    let filled = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !template.placeholders.isEmpty, written.count == filled.count else { return path }
    for index in written.indices.dropLast() where !PathTemplate(String(written[index])).placeholders.isEmpty {
      let folder = filled[...index].joined(separator: "/")
      var status = stat()
      if unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
        throw RunError(.inputOutput, "cannot write \(path): \(folder) is a symbolic link, and would lead elsewhere")
      }
    }
    return path
  }

  /// Returns the path that stands for all exports of a template when they are locked: the path as it is written, in the
  /// last folder whose name has no placeholder.
  static func lockTarget(_ template: PathTemplate) -> String {
    let parts = template.text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.firstIndex(where: { !PathTemplate(String($0)).placeholders.isEmpty }) else {
      return template.text
    }
    return (parts[..<first].map(String.init) + [parts[first...].joined(separator: "+")]).joined(separator: "/")
  }
}
