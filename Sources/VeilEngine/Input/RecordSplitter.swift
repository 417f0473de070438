import VeilGround

/// Finds where a chunk may end. Called by one thread at a time, in input order.
protocol RecordSplitter: AnyObject {
  /// The end of the last whole record in `bytes[0..<count]`, or 0 where there is none yet.
  ///
  /// `bytes[0..<scanned]` were given before and held no end; a splitter may keep state for them. After an answer above
  /// 0 the next call begins at that place with `scanned` 0. At the input's end (`isEnd`) everything left is answered
  /// for, less what is only blank.
  func boundary(in bytes: UnsafePointer<UInt8>, count: Int, scanned: Int, isEnd: Bool) throws(InputError) -> Int
}
