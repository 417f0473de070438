import Glibc
import VeilConfig
import VeilCrypto
import VeilGround

/// What an erasure or a pruning is about to change, written to the disk before it changes the first file.
///
/// Erased exports and their manifests have to change together: between two of the renames the manifest would describe
/// another file. So the new files are complete under temporary names before the journal appears, and from that moment on
/// all that is left to do can be done by whoever comes by. A process that is killed before has changed nothing.
///
/// A journal is a file `.veil-journal-<16 hex digits>` with mode 0600 in each folder that has one of the files. It is
/// locked while its process lives. It holds names and digests of files, and no value of anybody.
struct Journal {
  /// One file, and what becomes of it.
  struct Step {
    /// The folder, from the journal's own.
    var folder: String
    var name: String
    /// The SHA-256 of the file as it is before.
    var before: String
    /// The SHA-256 that it has afterwards; nil if it is removed.
    var after: String?
    /// The name of the file that will replace it, and the second name of the file that is replaced.
    var temporary: String?
    var kept: String?
  }

  enum Ending {
    /// Names the event.
    case ended(String)
    case goesOn
    /// Somebody else has ended it.
    case gone
  }

  private static let beginning = ".veil-journal-"
  private let name: String
  /// The journals, one in each folder; they are locked as long as these live.
  private var files: [Publication] = []

  static func isJournal(_ name: String) -> Bool {
    name.hasPrefix(beginning) && Leftovers.isHex(name.utf8.dropFirst(beginning.utf8.count))
  }

  // MARK: Writing

  /// Writes a journal to each folder of the steps, and to the disk.
  /// - Parameter steps: their folders are as this process can open them.
  init(_ event: String, _ steps: [Step]) throws(OutputError) {
    name = Self.beginning + RandomName.hex()
    var seen: Set<String> = []
    do throws(OutputError) {
      for folder in steps.map(\.folder) where seen.insert(FilePath.real(folder) ?? folder).inserted {
        let path = FilePath.joined(folder == "." ? "./" : folder, name)
        let file = try Publication.begin(path)
        try file.write(Self.document(event, steps, path: path))
        try file.commit()
        files.append(file)
      }
    } catch {
      end()
      throw error
    }
  }

  /// Removes the journals, when all is done or nothing was. A journal that stays is found to be done by the next command.
  func end() {
    for file in files.reversed() { _ = unsafe unlink(file.target) }
  }

  private static func document(_ event: String, _ steps: [Step], path: String) -> String {
    let items = steps.map { step -> JSONValue in
      let place = FilePath.relative(FilePath.joined(step.folder == "." ? "./" : step.folder, "x"), toFolderOf: path)
      return .object([
        ("folder", .text(FilePath.folder(of: place))), ("name", .text(step.name)), ("before", .text(step.before)),
        ("after", .optional(step.after)), ("temporary", .optional(step.temporary)), ("kept", .optional(step.kept)),
      ])
    }
    return JSONValue.object([("journal_version", .integer(1)), ("event", .text(event)), ("steps", .array(items))])
      .document
  }

  // MARK: Ending what was begun

