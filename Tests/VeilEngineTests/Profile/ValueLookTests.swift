import Testing

@testable import VeilGround

/// Which names of fields look like somebody's values.
@Suite struct ValueLookTests {
  @Test(arguments: [
    "anna", "Anna", "anna schmidt", "Schmidt, Anna", "schmidt_bernd", "bernd.quux", "garcía lópez", "José",
    "Anna-Lena Zonk",
    "a@b.example", "https://x.example/a@b.example", "1990-03-17", "17.03.1990", "192.0.2.1", "+43 1 2345678",
    "AT611904300234573201",
    "RSSMRA85T10A562S", "4111 1111 1111 1111", "48.2082, 16.3738", "20190117",
  ])
  func values(_ name: String) { #expect(ValueLook.isLikeValue(name)) }

  @Test(arguments: [
    "", "name", "first name", "mark", "will", "rose", "summer", "grace period", "max_value", "total amount", "e-mail",
    "iris", "state",
    "2019", "2019-2020", "2019/2020", "PM2.5", "q1", "cd4_count", "Political Affiliation at Appointment", "jordan",
    "virginia",
    "lange", "müller", "anna_1", "x-ray",
  ])
  func names(_ name: String) { #expect(!ValueLook.isLikeValue(name)) }

  @Test(arguments: [
    ("Anna", ValueKind.personName), ("Dr. Schmidt", .personName), ("SCHMIDT Anna", .personName),
    ("Musterweg 12a", .street),
    ("12 Main Street", .street), ("Hauptstr. 5", .street), ("Calle Mayor 3", .street), ("B-AX 1234", .code),
    ("AB12CD", .code),
  ])
  func words(_ value: String, _ kind: ValueKind) {
    #expect(WordLook.of(Array(value.utf8).span) == kind.bit)
  }

  @Test(arguments: ["red", "12", "Group 1", "very good", "1,234", "level-2", "A1", "strong", "a street"])
  func noWords(_ value: String) { #expect(WordLook.of(Array(value.utf8).span) == 0) }
}
