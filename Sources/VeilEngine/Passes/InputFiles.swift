import VeilConfig
import VeilGround

/// Input files behind their headers, from the first to the last, once for each pass.
///
/// The first file is opened before any pass: its header says which fields there are. The first pass goes on from where
/// the header ended. Every other header must be the same.
final class InputFiles {
  /// The names of the fields; empty for JSON, where each record names its own.
  let header: [String]
  private let input: RunInput
  private let form: TableForm
  private let chunkBytes: Int
  /// The first file, until the first pass takes it.
  private var first: File?
  private var passesLeft: Int

  /// One file from the end of its header on.
  struct File {
    /// As messages call it.
    let name: String
    let reader: ChunkReader
    fileprivate let opened: RunInput.Opened
  }

  /// - Parameters:
  ///   - first: the first file of `input`, of which nothing was read yet.
  ///   - form: how every file is written.
  ///   - chunkBytes: the approximate length of a chunk.
  ///   - passes: how often the input will be read. What can be read only once is spooled for more than one pass.
  ///   - readHeader: reads the first header of a file with delimiters, and may refuse it.
  init(
    _ input: RunInput, first: RunInput.Opened, form: TableForm, chunkBytes: Int, passes: Int,
    readHeader: (ChunkReader) throws -> [String]
  ) throws {
    self.input = input
    self.form = form
    self.chunkBytes = max(1, chunkBytes)
    passesLeft = passes
    let table = try TableReader(
      first.source, form, name: first.name, chunkBytes: self.chunkBytes, readHeader: readHeader)
    header = table.header
    self.first = File(name: first.name, reader: table.chunks, opened: first)
  }

  /// Makes one pass: hands each file to `body` and checks that it did not change meanwhile.
  func readAll(_ body: (File) throws -> Void) throws {
    passesLeft -= 1
    for index in input.paths.indices {
      input.note(index)
      let file = try next(index)
      try body(file)
      try input.close(file.opened)
    }
    input.note(nil)
  }

  private func next(_ index: Int) throws -> File {
    if let file = first {
      first = nil
      return file
    }
    let opened = try input.open(index, comesAgain: passesLeft > 0)
    let table = try TableReader(opened.source, form, name: opened.name, chunkBytes: chunkBytes)
    if table.header != header {
      throw RunError(.mismatch, "\(opened.name): its header is not the same as that of the files before it")
    }
    return File(name: opened.name, reader: table.chunks, opened: opened)
  }
}
