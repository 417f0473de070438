import Glibc
import VeilConfig
import VeilGround

/// What `veil check` can report about key rings without reading a key.
enum KeyRingCheck {
  /// Reports rings that cannot be used, and active keys that no longer make tokens. If a ring is not on this machine,
  /// only a run reports it, as for any key.
  static func run(_ config: PipelineConfig, _ diagnostics: Diagnostics) {
    for key in config.keys {
      guard case .ring(let path) = key.source else { continue }
      let file = config.resolve(path)
      guard unsafe access(file, F_OK) == 0 else { continue }
      do throws(RunError) {
        try GuardedFile.require(file, "the ring of key '\(key.name)',")
      } catch {
        diagnostics.error(at: key.mark, error.description)
        continue
      }
      let (ring, problems) = KeyRingParser.load(path: file)
      guard let active = ring?.active else {
        let first = problems.told.first
        let line = first?.mark.map { ", line \($0.line)" } ?? ""
        diagnostics.error(at: key.mark, "the ring of key '\(key.name)'\(line): \(first?.message ?? "cannot be used")")
        continue
      }
      guard let last = active.notAfter.flatMap({ CalendarDate($0) }), .today() > last else { continue }
      diagnostics.warn(
        at: key.mark, "\(active.id), the active key of '\(key.name)', makes no tokens after \(last)",
        help: "run  veil key ring rotate \(path)")
    }
  }
}
