import Glibc
public import VeilGround

/// Checks whether an audit log is complete, as far as the log itself can show it.
public struct AuditCheck {
  public private(set) var lines = 0
  /// The SHA-256 of the last line. Who stores it elsewhere can check later that no line up to there was removed.
  public private(set) var head = AuditLog.genesis
  /// The errors, by line.
  public private(set) var problems: [String] = []
  private let path: String
  private let known: String?
  private var knownLine: Int?

  /// Reads a log from its first line to its last. Throws if the log cannot be read.
  /// - Parameter head: An earlier head, in hex; one of the lines must have it.
  public init(path: String, head: String? = nil) throws(RunError) {
    self.path = path
    known = head?.lowercased()
    if known == AuditLog.genesis { knownLine = 0 }
    do throws(SystemError) {
      let file = try Descriptor.regular(path)
      guard try file.status().st_mode & S_IFMT == S_IFREG else { throw SystemError(EINVAL) }
      try file.lock(shared: true)
      try read(file)
    } catch {
      throw RunError(.inputOutput, "cannot read the audit log \(path): \(error)")
    }
    if known != nil, knownLine == nil {
      problems.append("no line has the head that was given: lines are missing at the end, or were changed")
    }
  }

  private mutating func read(_ file: Descriptor) throws(SystemError) {
    var rest: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try file.read(into: &block)
      if count == 0 { break }
      var start = 0
      for index in 0..<count where block[index] == 0x0A {
        judge(rest + block[start..<index])
        rest = []
        start = index + 1
      }
      rest += block[start..<count]
    }
    if !rest.isEmpty { problems.append("line \(lines + 1) was cut short: it has no line feed at its end") }
  }

  private mutating func judge(_ line: [UInt8]) {
    lines += 1
    let digest = AuditLine.digest(line)
    if let number = AuditLine.sequence(of: line), let value = JSONReader.read(line) {
      if value["previous"]?.text != head {
        problems.append(
          "line \(lines) does not follow what stands before it: a line was changed, removed, put in or moved")
      } else if number != lines {
        problems.append("line \(lines) bears the number \(number)")
      }
    } else {
      problems.append("line \(lines) is not as it was written, or no line of an audit log")
    }
    head = digest
    if digest == known { knownLine = lines }
  }

  public var isWhole: Bool { problems.isEmpty }

  public var text: String {
    var out = "\(path): \(lines) \(lines == 1 ? "line" : "lines")"
    out += isWhole ? ", each as it was written and in its place\n" : "\n"
    for problem in problems.prefix(20) { out += "BROKEN: \(problem)\n" }
    if problems.count > 20 { out += "… and \(problems.count - 20) more\n" }
    out += "head: \(head)\n"
    if let knownLine {
      out += "the head that was given is line \(knownLine)'s; \(lines - knownLine) came after it\n"
    } else if known == nil {
      out +=
        "note: whether lines were cut off at the end, or all of them written anew, no log can tell by itself: keep the "
        + "head elsewhere and give it with --head next time\n"
    }
    return out
  }
}
