import Foundation
import Testing

/// Modules and folders are floors (Sources/README.md): a file uses floors listed before its own, never one listed after it.
@Suite struct FloorTests {
  @Test("No file refers to a floor listed after its own")
  func theOrderHolds() throws {
    let house = try House()
    #expect(house.floors.count > 20)
    #expect(house.files.count > 300)
    #expect(house.homeless.sorted() == [], "no floor in Sources/README.md is theirs")
    #expect(house.upwardReferences.sorted() == [])
  }

  @Test("Every floor of the list is there")
  func everyFloorIsThere() throws {
    for floor in try House().floors { #expect(!Repository.list("Sources/" + floor).isEmpty, "\(floor)") }
  }

  @Test("A planted upward reference is found, in a type as in a string's interpolation")
  func findsPlantedReferences() throws {
    var house = try House()
    let before = Set(house.upwardReferences)
    house.add("VeilEngine/Records/Planted.swift", "struct Planted { var plan: CompiledPipeline? }")
    house.add("VeilEngine/Input/Planted.swift", #"struct Sown { let text = "of \(RunReport.self)" }"#)
    #expect(
      house.upwardReferences.filter { !before.contains($0) }.sorted() == [
        "VeilEngine/Input/Planted.swift: RunReport of VeilEngine/Reports",
        "VeilEngine/Records/Planted.swift: CompiledPipeline of VeilEngine/Pipeline",
      ])
  }

  @Test("Comments, strings, members and names of a file's own are no references")
  func leavesOthersAlone() throws {
    var house = try House()
    let before = Set(house.upwardReferences)
    house.add(
      "VeilEngine/Records/Planted.swift",
      #"""
      // CompiledPipeline /* in a comment */
      /* RunReport */
      struct Planted { let text = "RunReport \" CompiledPipeline", member = Batch.RunReport }
      private struct RunContext {}
      """#)
    #expect(house.upwardReferences.filter { !before.contains($0) } == [])
  }
}

/// The sources by floor: what each file declares at its top level, and what it refers to.
private struct House {
  /// From the ground up.
  let floors: [String]
  private(set) var files: [String: SwiftNames] = [:]
  /// Files that stand on no floor.
  private(set) var homeless: [String] = []

  init() throws {
    let page = try Repository.text("Sources/README.md")
    floors = page.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| `"), let end = line.dropFirst(3).firstIndex(of: "`") else { return nil }
      return String(line.dropFirst(3)[..<end])
    }
    let names = try #require(FileManager.default.enumerator(atPath: Repository.path("Sources")))
    for case let name as String in names where name.hasSuffix(".swift") {
      add(name, try Repository.text("Sources/" + name))
    }
  }

  mutating func add(_ file: String, _ text: String) {
    if floor(of: file) == nil { homeless.append(file) }
    files[file] = SwiftNames(text)
  }

  private func floor(of file: String) -> Int? { floors.firstIndex { file.hasPrefix($0 + "/") } }

  var upwardReferences: [String] {
    var home: [String: Int] = [:]
    for (file, names) in files {
      for name in names.shared { home[name] = min(home[name] ?? .max, floor(of: file) ?? .max) }
    }
    var found: [String] = []
    for (file, names) in files {
      let own = floor(of: file) ?? .max
      for name in names.used.subtracting(names.declared) {
        if let there = home[name], there > own { found.append("\(file): \(name) of \(floors[there])") }
      }
    }
    return found
  }
}

/// The names of one Swift file, read as text: it need not compile.
private struct SwiftNames {
  /// Declared at the top level, for other files too.
  private(set) var shared: Set<String> = []
  /// Types declared anywhere in the file, which hide others of their name; and `shared`.
  private(set) var declared: Set<String> = []
  /// Every identifier that is no member of something (`a.name`).
  private(set) var used: Set<String> = []

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0
  private var keyword = ""
  private var isPrivate = false

  init(_ text: String) {
    bytes = Array(text.utf8) + [0, 0, 0]
    scan(toClosing: false)
  }

  private static let types: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
  private static let values: Set<String> = ["func", "let", "var"]

  /// Reads code to the end, or to the bracket that closes an interpolation.
  private mutating func scan(toClosing: Bool) {
    var open = 0
    var previous: UInt8 = 0
    while at < bytes.count - 3 {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "/") where bytes[at + 1] == byte:
        while bytes[at] != UInt8(ascii: "\n"), at < bytes.count - 3 { at += 1 }
      case UInt8(ascii: "/") where bytes[at + 1] == UInt8(ascii: "*"):
        at += 2
        while at < bytes.count - 3, !(bytes[at] == UInt8(ascii: "*") && bytes[at + 1] == UInt8(ascii: "/")) { at += 1 }
        at += 2
      case UInt8(ascii: "\""): string()
      case UInt8(ascii: "{"): (depth, at) = (depth + 1, at + 1)
      case UInt8(ascii: "}"): (depth, at, isPrivate) = (depth - 1, at + 1, false)
      case UInt8(ascii: "("): (open, at) = (open + 1, at + 1)
      case UInt8(ascii: ")"):
        at += 1
        if toClosing && open == 0 { return }
        open -= 1
      case UInt8(ascii: "\n") where depth == 0: (at, isPrivate) = (at + 1, isPrivate && open > 0)
      case _ where Self.isLetter(byte): identifier(isMember: previous == UInt8(ascii: "."))
      default: at += 1
      }
      if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\n") { previous = byte }
    }
  }

  private mutating func identifier(isMember: Bool) {
    let start = at
    while Self.isLetter(bytes[at]) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    defer { keyword = name }
    if name == "private" || name == "fileprivate" { isPrivate = bytes[at] != UInt8(ascii: "(") }
    if isMember { return }
    if Self.types.contains(keyword) || depth == 0 && Self.values.contains(keyword) {
      declared.insert(name)
      if depth == 0 && !isPrivate { shared.insert(name) }
    } else {
      used.insert(name)
    }
  }

  /// Skips a string; what it interpolates is code.
  private mutating func string() {
    let quote = UInt8(ascii: "\"")
    let isLong = bytes[at + 1] == quote && bytes[at + 2] == quote
    at += isLong ? 3 : 1
    while at < bytes.count - 3 {
      if bytes[at] == UInt8(ascii: "\\") {
        at += 2
        if bytes[at - 1] == UInt8(ascii: "(") { scan(toClosing: true) }
      } else if bytes[at] == quote, !isLong || bytes[at + 1] == quote && bytes[at + 2] == quote {
        at += isLong ? 3 : 1
        return
      } else {
        at += 1
      }
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}
