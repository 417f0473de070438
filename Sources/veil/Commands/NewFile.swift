import Glibc
import VeilGround

/// Writes a file that does not exist yet. A file of that name is left as it is.
enum NewFile {
  static func write(_ text: String, to path: String) throws(RunError) {
    do throws(SystemError) {
      let file = try Descriptor.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
      do throws(SystemError) {
        try file.write(text)
      } catch {
        unsafe unlink(path)
        throw error
      }
    } catch {
      let help = error.code == EEXIST ? "; it is left as it is: choose another name, or remove it" : ""
      throw RunError(.inputOutput, "cannot write \(path): \(error)\(help)")
    }
  }
}

extension Descriptor {
  fileprivate func write(_ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    var failure: SystemError?
    unsafe bytes.withUnsafeBytes { all in
      do throws(SystemError) { unsafe try write(all) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
