import Foundation
import Testing

@testable import VeilConfig

/// One mistake each: what is said, and where. Line 4 is the first after the minimal pipeline.
@Suite struct MistakeTests {
  @Test(arguments: [
    ("name: x", "1:1 the pipeline needs 'version' [begin the file with 'version: 1']"),
    ("version: 2\nname: x", "1:10 this version of the pipeline format is not known; it must be 1"),
    ("version: 1", "1:1 the pipeline needs 'name' [name: a word for this export, such as customers]"),
    (
      "version: 1\nname: a/b",
      "2:7 'name' may hold letters, digits, '.', '_' and '-' (ASCII), up to 128, not first '.' or '-'"
    ),
    ("- a", "1:1 a pipeline is a mapping that begins with 'version: 1', and this is a list"),
    ("version: 1\nname: x\npurpose:", "3:1 'purpose' has no value [give it one, or leave the line out]"),
  ])
  func head(text: String, error: String) {
    let found = told(parse(text + (text.hasPrefix("-") ? "" : "\nfields: {a: keep}")).diagnostics)
    #expect(found == [error])
  }

  @Test(arguments: [
    ("souce: {}", "4:1 unknown key 'souce' in the pipeline [did you mean 'source'?]"),
    (
      "source: x.csv",
      "4:9 'source' takes a mapping with 'path', 'format', 'subject', 'csv', 'encoding', 'max_bytes' and "
        + "'max_ratio', not text"
    ),
    ("source: {format: cvs}", "4:18 'format' must be one of csv, tsv, ndjson, json, not 'cvs' [did you mean 'csv'?]"),
    ("source: {subject: 'a..b'}", "4:19 'a..b' is not a field: a name is missing"),
    ("source: {path: \"\"}", "4:16 'path' must not be empty"),
    ("source: {max_bytes: 10G}", "4:21 'max_bytes' must be a number of bytes such as 500MB or 10GiB, not '10G'"),
    ("source: {max_ratio: 0.5}", "4:21 'max_ratio' must be 1 or more"),
    (
      "source: {csv: {delimiter: ab}}",
      "4:27 'delimiter' must be one ASCII character that ends no line, not 'ab' [a tab is written \"\\t\" or tab]"
    ),
    ("source: {csv: {delimiter: '\"'}}", "4:27 delimiter and quote must differ"),
    ("source: {csv: {quote: ','}}", "4:23 delimiter and quote must differ"),
    ("source: {format: json, csv: {}}", "4:24 'csv' does not go with format json"),
    (
      "sink: {expires: 2030-01-01}",
      "4:17 'expires' must be a whole number of days, weeks, months or years, not '2030-01-01' [for example  expires: 90 days]"
    ),
    ("sinks: {}", "4:8 'sinks' must be a list of sinks, one a recipient, not a mapping"),
    ("sinks: [{path: a}]", "4:9 a sink needs 'recipient'"),
    (
      "sinks: [{path: a, recipient: r}, {path: b, recipient: r}]",
      "4:55 two sinks with the same recipient; the first is on line 4"
    ),
    (
      "sinks: [{path: a, recipient: r, fields: {}}]",
      "4:41 'fields' of a sink is a mapping of the fields that it treats otherwise"
    ),
    (
      "sinks: [{path: '-', recipient: r}, {path: b, recipient: s}]",
      "4:16 one of several sinks cannot be standard output: they are published together or not at all"
    ),
    (
      "sinks: [{path: a, recipient: r, fields: {nobody: drop}}]",
      "4:42 a sink's rule for 'nobody', which the pipeline's 'fields' do not name [name it there too: 'drop', if it leaves to this sink only]"
    ),
    (
      "sink: {}\nsinks: [{path: a, recipient: r}]",
      "5:1 'sink' and 'sinks' are both given ['sink' is one export; 'sinks' is a list of them, one a recipient]"
    ),
    ("bad_records: {limit: 3}", "4:22 a limit does nothing with 'action: error' [write 'action: skip' to allow some]"),
    (
      "bad_records: {action: skip, limit: -1}",
      "4:36 'limit' must be a number of records or a share such as 1%, not '-1'"
    ),
    ("unlisted: kep", "4:11 'unlisted' must be one of error, drop, keep, not 'kep' [did you mean 'keep'?]"),
  ])
  func sections(text: String, error: String) {
    #expect(errors(text) == [error])
  }

