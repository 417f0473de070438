import VeilGround

/// Holds back the bytes for standard output until nothing can stop the run any more, because written bytes cannot be
/// taken back.
///
/// The bytes wait in an encrypted file that has no name (`Spool`).
final class HeldSink: ByteSink {
  private let spool: Spool
  private let next: any ByteSink

  init(_ next: any ByteSink) throws(OutputError) {
    self.next = next
    do throws(InputError) { spool = try Spool() } catch { throw OutputError(error.description) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    do throws(InputError) { unsafe try spool.write(bytes) } catch { throw OutputError(error.description) }
  }

  func finish() throws(OutputError) {
    do throws(InputError) { try spool.finish() } catch { throw OutputError(error.description) }
  }

  /// Writes all held bytes to standard output. Call it once, when the output is finished.
  func release() throws(OutputError) {
    let source = spool.source()
    var room = ByteBuffer()
    room.reserve(Self.step)
    while true {
      let count: Int
      do throws(InputError) {
        count = unsafe try source.read(into: UnsafeMutableRawBufferPointer(start: room.start, count: Self.step))
      } catch { throw OutputError(error.description) }
      if count == 0 { break }
      unsafe try next.write(UnsafeRawBufferPointer(start: room.start, count: count))
    }
    try next.finish()
  }

  private static let step = 256 << 10
}
