/// Every stage there is, in the order of the reference page. One line adds a stage.
enum Catalog {
  static let stages: [any Stage.Type] = [
    Keep.self,
    Drop.self,
    Lowercase.self,
  ]

  static let names = stages.map { $0.documentation.name }

  static func stage(named name: String) -> (any Stage.Type)? {
    stages.first { $0.documentation.name == name }
  }
}
