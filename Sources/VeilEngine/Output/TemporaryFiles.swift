import Glibc
import Synchronization

/// The named temporary files of this process, so that a signal handler can remove them.
///
/// It is a list that only grows, and its memory is never freed, because a signal handler may read it at any moment. The
/// list stays short, because a run has only a few outputs.
///
/// Sound: an entry is complete before it is linked, and its `next` never changes. Of its path only the first byte
/// changes, in one store. `head` holds nothing but addresses of entries.
@safe
struct TemporaryFiles: ~Copyable, Sendable {
  /// The files of this process.
  static let shared = TemporaryFiles()

  @unsafe private struct Entry {
    let next: UInt
    let path: UnsafeMutablePointer<CChar>
  }

  private let head = Atomic<UInt>(0)

  /// Registers `path`, so that it is removed if a signal ends the process.
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

  /// Unregisters `path`, because it was removed, or published under its final name.
  func unregister(_ path: String) {
    unsafe forEach { entry in
      // The entry gets an empty path; removing that fails and does no harm.
      if unsafe strcmp(entry.path, path) == 0 { unsafe entry.path.pointee = 0 }
    }
  }

  /// Removes every registered file. Safe in a signal handler: it takes no lock and allocates nothing. The process must
  /// end after this call.
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
