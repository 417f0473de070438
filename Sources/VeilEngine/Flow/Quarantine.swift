import VeilConfig
import VeilCrypto
import VeilGround

/// A file that lists where bad records are and why, one line of JSON each: file, record number, byte offset, field,
/// reason. Without a certificate it holds nothing of their contents. With one it holds each record as it came, and all
/// of it is encrypted before it reaches the file.
///
/// It is published with the export. It is also published when the run fails, because then it tells why.
///
/// Sound to share: used by the station whose turn it is, and by the thread that runs the pipelines.
final class Quarantine: @unchecked Sendable {
  private let path: String
  private let certificate: RecipientCertificate?
  private var publication: Publication?
  private let sink: any ByteSink
  private var buffer = ByteBuffer()
  /// Whether something could not be written, so that the file is incomplete.
  private var hasFailed = false
  private var total = 0
  /// How many bad records of the current export are listed, and how many of these the current pass will meet again.
  private var noted = 0
  private var known = 0

  var holdsRecords: Bool { certificate != nil }

  init(path: String, certificate: RecipientCertificate?) throws(OutputError) {
    self.path = path
    self.certificate = certificate
    let publication = try Publication.begin(path)
    self.publication = publication
    if let certificate {
      sink = try EncryptingSink(certificate, into: publication.sink, name: path)
    } else {
      sink = publication.sink
    }
  }

  /// Begins the first pass over the inputs of an export.
  func begin() { (noted, known) = (0, 0) }

  /// Begins another pass. It meets the same bad records in the same order, and these are already listed. (Before
  /// anything is published, a check makes sure of this.)
  func beginAgain() { known = noted }

  /// - Parameter record: the bytes of the record, which are kept only if they are encrypted.
  func add(
    file: String, record: Int, offset: Int, field: String?, reason: FailureReason, bytes: UnsafeBufferPointer<UInt8>
  ) throws(OutputError) {
    if known > 0 {
      known -= 1
      return
    }
    noted += 1
    total += 1
    let value = JSONValue.object([
      ("file", .text(file)), ("record", .integer(record)), ("byte_offset", .integer(offset)),
      ("field", .optional(field)), ("code", .text(reason.code)), ("reason", .text(reason.text)),
    ])
    do throws(OutputError) {
      if holdsRecords {
        buffer.append(utf8: String(value.line.dropLast(3)))
        unsafe try RawRecord.write(bytes, into: &buffer) { buffer throws(OutputError) in try pass(&buffer) }
        buffer.append(" }\n")
      } else {
        buffer.append(utf8: value.line)
      }
      try pass(&buffer)
    } catch {
      hasFailed = true
      throw error
    }
  }

  private func pass(_ buffer: inout ByteBuffer) throws(OutputError) {
    unsafe try sink.write(UnsafeRawBufferPointer(start: buffer.start, count: buffer.count))
    buffer.removeAll()
  }

  func add(to set: PublicationSet) throws(OutputError) {
    guard let publication else { return }
    self.publication = nil
    try sink.finish()
    set.add(companion: publication)
  }

  /// Publishes the list of a run that publishes nothing else. If a run found nothing before it failed, the previous
  /// file stays. It also stays if the disk is full, which the run reports anyway.
  func publishAlone() throws(OutputError) {
    defer { publication = nil }
    guard let publication, !hasFailed, !publication.sink.hasFailed, total > 0 else { return }
    try sink.finish()
    try publication.commit()
  }

  /// The members for the manifest and the audit log.
  var manifest: JSONValue {
    var members: [(String, JSONValue)] = [("path", .text(path)), ("holds_records", .bool(holdsRecords))]
    if let certificate { members.append(("certificate_sha256", .text(certificate.fingerprint))) }
    return .object(members)
  }
}

extension FailureReason {
  /// The reason as a word that programs can search for: its text without figures.
  var code: String {
    text.lowercased().split { !($0.isASCII && $0.isLetter) }.prefix(8).joined(separator: "_")
  }
}