  @Test(arguments: [
    ("keys: {a: {}}", "4:8 key 'a' needs one of 'file', 'env', 'command', 'wrapped' and 'ring'"),
    (
      "keys: {a: {file: x, env: Y}}",
      "4:8 key 'a' must have exactly one of 'file', 'env', 'command', 'wrapped' and 'ring'"
    ),
    (
      "keys: {a: secret}",
      "4:11 key 'a' must say where it is kept "
        + "[{file: PATH}, {env: NAME} or {command: [PROGRAM, ARGUMENT]}; never the key itself]"
    ),
    ("keys: {a: {flie: x}}", "4:12 unknown key 'flie' in key 'a' [did you mean 'file'?]"),
    ("keys: {'a b': {file: x}}", "4:8 a key's name holds letters, digits, '.', '_' and '-', up to 128 (ASCII)"),
    ("keys: {a: {env: 1A}}", "4:17 'env' must be the name of an environment variable"),
    (
      "keys: {a: {command: pass show}}",
      "4:21 'command' must be a list: the program, then its arguments [no shell reads it; write [pass, show, veil]]"
    ),
    ("keys: {a: {command: []}}", "4:21 'command' must name a program"),
    ("keys: {a: {command: ['']}}", "4:21 'command' must name a program"),
  ])
  func keys(text: String, error: String) {
    #expect(errors(text) == [error])
  }

  @Test(arguments: [
    ("corrections: {field: a}", "4:11 'corrections' needs 'file'"),
    ("where: ", "4:11 'where' has no value [{field: NAME, in: [VALUE, VALUE]}]"),
    ("where: []", "4:18 'where' is an empty list"),
    ("where: {field: a}", "4:18 'where' must have exactly one of 'in', 'not_in' and 'equals'"),
    ("where: {in: [a]}", "4:18 'where' needs 'field'"),
    ("where: {field: a, in: []}", "4:33 'in' is an empty list"),
    ("where: {field: a, in: [b], equals: c}", "4:18 'where' must have exactly one of 'in', 'not_in' and 'equals'"),
    ("where: {field: a, inn: [b]}", "4:29 unknown key 'inn' in 'where' [did you mean 'in'?]"),
    ("consent: ", "4:11 'consent' has no value [{field: NAME, granted: [\"true\"]}]"),
    (
      "consent: {field: a}",
      "4:11 'consent' needs 'granted' [name the values that mean yes, such as [\"true\"]]"
    ),
    (
      "consent: {ledger: x, field: a}",
      "4:11 consent is given for a purpose, and the pipeline has none [say why this export exists, in the ledger's words:  purpose: …]"
    ),
    (
      "retention: {field: a, keep: 2 moons}",
      "4:39 'keep' must be a number of days, weeks, months or years such as 24 months, not '2 moons' "
        + "[write a whole number from 1 to 10000, a space and the unit]"
    ),
    ("erasure: {file: f, field: a}", "4:11 'erasure' needs 'column'"),
    (
      "erasure: {file: f, column: c, field: a, normalize: [trimm]}",
      "4:63 unknown stage 'trimm' [did you mean 'trim'?]"
    ),
  ])
  func records(text: String, error: String) {
    #expect(errors("records: {" + text + "}") == [error])
  }

