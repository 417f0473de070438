extension WorkerThread {
  /// Returns what `body` makes of each number below `count`, in their order, whatever thread made it. The calling thread
  /// is one of `threads`.
  package static func map<Result>(_ count: Int, threads: Int, _ body: (Int) -> Result) -> [Result] {
    guard threads > 1, count > 1 else { return (0..<count).map(body) }
    let next = Guarded(0)
    let made = Slots<Result>(count)
    // Every thread is joined before this returns, so the body does not outlive it.
    withoutActuallyEscaping(body) { body in
      let work = {
        while true {
          let number = next.withLock { next in
            defer { next += 1 }
            return next
          }
          guard number < count else { return }
          made.put(body(number), at: number)
        }
      }
      let others = (1..<min(threads, count)).compactMap { _ in started(work) }
      work()
      for thread in others { thread.join() }
    }
    return made.all
  }

  /// The results so far. Sound to share: every access is under the lock.
  private final class Slots<Result>: @unchecked Sendable {
    private let lock = ThreadLock()
    private var results: [Result?]

    init(_ count: Int) { results = Array(repeating: nil, count: count) }

    func put(_ result: Result, at number: Int) {
      lock.lock()
      results[number] = result
      lock.unlock()
    }

    var all: [Result] { results.compactMap(\.self) }
  }
}
