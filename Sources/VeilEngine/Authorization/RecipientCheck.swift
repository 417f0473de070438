import VeilConfig
import VeilGround

/// Checks that every recipient may get the export: the recipient is known, the agreement has not expired, and it covers
/// the pipeline's purpose.
enum RecipientCheck {
  /// Reads the file of recipients. Errors in it are reported at the place where the pipeline names it.
  static func load(_ config: PipelineConfig, _ diagnostics: Diagnostics) -> RecipientsConfig? {
    guard let file = config.recipients else { return nil }
    let (recipients, problems) = RecipientsParser.load(path: config.resolve(file.path))
    for problem in problems.told where problem.severity == .error {
      let line = problem.mark.map { ", line \($0.line)" } ?? ""
      diagnostics.error(at: file.mark, "\(file.path)\(line): \(problem.message)", help: problem.help)
    }
    return recipients
  }

  static func run(_ compiled: CompiledPipeline, on day: CalendarDate, diagnostics: Diagnostics) {
    let config = compiled.config
    guard let file = config.recipients, let recipients = compiled.recipients else { return }
    for sink in config.sinks {
      guard let name = sink.recipient else {
        diagnostics.error(
          at: sink.mark ?? file.mark, "the sink names no recipient, and 'recipients' says who may get data",
          help: "recipient: one of \(recipients.entries.map(\.name).joined(separator: ", "))")
        continue
      }
      let mark = sink.recipientMark ?? sink.mark
      guard let entry = recipients[name] else {
        diagnostics.error(
          at: mark, "the recipient \(quote(name)) is not in \(file.path)",
          suggest: Diagnostics.nearest(name, in: recipients.entries.map(\.name)))
        continue
      }
      if let expires = entry.expires {
        let last = CalendarDate(expires)
        if last == nil || day > last! {
          diagnostics.error(
            at: mark, "the recipient \(quote(name)) may get no data after \(expires) (\(file.path), and it is \(day))",
            help: "renew the contract and the date, or leave the sink out")
        }
      }
      if config.purpose == nil || !entry.purposes.contains(config.purpose ?? "") {
        let may = entry.purposes.isEmpty ? "nothing" : entry.purposes.map(quote).joined(separator: ", ")
        diagnostics.error(
          at: mark,
          "the recipient \(quote(name)) may get data for \(may), and the purpose of this pipeline "
            + (config.purpose.map { "is \(quote($0))" } ?? "is not said"))
      }
    }
  }
}
