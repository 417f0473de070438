/// The description of a stage. Help, the reference page and the accepted keys are derived from it.
struct StageDocumentation: Sendable {
  /// One option, as users write it.
  struct Option: Sendable {
    var name: String
    /// The values that are allowed, e.g. `a whole number`, `hex, base32 or uuid`.
    var values: String
    /// Whether it must be given: what help and the reference page say is what is checked.
    var presence: OptionPresence
    var summary: String

    init(_ name: String, _ values: String, _ presence: OptionPresence, _ summary: String) {
      self.name = name
      self.values = values
      self.presence = presence
      self.summary = summary
    }
  }

  /// The name as a pipeline writes it.
  var name: String
  /// One line that completes "This stage …".
  var summary: String
  var options: [Option] = []
  /// The option that a single value stands for, e.g. `constant: x` for `constant: {value: x}`.
  var shorthand: String? = nil
  /// A field's rule that uses the stage, as one line of YAML.
  var example: String
  /// What the stage promises about a person's privacy, and what it does not.
  var promise: String
}
