import Glibc
import VeilConfig
import VeilGround

/// The locks of all files that a run may replace. The run holds them from before it reads until after it has published.
final class RunLocks {
  private var locks: [OutputLock] = []

  /// Takes the locks of all `targets`, or none of them. Waits up to `patience` seconds for locks of other runs, and
  /// then throws `.locked`. A target that is no file (`-`, a device) needs no lock.
  init(_ targets: [String], patience: Int, monitor: RunMonitor) throws(RunError) {
    let clock = MonotonicClock()
    var places: [Place] = []
    do throws(OutputError) {
      for target in targets where target != "-" {
        let place = try Place(target: target)
        if try !place.isDevice() { places.append(place) }
      }
    } catch { throw RunError(error) }
    while let held = try takeAll(places, monitor) {
      if clock.seconds >= Double(patience) { throw Self.refusal(held, patience) }
      usleep(100_000)
    }
  }

  /// Throws if somebody holds the lock of one of `targets`, which this run has made of a path with placeholders, and whose
  /// lock alone it holds: an erasure or a pruning, which takes the locks of the files themselves. It looks at this lock
  /// after it has taken its own, so that one of the two sees the other.
  static func requireFree(_ targets: [String]) throws(RunError) {
    for target in targets where target != "-" {
      let place: Place
      do throws(OutputError) { place = try Place(target: target) } catch { throw RunError(error) }
      if let holder = OutputLock.holder(of: place.lockName, in: place.folder) {
        throw refusal((target, holder), 0)
      }
    }
  }

  /// Returns nil if all locks were taken; otherwise the first that was not, and who holds it.
  private func takeAll(
    _ places: [Place], _ monitor: RunMonitor
  ) throws(RunError) -> (target: String, holder: OutputLock.Holder)? {
    for place in places {
      do throws(OutputError) {
        switch try OutputLock.take(place, run: monitor.runID) {
        case .taken(let lock): locks.append(lock)
        case .held(let holder):
          // A run that waits holds no lock that another run may wait for.
          locks.removeAll()
          return (place.target, holder)
        case .impossible:
          monitor.warn("\(place.target) cannot be locked where it lies: see to it that no two runs write it at once")
        }
      } catch { throw RunError(error) }
    }
    return nil
  }

  private static func refusal(_ held: (target: String, holder: OutputLock.Holder), _ patience: Int) -> RunError {
    let who = held.holder.text.isEmpty ? "" : ": \(held.holder.text)"
    let advice = patience == 0 ? "; --wait 10m would wait for it" : "; waited \(patience) s for it"
    return RunError(.locked, "another run holds the lock of \(held.target)\(who)\(advice)")
  }
}
