import VeilConfig

@testable import VeilConfig
@testable import VeilCrypto
@testable import VeilEngine

/// What is fuzzed. Each takes any bytes and traps where a promise does not hold: `make fuzz` feeds them through
/// libFuzzer, `make test` the kept corpus and what chance makes of it.
///
/// The first byte or two choose sizes and dialects, so that a corpus file is a whole test.
enum FuzzTarget: String, CaseIterable, Sendable {
  case csv, json, yaml, gzip, zstd, ff1

  func run(_ input: [UInt8]) {
    switch self {
    case .csv: Self.csv(input)
    case .json: Self.json(input)
    case .yaml: Self.yaml(input)
    case .gzip: Self.gzip(input)
    case .zstd: Self.zstd(input)
    case .ff1: Self.ff1(input)
    }
  }

  /// In small chunks against whole, in vectors against byte by byte.
  private static func csv(_ input: [UInt8]) {
    guard input.count > 2 else { return }
    let fields = 1 + Int(input[0] & 7)
    let delimiters: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C]
    let format = CSVFormat(delimiter: delimiters[Int(input[0] >> 3 & 3)], quote: input[0] & 0x20 == 0 ? 0x22 : 0x27)
    let size = 1 + Int(input[1])
    let text = Array(input[2...])
    let whole = readCSV(text, fields: fields, format: format)
    let parts = readCSV(text, fields: fields, format: format, chunk: size, pieces: [size, 1, 3])
    precondition(parts == whole, "chunks")
    guard whole.error == nil else { return }
    let plain = scanCSV(text, fields: fields, format: format)
    precondition(whole.records == plain.records && whole.failures == plain.failures, "vectors")
  }

  /// A record in the shape of the one before against the walker, which sees each record as its first.
  private static func json(_ input: [UInt8]) {
    guard input.count > 2 else { return }
    let rules: [[(String, Way)]] = [
      [("a", .keep)], [("a", .drop), ("b", .look)], [("a.b", .write), ("a", .keep)], [("a[]", .write), ("b", .drop)],
      [("a[].b", .look), ("c", .write)], [("a", .peek), ("b", .write), ("c", .look), ("d", .drop)],
    ]
    let unlisted: [Unlisted] = [.keep, .drop, .error]
    let form: JSONRecordDecoder.Form = input[0] & 0x80 == 0 ? .lines : .array
    let chosen = rules[Int(input[0] & 0x0F) % rules.count]
    let text = Array(input[2...])
    guard var rig = try? JSONRig(chosen, unlisted[Int(input[0] >> 4 & 7) % 3], form: form) else { return }
    let whole = rig.run(text)
    rig.read = 1 + Int(input[1])
    // What stands before an unexpected field is the chunks' business, and the run ends there anyway.
    let parts = rig.run(text)
    if whole.error == nil, whole.unexpected == nil { precondition(parts == whole, "chunks") }
    if form == .lines, whole.error == nil {
      // One line at a time by a walker that has learnt no shape.
      var output = ""
      var failures = 0
      for line in text.split(separator: 0x0A) {
        let alone = rig.run(Array(line))
        output += alone.output
        failures += alone.failures.count
      }
      if whole.unexpected == nil, !text.starts(with: [0xEF]), !text.contains(0xEF) {
        precondition(output == whole.output && failures == whole.failures.count, "shapes")
      }
    }
  }

  /// A pipeline or diagnostics, never both and never neither; what is shown is text.
  private static func yaml(_ input: [UInt8]) {
    let stages = ["keep", "drop", "hash", "pseudonym", "mask", "bucket", "truncate", "round", "map", "trim"]
    let (config, diagnostics) = PipelineParser.parse(bytes: input, path: "p.yaml", stageNames: stages)
    precondition((config == nil) == diagnostics.hasErrors)
    precondition(diagnostics.render().isEmpty == diagnostics.all.isEmpty)
  }

  /// Each library says the same whole or in pieces, and both unpack to the same where they unpack; a bomb ends. That one
  /// refuses what the other takes is their own affair: ISA-L takes incomplete code lengths if the check sum is right.
  private static func gzip(_ input: [UInt8]) {
    guard let size = input.first else { return }
    let packed = Array(input.dropFirst())
    var unpacked: [[UInt8]] = []
    for library in GzipLibrary.allCases {
      let seen = [[Int.max], [1 + Int(size)]].map { pieces in
        let limits = UnpackLimits(maxBytes: 1 << 20)
        let source = GzipSource(PieceSource(packed, pieces: pieces), name: "x.gz", limits: limits, library: library)
        return try? source.readAll(room: pieces[0] == .max ? 1 << 16 : 1 + Int(size) * 7)
      }
      precondition(seen[0] == seen[1], "gzip in pieces")
      if let bytes = seen[0] { unpacked.append(bytes) }
    }
    precondition(unpacked.allSatisfy { $0 == unpacked[0] }, "gzip by two libraries")
  }

  private static func zstd(_ input: [UInt8]) {
    guard let size = input.first else { return }
    let packed = Array(input.dropFirst())
    let limits = UnpackLimits(maxBytes: 1 << 20, maxWindowLog: 20)
    let whole = try? ZstdSource(PieceSource(packed), name: "x.zst", limits: limits).readAll()
    let parts = try? ZstdSource(PieceSource(packed, pieces: [1 + Int(size)]), name: "x.zst", limits: limits)
      .readAll(room: 1 + Int(size) * 7)
    precondition(whole == parts, "zstd")
  }

  /// What is encrypted comes back, keeps its length and alphabet; two values never become one.
  private static func ff1(_ input: [UInt8]) {
    guard input.count > 20 else { return }
    let radix = 2 + Int(input[0]) % 255
    let tweakCount = Int(input[1] & 15)
    let key = input[2..<18].withUnsafeBytes { SecretBytes(copying: $0) }
    guard let cipher = try? FF1(key: key, radix: radix, tweakCount: tweakCount) else { return }
    let tweak = Array(input[2...]).prefix(tweakCount) + [0]
    let digits = input[18...].map { UInt8(Int($0) % radix) }
    var hidden = digits + [0xAA]
    guard cipher.encrypt(&hidden, count: digits.count, tweak: Array(tweak)) else {
      precondition(hidden.dropLast() == digits[...], "a refusal changes nothing")
      return
    }
    precondition(hidden.last == 0xAA && hidden.dropLast().allSatisfy { Int($0) < radix }, "digits")
    var other = digits + [0]
    other[0] = UInt8((Int(other[0]) + 1) % radix)
    precondition(cipher.encrypt(&other, count: digits.count, tweak: Array(tweak)))
    precondition(other.dropLast() != hidden.dropLast(), "two values, one token")
    precondition(cipher.decrypt(&hidden, count: digits.count, tweak: Array(tweak)))
    precondition(hidden.dropLast() == digits[...], "round trip")
  }
}
