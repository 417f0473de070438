import Testing

@testable import VeilEngine

@Suite struct TruncateTests {
  static let notADate = Value.bad("is not an ISO 8601 date")
  static let notAnAddress = Value.bad("is not an IP address")

  @Test func keepsCharacters() throws {
    try expect(
      "{truncate: {keep: 3}}",
      [("75001", "750"), ("75", "75"), ("éàüö", "éàü"), ("漢字仮名", "漢字仮"), ("", ""), (.null, .null)])
    try expect("{truncate: {keep: 1}}", json: true, [(.literal("12"), "1"), (.literal("1"), "1"), ("😀a", "😀")])
    try expect("[{truncate: {keep: 2}}, uppercase, {truncate: {keep: 1}}]", [("abc", "A")])
  }

  @Test func shortensDates() throws {
    try expect(
      "{truncate: {date: year}}",
      [
        ("2024-03-05", "2024"), ("1899-12-31", "1899"), ("0001-01-01", "0001"), ("9999-12-31", "9999"),
        ("2024-02-29", "2024"), ("2000-02-29", "2000"), ("1900-02-29", Self.notADate), ("2023-02-29", Self.notADate),
        ("0000-01-01", Self.notADate), ("2024-00-01", Self.notADate), ("2024-13-01", Self.notADate),
        ("2024-04-31", Self.notADate), ("2024-01-00", Self.notADate), ("24-01-01", Self.notADate),
        ("2024-1-1", Self.notADate), ("20240101", Self.notADate), ("2024-03", Self.notADate), ("2024", Self.notADate),
        ("2024/03/05", Self.notADate), ("05.03.2024", Self.notADate), (" 2024-03-05", Self.notADate),
        ("2024-03-05 ", Self.notADate), ("-2024-03-05", Self.notADate), ("２０２４-03-05", Self.notADate), (.null, .null),
      ])
    try expect("{truncate: {date: month}}", [("2024-03-05", "2024-03"), ("2024-03-05T23:59:60Z", "2024-03")])
    try expect(
      "{truncate: {date: day}}", [("2024-03-05 14:07:33.123+05:30", "2024-03-05"), ("2024-03-05", "2024-03-05")])
    try expect(
      "{truncate: {date: hour}}",
      [
        ("2024-03-05T14:07", "2024-03-05T14"), ("2024-03-05 14:07:33", "2024-03-05 14"),
        ("2024-03-05", .bad("is a date without a time of day")),
      ])
    try expect(
      "{truncate: {date: minute}}",
      [
        ("2024-03-05T14:07:33-0800", "2024-03-05T14:07"), ("2024-03-05T14:07:33,5+01", "2024-03-05T14:07"),
        ("2024-03-05T24:00", Self.notADate), ("2024-03-05T14:60", Self.notADate), ("2024-03-05T14", Self.notADate),
        ("2024-03-05T14:07:61", Self.notADate), ("2024-03-05T14:07:3", Self.notADate),
        ("2024-03-05T14:07:33.", Self.notADate),
        ("2024-03-05T14:07+25:00", Self.notADate), ("2024-03-05T14:07+5", Self.notADate),
        ("2024-03-05T14:07z", Self.notADate),
        ("2024-03-05t14:07", Self.notADate), ("2024-03-05T14:07Zx", Self.notADate),
        ("2024-03-05T14:07+01:", Self.notADate),
      ])
  }

