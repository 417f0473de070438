import Glibc
import VeilGround

/// Writes to an open file. Whoever opened it publishes it.
final class FileSink: ByteSink {
  /// As messages call it.
  let name: String
  let descriptor: Descriptor
  /// Whether a write failed: what the file holds is then not what was meant, and must not be published.
  private(set) var hasFailed = false
  /// After how many bytes the disk is set to work on them; nil where nothing is to reach a disk.
  private let stride: Int?
  private var written = 0
  /// How many bytes the disk was set to work on.
  private var begun = 0

  /// - Parameter reachesDisk: whether the file will be synchronized. Its bytes then go to the disk while more are made.
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
