import VeilGround

/// A file that no reader here understands, known by its first bytes, and what to do about it.
struct ForeignFile: Equatable {
  /// What the file is, and the way from there, as a part of a message.
  let advice: String

  /// Recognizes the first bytes of a file, after it was unpacked; nil if nothing speaks against reading it.
  init?(_ bytes: [UInt8]) {
    guard let known = Self.binary.first(where: { $0.matches(bytes) }) ?? Self.text(bytes) else { return nil }
    advice = known.advice
  }

  private struct Known {
    var magic: [UInt8]
    var offset = 0
    /// Whether the magic number could be the name of a column, so that what is no text must follow.
    var isWord = false
    var advice: String

    init(_ magic: [UInt8], at offset: Int = 0, _ advice: String) {
      (self.magic, self.offset, self.advice) = (magic, offset, advice)
    }

    init(_ magic: String, at offset: Int = 0, isWord: Bool = false, _ advice: String) {
      self.init(Array(magic.utf8), at: offset, advice)
      self.isWord = isWord
    }

    func matches(_ bytes: [UInt8]) -> Bool {
      bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
        && (!isWord || bytes.contains { $0 < 0x09 || 0x0E...0x1F ~= $0 })
    }
  }

  private static func packed(_ what: String, _ ending: String) -> String {
    "this is \(what) data: a file's name must end in \(ending), and standard input be unpacked first"
  }

  /// By magic numbers, as the formats' specifications give them.
  private static let binary: [Known] = [
    Known([0x1F, 0x8B], packed("gzip", ".gz")),
    Known([0x28, 0xB5, 0x2F, 0xFD], packed("zstd", ".zst")),
    Known("1AY&SY", at: 4, isWord: true, "this is bzip2 data: unpack it with  bzip2 -dc  and give the result as '-'"),
    Known([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "this is xz data: unpack it with  xz -dc  and give the result as '-'"),
    Known([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "this is a 7z archive: take the file out with  7z x  first"),
    Known([0x04, 0x22, 0x4D, 0x18], "this is lz4 data: unpack it with  lz4 -dc  and give the result as '-'"),
    Known("Rar!", isWord: true, "this is a RAR archive: take the file out with  unrar x  first"),
    Known("ustar", at: 257, isWord: true, "this is a tar archive: take the file out with  tar -xf  first"),
    Known(
      "PAR1", isWord: true,
      "this is a Parquet file: write it as CSV first, for example with  "
        + "duckdb -c \"COPY (FROM 'FILE') TO 'FILE.csv'\""),
    Known("ARROW1", isWord: true, "this is an Arrow file: write it as CSV first, for example with pyarrow or polars"),
    Known("ORC", isWord: true, "this is an ORC file: write it as CSV first, for example with pyarrow"),
    Known(
      [0x4F, 0x62, 0x6A, 0x01],
      "this is an Avro file: write it as JSON lines first, for example with  avro-tools tojson"),
    Known(
      [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
      "this is an old Excel or Office file: save the sheet as CSV UTF-8 first"),
    Known(
      "SQLite format 3\0",
      "this is an SQLite database: write a table as CSV first, for example with  "
        + "sqlite3 -header -csv FILE 'SELECT * FROM customers'"),
    Known("PGDMP", isWord: true, "this is a dump of pg_dump: restore it, and write a table as CSV with psql's \\copy"),
    Known([0x89, 0x48, 0x44, 0x46], "this is an HDF5 file: write a table of it as CSV first"),
    Known("%PDF", "this is a PDF document: ask for the table itself, as CSV"),
    Known("<!DOCTYPE", "this is a web page: download the file itself, not the page that offers it"),
    Known("<!doctype", "this is a web page: download the file itself, not the page that offers it"),
    Known("<html", "this is a web page: download the file itself, not the page that offers it"),
    Known("<?xml", "this is XML: write it as CSV or JSON lines first"),
    Known([0xFF, 0xFE, 0, 0], utf32("le")), Known([0, 0, 0xFE, 0xFF], utf32("be")),
  ]

  private static func utf32(_ order: String) -> String {
    "this is UTF-32: write it as UTF-8 first, with  iconv -f utf-32 -t utf-8"
  }

  private static func text(_ bytes: [UInt8]) -> Known? {
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return zip(bytes) }
    let start = String(decoding: bytes.prefix(200), as: UTF8.self)
    let dumps = [
      "-- MySQL dump", "-- MariaDB dump", "-- phpMyAdmin SQL Dump", "--\n-- PostgreSQL database dump", "/*!", "/*M!",
      "INSERT INTO ", "CREATE TABLE ", "CREATE DATABASE ", "DROP TABLE ", "PRAGMA foreign_keys", "BEGIN TRANSACTION;",
      "SET NAMES ", "SET SQL_MODE", "USE `",
    ]
    guard dumps.contains(where: start.hasPrefix) else { return nil }
    return Known(
      [],
      "this is an SQL dump: load it into a database, and write a table of it as CSV there (psql's \\copy, mysql --batch, "
        + "sqlite3 -csv)")
  }

  /// An archive's first entry tells what wrote it: its name stands from byte 30 on.
  private static func zip(_ bytes: [UInt8]) -> Known {
    let name = bytes.dropFirst(30)
    let isOffice = ["[Content_Types].xml", "_rels/", "xl/", "docProps/", "mimetype"].contains {
      name.starts(with: $0.utf8)
    }
    return Known(
      [],
      isOffice
        ? "this is a spreadsheet or another Office file: save the sheet as CSV UTF-8 first"
        : "this is a zip archive: take the file out with  unzip -p  and give it as '-'")
  }

  /// Whether text seems to be UTF-16: it has a zero in every other byte of its front, as Latin letters have there.
  static func looksLikeUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
    let pairs = min(bytes.count / 2, 32)
    guard pairs >= 4 else { return false }
    let zeros = (0..<pairs).map { pair in
      (bytes[bytes.startIndex + 2 * pair] == 0, bytes[bytes.startIndex + 2 * pair + 1] == 0)
    }
    let (first, second) = (zeros.count { $0.0 }, zeros.count { $0.1 })
    return first == 0 && second * 4 >= pairs * 3 || second == 0 && first * 4 >= pairs * 3
  }
}
