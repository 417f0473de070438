import Testing

@testable import VeilGround

@Suite struct WordTableTests {
  @Test("The lists are sorted by their bytes, without doubles", arguments: [GivenNames.list, PersonNames.familyNames])
  func sorted(_ list: String) {
    let table = WordTable(list)
    let words = table.words
    #expect(words.count > 100 && zip(words, words.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    let text = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    #expect(text == list.replacing("\n", with: " "))
    #expect(words.allSatisfy { table.contains($0) && $0.count <= table.longest })
    for word in words.prefix(200) {
      #expect(!table.contains(word + [0x21]) && !table.contains([0x21] + word))
    }
  }

  @Test func smallLists() {
    let table = WordTable("b\nd dd")
    #expect(["b", "d", "dd"].allSatisfy { table.contains($0.utf8) } && table.longest == 2)
    #expect(!["", "a", "c", "e", "ddd", "b d", " ", "\n"].contains { table.contains($0.utf8) })
    #expect(!WordTable("").contains("".utf8) && !WordTable("").contains("a".utf8))
  }
}
