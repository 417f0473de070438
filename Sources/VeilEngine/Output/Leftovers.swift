import Glibc
import VeilGround

/// What commands that were killed left in a folder: files that were about to get their names, files that were about to be
/// replaced, and journals of erasures and prunings. Whoever comes by next puts the folder in order.
enum Leftovers {
  /// What was found in a folder.
  struct Found {
    /// What was begun and has now been ended, in words.
    var ended: [String] = []
    /// Whether an erasure or a pruning goes on there just now.
    var isBusy = false
    var removed = 0
  }

  /// Ends what was begun in a folder, then removes the temporary files whose processes are gone. The files of a running
  /// process are locked, and stay; so do those of other users.
  ///
  /// Throws if something cannot be ended or removed: then the folder holds what it should not.
  @discardableResult
  static func clear(_ folder: Descriptor, at path: String) throws(OutputError) -> Found {
    let names = hiddenNames(of: path)
    var found = Found()
    for name in names where Journal.isJournal(name) {
      switch try Journal.end(name, in: folder, at: path) {
      case .ended(let event): found.ended.append(event)
      case .goesOn: found.isBusy = true
      case .gone: break
      }
    }
    // Some of them are second names of files that are being replaced.
    if found.isBusy { return found }
    for name in names where isTemporary(name) && isDead(name, in: folder) {
      try remove(name, in: folder, at: path)
      found.removed += 1
    }
    return found
  }

  /// The same for a folder that is not open yet.
  static func clear(_ path: String) throws(OutputError) -> Found {
    let folder: Descriptor
    do throws(SystemError) { folder = try .open(path, flags: O_RDONLY | O_DIRECTORY) } catch {
      throw OutputError("\(path): \(error)")
    }
    return try clear(folder, at: path)
  }

  /// Returns the hidden names in a folder; none if it cannot be listed, for a folder may be for writing alone.
  private static func hiddenNames(of path: String) -> [String] {
    guard let list = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(list) }
    var names: [String] = []
    while let entry = unsafe readdir(list) {
      // Sound: the system ends the name with a zero byte, and it is copied before the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe String(cString: UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
      }
      if name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  /// Whether a name is one of a temporary file, whatever it is a file of: `.NAME.veil-<16 hex digits>.tmp`.
  static func isTemporary(_ name: String) -> Bool {
    let ending = name.utf8.suffix(26)
    return name.hasPrefix(".") && ending.starts(with: ".veil-".utf8) && ending.suffix(4).elementsEqual(".tmp".utf8)
      && isHex(ending.dropFirst(6).dropLast(4))
  }

  static func isHex(_ text: some Collection<UInt8>) -> Bool {
    text.count == 16 && text.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isDead(_ name: String, in folder: Descriptor) -> Bool {
    do throws(SystemError) {
      let file = try Descriptor.regular(name, in: folder, followsLinks: false)
      guard try file.status().st_uid == geteuid() else { return false }
      return try file.tryLock()
    } catch {
      return false
    }
  }

  /// Removes a file that must not stay.
  static func remove(_ name: String, in folder: Descriptor, at path: String) throws(OutputError) {
    if unsafe unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return }
    throw OutputError(
      "\(FilePath.joined(path, name)) is left of a command that was ended, and cannot be removed: \(SystemError(errno))"
    )
  }
}
