import VeilConfig
import VeilGround

/// Compares the number of records with that of the previous run, as the manifest of that run says.
enum RowCountCheck {
  private static let limit = 16 << 20

  static func judge(written: Int, manifest: String?, within share: Share) -> (passed: Bool, detail: String) {
    guard let manifest else { return (false, "there is no manifest to compare with") }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try SmallFile.bytes(manifest, limit: limit)
    } catch {
      // The first run has nothing to compare with.
      if error.isMissing { return (true, "\(manifest) is not there yet; \(written) records leave") }
      return (false, "\(manifest) cannot be read: \(error)")
    }
    // A comparison that is not possible counts as failed.
    guard let before = JSONReader.read(bytes)?["records"]?["written"]?.integer, before >= 0 else {
      return (false, "\(manifest) is not a manifest")
    }
    let change = abs(written - before)
    return (change <= share.limit(of: before), "\(written) records leave, \(before) did last time")
  }
}
