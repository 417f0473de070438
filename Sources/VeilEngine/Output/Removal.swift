import Glibc
import VeilGround

/// A file that is removed if it still is the one that was looked at.
final class Removal {
  /// The path as the user wrote it.
  let path: String
  private let folder: Descriptor
  private let folderPath: String
  private let name: String
  private let identity: FileIdentity
  private let sha256: String
  /// Why the file is not gone, or not gone altogether; nil if it is, or nothing was tried yet.
  private(set) var problem: String?
  private(set) var isRemoved = false

  init(path: String, folder: Descriptor, folderPath: String, name: String, identity: FileIdentity, sha256: String) {
    (self.path, self.folder, self.folderPath, self.name) = (path, folder, folderPath, name)
    (self.identity, self.sha256) = (identity, sha256)
  }

  var journalStep: Journal.Step { Journal.Step(folder: folderPath, name: name, before: sha256) }

  func perform() {
    var status = stat()
    // Sound: the name is a C string for the length of the calls.
    guard unsafe fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
      FileIdentity(status) == identity
    else {
      problem = "it was changed meanwhile"
      return
    }
    guard unsafe unlinkat(folder.number, name, 0) == 0 else {
      problem = "\(SystemError(errno))"
      return
    }
    isRemoved = true
    do throws(SystemError) { try folder.synchronize() } catch { problem = "\(error)" }
    if status.st_nlink > 1 { problem = "it is deleted, but the file has another name elsewhere, which stays" }
  }
}
