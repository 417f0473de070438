/// A set of short texts; values are compared with them byte by byte.
struct ValueSet: Sendable {
  private let values: [[UInt8]]

  init(_ texts: [String]) { values = texts.map { Array($0.utf8) } }

  func contains(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    values.contains { known in unsafe known.count == value.count && value.elementsEqual(known) }
  }
}
