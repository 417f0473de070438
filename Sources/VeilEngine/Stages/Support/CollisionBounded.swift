/// A stage whose tokens are so short that two values could get one.
protocol CollisionBounded {
  /// In words, for so many people (2 or more).
  func collisionBound(people: Int) -> String
}