  /// Ends what the journal `name` in a folder says, if the process that began it is gone.
  ///
  /// All is done that can still be done. Only where nothing was changed yet and a new file is missing, which is so when a
  /// signal ended the process, all is left as it was.
  static func end(_ name: String, in folder: Descriptor, at path: String) throws(OutputError) -> Ending {
    let file = FilePath.joined(path, name)
    let steps: [OpenStep]
    let event: String
    let lock: Descriptor
    do throws(SystemError) {
      lock = try .regular(name, in: folder, followsLinks: false)
      let status = try lock.status()
      guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw SystemError(EACCES) }
      guard try lock.tryLock() else { return .goesOn }
      guard try lock.status().st_nlink > 0 else { return .gone }
    } catch {
      if error.isMissing { return .gone }
      throw OutputError("\(file): an erasure or a pruning that was begun here cannot be ended: \(error)")
    }
    guard let read = read(lock) else {
      throw OutputError("\(file): this is no journal of Veil, or a damaged one: see what became of the exports here")
    }
    event = read.event
    do throws(SystemError) {
      var open: [OpenStep] = []
      for step in read.steps { open.append(try OpenStep(step, from: folder)) }
      steps = open
      let isUntouched = steps.allSatisfy { !$0.isDone }
      let isLost = steps.contains { $0.isLost }
      if !(isUntouched && isLost) { for step in steps { try step.perform() } }
      for step in steps { try step.tidy() }
      for step in steps { try step.folder.synchronize() }
      for step in steps where unsafe unlinkat(step.folder.number, name, 0) != 0 && errno != ENOENT {
        throw SystemError(errno)
      }
      if unsafe unlinkat(folder.number, name, 0) != 0, errno != ENOENT { throw SystemError(errno) }
      extendLifetime(lock)
      return .ended(isUntouched && isLost ? "\(event) that had changed nothing yet" : event)
    } catch {
      throw OutputError("\(file): an erasure or a pruning that was begun here cannot be ended: \(error)")
    }
  }

  private static func read(_ file: Descriptor) -> (event: String, steps: [Step])? {
    guard let size = try? file.status().st_size, size <= 1 << 28 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe (try? file.read(into: $0, at: 0)) ?? 0 }
    guard count == bytes.count, let document = JSONReader.read(bytes), document["journal_version"]?.integer == 1,
      let event = document["event"]?.text, let items = document["steps"]?.items
    else { return nil }
    var steps: [Step] = []
    for item in items {
      guard let folder = item["folder"]?.text, let name = item["name"]?.text, let before = item["before"]?.text else {
        return nil
      }
      let step = Step(
        folder: folder, name: name, before: before, after: item["after"]?.text, temporary: item["temporary"]?.text,
        kept: item["kept"]?.text)
      // It can make nothing of any other file than those that were made for it.
      let names = [step.name, step.temporary ?? "x", step.kept ?? "x"]
      guard names.allSatisfy({ !$0.isEmpty && !$0.contains("/") && $0 != "." && $0 != ".." }),
        [step.temporary, step.kept].compactMap({ $0 }).allSatisfy(Leftovers.isTemporary),
        (step.after == nil) == (step.temporary == nil)
      else { return nil }
      steps.append(step)
    }
    return (event, steps)
  }
}

/// A step of a journal, and how far it came.
private struct OpenStep {
  let step: Journal.Step
  let folder: Descriptor
  private let isBefore: Bool
  private let isReady: Bool
  let isDone: Bool

  init(_ step: Journal.Step, from start: Descriptor) throws(SystemError) {
    self.step = step
    folder = try .open(step.folder, in: start, flags: O_RDONLY | O_DIRECTORY)
    let now = try folder.sha256(of: step.name)
    isBefore = now == step.before
    if let temporary = step.temporary {
      isReady = try folder.sha256(of: temporary) == step.after
      isDone = now == step.after
    } else {
      (isReady, isDone) = (true, now == nil)
    }
  }

  /// Whether it is still to be done, and cannot be.
  var isLost: Bool { isBefore && !isDone && !isReady }

  /// Does what is to be done. A file that somebody has changed since is left as it is.
  func perform() throws(SystemError) {
    guard isBefore, isReady, !isDone else { return }
    let isDone =
      if let temporary = step.temporary {
        unsafe renameat(folder.number, temporary, folder.number, step.name) == 0
      } else {
        unsafe unlinkat(folder.number, step.name, 0) == 0
      }
    if !isDone, errno != ENOENT { throw SystemError(errno) }
  }

  /// Removes the temporary files.
  func tidy() throws(SystemError) {
    for name in [step.temporary, step.kept].compactMap({ $0 }) where unsafe unlinkat(folder.number, name, 0) != 0 {
      if errno != ENOENT { throw SystemError(errno) }
    }
  }
}

extension Descriptor {
  /// Returns the SHA-256 of a regular file in this folder, in hex; nil if there is none.
  func sha256(of name: String) throws(SystemError) -> String? {
    let number: Int32
    do throws(RegularFile.Problem) { number = try RegularFile.open(name, in: self.number, followsLinks: false) } catch {
      switch error {
      case .system(ENOENT), .other: return nil
      case .system(let code): throw SystemError(code)
      }
    }
    return try Descriptor(number).sha256()
  }

  /// Returns the SHA-256 of the file's bytes, in hex.
  func sha256() throws(SystemError) -> String {
    let hash = StreamingSHA256()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = try read(into: &block, at: offset)
      if count == 0 { return hash.finalizeHex() }
      unsafe block[..<count].withUnsafeBytes { unsafe hash.update($0) }
      offset += count
    }
  }
}