  @Test func agreesWithPythonOnDates() throws {
    let lines = try python(
      #"""
      import datetime, random
      r = random.Random(3)
      for _ in range(20000):
          y, m, d = r.choice([r.randint(0, 9999), 100 * r.randint(0, 99)]), r.randint(0, 13), r.randint(0, 32)
          if r.random() < .3: m, d = 2, r.randint(28, 30)
          text = f"{y:04}-{m:02}-{d:02}"
          try: datetime.date(y, m, d); print(text, text[:7], sep="\t")
          except ValueError: print(text, "", sep="\t")
      """#)
    try compare("{truncate: {date: month}}", lines) { $0[1].isEmpty ? Self.notADate : .text($0[1]) }
    #expect(lines.contains { $0[1].isEmpty } && lines.contains { $0[1].hasSuffix("-02") })
  }

  @Test func cutsAddresses() throws {
    try expect(
      "{truncate: {ip: true}}",
      [
        ("192.0.2.77", "192.0.2.0"), ("255.255.255.255", "255.255.255.0"), ("2001:DB8:ABCD:12::1", "2001:db8:abcd::"),
        ("::1", "::"), ("::ffff:192.0.2.77", "::ffff:192.0.2.0"), ("::FFFF:C000:24D", "::ffff:192.0.2.0"),
        ("::", "::"), ("1:2:3:4:5:6:7.8.9.10", "1:2:3::"), ("0:0:0:0:0:FFFF:1.2.3.4", "::ffff:1.2.3.0"),
        ("192.0.2", Self.notAnAddress), ("192.0.2.256", Self.notAnAddress), ("192.0.02.1", Self.notAnAddress),
        ("192.0.2.1.", Self.notAnAddress), ("192.0.2.1/24", Self.notAnAddress), ("fe80::1%eth0", Self.notAnAddress),
        ("1:2:3:4:5:6:7", Self.notAnAddress), ("1:2:3:4:5:6:7:8:", Self.notAnAddress), ("1::2::3", Self.notAnAddress),
        (":1:2:3:4:5:6:7:8", Self.notAnAddress), ("12345::", Self.notAnAddress), ("g::", Self.notAnAddress),
        ("1:2:3:4:5:6:7:1.2.3.4", Self.notAnAddress), ("::1.2.3.4:5", Self.notAnAddress), ("[::1]", Self.notAnAddress),
        ("0001.2.3.4", Self.notAnAddress), (" 1.2.3.4", Self.notAnAddress), ("", .null), (.null, .null),
      ].map { $0.0 == "" ? (.null, .null) : $0 })
    try expect(
      "{truncate: {ip: {v4: 0, v6: 0}}}",
      [("1.2.3.4", "0.0.0.0"), ("1::2", "::"), ("::ffff:1.2.3.4", "::ffff:0.0.0.0")])
    // Nothing is cut: RFC 5952's own examples of its one form.
    try expect(
      "{truncate: {ip: {v4: 32, v6: 128}}}",
      [
        ("1.2.3.4", "1.2.3.4"), ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::AbCd", "2001:db8::abcd"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ])
    try expect("{truncate: {ip: {v4: 20}}}", [("10.1.255.3", "10.1.240.0"), ("2001:db8:1:2:3::", "2001:db8:1::")])
  }

  @Test func agreesWithPythonsIPAddress() throws {
    let lines = try python(
      #"""
      import random, ipaddress as ip
      r = random.Random(5)
      def group(): return r.choice(["0", "0", "0", "1", "ffff", "0db8", "%x" % r.randrange(65536), "%X" % r.randrange(65536)])
      def address():
          kind = r.randrange(6)
          if kind == 0: return ".".join(str(r.randrange(0, 270)) for _ in range(r.choice([3, 4, 4, 4, 4, 5])))
          g = [group() for _ in range(r.choice([8, 8, 8, 7, 9]))]
          if kind == 1: return ":".join(g)
          if kind == 2: return "::ffff:" + str(ip.IPv4Address(r.randrange(1 << 32)))
          n = r.randrange(0, 8); k = r.randrange(0, 9 - n)
          s = ":".join(g[:n]) + "::" + ":".join(g[:k])
          if kind == 3: s = ":".join(g[:r.choice([5, 6, 6, 7])]) + ":" + str(ip.IPv4Address(r.randrange(1 << 32)))
          if kind == 5:
              i = r.randrange(len(s)); s = s[:i] + r.choice(":.0ag ") + s[i + r.randrange(2):]
          return s
      def text(a):
          if a.version == 6 and a.ipv4_mapped is not None: return "::ffff:" + str(a.ipv4_mapped)
          return str(a)
      for _ in range(20000):
          s = address()
          try: a = ip.ip_address(s)
          except ValueError: print(s, "", "", sep="\t"); continue
          bits = 20 if a.version == 4 else 116 if a.ipv4_mapped is not None else 37
          print(s, text(a), text(ip.ip_network((a, bits), strict=False).network_address), sep="\t")
      """#)
    for (place, rule) in ["{truncate: {ip: {v4: 32, v6: 128}}}", "{truncate: {ip: {v4: 20, v6: 37}}}"].enumerated() {
      try compare(rule, lines) { $0[1].isEmpty ? Self.notAnAddress : .text($0[place + 1]) }
    }
    #expect(lines.filter { $0[1].isEmpty }.count > 1000 && lines.filter { !$0[1].isEmpty }.count > 8000)
  }

  @Test func oneKindAtATime() {
    #expect(refusal("truncate") == "stage 'truncate' needs one of 'keep', 'date' and 'ip'")
    #expect(
      refusal("{truncate: {keep: 1, date: year}}")
        == "'keep', 'date' and 'ip' exclude one another; a stage can only have one of them")
    #expect(refusal("{truncate: {keep: 0}}")?.hasPrefix("'keep' must be between 1 and") == true)
    #expect(refusal("{truncate: {date: yaer}}")?.hasPrefix("'date' must be one of year, month") == true)
    #expect(refusal("{truncate: {ip: {v4: 33}}}") == "'v4' must be between 0 and 32")
    #expect(refusal("{truncate: {ip: false}}") == "'ip' must be true or {v4: bits, v6: bits}, not false")
  }
}
