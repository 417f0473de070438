import VeilConfig

extension RunOutput {
  /// What brings each sink's records into an order of its own; nil for those that leave in the input's order, for
  /// figures, and in a dry run.
  static func orders(of views: [CompiledPipeline], _ options: RunOptions) -> [KeyedOrder?] {
    guard !options.isDryRun else { return views.map { _ in nil } }
    let keyed = views.map { $0.config.order == .keyed && $0.config.sinks[0].aggregate == nil }
    let share = options.orderMemory / max(1, keyed.count { $0 })
    let memory = max(share, min(options.orderMemory, KeyedOrder.leastMemory))
    return keyed.enumerated().map { number, isKeyed in
      isKeyed ? KeyedOrder(key: options.orderKey(number), memory: memory) : nil
    }
  }
}
