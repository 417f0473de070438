import VeilGround

/// Passes bytes on, and keeps an encrypted copy of them for as long as the run lasts.
final class CopyingSink: ByteSink {
  private let next: any ByteSink
  private let copy: Spool

  init(_ next: any ByteSink, copy: Spool) { (self.next, self.copy) = (next, copy) }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    unsafe try next.write(bytes)
    do throws(InputError) { unsafe try copy.write(bytes) } catch { throw OutputError(error.description) }
  }

  func finish() throws(OutputError) {
    do throws(InputError) { try copy.finish() } catch { throw OutputError(error.description) }
    try next.finish()
  }
}
