import VeilConfig

extension CompiledPipeline {
  /// Whether a first pass has to find out if one person has several records, because k counts records and nobody said
  /// so: there is neither `source.subject` nor `count: records`.
  var looksForPeople: Bool {
    guard let anonymity = config.anonymity else { return false }
    return config.source.subject == nil && !anonymity.countIsStated
  }

  /// The fields that are called like a person's identifier, whether or not they leave; none where that does not matter.
  var likelyIdentifiers: [FieldPath] {
    guard looksForPeople else { return [] }
    return fields.map(\.config.path).filter { path in
      // Of several values in one record, none says whose it is.
      !path.steps.contains(.elements) && FieldNameGuess.identifiesPerson(path.plainName)
    }
  }
}
