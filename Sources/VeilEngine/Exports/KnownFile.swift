import Glibc
import VeilAnonymity
import VeilConfig
import VeilGround

/// What a file in a folder of exports is, as its contents say. Names say nothing: a copy of an export may be called
/// anything, and what Veil writes beside exports may be, too.
enum KnownFile {
  case manifest(ManifestFile)
  /// A manifest that cannot be read, or a file that may be one.
  case brokenManifest(String)
  /// Written by Veil about its runs: it has nobody's values.
  case harmless
  /// It may hold people; the reason says what it is.
  case stranger(String)

  private static let limit = 64 << 20
  /// How much of a file is looked at before it is read whole.
  private static let head = 4096

  init(_ path: String) {
    let name = FilePath.name(of: path)
    let (size, start): (Int, [UInt8])
    do throws(SystemError) { (size, start) = try Self.start(of: path) } catch {
      self = .brokenManifest("it cannot be read, and may be a manifest: \(error)")
      return
    }
    // Zeros are left out, for the sake of UTF-16 and of what a power cut may leave.
    let text = String(decoding: start.filter { $0 != 0 }, as: UTF8.self)
    if Leftovers.isTemporary(name) {
      self = .stranger("it is a temporary file of a command that goes on or was ended")
    } else if Journal.isJournal(name) {
      self = .stranger("an erasure or a pruning was begun here and has not ended")
    } else if text.contains("\"manifest_version\"") {
      self = ManifestFile(path).map { .manifest($0) } ?? .brokenManifest("the manifest cannot be read")
    } else if let known = Self.own(path, start: start, text: text) {
      self = known
    } else if size == 0, !name.lowercased().hasSuffix(".json") {
      self = .harmless
    } else if Self.mayBeManifest(path, name: name, size: size, start: start) {
      self = .brokenManifest("it may be a manifest that was damaged")
    } else {
      self = .stranger("no manifest here names it")
    }
  }

  private static func start(of path: String) throws(SystemError) -> (size: Int, bytes: [UInt8]) {
    let file = try Descriptor.regular(path, followsLinks: false)
    var bytes = [UInt8](repeating: 0, count: head)
    let count = try file.read(into: &bytes, at: 0)
    return (Int(try file.status().st_size), Array(bytes[..<count]))
  }

  /// Whether a file that is no manifest as it is may have been one.
  private static func mayBeManifest(_ path: String, name: String, size: Int, start: [UInt8]) -> Bool {
    let lowercased = name.lowercased()
    if lowercased.contains("manifest") { return true }
    guard lowercased.hasSuffix(".json") else { return false }
    if size == 0 || start.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) != UInt8(ascii: "[") {
      guard size <= limit, let bytes = try? SmallFile.bytes(path, limit: limit) else { return true }
      return JSONReader.read(bytes)?.members == nil
    }
    return false
  }

  // MARK: What Veil writes beside exports

  private static func own(_ path: String, start: [UInt8], text: String) -> KnownFile? {
    let name = FilePath.name(of: path)
    if name.hasPrefix("."), name.hasSuffix(OutputLock.ending) {
      let isOurs = start.isEmpty || start.starts(with: Array("process ".utf8)) && start.count < 1024
      return isOurs ? .harmless : nil
    }
    for (magic, what) in [
      (PlanContents.magic, "a plan"), (Histogram.magic, "a histogram"), (Histogram.oldMagic, "a histogram"),
      (SavedFile.sealedMagic, "a plan or a histogram"),
    ] where start.starts(with: Array("\(magic)\n".utf8)) {
      return .stranger("it is \(what), which holds what tells people apart: make it anew without them")
    }
    switch start.first {
    case UInt8(ascii: "{"):
      if text.hasPrefix("{\n") { return document(path) }
      // An export of many records is not read for this.
      return ["{ \"sequence\": ", "{ \"file\": "].contains(where: { text.hasPrefix($0) }) ? lines(path) : nil
    case UInt8(ascii: "#"): return isMetrics(path) ? .harmless : nil
    default:
      if start.starts(with: Array("veil-state\t".utf8)) { return (try? NightState.read(path)) == nil ? nil : .harmless }
      if text.contains("epsilon:"), text.contains("version:") { return isBudget(path) ? .harmless : nil }
      return nil
    }
  }

  /// Reports, lineage events, records of processing and explanations.
  private static func document(_ path: String) -> KnownFile? {
    guard let bytes = try? SmallFile.bytes(path, limit: limit), let value = JSONReader.read(bytes) else { return nil }
    let isReport = value["report_version"]?.integer != nil && value["tool"]?["name"]?.text == "veil"
    let isEvent = value["producer"]?.text?.hasPrefix("urn:x-veil:") == true && value["eventType"] != nil
    let isAccount = value["record_version"]?.integer != nil || value["explanation_version"]?.integer != nil
    return isReport || isEvent || isAccount ? .harmless : nil
  }

  /// Audit logs and quarantines: every line is one of Veil's, and a line of a quarantine has no record in it.
  private static func lines(_ path: String) -> KnownFile? {
    guard let bytes = try? SmallFile.bytes(path, limit: 1 << 30), bytes.last == 0x0A else { return nil }
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      if AuditLine.sequence(of: Array(line)) != nil { continue }
      guard let members = JSONReader.read(Array(line))?.members, members.contains(where: { $0.0 == "byte_offset" }),
        members.contains(where: { $0.0 == "reason" })
      else { return nil }
      guard members.allSatisfy({ Quarantine.Entry.names.contains($0.0) }) else {
        return .stranger("it holds bad records as they came")
      }
    }
    return .harmless
  }

  private static func isMetrics(_ path: String) -> Bool {
    guard let text = SmallFile.text(path, limit: 1 << 20), text.hasSuffix("\n") else { return false }
    return text.split(separator: "\n").allSatisfy { line in
      line.hasPrefix("# HELP veil_") || line.hasPrefix("# TYPE veil_")
        || line.hasPrefix("veil_") && Double(line.split(separator: " ").last ?? "") != nil
    }
  }

  private static func isBudget(_ path: String) -> Bool {
    guard let bytes = try? SmallFile.bytes(path, limit: 1 << 20) else { return false }
    return PrivacyBudgetParser.parse(bytes: bytes, path: path).budget != nil
  }
}
