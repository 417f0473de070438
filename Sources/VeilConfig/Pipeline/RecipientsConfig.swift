/// The recipients who may get data, for what and until when.
public struct RecipientsConfig: Sendable {
  /// The path with which the file was opened.
  public var path: String
  public var entries: [Entry]

  public struct Entry: Sendable {
    public var name: String
    public var contact: String?
    /// The reference of the contract that covers the sharing.
    public var contract: String?
    /// The purposes for which the recipient may get data.
    public var purposes: [String]
    /// The last day on which data may be shared, as YYYY-MM-DD.
    public var expires: String?
    /// The certificate to which exports are encrypted: a path relative to this file's folder.
    public var certificate: String?
    public var mark: Mark
  }

  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// Returns a path of this file in a form that the process can open.
  public func resolve(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
    return self.path[...slash] + path
  }
}

/// A file that a pipeline names, and the place where it is named.
public struct NamedFile: Sendable {
  /// The path, not yet resolved.
  public var path: String
  public var mark: Mark?

  public init(path: String, mark: Mark?) {
    self.path = path
    self.mark = mark
  }
}
