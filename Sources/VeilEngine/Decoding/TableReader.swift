import VeilConfig
import VeilGround

/// A file of records that is open, with its header read.
struct TableReader {
  let form: TableForm
  /// Reads on behind the header.
  let chunks: ChunkReader
  /// The names of the fields; empty for JSON, where each record names its own.
  let header: [String]

  /// Reads the header.
  /// - Parameters:
  ///   - source: the unpacked bytes, of which nothing was read yet.
  ///   - name: what messages call the file.
  init(
    _ source: any ByteSource, _ form: TableForm, name: String, chunkBytes: Int = ChunkReader.usualBytes
  ) throws(InputError) {
    self.form = form
    chunks = ChunkReader(source, name: name, splitter: form.splitter(), targetBytes: chunkBytes)
    header = try form.header(chunks)
  }

  /// Does the same with another way to read the header of a file with delimiters.
  init(
    _ source: any ByteSource, _ form: TableForm, name: String, chunkBytes: Int,
    readHeader: (ChunkReader) throws -> [String]
  ) throws {
    self.form = form
    chunks = ChunkReader(source, name: name, splitter: form.splitter(), targetBytes: chunkBytes)
    header = form.format.isSeparated ? try readHeader(chunks) : []
  }
}
