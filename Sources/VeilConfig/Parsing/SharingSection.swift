extension PipelineReading {
  /// Reads the path of a file that the pipeline names at its top level.
  func namedFile(_ key: String, _ pipeline: OptionReader) -> NamedFile? {
    path(key, pipeline).map { NamedFile(path: $0, mark: pipeline.mark(of: key)) }
  }

  /// Reads `encrypt: {certificate: PATH}`, or `encrypt: true` for the recipient's own certificate.
  func encryption(_ sink: OptionReader) -> EncryptionConfig? {
    guard let node = sink.node("encrypt") else { return nil }
    let mark = sink.mark(of: "encrypt")
    if node.bool == true { return EncryptionConfig(certificate: nil, mark: mark) }
    if node.bool == false { return nil }
    guard node.entries != nil, let reader = section("encrypt", of: sink, known: ["certificate"]) else {
      sink.error("encrypt", "'encrypt' must be true or {certificate: PATH}, not \(node.summary)")
      return nil
    }
    reader.require("certificate")
    return path("certificate", reader).map { EncryptionConfig(certificate: $0, mark: mark) }
  }
}
