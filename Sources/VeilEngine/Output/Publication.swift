import Glibc
import VeilGround

/// An output that appears under its name whole or not at all.
///
/// The contents go to a temporary file in the folder of the target, readable only by its owner. If the file system can
/// do that, the file has no name until it is complete, so that even a killed run leaves nothing. Otherwise it is called
/// `.NAME.veil-<16 hex digits>.tmp` and is locked while its run is alive; if the run was killed, whoever writes to the
/// folder next removes it. A device such as `/dev/null` is written to directly.
final class Publication {
  /// The sink for the contents. All of them must be written before `commit`.
  let sink: FileSink
  private let place: Place
  private let isDevice: Bool
  /// The name of the temporary file in the folder, while it has one.
  private var temporary: String?
  private var previous = Previous.unknown
  /// Keeps others from taking the second name of the previous file for one that a killed run left.
  private var previousLock: Descriptor?
  private var isPublished = false
  /// The SHA-256 that the file has which is to be replaced; nil if any file may be replaced.
  var expected: String?

  /// The second name that a journal has given to the previous file.
  private var plannedName: String?

  /// The file that had the target's name before.
  private enum Previous {
    case nothing
    case kept(under: String)
    case unknown
  }

  var target: String { place.target }

  /// The SHA-256 of the bytes written so far, in hex; nil if they cannot be read back, as from a device.
  var sha256: String? { isDevice ? nil : FileFacts.sha256(Self.procPath(of: sink.descriptor)) }

  /// Opens a temporary file for `target` and puts its folder in order.
  static func begin(_ target: String, mode: mode_t = 0o600) throws(OutputError) -> Publication {
    try Publication(target, prefersUnnamed: true, mode: mode)
  }

  /// Writes a whole small document.
  func write(_ text: String) throws(OutputError) { try sink.write(text) }

  /// If `prefersUnnamed` is false, the temporary file has a name from the start, as on file systems that require one.
  init(_ target: String, prefersUnnamed: Bool, mode: mode_t = 0o600) throws(OutputError) {
    place = try Place(target: target)
    isDevice = try place.isDevice()
    if !isDevice { try place.clearLeftovers() }
    do throws(SystemError) {
      let file: Descriptor
      if isDevice {
        file = try .open(place.name, in: place.folder, flags: O_WRONLY | O_NOFOLLOW | O_NOCTTY)
      } else if prefersUnnamed, let unnamed = try Publication.unnamedFile(in: place) {
        file = unnamed
      } else {
        (file, temporary) = try Publication.namedFile(in: place)
      }
      sink = FileSink(file, name: target, reachesDisk: !isDevice)
    } catch {
      throw place.failure(error)
    }
    if !isDevice { try setMode(mode) }
  }

  deinit { abandon() }

  // MARK: Making the temporary file

  /// Makes a file without a name. Returns nil if such a file cannot get a name later.
  private static func unnamedFile(in place: Place) throws(SystemError) -> Descriptor? {
    do throws(SystemError) {
      let file = try Descriptor.open(
        ".", in: place.folder, flags: Descriptor.unnamedFile | O_WRONLY, mode: 0o600)
      return unsafe access(procPath(of: file), F_OK) == 0 ? file : nil
    } catch {
      if Descriptor.cannotDoUnnamedFiles.contains(error.code) { return nil }
      throw error
    }
  }

  private static func procPath(of file: Descriptor) -> String { "/proc/self/fd/\(file.number)" }

