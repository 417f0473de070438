import Foundation
import Testing

/// How the binary that ships is linked. A debug build is linked otherwise.
@Suite struct BinaryTests {
  @Test func theReleaseIsBoundAndLooksForNothingBesideItself() throws {
    guard Veil.path.contains("/release/") else { return }
    let headers = try Command.run("readelf", ["-d", "-W", Veil.path])
    guard headers.status == 0 else { return }
    #expect(headers.text.contains("NOW"), "\(headers.text)")
    #expect(!headers.text.contains("RUNPATH") && !headers.text.contains("RPATH"), "\(headers.text)")
    let segments = try Command.run("readelf", ["-l", "-W", Veil.path])
    #expect(segments.text.contains("GNU_RELRO"))
    #expect(segments.text.contains("GNU_STACK") && !segments.text.contains("RWE"), "\(segments.text)")
  }
}
