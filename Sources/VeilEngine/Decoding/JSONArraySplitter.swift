import CScan
import VeilGround

/// Ends chunks of one top-level array in front of the commas between its elements.
///
/// A chunk is `[` or `,`, then elements with commas between them, and the last one ends with `]`. So there is always
/// something left until the bracket has come, and an array cut off at any byte is found out.
///
/// The structure comes from strings and brackets alone, by the same scan that `JSONRecordDecoder` uses to leave a malformed
/// element; what an element holds is the decoder's to judge. An error waits until every whole element before it has
/// been answered for, so that the outcome does not depend on how the bytes arrive.
final class JSONArraySplitter: RecordSplitter {
  private enum Zone { case before, inside, behind }

  /// The zone at the buffer's start, and where the scan stands.
  private var origin = Zone.before
  private var zone = Zone.before
  private var structure = scan_json_structure(in_string: 0, escaped: 0, depth: 1)
  /// The position in the buffer that the scan has reached.
  private var position = 0
  /// The number of bytes that were returned in chunks.
  private var consumed = 0

  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int {
    if scanned == 0 || scanned != position {
      position = 0
      zone = origin
      structure = scan_json_structure(in_string: 0, escaped: 0, depth: 1)
    }
    if zone == .before {
      guard try unsafe findOpening(bytes, count: count, isEnd: isEnd) else { return 0 }
    }
    if zone == .inside {
      // Sound: the scan reads `bytes[position..<count]` only.
      let found = unsafe scan_json_structure_scan(&structure, bytes, position, count, 0)
      position = count
      if found.at < count, unsafe bytes[found.at] == UInt8(ascii: "]") { return end(.behind, found.at + 1) }
      if found.comma > 0 { return end(.inside, found.comma) }
      if found.at < count { throw error(found.at, "a closing brace has no opening one") }
      if isEnd { throw error(count, "the array is cut off: its closing bracket is missing") }
      return 0
    }
    for index in 0..<count where unsafe !JSONText.isSpace(bytes[index]) {
      throw error(index, "something follows the array")
    }
    position = count
    return 0
  }

  /// Skips the byte order mark, white space and the opening bracket. Returns false if more bytes are necessary.
  private func findOpening(
    _ bytes: UnsafePointer<UInt8>, count: Int, isEnd: Bool
  ) throws(InputError) -> Bool {
    var index = unsafe JSONText.markLength(bytes, count: count)
    if index < 0 {
      if !isEnd { return false }
      index = 0
    }
    while index < count, unsafe JSONText.isSpace(bytes[index]) { index += 1 }
    guard index < count else {
      if isEnd { throw error(count, "the input holds no array") }
      return false
    }
    guard unsafe bytes[index] == UInt8(ascii: "[") else { throw error(index, "the input is not an array of objects") }
    zone = .inside
    position = index + 1
    return true
  }

  private func end(_ next: Zone, _ boundary: Int) -> Int {
    origin = next
    position = 0
    consumed += boundary
    return boundary
  }

  private func error(_ index: Int, _ text: StaticString) -> InputError {
    InputError("byte \(consumed + index): \(text)")
  }
}