  private static func namedFile(in place: Place) throws(SystemError) -> (Descriptor, String) {
    for _ in 0..<16 {
      let name = place.newTemporaryName()
      // The name is registered before the file exists, because a signal may come at any time.
      TemporaryFiles.shared.register(place.path(of: name))
      do throws(SystemError) {
        let file = try Descriptor.open(
          name, in: place.folder, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        // Another run may have swept the file before it was locked.
        if try isLocked(file), try file.status().st_nlink > 0 { return (file, name) }
        TemporaryFiles.shared.unregister(place.path(of: name))
      } catch {
        TemporaryFiles.shared.unregister(place.path(of: name))
        if error.code != EEXIST { throw error }
      }
    }
    throw SystemError(EEXIST)
  }

  private static func isLocked(_ file: Descriptor) throws(SystemError) -> Bool {
    do throws(SystemError) {
      return try file.tryLock()
    } catch {
      // Without locks, no other run removes the file either.
      return true
    }
  }

  private func setMode(_ mode: mode_t) throws(OutputError) {
    let status: stat
    do throws(SystemError) {
      if fchmod(sink.descriptor.number, mode) != 0 { throw SystemError(errno) }
      status = try sink.descriptor.status()
    } catch {
      throw place.failure(error)
    }
    if mode == 0o600 && status.st_mode & 0o7777 != mode {
      throw OutputError("cannot write \(target): its file system cannot keep a file to its owner (mode 0600)")
    }
  }

  // MARK: Publishing

  /// Publishes the output alone, not as part of a set.
  func commit() throws(OutputError) {
    try seal()
    try publish()
    try settle()
  }

  /// Writes the contents to the disk. An error in writing them is reported here at the latest.
  func seal() throws(OutputError) {
    if sink.hasFailed { throw OutputError("cannot write \(target): a part of it could not be written") }
    do throws(SystemError) {
      try sink.descriptor.synchronize()
      try sink.descriptor.flushByClosingACopy()
      if !isDevice && temporary == nil && !isPublished { try giveName() }
    } catch {
      throw place.failure(error)
    }
  }

  private func giveName() throws(SystemError) {
    _ = try Publication.isLocked(sink.descriptor)
    let name = place.newTemporaryName()
    TemporaryFiles.shared.register(place.path(of: name))
    let source = Publication.procPath(of: sink.descriptor)
    if unsafe linkat(AT_FDCWD, source, place.folder.number, name, AT_SYMLINK_FOLLOW) != 0 {
      let code = errno
      TemporaryFiles.shared.unregister(place.path(of: name))
      throw SystemError(code)
    }
    temporary = name
  }

  /// Throws if the file that has the target's name is not the one that was read before.
  func checkExpected() throws(OutputError) {
    guard let expected else { return }
    let now: String?
    do throws(SystemError) { now = try place.folder.sha256(of: place.name) } catch { throw place.failure(error) }
    guard now == expected else {
      throw OutputError("\(target) was changed or replaced meanwhile; nothing was changed: try again")
    }
  }

  /// A step of a journal that replaces the file, once it is sealed. It settles the second name of the previous file.
  func journalStep() -> Journal.Step? {
    guard let temporary, let expected, let sha256 else { return nil }
    plannedName = place.newTemporaryName()
    return Journal.Step(
      folder: place.folderPath, name: place.name, before: expected, after: sha256, temporary: temporary,
      kept: plannedName)
  }

  /// Keeps the file that has the target's name, so that `withdraw` can restore it.
  /// - Parameter isLocked: whether the file is locked, so that nobody takes its second name for one that was left.
  func keepPrevious(isLocked: Bool) {
    guard !isDevice else { return }
    if isLocked, let file = try? Descriptor.regular(place.name, in: place.folder, followsLinks: false) {
      previousLock = (try? file.tryLock()) == true ? file : nil
    }
    let name = plannedName ?? place.newTemporaryName()
    TemporaryFiles.shared.register(place.path(of: name))
    if unsafe linkat(place.folder.number, place.name, place.folder.number, name, 0) == 0 {
      previous = .kept(under: name)
    } else {
      previous = errno == ENOENT ? .nothing : .unknown
      TemporaryFiles.shared.unregister(place.path(of: name))
    }
  }

  /// Gives the sealed file its name, in one step.
  func publish() throws(OutputError) {
    if isDevice || isPublished { return }
    // A link or a folder may have taken the name since the run began.
    if try place.isDevice() { throw OutputError("cannot write \(target): it became a device during the run") }
    guard let temporary else { preconditionFailure("a publication is sealed first") }
    guard unsafe renameat(place.folder.number, temporary, place.folder.number, place.name) == 0 else {
      throw place.failure(SystemError(errno))
    }
    isPublished = true
    self.temporary = nil
    TemporaryFiles.shared.unregister(place.path(of: temporary))
  }

  /// Removes a published output and restores the file that had its name before. Returns false if that is not possible.
  func withdraw() -> Bool {
    if isDevice || !isPublished { return true }
    switch previous {
    case .unknown: return false
    case .nothing: return unsafe unlinkat(place.folder.number, place.name, 0) == 0
    case .kept(let name):
      guard unsafe renameat(place.folder.number, name, place.folder.number, place.name) == 0 else { return false }
      TemporaryFiles.shared.unregister(place.path(of: name))
      previous = .unknown
      return true
    }
  }

  /// Makes sure that the new name survives a power failure, and takes the second name of the file that was replaced away.
  /// - Parameter mustBeGone: whether it is an error if that file stays. Where a run replaced it, whoever comes by next
  ///   removes it; where people were erased from it, nobody may be told that they are gone.
  func settle(mustBeGone: Bool = false) throws(OutputError) {
    if isDevice { return }
    do throws(OutputError) { try dropPrevious() } catch {
      if mustBeGone { throw error }
      (previous, previousLock) = (.unknown, nil)
    }
    do throws(SystemError) {
      try place.folder.synchronize()
    } catch {
      throw OutputError("\(target) is published, but may not survive a power cut: \(error)")
    }
  }

  /// Removes the temporary file. An output that was published stays.
  func abandon() {
    try? dropPrevious()
    if let temporary { try? remove(temporary) }
    temporary = nil
  }

  private func dropPrevious() throws(OutputError) {
    if case .kept(let name) = previous { try remove(name) }
    (previous, previousLock) = (.unknown, nil)
  }

  private func remove(_ name: String) throws(OutputError) {
    try Leftovers.remove(name, in: place.folder, at: place.folderPath)
    TemporaryFiles.shared.unregister(place.path(of: name))
  }
}
