import VeilConfig
import VeilCrypto
import VeilGround

/// The people who asked to be forgotten.
struct ErasureList: Sendable {
  let key: SecretBytes
  let people: SubjectTable
  let summary: ListSummary

  static func read(
    _ rule: ErasureConfig, _ pipeline: CompiledPipeline, keys: KeyStore, threads: Int
  ) throws -> ErasureList {
    let list = try ListReader(
      pipeline.config.resolve(rule.file), what: "erasure list", columns: [.init(name: rule.column)])
    let key = SecretBytes.random(count: 32)
    let people = SubjectTable()
    let environment = StageEnvironment(keys: keys, recipient: "")
    var summary = try list.read(threads: threads) {
      (Taker(key, people), try environment.rewriters(of: pipeline.erasureNormalization))
    }
    people.seal()
    summary.counts = [("people", people.count)]
    return ErasureList(key: key, people: people, summary: summary)
  }

  private final class Taker: ListTaker {
    private let people: SubjectTable
    private let digester: SubjectDigester
    private var taken = Buffer<SubjectTable.Entry>()

    init(_ key: SecretBytes, _ people: SubjectTable) {
      self.people = people
      digester = SubjectDigester(key)
    }

    func take(_ records: ListRecords) {
      taken.removeAll()
      for record in 0..<records.batch.recordCount {
        guard let person = unsafe records.value(0, of: record) else { continue }
        taken.append(.init(digest: unsafe digester.digest(person), payload: 0))
      }
    }

    func deliver() { people.add(taken) }
  }
}

extension ChunkReader {
  /// Reads a CSV header, or makes up names if there is none.
  ///
  /// - Parameter judge: gets the names and the first records after them.
  func readHeader(
    format: CSVFormat, hasHeader: Bool, file: String,
    judge: ((_ names: [String], _ records: [[[UInt8]]]) -> Void)? = nil
  ) throws(InputError) -> [String] {
    var names: [String] = []
    unsafe try readPrefix { bytes, count, isEnd throws(InputError) in
      let header = unsafe try CSVHeader.read(
        bytes, count, isEnd: isEnd, format: format, hasHeader: hasHeader, file: file)
      guard let header else { return nil }
      if let judge {
        // The same bytes however the input is cut into chunks.
        let wanted = header.consumed + HeaderLook.judgedBytes
        if count < wanted, !isEnd { return nil }
        let seen = min(count, wanted)
        let isWhole = isEnd && seen == count
        judge(
          header.names,
          unsafe HeaderLook.records(bytes, header.consumed..<seen, isEnd: isWhole, format: format))
      }
      names = header.names
      return header.consumed
    }
    return names
  }
}
