import VeilConfig
public import VeilGround

extension CompiledPipeline {
  /// The pipeline as one recipient's sink sees it. Throws `.invalid` where no sink is that recipient's.
  public func lane(for recipient: String) throws(RunError) -> CompiledPipeline {
    let known = config.sinks.compactMap(\.recipient)
    guard let place = config.sinks.firstIndex(where: { $0.recipient == recipient }) else {
      let near = Diagnostics.nearest(recipient, in: known).map { ": did you mean '\($0)'?" }
      let list = known.isEmpty ? "it names no recipient" : "its recipients are \(known.joined(separator: ", "))"
      throw RunError(.invalid, "\(config.path) has no sink for '\(recipient)'\(near ?? ": \(list)")")
    }
    var lane = lanes[place]
    lane.isOneOfSeveral = lanes.count > 1
    return lane
  }

  /// The files that tokens are carried over in.
  var crosswalkPaths: [String] {
    let paths = lanes.flatMap { lane in
      lane.fields.filter { !$0.isDropped }.flatMap(\.stages).compactMap { stage in
        (stage as? Pseudonym)?.crosswalkPath(for: lane.config.sinks[0].recipient ?? "")
      }
    }
    return Set(paths).sorted()
  }

  /// The sink that a published file came from: the recipient's where one is named, else the one whose path it is.
  func lane(of file: String, recipient: String?) throws(RunError) -> CompiledPipeline {
    if let recipient { return try lane(for: recipient) }
    if lanes.count == 1 { return lanes[0] }
    let found = lanes.first { lane in
      lane.config.sinks[0].path.map { PathConflicts.isSame(config.resolve($0), file) } ?? false
    }
    guard let found else {
      throw RunError(.invalid, "\(config.path) has several sinks, and none of them is \(file): add --recipient NAME")
    }
    return found
  }
}
