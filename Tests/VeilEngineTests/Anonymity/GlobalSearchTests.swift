import Foundation
import Testing

@testable import VeilEngine

@Suite("Anonymity: global recoding")
struct AnonymityGlobalSearchTests {
  @Test func adult() throws {
    let table = Adult.table
    #expect(table.recordCount == 30162)
    for expected in Adult.expected {
      let start = ContinuousClock.now
      var search = GlobalSearch(table, k: expected.k, suppress: expected.suppress)
      guard case .plan(let plan) = search.run() else {
        Issue.record("no plan")
        continue
      }
      if ProcessInfo.processInfo.environment["VEIL_TIMES"] != nil {
        print(
          expected.k, expected.suppress, plan.loss, plan.suppressedRecords, plan.groupingsCounted, search.keysJoined,
          ContinuousClock.now - start)
      }
      #expect(plan.loss <= expected.loss + 1e-9)
      #expect(plan.loss >= expected.loss - 1e-9)
      #expect(plan.levels == expected.levels)
      #expect(plan.suppressedRecords == expected.suppressed)
    }
  }
}
