import VeilGround

/// Generalizes addresses to larger and larger networks: `192.0.2.7`, `192.0.2.0/24`, `192.0.0.0/16`; `2001:db8::/48`.
///
/// An IPv4 address that is mapped into IPv6 keeps as many bits of the IPv4 address as a plain IPv4 address does.
package struct NetworkRule: Sendable {
  /// The lengths of the prefixes in bits, by level. The shorter list repeats its last length.
  private let v4: [Int]
  private let v6: [Int]

  /// Neither list may be empty; the lengths must fall.
  package init(v4: [Int], v6: [Int]) {
    (self.v4, self.v6) = (v4, v6)
  }

  var levels: Int { max(v4.count, v6.count) }

  /// Returns the network at a level from 1, in CIDR notation; empty if the value is not an address.
  func label(_ value: [UInt8], level: Int) -> [UInt8] {
    guard let address = IPAddress(value.span) else { return [] }
    let bits4 = v4[min(level, v4.count) - 1]
    let bits6 = v6[min(level, v6.count) - 1]
    let network = address.network(v4: bits4, v6: bits6)
    let bits =
      switch network {
      case .v4: bits4
      case .v6(let value): value >> 32 == 0xFFFF ? 96 + bits4 : bits6
      }
    return network.text.array + Array("/\(bits)".utf8)
  }
}
