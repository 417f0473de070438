import VeilGround

/// Writes records one after another to a sink, with a text between them, in large pieces.
///
/// Sound: it hands out no pointer but to the bytes that it writes.
@safe
struct RecordWriter: ~Copyable {
  private let sink: any ByteSink
  private let separator: StaticString
  private var pending = ByteBuffer()
  private var isFirst = true
  /// How many more records are written; the others are passed over.
  private var left: Int

  private static let pieceBytes = 256 << 10

  /// - Parameter limit: how many records are written; nil for all.
  init(_ sink: any ByteSink, separator: StaticString, limit: Int?) {
    self.sink = sink
    self.separator = separator
    left = limit ?? .max
  }

  mutating func write(_ record: OrderedRecord) throws(OutputError) {
    if left == 0 { return }
    left -= 1
    if !isFirst { pending.append(separator) }
    isFirst = false
    unsafe pending.append(record.bytes, count: record.count)
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Writes what is still held back.
  mutating func flush() throws(OutputError) {
    if pending.isEmpty { return }
    unsafe try sink.write(UnsafeRawBufferPointer(start: pending.start, count: pending.count))
    pending.removeAll()
  }
}
