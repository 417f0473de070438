import Foundation

extension Data {
  /// The lines in sorted order, for exports whose records leave in keyed order.
  var lines: [String] { String(decoding: self, as: UTF8.self).sortedLines }
}

extension String {
  /// The lines in sorted order.
  var sortedLines: [String] { split(separator: "\n").map(String.init).sorted() }
}
