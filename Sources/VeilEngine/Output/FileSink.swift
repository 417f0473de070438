import Glibc
import VeilGround

/// Writes to an open file. The code that opened the file also publishes it.
final class FileSink: ByteSink {
  /// The name of the file in messages.
  let name: String
  let descriptor: Descriptor
  /// Whether a write failed. Then the file does not hold the whole output, and must not be published.
  private(set) var hasFailed = false
  /// The number of bytes after which the disk starts to write them; nil if the file is not synchronized.
  private let stride: Int?
  private var written = 0
  /// The number of bytes that the disk was asked to write.
  private var begun = 0

  /// - Parameter reachesDisk: whether the file will be synchronized. If so, the disk writes its bytes while more are
  ///   made.
  init(_ descriptor: Descriptor, name: String, reachesDisk: Bool = false) {
    self.descriptor = descriptor
    self.name = name
    stride = reachesDisk ? 8 << 20 : nil
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    do throws(SystemError) { unsafe try descriptor.write(bytes) } catch { throw failure(error) }
    written += bytes.count
    if let stride, written - begun >= stride {
      descriptor.beginSynchronizing(from: begun, count: written - begun)
      begun = written
    }
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

/// Writes to standard output. If its reader has closed it, the error is `OutputError.isBrokenPipe`, provided that
/// SIGPIPE is ignored.
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
