extension Diagnostics {
  /// Returns the candidate that `word` probably means: one that differs only in case and `-`/`_`, or the nearest one
  /// within an edit distance (Damerau 1964, adjacent transpositions counted as one) of about a third of its length. Of
  /// equally near candidates, the first is taken. Nil if none is near.
  public static func nearest(_ word: String, in candidates: [String]) -> String? {
    let wanted = folded(word)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in candidates where candidate != word {
      let other = folded(candidate)
      let limit = min((max(wanted.count, other.count) + 1) / 3, best.map { $0.distance - 1 } ?? .max)
      guard limit >= 0, abs(wanted.count - other.count) <= limit else { continue }
      // A file may name thousands of fields; among so many, only exact matches are searched.
      if candidates.count > 1000 && wanted != other { continue }
      let distance = editDistance(wanted, other)
      if distance <= limit { best = (candidate, distance) }
    }
    return best?.word
  }

  private static func folded(_ word: String) -> [Unicode.Scalar] {
    word.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
  }

  static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, before[j - 2] + 1) }
        row.append(cost)
      }
      (before, above) = (above, row)
    }
    return above[b.count]
  }
}
