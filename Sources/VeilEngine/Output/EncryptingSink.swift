import VeilCrypto
import VeilGround

/// Encrypts the bytes to a recipient's certificate and passes them on; no unencrypted byte is passed on.
final class EncryptingSink: ByteSink {
  private let encryptor: CMSEncryptor
  private let next: any ByteSink
  private let name: String
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// - Parameter name: The name of the output in messages.
  init(_ certificate: RecipientCertificate, into next: any ByteSink, name: String) throws(OutputError) {
    self.next = next
    self.name = name
    do throws(CMSEncryptor.Failure) { encryptor = try CMSEncryptor(certificate) } catch {
      throw OutputError("cannot write \(name): \(error)")
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    do throws(CMSEncryptor.Failure) { unsafe try encryptor.write(bytes) } catch {
      throw OutputError("cannot write \(name): \(error)")
    }
    try passOn()
  }

  func finish() throws(OutputError) {
    do throws(CMSEncryptor.Failure) { try encryptor.finish() } catch {
      throw OutputError("cannot write \(name): \(error)")
    }
    try passOn()
    try next.finish()
  }

  private func passOn() throws(OutputError) {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe encryptor.read(into: $0) }
      if count == 0 { return }
      // Sound: the array does not move its bytes during the call.
      let slice = unsafe buffer[..<count].withUnsafeBytes { bytes in
        Result<Void, OutputError> { () throws(OutputError) in unsafe try next.write(bytes) }
      }
      try slice.get()
    }
  }
}
