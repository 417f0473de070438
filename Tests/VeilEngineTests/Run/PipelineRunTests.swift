import Foundation
import Testing

@testable import VeilEngine

@Suite("Runs")
struct PipelineRunTests {
  private let yaml = "source: {path: in.csv}\nfields: {a: keep, b: drop, c: keep}\nsink: {path: out.csv}\n"

  @Test("An empty cell at the very start")
  func emptyFirstCell() throws {
    let rig = try RunRig(["in.csv": "a,b,c\n,1,\n2,3,4\n"])
    #expect(try rig.run(yaml).tally?.written == 2)
    #expect(rig.text("out.csv") == "a,c\n,\n2,4\n")
  }

  @Test("The same bytes at any number of threads and any chunk size, every format to every other")
  func determinism() throws {
    var random = FixedRandom(41)
    let cells = ["", "x", "\"y,\"\"z\"\"\"", "\"line\nbreak\"", "é", "Ünï"]
    let csv =
      "a,b,c,d\n"
      + (0..<150).map { index in
        "\(index % 7),\((0..<3).map { _ in cells.randomElement(using: &random)! }.joined(separator: ","))\n"
      }.joined()
    let rules = "fields: {a: keep, b: lowercase, c: drop, d: {hash: {algorithm: sha256, unkeyed: true}}}\n"
    for (source, sink) in [
      ("csv", "csv"), ("csv", "ndjson"), ("csv", "json"), ("ndjson", "ndjson"), ("ndjson", "csv"), ("json", "csv"),
      ("json", "json"), ("json", "ndjson"), ("ndjson", "json"), ("csv", "csv.gz"), ("csv", "tsv"),
    ] {
      let rig = try RunRig(["in.csv": csv])
      if source != "csv" {
        let made = try rig.run("source: {path: in.csv}\nunlisted: keep\nsink: {path: in.\(source)}\n")
        #expect(made.kind == nil, "\(made)")
      }
      var first: [UInt8]?
      for (threads, chunk) in [(1, 1 << 18), (1, 1), (2, 1), (3, 7), (8, 64), (2, 1000)] {
        let result = try rig.run("source: {path: in.\(source)}\n\(rules)sink: {path: out.\(sink)}\n") {
          $0.threads = threads
          $0.chunkBytes = chunk
        }
        #expect(result.tally?.written == 150 && result.tally?.addsUp == true, "\(source) to \(sink): \(result)")
        let bytes = try rig.folder.bytes("out.\(sink)")
        if let first { #expect(bytes == first, "\(source) to \(sink), \(threads) threads, chunks of \(chunk)") }
        first = bytes
      }
      if sink == "json" {
        let text = try #require(rig.text("out.json"))
        #expect(text.hasSuffix("}\n]\n"))
        #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any])?.count == 150)
      }
    }
  }

  @Test("Bad records: an error, or skipped up to a limit")
  func badRecords() throws {
    let csv = "a,b,c\n1,2,3\n1,2\n4,5,6\n7,8,9,10\n\"x\"y,2,3\n7,8,9\n"
    func result(_ bad: String, threads: Int = 2, chunk: Int = 9) throws -> (RunResult, String?) {
      let rig = try RunRig(["in.csv": csv])
      return (
        try rig.run(yaml + bad) {
          $0.threads = threads
          $0.chunkBytes = chunk
        }, rig.text("out.csv")
      )
    }
    let (error, nothing) = try result("")
    #expect(error.kind == .inputOutput && nothing == nil)
    #expect(
      error.message.hasSuffix("in.csv: record 2, byte offset 12: the record has 2 fields where 3 are expected: too few")
    )
    for chunk in [1, 9, 1000] {
      let (skipped, output) = try result("bad_records: {action: skip}\n", chunk: chunk)
      #expect(output == "a,c\n1,3\n4,6\n7,9\n")
      #expect(skipped.tally?.bad == 3 && skipped.tally?.addsUp == true)
      #expect(
        skipped.report?.badRecords.map { String($0.split(separator: "in.csv: ")[1].prefix(8)) } == [
          "record 2", "record 4", "record 5",
        ])
    }
    #expect(try result("bad_records: {action: skip, limit: 3}\n").0.kind == nil)
    #expect(try result("bad_records: {action: skip, limit: 50%}\n").0.kind == nil)
    for limit in ["2", "0", "49%", "0%"] {
      let (refused, output) = try result("bad_records: {action: skip, limit: \(limit)}\n")
      #expect(refused.kind == .check && output == nil && refused.message.contains("nothing was published"))
    }
  }

  @Test("No message holds a value")
  func noValues() throws {
    let secret = "S3CRET"
    for (csv, rules) in [
      ("a\n\(secret)\"x\n", "fields: {a: keep}"), ("a\n\(secret),\(secret)\n", "fields: {a: keep}"),
      ("a\n\(secret)\n", "fields: {a: {bucket: {width: 10}}}"),
      ("a\n\(secret)\n", "fields: {a: {truncate: {date: year}}}"),
      ("a\n\(secret)\n", "fields: {a: {map: {values: {x: y}}}}"), ("a\n\(secret)\n", "fields: {a: {round: {to: 10}}}"),
      (
        "a\n\(secret)\n",
        "fields: {a: {class: quasi, hierarchy: {interval: {width: 5, levels: 2}}}}\nanonymity: {k: 2, recoding: global}"
      ),
    ] {
      let result = try RunRig(["in.csv": csv]).run("source: {path: in.csv}\nsink: {path: out.csv}\n\(rules)\n")
      #expect(result.kind != nil && !result.message.isEmpty, "\(rules) \(result)")
      #expect(!result.message.contains(secret), "\(result.message)")
    }
  }

  @Test("A dry run and a preview publish nothing")
  func nothingPublished() throws {
    let rig = try RunRig(["in.csv": "a,b,c\n1,2,3\n4,5,6\n"])
    let before = rig.folder.names
    let dry = try rig.run(yaml) {
      $0.isDryRun = true
      $0.manifest = rig.folder("manifest.json")
    }
    #expect(dry.tally?.written == 2 && dry.report?.summary.contains("would write 2") == true)
    #expect(rig.folder.names == (before + ["p.yaml"]).sorted())
  }

  @Test("Several files by a pattern are one input")
  func glob() throws {
    let rig = try RunRig(["in-1.csv": "a,b\n1,x\n", "in-2.csv": "a,b\n2,y", "in-3.csv": "a,b\n"])
    let yaml = "source: {path: \"in-*.csv\"}\nfields: {a: keep, b: keep}\nsink: {path: out.csv}\n"
    #expect(try rig.run(yaml).tally?.read == 2)
    #expect(rig.text("out.csv") == "a,b\n1,x\n2,y\n")
    try rig.add("in-3.csv", Array("b,a\n".utf8))
    let odd = try rig.run(yaml)
    #expect(odd.kind == .mismatch && odd.message.contains("in-3.csv") && rig.text("out.csv") == "a,b\n1,x\n2,y\n")
    try rig.add("in-3.csv", Array("a,b\n1\n".utf8))
    #expect(try rig.run(yaml).message.contains("in-3.csv: record 1, byte offset 4"))
    let json = try RunRig(["1.ndjson": "{\"a\":1}\n", "2.ndjson": "", "3.ndjson": "{\"a\":3}"])
    #expect(try json.run("source: {path: \"*.ndjson\"}\nfields: {a: keep}\nsink: {path: out.json}\n").kind == nil)
    #expect(json.text("out.json") == "[\n{\"a\":1},\n{\"a\":3}\n]\n")
    #expect(try json.run("source: {path: \"2*.ndjson\"}\nfields: {a: keep}\nsink: {path: out.json}\n").kind == nil)
    #expect(json.text("out.json") == "[]\n")
  }

  @Test("Packed input and output")
  func packed() throws {
    let rig = try RunRig()
    try rig.add("in.csv.gz", try gzipped(Array("a,b\n1,x\n".utf8)))
    try rig.add("in.csv.zst", try zstandard(Array("a,b\n1,x\n".utf8)))
    for input in ["in.csv.gz", "in.csv.zst"] {
      for output in ["out.csv.gz", "out.csv.zst"] {
        #expect(
          try rig.run("source: {path: \(input)}\nfields: {a: keep, b: drop}\nsink: {path: \(output)}\n").kind == nil)
        let file = try InputFile(path: rig.folder(output))
        #expect(try file.readAll() == Array("a\n1\n".utf8))
      }
    }
  }

  @Test("The manifest is JSON and adds up")
  func manifest() throws {
    let rig = try RunRig(["in.csv": "a,b,c\n1,2,3\n1,2\n4,9,6\n"])
    let yaml = yaml + "records: {where: {field: b, in: [\"2\"]}}\nbad_records: {action: skip}\n"
    let result = try rig.run(yaml) { $0.manifest = rig.folder("out.json") }
    #expect(result.kind == nil, "\(result)")
    let document = try JSONSerialization.jsonObject(with: Data(try rig.folder.bytes("out.json"))) as? [String: Any]
    let records = try #require(document?["records"] as? [String: Any])
    #expect(records["read"] as? Int == 3 && records["written"] as? Int == 1 && records["bad"] as? Int == 1)
    #expect((records["excluded"] as? [String: Int]) == ["where": 1])
    #expect(document?["as_of"] as? String == "2024-03-31")
    let outputs = try #require(document?["outputs"] as? [[String: Any]])
    #expect(outputs.first?["sha256"] as? String == sha256(try rig.folder.bytes("out.csv")))
    #expect(outputs.first?["bytes"] as? Int == 8)
    let inputs = try #require(document?["inputs"] as? [[String: Any]])
    #expect(inputs.first?["sha256"] as? String == sha256(try rig.folder.bytes("in.csv")))
  }

  private func sha256(_ bytes: [UInt8]) -> String {
    let source = HashingSource(PieceSource(bytes))
    _ = try? source.readAll()
    return source.sha256
  }

  @Test("What ends a run, and with which status")
  func kinds() throws {
    let rig = try RunRig(["in.csv": "a,b,c\n1,2,3\n"])
    #expect(try rig.run(yaml) { $0.input = "missing.csv" }.kind == .inputOutput)
    #expect(try rig.run(yaml) { $0.input = rig.folder("in") }.kind == .inputOutput)
    #expect(try rig.run(yaml) { $0.output = "/dev/full" }.kind == .inputOutput)
    #expect(try rig.run(yaml) { $0.output = rig.folder("no/such/folder/x.csv") }.kind == .inputOutput)
    #expect(try rig.run("fields: {a: keep}\nsource: {format: csv}\nsink: {path: x.csv}\n").kind == .invalid)
    #expect(try rig.run("fields: {a: keep}\nsource: {path: in.csv}\n").kind == .invalid)
    #expect(try rig.run("fields: {a: keep}\nsource: {path: in}\nsink: {path: x}\n").kind == .invalid)
    let key = yaml.replacing("c: keep", with: "c: {pseudonym: {key: k}}") + "keys: {k: {file: none.key}}\n"
    #expect(try rig.run(key).kind == .invalid)
    #expect(rig.folder.names == ["in.csv", "p.yaml"])
  }

  @Test("Five thousand columns, one column, and a field of megabytes")
  func shapes() throws {
    let names = (0..<5000).map { "f\($0)" }.joined(separator: ",")
    let wide = try RunRig(["in.csv": "\(names)\n\((0..<5000).map(String.init).joined(separator: ","))\n"])
    let yaml = "source: {path: in.csv}\nsink: {path: out.csv}\n"
    #expect(try wide.run(yaml + "fields: {f7: uppercase, f4999: drop}\nunlisted: keep\n").kind == nil)
    #expect(wide.text("out.csv")?.split(separator: "\n")[1].hasSuffix(",4998") == true)
    let one = try RunRig(["in.csv": "a\n1\n\"\"\n\n2\n\n\n"])
    #expect(try one.run(yaml + "fields: {a: keep}\n").tally?.read == 4)
    #expect(one.text("out.csv") == "a\n1\n\"\"\n\"\"\n2\n")
    let long = try RunRig(["in.csv": "a,b\n\"" + String(repeating: "x", count: 5 << 20) + "\",y\n"])
    #expect(try long.run(yaml + "fields: {a: keep, b: drop}\n").kind == nil)
    #expect(long.text("out.csv")?.utf8.count == 5 << 20 + 5)
    let tooLong = try RunRig(["in.csv": "a,b\n\"" + String(repeating: "x", count: 17 << 20) + "\",y\n"])
    let refused = try tooLong.run(yaml + "fields: {a: keep, b: drop}\n")
    #expect(refused.kind == .inputOutput && refused.message.contains("16 MiB"))
  }
}
