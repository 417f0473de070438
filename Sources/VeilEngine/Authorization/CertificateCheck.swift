import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// Checks the certificates to which exports and bad records are encrypted.
enum CertificateCheck {
  /// Returns the certificate of a sink; nil if the sink is not encrypted. `view` has one sink.
  static func certificate(of view: CompiledPipeline, on day: CalendarDate) throws(RunError) -> RecipientCertificate? {
    let sink = view.config.sinks[0]
    guard let encryption = sink.encryption else { return nil }
    let path: String
    if let own = encryption.certificate {
      path = view.config.resolve(own)
    } else if let recipients = view.recipients, let theirs = recipients[sink.recipient ?? ""]?.certificate {
      path = recipients.resolve(theirs)
    } else {
      throw RunError(
        .invalid,
        "'encrypt: true' needs a recipient whose 'certificate' the file of recipients names; or write "
          + "encrypt: {certificate: PATH}")
    }
    return try read(path, on: day)
  }

  /// Returns the certificate to which bad records are encrypted; nil if the quarantine does not hold the records
  /// themselves.
  static func quarantineCertificate(
    of compiled: CompiledPipeline, on day: CalendarDate
  ) throws(RunError) -> RecipientCertificate? {
    guard let raw = compiled.config.badRecords.rawCertificate else { return nil }
    return try read(compiled.config.resolve(raw.path), on: day)
  }

  private static func read(_ path: String, on day: CalendarDate) throws(RunError) -> RecipientCertificate {
    switch PipelineParser.readSmallFile(path, limit: 1 << 20) {
    case .failure(let problem): throw RunError(.invalid, "the certificate \(path) \(problem.message)")
    case .success(let bytes):
      do throws(RecipientCertificate.Problem) {
        let certificate = try RecipientCertificate(bytes)
        try certificate.checkValidity(at: day.secondsSince1970)
        // Only a trial shows whether OpenSSL accepts the key of the certificate.
        guard (try? CMSEncryptor(certificate)) != nil else { throw RecipientCertificate.Problem.keyKind }
        return certificate
      } catch {
        throw RunError(.invalid, "the certificate \(path) is refused: \(error)")
      }
    }
  }

  static func run(_ compiled: CompiledPipeline, on day: CalendarDate, diagnostics: Diagnostics) {
    for view in compiled.views {
      do throws(RunError) { _ = try certificate(of: view, on: day) } catch {
        diagnostics.error(at: view.config.sinks[0].encryption?.mark, error.description)
      }
    }
    do throws(RunError) { _ = try quarantineCertificate(of: compiled, on: day) } catch {
      diagnostics.error(at: compiled.config.badRecords.rawCertificate?.mark, error.description)
    }
  }
}

extension CalendarDate {
  /// Noon of the day in UTC.
  var secondsSince1970: Int {
    var parts = unsafe tm()
    unsafe (parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour) = (
      Int32(year - 1900), Int32(month - 1), Int32(day), 12
    )
    return unsafe timegm(&parts)
  }
}
