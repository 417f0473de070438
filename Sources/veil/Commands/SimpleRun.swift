extension RunRequest {
  /// Reads the command line of a typical run: `run PIPELINE` and options that take a path or a number, each at most
  /// once, with the value as a separate word. Returns nil for any other command line, right or wrong; the library reads
  /// that one.
  ///
  /// The library examines all commands and options by reflection, which took a third of a small run's time. Both ways
  /// give the same meaning to what is read here.
  init?(simple arguments: [String]) {
    var rest = arguments[...]
    guard rest.popFirst() == "run" else { return nil }
    var pipeline: String?
    var seen: Set<String> = []
    self.init(pipeline: "")
    while let word = rest.popFirst() {
      guard Self.isOption(word) else {
        if word.isEmpty || pipeline != nil { return nil }
        pipeline = word
        continue
      }
      guard let value = rest.popFirst(), !value.isEmpty, value == "-" || !Self.isOption(value),
        seen.insert(word).inserted
      else { return nil }
      switch word {
      case "--input": input = value
      case "--output": output = value
      case "--recipient": recipient = value
      case "--manifest": manifest = value
      case "--report": report = value
      case "--metrics": metrics = value
      case "--audit": audit = value
      case "--lineage": lineage = value
      case "--log":
        guard let form = MessageForm(rawValue: value) else { return nil }
        log = form
      case "--threads":
        guard let count = Int(value), Self.threadCounts.contains(count) else { return nil }
        threads = count
      default: return nil
      }
    }
    guard let pipeline else { return nil }
    self.pipeline = pipeline
  }

  private static func isOption(_ word: String) -> Bool { word.utf8.first == UInt8(ascii: "-") }
}
