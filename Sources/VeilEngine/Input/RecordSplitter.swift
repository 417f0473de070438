import VeilGround

/// Finds where a chunk may end. One thread at a time calls it, in input order.
protocol RecordSplitter: AnyObject {
  /// Returns the end of the last whole record in `bytes[0..<count]`, or 0 if there is none yet.
  ///
  /// An earlier call got `bytes[0..<scanned]` and found no end in them; a splitter may keep state for them. After a
  /// result above 0, the next call begins at that position with `scanned` 0. At the end of the input (`isEnd`), the
  /// result covers everything that is left, except for blanks.
  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int
}
