import Glibc
import Synchronization

/// What becomes of a run that is told to end. Before it publishes, it ends at once and leaves nothing; while it
/// publishes, which takes a few renames, it is let finish: half a publication would be worse than a late end.
public enum Interruption {
  private static let state = State()

  /// Sound: atomics that live as long as the process.
  private struct State: ~Copyable, Sendable {
    let phase = Atomic<Int32>(working)
    /// The signal that came while a publication was going on; 0 without one.
    let pending = Atomic<Int32>(0)
  }

  private static let working: Int32 = 0
  private static let publishing: Int32 = 1
  private static let ending: Int32 = 2

  /// Ends the process for a signal: at once, or not yet where a publication is going on. Safe in a signal handler: it
  /// takes no lock and allocates nothing.
  public static func end(_ signal: Int32) {
    let was = state.phase.compareExchange(expected: working, desired: ending, ordering: .acquiringAndReleasing)
    if was.original == publishing {
      state.pending.store(signal, ordering: .releasing)
      return
    }
    // Another thread may be at it already; removing twice harms nothing.
    TemporaryFiles.shared.removeAll()
    _exit(128 + signal)
  }

  /// Makes what `end` needs, so that no handler is the first to ask for it.
  public static func prepare() {
    _ = state.pending.load(ordering: .relaxed)
    TemporaryFiles.shared.unregister("")
  }

  /// The signal that came during the last publication.
  static var pendingSignal: Int32? {
    let signal = state.pending.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// Keeps the process from being ended by a signal while `body` publishes.
  static func hold<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let was = state.phase.compareExchange(expected: working, desired: publishing, ordering: .acquiringAndReleasing)
    // A handler is ending the process on another thread.
    if was.original == ending { while true { pause() } }
    defer {
      if was.exchanged { state.phase.store(working, ordering: .releasing) }
    }
    try body()
  }
}
