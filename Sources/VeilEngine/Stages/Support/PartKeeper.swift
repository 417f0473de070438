/// A stage that leaves a part of a value, which may be nearly all of it, by its options.
protocol PartKeeper: Stage {
  /// Returns whether more is left of a value than a part by which few people are told.
  /// - Parameter most: How many characters of such a value, a name or a card's number, are only a part of it.
  func leaves(moreThan most: Int) -> Bool
}
