import Glibc

/// Writes to an open file. Whoever opened it publishes it.
final class FileSink: ByteSink {
  /// As messages call it.
  let name: String
  let descriptor: Descriptor
  /// Whether a write failed: what the file holds is then not what was meant, and must not be published.
  private(set) var hasFailed = false

  init(_ descriptor: Descriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    do throws(SystemError) { unsafe try descriptor.write(bytes) } catch { throw failure(error) }
  }

  func write(_ text: String) throws(OutputError) {
    do throws(SystemError) { try descriptor.write(text) } catch { throw failure(error) }
  }

  private func failure(_ error: SystemError) -> OutputError {
    hasFailed = true
    return OutputError("cannot write \(name): \(error)", isBrokenPipe: error.code == EPIPE)
  }

  func finish() throws(OutputError) {}
}

/// Writes to standard output. A reader that went away is `OutputError.isBrokenPipe`, provided that SIGPIPE is ignored.
final class StandardOutputSink: ByteSink {
  private let file = FileSink(.standardOutput, name: "standard output")

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    unsafe try file.write(bytes)
  }

  func finish() throws(OutputError) {
    do throws(SystemError) {
      try file.descriptor.flushByClosingACopy()
    } catch {
      throw OutputError("cannot write \(file.name): \(error)", isBrokenPipe: error.code == EPIPE)
    }
  }
}