  @Test(arguments: [
    ("a: ", "4:3 no rule given for field 'a' [write drop, keep, or the stages it passes]"),
    ("a: null", "4:3 no rule given for field 'a' [the stage 'null' needs options: {null: {…}}]"),
    ("a: {}", "4:6 no rule given for field 'a' [write drop, keep, or the stages it passes]"),
    ("a: []", "4:6 the list of stages of field 'a' is empty [write drop, keep, or the stages it passes]"),
    ("a: [trim, null]", "4:13 no stage named for field 'a' [the stage 'null' needs options: {null: {…}}]"),
    ("a: [[trim]]", "4:7 a list of stages cannot hold another list"),
    ("a: hsah", "4:6 unknown stage 'hsah' [did you mean 'hash'?]"),
    ("a: zzz", "4:6 unknown stage 'zzz' [`veil stages` lists those there are]"),
    ("a: {clas: quasi}", "4:7 unknown stage 'clas' [did you mean 'class'?]"),
    (
      "a: {trim: {}, mask: {last: 2}}",
      "4:6 field 'a' has 2 keys where one stage was expected "
        + "[write stages as a list, in order: [trim, …], each with its options in braces]"
    ),
    (
      "a: [{mask: , last: 2}]",
      "4:7 field 'a' has 2 keys where one stage was expected [indent the options of 'mask' further than its name]"
    ),
    (
      "a: {class: other, trim: {}}",
      "4:21 stage 'trim' cannot stand beside 'class' and the like [put it under 'stages': stages: [{trim: …}]]"
    ),
    (
      "a: {class: other, stages: keep, becuse: x}",
      "4:35 unknown key 'becuse' in field 'a' [did you mean 'because'?]"
    ),
    (
      "a: {class: quasy, stages: keep}",
      "4:14 'class' must be one of direct, quasi, sensitive, other, not 'quasy' [did you mean 'quasi'?]"
    ),
    (
      "a: {class: direct}",
      "4:3 no stage says what becomes of field 'a' "
        + "[add 'stages: [keep]' if it may leave as it is, or 'stages: [drop]']"
    ),
    (
      "a: {class: quasi}",
      "4:3 no stage says what becomes of field 'a' "
        + "[add 'stages: [keep]' if it may leave as it is, or 'stages: [drop]']"
    ),
    (
      "a: {class: quasi, hierarchy: {prefix: 5}}",
      "4:21 field 'a' has a hierarchy, but there is no 'anonymity' section to generalize it "
        + "[add 'anonymity: {k: 10}', or give the field stages instead]"
    ),
    (
      "a: {hierarchy: {prefix: 5}}",
      "4:7 field 'a' has a hierarchy but is of class 'other' [only 'class: quasi' is generalized]"
    ),
    (
      "a: {class: quasi, stages: [keep], weight: 2}",
      "4:37 field 'a' has a weight, but there is no 'anonymity' section that would weigh it "
        + "[add 'anonymity: {k: 10}', or leave the weight out]"
    ),
    (
      "a: {stages: keep, weight: 2}",
      "4:21 field 'a' has a weight but is of class 'other' "
        + "[only 'class: quasi' is generalized, and weighed against others]"
    ),
    ("a: {class: quasi, weight: 0}", "4:29 'weight' must be 0.001 or more [1 is what every other field has]"),
    (
      "a: {stages: keep, purposes: []}",
      "4:31 'purposes' is an empty list: the field would never leave [write drop instead]"
    ),
    ("a: keep, \"'a'\": drop", "4:12 a second rule for 'a'; the first is on line 4"),
    (
      "'a[0]': keep",
      "4:3 'a[0]' is not a field: only '[]', every element, can follow a name in brackets "
        + "[a name that holds brackets goes in single quotes]"
    ),
  ])
  func fields(text: String, error: String) {
    #expect(errors("", fields: "fields:\n {\(text)}") == [error])
  }

