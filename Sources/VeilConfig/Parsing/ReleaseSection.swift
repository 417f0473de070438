extension PipelineReading {
  /// The keys of `anonymity` that this file reads.
  static let releaseKeys = ["unseen", "previous", "intersection"]

  func release(_ anonymity: OptionReader) -> ReleaseConfig {
    var release = ReleaseConfig()
    release.unseen = anonymity.choice("unseen", of: ReleaseConfig.Unseen.self) ?? .suppress
    if anonymity.has("previous") {
      release.previous = path("previous", anonymity)
      release.previousMark = anonymity.mark(of: "previous")
    }
    guard let reader = section("intersection", of: anonymity, known: ["max"]) else { return release }
    release.intersectionLimit = reader.requiredInt(
      "max", range: 0 ... .max, help: "how many people the two releases together may single out: {max: 0}")
    if anonymity.isAbsent("previous") {
      anonymity.error(
        "intersection", "'intersection' needs 'previous', the plan of the release before",
        help: "previous: last-release.plan")
    }
    return release
  }
}
