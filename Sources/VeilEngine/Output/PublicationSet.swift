import VeilGround

/// Outputs that are published together, or not at all.
final class PublicationSet {
  private var publications: [Publication] = []
  /// Outputs that belong to the exports and that the exports do not mention, such as a crosswalk. Without them, the
  /// result of a run is not complete.
  private(set) var companions: [Publication] = []
  /// Outputs that were held back from standard output.
  private var held: [OutputFile] = []
  private var announcements: [(before: () throws -> Void, takenBack: () throws -> Void)] = []

  /// Adds an output. Outputs are published in the order of the calls: one that describes the others, such as a
  /// manifest, comes last.
  func add(_ publication: Publication) { publications.append(publication) }

  func add(companion: Publication) {
    companions.append(companion)
    add(companion)
  }

  func add(held file: OutputFile) { held.append(file) }

  /// Adds all that belongs to another set, which is not used any more.
  func take(_ other: PublicationSet) {
    publications += other.publications
    companions += other.companions
    held += other.held
    announcements += other.announcements
  }

  /// Writes what was held back to standard output. At this point no check can stop the run any more.
  func release() throws(OutputError) {
    while !held.isEmpty { try held.removeFirst().release() }
  }

  /// Adds two actions: `before` runs before any output appears, for example to record that it will; `takenBack` runs if
  /// the outputs could not appear after all.
  func announce(_ before: @escaping () throws -> Void, takenBack: @escaping () throws -> Void = {}) {
    announcements.append((before, takenBack))
  }

  /// The event whose journal is written before the first output appears; nil if there is none.
  ///
  /// An output of a set with a journal replaces a file that was read before (`Publication.expected`).
  var journal: String?
  /// The files that are removed together with what is published.
  private(set) var removals: [Removal] = []

  func add(_ removal: Removal) { removals.append(removal) }

  /// Publishes every output. If one fails, those before it are removed, and the files that they replaced are restored.
  ///
  /// A signal that comes while files are replaced ends the process only when all of them are replaced.
  func commit() throws(OutputError) {
    try release()
    // Everything that can fail for lack of space fails here, before the first file is replaced.
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
      try Interruption.hold { () throws(OutputError) in
        if let journal { try write(journal) } else { try replace() }
      }
    } catch {
      for announcement in announcements { try? announcement.takenBack() }
      throw error
    }
  }

  /// Replaces and removes under the protection of a journal.
  private func write(_ event: String) throws(OutputError) {
    do throws(OutputError) {
      for publication in publications { try publication.checkExpected() }
    } catch {
      abandon()
      throw error
    }
    let journal = try Journal(event, removals.map(\.journalStep) + publications.compactMap { $0.journalStep() })
    defer { journal.end() }
    for removal in removals { removal.perform() }
    if let kept = removals.first(where: { !$0.isRemoved }) {
      abandon()
      throw OutputError("\(kept.path): \(kept.problem ?? "it cannot be removed")")
    }
    try replace()
  }

  /// How many replaced files are locked at once; each takes an open file.
  private static let mostLocks = 100

  private func replace() throws(OutputError) {
    if publications.count > 1 {
      let isLocked = journal == nil && publications.count <= Self.mostLocks
      for publication in publications { publication.keepPrevious(isLocked: isLocked) }
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
    for publication in publications { try publication.settle(mustBeGone: journal != nil) }
  }

  /// Removes the temporary files of all outputs.
  func abandon() {
    for publication in publications { publication.abandon() }
  }
}
