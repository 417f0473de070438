extension PipelineReading {
  func keys(_ pipeline: OptionReader) -> [KeyConfig] {
    guard let node = pipeline.node("keys"), !node.isNull else { return [] }
    guard let entries = node.entries else {
      diagnostics.conceal(node)
      pipeline.error("keys", "'keys' is a mapping of names, such as {customers: {file: keys/customers.key}}")
      return []
    }
    return entries.compactMap { entry in
      let name = entry.key.text ?? ""
      if !Self.isName(name) {
        diagnostics.error(at: entry.key, "a key's name holds letters, digits, '.', '_' and '-', up to 128 (ASCII)")
      }
      return keySource(name, entry, kinds: ["file", "env", "command", "wrapped", "ring"]).map {
        KeyConfig(name: name, source: $0, mark: entry.key.mark)
      }
    }
  }

  /// Returns the place of a key: exactly one of `kinds`. The keys of `more` may stand beside it.
  func keySource(
    _ name: String, _ entry: ConfigNode.Entry, kinds: [String], more: [String] = []
  ) -> KeyConfig.Source? {
    // Any other text here may be the key itself, written into the file by mistake.
    let more = more + ["timeout"]
    if let parts = entry.value.entries {
      for part in parts {
        let kind = part.key.text ?? ""
        let isExpected = (kinds + more).contains(kind) && (kind == "wrapped" || part.value.entries == nil)
        if !isExpected { diagnostics.conceal(part.value) }
      }
    } else if !entry.value.isNull {
      diagnostics.conceal(entry.value)
      diagnostics.error(
        at: entry.value, "key \(quote(name)) must say where it is kept",
        help: "{file: PATH}, {env: NAME} or {command: [PROGRAM, ARGUMENT]}; never the key itself")
      return nil
    }
    let reader = OptionReader(
      node: entry.value, context: "key \(quote(name))", known: kinds + more, diagnostics: diagnostics,
      at: entry.key.mark)
    guard !holdsKey(reader, name: name, kinds: kinds) else { return nil }
    if reader.has("timeout"), !reader.has("command") {
      reader.error("timeout", "'timeout' goes with 'command' alone")
    }
    let given = kinds.filter(reader.has)
    guard given.count == 1, let kind = given.first else {
      let words = kinds.dropLast().map { "'\($0)'" }.joined(separator: ", ") + " and '\(kinds.last ?? "")'"
      if given.count > 1 {
        diagnostics.error(at: entry.key, "key \(quote(name)) must have exactly one of \(words)")
      } else if kinds.allSatisfy(reader.isAbsent) {
        diagnostics.error(at: entry.key, "key \(quote(name)) needs one of \(words)")
      }
      return nil
    }
    switch kind {
    case "file": return path("file", reader).map { .file($0) }
    case "env": return environmentName(reader).map { .env($0) }
    case "ring": return path("ring", reader).map { .ring($0) }
    case "wrapped": return wrapped(name, reader)
    default:
      guard let words = command(reader), let seconds = timeout(reader) else { return nil }
      return .command(words, seconds: seconds)
    }
  }

  /// Reports a key that stands where its place belongs, as in {file: "hex:…"}, and makes sure that nobody sees it.
  private func holdsKey(_ reader: OptionReader, name: String, kinds: [String]) -> Bool {
    let texts = kinds.compactMap { reader.node($0) }.flatMap { $0.items ?? [$0] }
    let keys = texts.filter { $0.text.map(KeyShape.isIn) ?? false }
    for node in keys {
      diagnostics.conceal(node)
      diagnostics.error(
        at: node, "key \(quote(name)) seems to stand here itself, where the place belongs that it is kept in",
        help: "take it for known to whoever read this file: make another one, and keep it in a file of its own")
    }
    return !keys.isEmpty
  }

  /// Returns how many seconds a command has.
  private func timeout(_ reader: OptionReader) -> Int? {
    guard reader.has("timeout") else { return 60 }
    guard let text = reader.string("timeout") else { return nil }
    let unit = ["s": 1, "m": 60][text.suffix(1)]
    guard let unit, let count = Int(text.dropLast()), (1...3600).contains(count), count * unit <= 3600 else {
      reader.error("timeout", "'timeout' must be a time of at most an hour, such as 90s or 5m, not \(quote(text))")
      return nil
    }
    return count * unit
  }

  /// Reads `{file: PATH, passphrase: {env: NAME}}`; the passphrase comes from a file, a variable or a command.
  private func wrapped(_ name: String, _ reader: OptionReader) -> KeyConfig.Source? {
    if let node = reader.node("wrapped") {
      for part in node.entries ?? [] where !["file", "passphrase"].contains(part.key.text ?? "") {
        diagnostics.conceal(part.value)
      }
      if node.entries == nil { diagnostics.conceal(node) }
    }
    guard
      let inner = section("wrapped", of: reader, known: ["file", "passphrase"]),
      inner.require("file"), inner.require("passphrase"), !holdsKey(inner, name: name, kinds: ["file"]),
      let path = path("file", inner),
      let node = inner.node("passphrase"), let key = reader.node("wrapped")?.entry("passphrase")?.key
    else { return nil }
    return keySource("passphrase of \(name)", (key: key, value: node), kinds: ["file", "env", "command"])
      .map { .wrapped(path, passphrase: $0) }
  }

  private func environmentName(_ reader: OptionReader) -> String? {
    guard let name = reader.requiredString("env") else { return nil }
    let sound = name.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || Self.isNameByte(byte) && byte != UInt8(ascii: ".") && byte != UInt8(ascii: "-")
    }
    guard sound, name.utf8.first.map({ !(0x30...0x39).contains($0) }) ?? false else {
      // The text may be the key itself, given in place of the name of a variable.
      reader.node("env").map(diagnostics.conceal)
      reader.error("env", "'env' must be the name of an environment variable")
      return nil
    }
    guard !WellKnownVariables.contain(name) else {
      reader.error("env", "\(name) is a variable that programs set, and holds no key", help: "env: VEIL_KEY")
      return nil
    }
    return name
  }

  private func command(_ reader: OptionReader) -> [String]? {
    guard reader.node("command")?.items != nil else {
      reader.error(
        "command", "'command' must be a list: the program, then its arguments",
        help: "no shell reads it; write [pass, show, veil]")
      return nil
    }
    guard let words = reader.strings("command") else { return nil }
    guard let program = words.first, !program.isEmpty, !words.contains(where: { $0.utf8.contains(0) }) else {
      reader.error("command", "'command' must name a program")
      return nil
    }
    return words
  }
}
