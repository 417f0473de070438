import Foundation
import Testing

/// A policy cannot be got past: not by a name, not by a link.
@Suite struct PolicyPlaceTests {
  private let text = TestPipeline(fields: ["name: keep"]).text

  private func scratch(_ folder: String = "") throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(folder + "p.yaml", text)
    try scratch.write(folder + "in.csv", "name\nAda\n")
    return scratch
  }

  private func refused(_ scratch: Scratch, _ path: String = "p.yaml", because reason: String) throws {
    for command in ["run", "check"] {
      let outcome = try scratch.veil("\(command) \(path)")
      #expect(outcome.status == 2 && outcome.stderr.contains(reason), "\(command): \(outcome.stderr)")
    }
    #expect(!scratch.exists("out.csv"))
  }

  @Test(arguments: ["policy.yml", "Policy.yaml", "POLICY.YAML", "Policy.yml"])
  func aPolicyWithAnotherNameStopsTheRun(_ name: String) throws {
    let scratch = try scratch()
    try scratch.write(name, "forbidden: [name]\n")
    try refused(scratch, because: "\(name) is not read as a policy, which is called policy.yaml")
    // Named, it is read.
    try scratch.write("p.yaml", text + "policy: \(name)\n")
    try refused(scratch, because: "forbids that 'name' leaves")
  }

  @Test func aLinkThatLeadsNowhereStopsTheRun() throws {
    let scratch = try scratch()
    symlink("nowhere.yaml", scratch.path("policy.yaml"))
    try refused(scratch, because: "the policy policy.yaml cannot be followed")
    try scratch.write("nowhere.yaml", "forbidden: [name]\n")
    try refused(scratch, because: "forbids that 'name' leaves")
  }

  @Test func aFolderOrALoopStopsTheRun() throws {
    let scratch = try scratch()
    symlink("policy.yaml", scratch.path("policy.yaml"))
    try refused(scratch, because: "cannot be followed")
    unlink(scratch.path("policy.yaml"))
    mkdir(scratch.path("policy.yaml"), 0o700)
    try refused(scratch, because: "is a folder")
  }

  @Test func theRealPlaceOfAPipelineCounts() throws {
    let scratch = try scratch("house/")
    try scratch.write("house/policy.yaml", "forbidden: [name]\n")
    try scratch.write("in.csv", "name\nAda\n")
    symlink("house/p.yaml", scratch.path("p.yaml"))
    try refused(scratch, because: "house/policy.yaml forbids that 'name' leaves")
    // By way of another link, and by a linked folder.
    symlink("p.yaml", scratch.path("q.yaml"))
    try refused(scratch, "q.yaml", because: "forbids that 'name' leaves")
    symlink("house", scratch.path("hall"))
    try refused(scratch, "hall/p.yaml", because: "forbids that 'name' leaves")
    // The place where it is named counts as well.
    try FileManager.default.removeItem(atPath: scratch.path("house/policy.yaml"))
    #expect(try scratch.veil("check p.yaml").status == 0)
    try scratch.write("policy.yaml", "forbidden: [name]\n")
    try refused(scratch, because: "the policy policy.yaml forbids")
  }

  @Test func oneFileIsReadOnce() throws {
    let scratch = try scratch()
    try scratch.write("policy.yaml", "forbidden: [name]\n")
    try scratch.write("p.yaml", text + "policy: ./policy.yaml\n")
    let outcome = try scratch.veil("check p.yaml")
    #expect(outcome.stderr.components(separatedBy: "forbids that 'name' leaves").count == 2, "\(outcome.stderr)")
  }
}
