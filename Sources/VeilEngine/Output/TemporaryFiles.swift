import Glibc
import Synchronization

/// The temporary files of this process that have a name, so that a signal handler can remove them.
///
/// A list that only grows, of memory that is never freed: a handler may walk it at any moment. It stays short, for a
/// run has a handful of outputs.
///
/// Sound: an entry is complete before it is linked, its `next` never changes, and of its path only the first byte does,
/// in one store; `head` holds nothing but the addresses of entries.
@safe
struct TemporaryFiles: ~Copyable, Sendable {
  /// Those of this process.
  static let shared = TemporaryFiles()

  @unsafe private struct Entry {
    let next: UInt
    let path: UnsafeMutablePointer<CChar>
  }

  private let head = Atomic<UInt>(0)

  /// Has `path` removed should the process be interrupted.
  func register(_ path: String) {
    guard let copy = unsafe strdup(path) else { fatalError("out of memory") }
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    var next = head.load(ordering: .acquiring)
    while true {
      unsafe entry.initialize(to: Entry(next: next, path: copy))
      let address = UInt(bitPattern: entry)
      let result = head.compareExchange(expected: next, desired: address, ordering: .acquiringAndReleasing)
      if result.exchanged { return }
      next = result.original
    }
  }

  /// Forgets `path`: it is gone, or published under its real name.
  func unregister(_ path: String) {
    unsafe forEach { entry in
      // An empty path is nobody's: removing it fails and harms nothing.
      if unsafe strcmp(entry.path, path) == 0 { unsafe entry.path.pointee = 0 }
    }
  }

  /// Removes every registered file. Safe in a signal handler: it takes no lock and allocates nothing. To be followed
  /// by the end of the process.
  func removeAll() {
    unsafe forEach { entry in _ = unsafe unlink(entry.path) }
  }

  @inline(__always)
  private func forEach(_ body: (Entry) -> Void) {
    var address = head.load(ordering: .acquiring)
    while let entry = unsafe UnsafePointer<Entry>(bitPattern: address) {
      unsafe body(entry.pointee)
      address = unsafe entry.pointee.next
    }
  }
}
