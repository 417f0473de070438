import VeilGround

/// Outputs that are published together, or not at all.
final class PublicationSet {
  private var publications: [Publication] = []
  /// What goes with the exports and is not told by them, such as a crosswalk: an export without it is not all of a run.
  private(set) var companions: [Publication] = []
  /// Outputs that were held back from standard output.
  private var held: [OutputFile] = []
  private var announcements: [(before: () throws -> Void, takenBack: () throws -> Void)] = []

  /// Adds an output. They are published in this order: what describes the others, such as a manifest, comes last.
  func add(_ publication: Publication) { publications.append(publication) }

  func add(companion: Publication) {
    companions.append(companion)
    add(companion)
  }

  func add(held file: OutputFile) { held.append(file) }

  /// Lets through what was held back: nothing that is judged can stop the run any more.
  func release() throws(OutputError) {
    while !held.isEmpty { try held.removeFirst().release() }
  }

  /// What must have been done before anything appears, such as writing down that it will, and what is done where it
  /// could not appear after all.
  func announce(_ before: @escaping () throws -> Void, takenBack: @escaping () throws -> Void = {}) {
    announcements.append((before, takenBack))
  }

  /// Publishes every output. If one cannot be, those before it are taken back, and the files that they replaced stand
  /// there again.
  ///
  /// A signal that comes while files are replaced ends the process only when all are.
  func commit() throws(OutputError) {
    try release()
    // Whatever can fail for want of space fails here, before the first file is replaced.
    for publication in publications { try publication.seal() }
    var announced = 0
    do {
      for announcement in announcements {
        try announcement.before()
        announced += 1
      }
    } catch {
      for announcement in announcements[..<announced] { try? announcement.takenBack() }
      abandon()
      throw OutputError("\(error)")
    }
    do throws(OutputError) {
      try Interruption.hold { () throws(OutputError) in try replace() }
    } catch {
      for announcement in announcements { try? announcement.takenBack() }
      throw error
    }
  }

  private func replace() throws(OutputError) {
    if publications.count > 1 {
      for publication in publications { publication.keepPrevious() }
    }
    for (index, publication) in publications.enumerated() {
      do throws(OutputError) {
        try publication.publish()
      } catch {
        let stuck = publications[..<index].reversed().filter { !$0.withdraw() }.map(\.target)
        abandon()
        if stuck.isEmpty { throw error }
        throw OutputError("\(error); already published and not to be taken back: \(stuck.joined(separator: ", "))")
      }
    }
    for publication in publications { try publication.settle() }
  }

  /// Removes the temporary files of all outputs.
  func abandon() {
    for publication in publications { publication.abandon() }
  }
}
