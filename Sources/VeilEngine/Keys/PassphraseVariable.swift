import VeilConfig
public import VeilGround

/// The name of an environment variable with a passphrase, as a command line gives it.
public enum PassphraseVariable {
  /// Throws where the variable is one that programs set: its value is no secret.
  public static func require(_ name: String?) throws(RunError) {
    guard let name, WellKnownVariables.contain(name) else { return }
    throw RunError(.invalid, "\(name) is a variable that programs set, and holds no passphrase")
  }
}
