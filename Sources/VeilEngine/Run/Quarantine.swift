import Glibc
import VeilConfig

/// Where bad records are and why, a line of JSON each: file, record number, byte offset, field, reason. No contents.
///
/// It is published with the export, and also when the run fails: then it is what tells why.
///
/// Sound to share: used by the station whose turn it is, and by the thread that runs the pipelines.
final class Quarantine: @unchecked Sendable {
  private let path: String
  private var publication: Publication?
  /// How many bytes were written, and where the lines of the export being made begin among them.
  private var byteCount = 0
  private var mark = 0

  init(path: String) throws(OutputError) {
    self.path = path
    publication = try Publication.begin(path)
  }

  /// Begins the first pass over an export's inputs.
  func begin() { mark = byteCount }

  /// Forgets what the first pass found: the second finds the same.
  func beginAgain() throws(OutputError) {
    guard let file = publication?.sink.descriptor.number else { return }
    // A device cannot forget, and need not.
    let isBack = ftruncate(file, mark) == 0 || errno == EINVAL
    guard isBack, lseek(file, mark, SEEK_SET) >= 0 || errno == ESPIPE else {
      let code = errno
      // Half of it is forgotten: there is nothing to publish any more.
      publication = nil
      throw OutputError("cannot write \(path): \(SystemError(code))")
    }
    byteCount = mark
  }

  func add(file: String, record: Int, offset: Int, field: String?, reason: FailureReason) throws(OutputError) {
    let value = JSONValue.object([
      ("file", .text(file)), ("record", .integer(record)), ("byte_offset", .integer(offset)),
      ("field", .optional(field)), ("code", .text(reason.code)), ("reason", .text(reason.text)),
    ])
    let line = value.line
    try publication?.write(line)
    byteCount += line.utf8.count
  }

  func add(to set: PublicationSet) {
    if let publication { set.add(publication) }
    publication = nil
  }

  /// Publishes what was found by a run that publishes nothing else. A run that found nothing before it failed leaves
  /// what was there; so does one whose disk is full, which says so anyway.
  func publishAlone() throws(OutputError) {
    defer { publication = nil }
    guard let publication, !publication.sink.hasFailed, byteCount > 0 else { return }
    try publication.commit()
  }
}

extension FailureReason {
  /// The reason as a word that programs may look for: its text without figures.
  var code: String {
    text.lowercased().split { !($0.isASCII && $0.isLetter) }.prefix(8).joined(separator: "_")
  }
}
