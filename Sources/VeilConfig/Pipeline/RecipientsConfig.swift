/// Who may get data, for what and until when.
public struct RecipientsConfig: Sendable {
  /// The file, as it was opened.
  public var path: String
  public var entries: [Entry]

  public struct Entry: Sendable {
    public var name: String
    public var contact: String?
    /// The reference of the contract that covers the sharing.
    public var contract: String?
    /// What the recipient may get data for.
    public var purposes: [String]
    /// The last day on which data may be shared, as YYYY-MM-DD.
    public var expires: String?
    /// The certificate that exports are encrypted to: a path from this file's folder.
    public var certificate: String?
    public var mark: Mark
  }

  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// A path of this file as the process may open it.
  public func resolve(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
    return self.path[...slash] + path
  }
}

/// A file that a pipeline names, and where it does.
public struct NamedFile: Sendable {
  /// To be resolved.
  public var path: String
  public var mark: Mark?

  public init(path: String, mark: Mark?) {
    self.path = path
    self.mark = mark
  }
}
