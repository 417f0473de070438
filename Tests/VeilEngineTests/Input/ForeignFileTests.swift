import Testing

@testable import VeilEngine

/// Files that no reader understands, by their first bytes.
@Suite("Files of other programs") struct ForeignFileTests {
  struct Case: Sendable {
    let front: [UInt8]
    let word: String

    init(_ front: [UInt8], _ word: String) { (self.front, self.word) = (front, word) }

    init(_ text: String, _ more: [UInt8], _ word: String) { self.init(Array(text.utf8) + more, word) }

    init(_ text: String, _ word: String) { self.init(Array(text.utf8), word) }
  }

  private static let empty = [UInt8](repeating: 0, count: 26)

  static let cases: [Case] = [
    Case("PAR1", [0x15, 4], "Parquet"), Case("ARROW1\0\0", "Arrow"), Case("ORC", [0x0A, 3], "ORC"),
    Case("Obj\u{1}", "Avro"), Case("PK\u{3}\u{4}", empty + Array("[Content_Types].xml".utf8), "spreadsheet"),
    Case("PK\u{3}\u{4}", empty + Array("customers.csv".utf8), "zip archive"), Case("BZh91AY&SY", [1, 2], "bzip2"),
    Case([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0], "xz data"), Case([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z archive"),
    Case([0x1F, 0x8B, 8, 0], "gzip data"), Case([0x28, 0xB5, 0x2F, 0xFD, 1], "zstd data"),
    Case("SQLite format 3\0", "SQLite"), Case("PGDMP", [1, 14, 0], "pg_dump"),
    Case("-- MySQL dump 10.13\n", "SQL dump"), Case("--\n-- PostgreSQL database dump\n", "SQL dump"),
    Case("INSERT INTO people VALUES (1)", "SQL dump"), Case("<!DOCTYPE html>", "web page"),
    Case("<?xml version=\"1.0\"?>", "XML"), Case("%PDF-1.7", "PDF"),
    Case([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "old Excel"),
    Case([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
    Case([UInt8](repeating: 0, count: 257) + Array("ustar".utf8), "tar archive"),
  ]

  @Test(arguments: cases) func isKnown(_ known: Case) throws {
    let found = try #require(ForeignFile(known.front))
    #expect(found.advice.contains(known.word), "\(found.advice)")
  }

  @Test(
    "Headers that begin like the word of another format are headers",
    arguments: [
      "ORC,name\n1,a\n", "ORCID;name\n", "PAR1,PAR2\n", "BZh,id\n", "PGDMP,x\n", "ARROW1\n", "Rar!,x\n", "id,name\n",
      "-- comment\nid\n", "[{\"a\":1}]", "{\"a\":1}\n", "insert,into\n", "\u{FEFF}id\n", "",
    ])
  func isNone(_ text: String) { #expect(ForeignFile(Array(text.utf8)) == nil) }

  @Test func utf16WithoutAMark() {
    func looks(_ text: String, isBig: Bool = false) -> Bool {
      ForeignFile.looksLikeUTF16(
        text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }[...])
    }
    #expect(looks("id,name\n1,Zoë\n") && looks("id,name\n", isBig: true))
    #expect(!ForeignFile.looksLikeUTF16(Array("id,name\n1,Zoë\n".utf8)[...]))
    #expect(!ForeignFile.looksLikeUTF16([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) && !ForeignFile.looksLikeUTF16([0x61, 0]))
  }
}
