import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// A file that lists where bad records are and why, one line of JSON each: file, record number, byte offset, lines,
/// field, code, reason. Without a certificate it holds nothing of their contents. With one it holds each record as it
/// came, and all of it is encrypted before it reaches the file.
///
/// It is published with the export, and also when the run fails, because then it tells why. No run removes a line: what
/// stands in the file stays, and new lines go behind it. Nothing can be added to an encrypted file, so where one is
/// there, the run writes another beside it.
///
/// Sound to share: used by the station whose turn it is, and by the thread that runs the pipelines.
final class Quarantine: @unchecked Sendable {
  /// What is told of one bad record.
  struct Entry {
    var file: String
    var record: Int
    var offset: Int
    /// The number of lines of a record that could not be read.
    var lines: Int
    var field: String?
    var reason: FailureReason

    /// The members of its line.
    fileprivate var members: [(String, JSONValue)] {
      [
        ("file", .text(file)), ("record", .integer(record)), ("byte_offset", .integer(offset)),
        ("lines", .integer(lines)), ("field", .optional(field)), ("code", .text(reason.code.rawValue)),
        ("reason", .text(reason.text)),
      ]
    }

    /// The names of all members that a line has without a record in it.
    static let names = Set(
      Entry(file: "", record: 0, offset: 0, lines: 0, field: nil, reason: FailureReason("none")).members.map(\.0))
  }

  /// Where bad records are listed: the file that is written, or an encrypted one of an earlier run with none behind it.
  var path: String { isContinued && holdsRecords && added == 0 ? firstPath : publishedPath }
  private let firstPath: String
  private let publishedPath: String
  private let certificate: RecipientCertificate?
  private var publication: Publication?
  private let sink: any ByteSink
  private var buffer = ByteBuffer()
  /// Whether something could not be written, so that the file is incomplete.
  private var hasFailed = false
  /// The lines that are there. A run that is repeated tells nothing twice.
  private var lines: QuarantineLines
  /// Whether a list of an earlier run is there.
  private let isContinued: Bool
  private var added = 0
  /// How many bad records of the current export are listed, and how many of these the current pass will meet again.
  private var noted = 0
  private var known = 0

  var holdsRecords: Bool { certificate != nil }

  /// - Parameter run: the run's id, for the name of a file beside an encrypted one.
  init(path: String, certificate: RecipientCertificate?, run: String) throws(OutputError) {
    self.certificate = certificate
    firstPath = path
    let isThere = try Self.hasLines(path)
    publishedPath = isThere && certificate != nil ? Self.beside(path, run: run) : path
    isContinued = isThere
    let publication = try Publication.begin(publishedPath)
    self.publication = publication
    if let certificate {
      sink = try EncryptingSink(certificate, into: publication.sink, name: publishedPath)
      lines = QuarantineLines()
    } else {
      sink = publication.sink
      lines = isThere ? try QuarantineLines(copying: path, to: publication.sink) : QuarantineLines()
    }
  }

  /// Whether a list of an earlier run is there. Throws if that cannot be told: its lines would be lost.
  private static func hasLines(_ path: String) throws(OutputError) -> Bool {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFREG && status.st_size > 0 }
    if errno == ENOENT { return false }
    throw OutputError("cannot read the quarantine \(path): \(SystemError(errno))")
  }

  /// `bad.jsonl.cms` becomes `bad-RUN.jsonl.cms`.
  private static func beside(_ path: String, run: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    let name = path[slash...]
    let dot = name.dropFirst().firstIndex(of: ".") ?? name.endIndex
    return "\(path[..<slash])\(name[..<dot])-\(run)\(name[dot...])"
  }

  /// Begins the first pass over the inputs of an export.
  func begin() { (noted, known) = (0, 0) }

  /// Begins another pass. It meets the same bad records in the same order, and these are already listed. (Before
  /// anything is published, a check makes sure of this.)
  func beginAgain() { known = noted }

  /// - Parameter bytes: the bytes of the record, which are kept only if they are encrypted.
  func add(_ entry: Entry, bytes: UnsafeBufferPointer<UInt8>) throws(OutputError) {
    if known > 0 {
      known -= 1
      return
    }
    noted += 1
    let line = JSONValue.object(entry.members).line
    guard lines.insert(line) else { return }
    added += 1
    do throws(OutputError) {
      if holdsRecords {
        buffer.append(utf8: String(line.dropLast(3)))
        unsafe try RawRecord.write(bytes, into: &buffer) { buffer throws(OutputError) in try pass(&buffer) }
        buffer.append(" }\n")
      } else {
        buffer.append(utf8: line)
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

  /// Adds the list to what is published. Where an earlier list is there and nothing is to be added, that one stays.
  func add(to set: PublicationSet) throws(OutputError) {
    guard let publication else { return }
    self.publication = nil
    if isContinued, added == 0 { return publication.abandon() }
    try sink.finish()
    set.add(companion: publication)
  }

  /// Publishes the list of a run that publishes nothing else. If a run found nothing new before it failed, the previous
  /// file stays. It also stays if the disk is full, which the run reports anyway.
  func publishAlone() throws(OutputError) {
    defer { publication = nil }
    guard let publication, !hasFailed, !publication.sink.hasFailed, added > 0 else { return }
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
