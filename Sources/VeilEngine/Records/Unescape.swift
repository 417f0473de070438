import VeilConfig

extension Column {
  /// Replaces each cell that still contains the source's escapes by the value that it means. Does nothing if no cell
  /// has escapes.
  func unescape(_ style: EscapeStyle) {
    guard hasEscapes else { return }
    unsafe rewrite { cells, base, out in
      for index in 0..<cells.count {
        let cell = cells[index]
        let start = out.count
        let bytes = unsafe base + cell.offset
        if cell.has(.escaped) {
          switch style {
          case .csv(let quote): unsafe Self.collapse(quote, in: bytes, count: cell.count, into: &out)
          case .json: unsafe JSONText.unescape(bytes, count: cell.count, into: &out)
          }
          cells[index] = Cell(start: start, count: out.count - start)
        } else {
          unsafe out.append(bytes, count: cell.count)
          cells[index] = Cell(
            start: start, count: cell.count, flags: cell.flags.subtracting([.quoted, .plain]))
        }
      }
    }
  }

  /// Appends CSV text and replaces each doubled quote by a single one.
  private static func collapse(
    _ quote: UInt8, in bytes: UnsafePointer<UInt8>, count: Int, into out: inout ByteBuffer
  ) {
    var index = 0
    while index < count {
      let byte = unsafe bytes[index]
      out.append(byte)
      index += byte == quote ? 2 : 1
    }
  }
}
