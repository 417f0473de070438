/// What a run measures of the classes that it publishes.
extension Recoding {
  /// The three risks, which need the original data and a control group, are not among it.
  var evidence: AnonymityEvidence {
    AnonymityEvidence(smallestClass: published.smallestClass, inference: inference)
  }
}