  @Test func nothingWouldLeave() {
    let help = " [name the fields that may leave under 'fields']"
    #expect(errors("", fields: nil) == ["1:1 there are no 'fields': nothing would leave" + help])
    #expect(errors("", fields: "fields: {}") == ["3:1 'fields' is empty: nothing would leave" + help])
    #expect(
      errors("feilds: {a: keep}", fields: nil) == ["3:1 unknown key 'feilds' in the pipeline [did you mean 'fields'?]"])
    #expect(
      errors("", fields: "fields: [a]") == ["3:9 'fields' is a mapping of field names and their rules, not a list"])
  }

  @Test(arguments: [
    ("date: []", "'date' is an empty list"),
    (
      "date: [year, month]",
      "'month' is no coarser than 'year' before it "
        + "[name levels from fine to coarse: day, month, quarter, year, decade, century]"
    ),
    ("date: [yaer]", "unknown date level 'yaer' [did you mean 'year'?]"),
    ("prefix: 0", "'prefix' must be between 1 and 255"),
    ("prefix: x", "'prefix' must be a whole number, not text"),
    (
      "interval: {levels: 4}",
      "'interval' needs 'width' [or write  interval: auto  to have intervals chosen from the data]"
    ),
    ("interval: {width: 0, levels: 4}", "'width' must be above 0"),
    ("interval: {width: 5, levels: 99}", "'levels' must be between 1 and 32"),
    ("file: ''", "'file' must not be empty"),
    ("prefx: 3", "unknown key 'prefx' in the hierarchy of field 'a' [did you mean 'prefix'?]"),
    (
      "date: [year], prefix: 3",
      "the hierarchy of field 'a' must be one of date, prefix, interval, ip, order, tree and file "
        + "[{date: [month, year]}, {prefix: 5}, {interval: {width: 5, levels: 4}}, {interval: auto}, ip, "
        + "{order: [low, middle, high]}, {tree: {…}} or {file: PATH}]"
    ),
    (
      "interval: {auto: wide}",
      "'auto' must be one of equal-frequency, range, not 'wide'"
    ),
    (
      "interval: {auto: range, width: 3}",
      "'width' and 'auto' exclude each other ['auto' chooses intervals from the data; leave it out to choose them yourself]"
    ),
    ("interval: {auto: range, levels: 13}", "'levels' must be between 1 and 12"),
    (
      "ip: {v4: [8, 16]}",
      "'v4' must be lengths of prefixes in bits, from 1 to 31, each shorter than the one before [such as [24, 16, 8]]"
    ),
    ("ip: {v6: [a]}", "'v6' must be a list of whole numbers"),
    ("order: [a]", "'order' needs two values or more"),
    ("order: [a, b, a]", "'order' has 'a' twice"),
    (
      "order: {values: [a, b, c], widths: [2, 3]}",
      "'widths' must be numbers of neighbours, each a multiple of the one before "
        + "[widths: [2, 4] makes groups of two values and then of four]"
    ),
    ("order: {widths: [2]}", "'order' needs 'values' [values: [low, middle, high]]"),
    (
      "tree: [a, b]",
      "'tree' must be a mapping of groups "
        + "[tree: {Europe: {West: [FR, DE], East: [PL, CZ]}, America: [US, CA]}]"
    ),
    ("tree: {x: [a, b], y: [a]}", "'tree' has the value 'a' twice, first on line 3"),
    ("tree: {x: []}", "a group of 'tree' is an empty list [list its values, or leave the group out]"),
    (
      "tree: {x: }",
      "the group 'x' of 'tree' has no values [list its values: [a, b]; write \"\" for empty text, \"null\" for that word]"
    ),
    (
      "tree: {x: {n: [a]}, y: {n: [b]}}",
      "the group 'n' of 'tree' lies both in 'x' and in 'y' [give the two groups different names]"
    ),
    (
      "prefix: 3, missing: no",
      "'missing' in the hierarchy of field 'a' must be error or top "
        + "[error stops the run at values that the hierarchy does not cover; top writes '*' for them]"
    ),
  ])
  func hierarchies(text: String, error: String) {
    let found = errors("anonymity: {k: 3}", fields: "fields: {a: {class: quasi, hierarchy: {\(text)}}}")
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix(" " + error) == true, "\(found)")
  }

  @Test(arguments: [
    ("{}", "4:1 'anonymity' needs 'k' [k is how many must look alike: k: 10]"),
    ("", "4:1 'anonymity' needs 'k' [k is how many must look alike: k: 10]"),
    ("{k: 1}", "4:16 'k' must be 2 or more"),
    (
      "{k: 3, suppress: 5}",
      "4:29 'suppress' must be a share such as 5% or 0.05, from 0 to 100%, not '5' [write 5% if that is meant]"
    ),
    ("{k: 3, recoding: locl}", "4:29 'recoding' must be one of local, global, not 'locl' [did you mean 'local'?]"),
    (
      "{k: 3, count: subjects}",
      "4:26 'count: subjects' needs 'source.subject', the field that says whose a record is"
    ),
    ("{k: 3, l: 3}", "4:22 'l' must be a mapping of sensitive fields, such as {diagnosis: 3}"),
    ("{k: 3, l: {diagnosi: 3}}", "4:23 there is no field 'diagnosi' under 'fields' [did you mean 'diagnosis'?]"),
    ("{k: 3, l: {age: 3}}", "4:23 field 'age' is of class 'quasi' [l and t protect fields of 'class: sensitive']"),
    ("{k: 3, l: {diagnosis: 1}}", "4:34 l must be a whole number, 2 or more, or {entropy: 3}"),
    ("{k: 3, l: {diagnosis: {entropy: 1}}}", "4:44 'entropy' must be above 1"),
    ("{k: 3, t: {diagnosis: 2}}", "4:34 t must be a number from 0 to 1"),
    ("{k: 3, t: {diagnosis: 0.2, \"'diagnosis'\": 0.3}}", "4:39 'diagnosis' is there twice, first on line 4"),
  ])
  func anonymity(text: String, error: String) {
    let fields = "fields: {age: {class: quasi}, diagnosis: {class: sensitive, stages: keep}}"
    #expect(errors("anonymity: " + text, fields: fields) == [error])
  }

  @Test func oneMisspeltSectionIsOneMistake() {
    #expect(
      errors("anonimity: {k: 3}", fields: "fields: {a: {class: quasi}, b: {class: quasi, hierarchy: {prefix: 3}}}") == [
        "4:1 unknown key 'anonimity' in the pipeline [did you mean 'anonymity'?]"
      ])
    #expect(
      errors("unlistd: keep", fields: nil) == ["3:1 unknown key 'unlistd' in the pipeline [did you mean 'unlisted'?]"])
    #expect(errors("unlisted: al", fields: nil) == ["3:11 'unlisted' must be one of error, drop, keep, not 'al'"])
  }

  @Test func anonymityNeedsSomethingToWorkOn() {
    #expect(errors("anonymity: {k: 3}", fields: "fields: {a: {class: quasi, stages: drop}}").count == 1)
    #expect(
      errors("anonymity: {k: 3}") == [
        "4:1 'anonymity' has no quasi-identifier to work on [give the fields that single people out 'class: quasi']"
      ])
    #expect(
      errors("anonymity: {k: 3}", fields: "fields: {a: {class: quasi, hierarchy: {prefix: 3}, stages: [drop]}}") == [
        "3:61 field 'a' is dropped and has a hierarchy; it can only have one"
      ])
  }

  @Test func tenMistakesAtOnce() throws {
    let source = golden.appending(path: "ten-mistakes.yaml")
    let expected = golden.appending(path: "ten-mistakes.expected")
    let bytes = Array(try Data(contentsOf: source))
    let (config, diagnostics) = PipelineParser.parse(bytes: bytes, path: "ten-mistakes.yaml", stageNames: stageNames)
    #expect(config == nil)
    #expect(diagnostics.errorCount == 10)
    let text = diagnostics.render()
    // VEIL_BLESS=1 writes what is now said; review it with git diff.
    if ProcessInfo.processInfo.environment["VEIL_BLESS"] == "1" { try Data(text.utf8).write(to: expected) }
    #expect(text == String(decoding: try Data(contentsOf: expected), as: UTF8.self))
  }
}
