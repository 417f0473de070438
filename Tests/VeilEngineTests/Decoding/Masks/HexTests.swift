import CScan
import Testing

@testable import VeilEngine

/// Digits of many digests at once, beside Swift's own.
@Suite("Hexadecimal digits", .serialized)
struct HexTests {
  @Test func rowsAreAsSwiftWritesThem() {
    defer { _ = scan_level_select(2) }
    var random = FixedRandom(16)
    let stride = 64
    let bytes = (0..<(300 * stride + 96)).map { _ in UInt8.random(in: 0...255, using: &random) }
    func digits(_ row: Int, _ count: Int) -> String {
      bytes[(row * stride)..<(row * stride + count / 2)].map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
    for level in 0...2 {
      _ = scan_level_select(Int32(level))
      for width in [2, 16, 30, 32, 34, 62, 64, 66, 96, 128] {
        for rows in [0, 1, 2, 17, 300] {
          var out = [UInt8](repeating: 0x7E, count: rows * width + 64)
          scan_hex_rows(bytes, stride, rows, width, &out)
          let expected = (0..<rows).map { digits($0, width) }.joined()
          #expect(String(decoding: out.prefix(rows * width), as: UTF8.self) == expected, "\(level) \(width) \(rows)")
        }
      }
    }
  }
}
