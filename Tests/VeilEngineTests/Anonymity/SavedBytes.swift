@testable import VeilAnonymity
@testable import VeilEngine

extension Histogram {
  /// As it is saved.
  var bytes: [UInt8] {
    var body = BodyWriter()
    write(to: &body)
    return body.bytes
  }

  init(bytes: [UInt8]) throws(MalformedFile) {
    var body = BodyReader(bytes)
    try self.init(from: &body)
  }
}

extension PlanContents {
  /// As it is saved.
  var bytes: [UInt8] {
    var body = BodyWriter()
    write(to: &body)
    return body.bytes
  }
}
