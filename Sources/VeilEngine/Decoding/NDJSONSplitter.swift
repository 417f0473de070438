import CScan
import VeilGround

/// Ends chunks after line feeds: a record is a line, and a line feed cannot stand inside a record.
final class NDJSONSplitter: RecordSplitter {
  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int {
    if !isEnd { return unsafe scan_json_lines_end(bytes, scanned, count) }
    // Sound: every index is below `count`.
    for index in 0..<count where unsafe !JSONText.isSpace(bytes[index]) { return count }
    return 0
  }
}
