import Glibc
import Synchronization

/// Decides what happens to a run that gets a signal to end. Before it publishes, the run says where it was, ends at
/// once and leaves nothing. While it publishes, which takes a few renames, it first finishes: half a publication would be worse than a
/// late end.
public enum Interruption {
  private static let state = State()

  /// Sound: atomics that live as long as the process.
  private struct State: ~Copyable, Sendable {
    let phase = Atomic<Int32>(working)
    /// The signal that came while the run was publishing; 0 if there was none.
    let pending = Atomic<Int32>(0)
  }

  private static let working: Int32 = 0
  private static let publishing: Int32 = 1
  private static let ending: Int32 = 2

  /// Ends the process because of a signal: at once, or after the publication if one is in progress. Safe in a signal
  /// handler: it takes no lock and allocates nothing.
  public static func end(_ signal: Int32) {
    let was = state.phase.compareExchange(expected: working, desired: ending, ordering: .acquiringAndReleasing)
    if was.original == publishing {
      state.pending.store(signal, ordering: .releasing)
      return
    }
    if was.exchanged { InterruptionNote.write(signal) }
    // Another thread may already be removing the files; removing them twice does no harm.
    TemporaryFiles.shared.removeAll()
    _exit(128 + signal)
  }

  /// Ends the process at once with an exit status, because nothing can go on, and leaves no temporary file and no lock.
  public static func end(status: Int32) -> Never {
    TemporaryFiles.shared.removeAll()
    _exit(status)
  }

  /// Creates the state that `end` needs, so that no signal handler is the first to use it.
  public static func prepare() {
    _ = state.pending.load(ordering: .relaxed)
    TemporaryFiles.shared.unregister("")
    InterruptionNote.prepare()
  }

  /// The signal that came during the last publication.
  static var pendingSignal: Int32? {
    let signal = state.pending.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// Keeps a signal from ending the process while `body` publishes.
  static func hold<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let was = state.phase.compareExchange(expected: working, desired: publishing, ordering: .acquiringAndReleasing)
    // A signal handler on another thread is already ending the process.
    if was.original == ending { while true { pause() } }
    defer {
      if was.exchanged { state.phase.store(working, ordering: .releasing) }
    }
    try body()
  }
}
