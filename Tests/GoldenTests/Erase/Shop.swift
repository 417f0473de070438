import Testing

/// The exports of a made-up shop, in the folder `out`, for tests of who finds, erases and prunes them.
enum Shop {
  /// - Parameter kept: the fields that leave beside the token of `email`.
  static func pipeline(keeping kept: [String] = []) -> String {
    """
    version: 1
    name: shop
    manifest: out/shop.manifest.json
    source: {path: in.csv, subject: email}
    keys: {k: {env: VEIL_TEST_KEY}}
    fields:
      email: {pseudonym: {key: k}}
    \(kept.map { "  \($0): keep\n" }.joined())\
    order: input
    sink: {path: out/x.csv, expires: 30 days}

    """
  }

  /// Publishes the input by `p.yaml`; `gone.txt` names one of its people.
  static func published(_ pipeline: String, input: String) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p.yaml", pipeline)
    try scratch.write("in.csv", input)
    try scratch.write("gone.txt", "ada@x.org\n")
    let outcome = try scratch.veil("run p.yaml --as-of 2026-06-01")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return scratch
  }
}
