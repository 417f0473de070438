import VeilGround

/// Applies a function to each of several items on several threads. The results have the order of the items.
enum Parallel {
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], threads: Int, _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result] {
    let queue = Queue(items, body)
    let helpers = (1..<max(1, min(threads, items.count))).map { _ in WorkerThread { queue.work() } }
    queue.work()
    for helper in helpers { helper.join() }
    return queue.results.compactMap { $0 }
  }

  /// Sound to share: `next` and `results` are accessed only under the lock, and read when all threads have ended.
  private final class Queue<Item: Sendable, Result: Sendable>: @unchecked Sendable {
    private let items: [Item]
    private let body: @Sendable (Item) -> Result
    private let lock = ThreadLock()
    private var next = 0
    private(set) var results: [Result?]

    init(_ items: [Item], _ body: @escaping @Sendable (Item) -> Result) {
      self.items = items
      self.body = body
      results = Array(repeating: nil, count: items.count)
    }

    func work() {
      while let index = take() {
        let result = body(items[index])
        lock.lock()
        results[index] = result
        lock.unlock()
      }
    }

    private func take() -> Int? {
      lock.lock()
      defer { lock.unlock() }
      guard next < items.count else { return nil }
      next += 1
      return next - 1
    }
  }
}
