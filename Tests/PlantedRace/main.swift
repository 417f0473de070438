// Two threads count together; compiled with the engine's own threads and lock by scripts/sanitize.sh. With `locked` the
// thread sanitizer must be silent, without it must say that there is a race: so its silence about the tests means something.
import Glibc

final class Count: @unchecked Sendable {
  var value = 0
}

let (count, lock) = (Count(), ThreadLock())
let isLocked = CommandLine.arguments.contains("locked")
let threads = (0..<2).map { _ in
  WorkerThread {
    for _ in 0..<5_000_000 {
      if isLocked { lock.lock() }
      count.value += 1
      if isLocked { lock.unlock() }
    }
  }
}
for thread in threads { thread.join() }
print(count.value)
