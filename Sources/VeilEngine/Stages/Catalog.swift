/// All stages, in the order of the reference page. One line adds a stage.
enum Catalog {
  static let stages: [any Stage.Type] = [
    Keep.self,
    Drop.self,
    Constant.self,
    Null.self,
    Trim.self,
    Lowercase.self,
    Uppercase.self,
    NFC.self,
    Digits.self,
    EmailDomain.self,
    Normalize.self,
    Mask.self,
    Hash.self,
    Pseudonym.self,
    Encrypt.self,
    FormatPreserving.self,
    DateShift.self,
    Truncate.self,
    Bucket.self,
    Round.self,
    Clamp.self,
    Map.self,
  ]

  static let names = stages.map { $0.documentation.name }

  static func stage(named name: String) -> (any Stage.Type)? {
    stages.first { $0.documentation.name == name }
  }
}
