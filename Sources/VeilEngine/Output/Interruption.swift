/// What a signal handler may do before it ends the process.
public enum Interruption {
  /// Removes the run's temporary files that have a name. Safe in a signal handler.
  public static func removeTemporaryFiles() { TemporaryFiles.shared.removeAll() }
}
