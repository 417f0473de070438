import VeilConfig
public import VeilGround

extension CompiledPipeline {
  /// Returns the pipeline as the sink of one recipient sees it. Throws `.invalid` if the recipient has no sink.
  public func view(for recipient: String) throws(RunError) -> CompiledPipeline {
    let known = config.sinks.compactMap(\.recipient)
    guard let place = config.sinks.firstIndex(where: { $0.recipient == recipient }) else {
      let near = Diagnostics.nearest(recipient, in: known).map { ": did you mean '\($0)'?" }
      let list = known.isEmpty ? "it names no recipient" : "its recipients are \(known.joined(separator: ", "))"
      throw RunError(.invalid, "\(config.path) has no sink for '\(recipient)'\(near ?? ": \(list)")")
    }
    var view = views[place]
    view.isOneOfSeveral = views.count > 1
    return view
  }

  /// The paths of the crosswalks.
  var crosswalkPaths: [String] {
    let paths = views.flatMap { view in
      view.fields.filter { !$0.isDropped }.flatMap(\.stages).compactMap { stage in
        (stage as? Pseudonym)?.crosswalkPath(for: view.config.sinks[0].recipient ?? "")
      }
    }
    return Set(paths).sorted()
  }

  /// Returns the view of the sink from which a published file came: the sink of `recipient` if one is named, otherwise
  /// the sink with this path.
  func view(of file: String, recipient: String?) throws(RunError) -> CompiledPipeline {
    if let recipient { return try view(for: recipient) }
    if views.count == 1 { return views[0] }
    let found = views.first { view in
      view.config.sinks[0].path.map { PathConflicts.isSame(config.resolve($0), file) } ?? false
    }
    guard let found else {
      throw RunError(.invalid, "\(config.path) has several sinks, and none of them is \(file): add --recipient NAME")
    }
    return found
  }
}
