import CScan
import VeilConfig
import VeilGround

/// Writes a bad record as it came, for a quarantine that is encrypted.
enum RawRecord {
  /// How many bytes are written at a time, because a record may have 16 MiB.
  private static let block = 48 << 10

  /// Appends the last member of a JSON object: `"raw"` with the text of the record, or `"raw_base64"` (RFC 4648,
  /// section 4) if the record is not UTF-8.
  /// - Parameter pass: takes the buffer when it is full, and empties it.
  static func write(
    _ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteBuffer,
    pass: (inout ByteBuffer) throws(OutputError) -> Void
  ) throws(OutputError) {
    guard let start = bytes.baseAddress else { return out.append(", \"raw\": \"\"") }
    // Sound: blocks lie within the bytes, which are alive for the call.
    let isText = unsafe scan_utf8_valid(start, bytes.count) != 0
    out.append(isText ? ", \"raw\": \"" : ", \"raw_base64\": \"")
    var at = 0
    while at < bytes.count {
      let count = min(bytes.count - at, block)
      if isText {
        unsafe JSONText.escape(start + at, count: count, into: &out)
      } else {
        unsafe appendBase64(start + at, count: count, to: &out)
      }
      at += count
      try pass(&out)
    }
    out.append("\"")
  }

  /// Appends bytes as base64. Only the last block may have a length that three does not divide.
  private static func appendBase64(_ bytes: UnsafePointer<UInt8>, count: Int, to out: inout ByteBuffer) {
    let start = out.count
    unsafe Base64URL.append(bytes, count: count, to: &out)
    for index in start..<out.count {
      switch out[index] {
      case UInt8(ascii: "-"): out[index] = UInt8(ascii: "+")
      case UInt8(ascii: "_"): out[index] = UInt8(ascii: "/")
      default: break
      }
    }
    out.append(repeating: UInt8(ascii: "="), count: (3 - count % 3) % 3)
  }
}

extension Batch {
  /// Returns the bytes of a record of a source in `format`, without the separator to the next record (a line's end, or
  /// a comma between elements). Empty if the batch does not know the length of the record.
  func bytes(of record: Int, in format: DataFormat) -> UnsafeBufferPointer<UInt8> {
    let start = Int(recordStarts[record])
    var end = record + 1 < recordStarts.count ? Int(recordStarts[record + 1]) : byteCount
    // Sound: a record begins in the chunk, and all places below are between its begin and the chunk's end.
    let bytes = unsafe source
    guard start < end, end <= byteCount else { return unsafe UnsafeBufferPointer(start: bytes, count: 0) }
    switch format {
    case .csv, .tsv:
      if unsafe bytes[end - 1] == 0x0A { end -= 1 }
      if unsafe end > start && bytes[end - 1] == 0x0D { end -= 1 }
    case .ndjson, .json:
      if format == .json {
        var structure = scan_json_structure(in_string: 0, escaped: 0, depth: 1)
        end = unsafe scan_json_structure_scan(&structure, bytes, start, end, 1).at
      }
      while unsafe end > start && JSONText.isSpace(bytes[end - 1]) { end -= 1 }
    }
    return unsafe UnsafeBufferPointer(start: bytes + start, count: end - start)
  }
}
