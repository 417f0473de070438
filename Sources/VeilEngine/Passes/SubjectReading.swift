import VeilConfig
import VeilCrypto
import VeilGround

extension ExportView {
  /// What looks on one thread whether values of likely identifiers repeat; nil where there are none.
  func identifierReader(key: SecretBytes) -> IdentifierReader? {
    layout.identifiers.isEmpty ? nil : IdentifierReader(layout.identifiers, key: key)
  }

  /// What tells people apart on one thread; nil where the pipeline names no subject. Throws `.mismatch` where its field
  /// is not there.
  func subjectReader(key: SecretBytes) throws -> SubjectReader? {
    guard let subject = pipeline.config.source.subject else { return nil }
    guard let column = layout.column(of: subject) else {
      throw RunError(.mismatch, "the subject's field is not there")
    }
    return SubjectReader(
      column: column, field: layout.fields.firstIndex { $0.column == column } ?? 0, key: key,
      form: try StageEnvironment(keys: keys, recipient: "").rewriters(of: pipeline.subjectForm.stages))
  }
}

/// Makes an empty subject a missing one, in front of each of its stages: an empty text names nobody (`Column.tellsWhose`), and
/// its token would look like a person's.
struct EmptySubject: Rewriter {
  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    for index in 0..<column.cells.count where column.cells[index].count == 0 { column.cells[index] = .null }
  }
}

extension TokenRegister {
  /// Tells people apart by the pipeline's subject, the same in all threads and views of the run.
  func subjectReader(_ view: ExportView) throws -> SubjectReader? { try view.subjectReader(key: key) }
}
