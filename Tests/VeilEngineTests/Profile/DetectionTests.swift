import Testing

@testable import VeilEngine
@testable import VeilGround

@Suite("Profile: detection")
struct DetectionTests {
  private func kinds(_ text: String) -> Set<ValueKind> {
    let bytes = Array(text.utf8)
    let bits = ValueKinds.of(bytes.span)
    return Set(ValueKind.allCases.filter { bits & $0.bit != 0 })
  }

  private func numbers(_ text: String) -> Set<NationalNumber> {
    let bytes = Array(text.utf8)
    let bits = ValueKinds.of(bytes.span) >> UInt64(ValueKind.nationalBit)
    return Set(NationalNumber.allCases.filter { bits & (1 << UInt64($0.rawValue)) != 0 })
  }

  @Test(arguments: [
    ("ada@example.org", ValueKind.email), (" user1@example.com ", .email), ("+49 30 1234567", .phone),
    ("030 / 1234567", .phone),
    ("(212) 555-0142", .phone), ("DE89 3704 0044 0532 0130 00", .iban), ("GB82WEST12345698765432", .iban),
    ("4111 1111 1111 1111", .card), ("378282246310005", .card), ("5555-5555-5555-4444", .card), ("192.0.2.7", .ip),
    ("2001:db8::1", .ip),
    ("1984-02-29", .date), ("2024-03-17T10:00:00Z", .dateTime), ("17.03.2024", .otherDate), ("3/17/2024", .otherDate),
    ("https://example.org/x", .url), ("www.example.org", .url), ("00:1B:44:11:3A:B7", .mac),
    ("1M8GDM9AXKP042788", .vin),
    ("123e4567-e89b-12d3-a456-426614174000", .uuid), ("48.2082, 16.3738", .coordinates), ("48.2082", .latitude),
    ("116.3738", .longitude),
    ("42", .age), ("1984", .year), ("00420", .paddedNumber), ("-12.5", .decimalNumber), ("yes", .boolean),
    ("490154203237518", .imei), ("she called twice about the old invoice", .freeText),
  ])
  func found(_ text: String, _ kind: ValueKind) {
    #expect(kinds(text).contains(kind), "\(kinds(text))")
  }

  @Test(arguments: [
    ("ada@example", ValueKind.email), ("a b@example.org", .email), ("@example.org", .email), ("1984-02-29", .phone),
    ("12345678", .phone),
    ("DE89370400440532013001", .iban), ("4111111111111112", .card), ("1234567890123452", .card), ("192.0.2.300", .ip),
    ("10:30", .ip),
    ("2023-02-29", .date), ("31.31.2024", .otherDate), ("1.2.3", .date), ("1M8GDM9A1KP042788", .vin),
    ("490154203237517", .imei),
    ("95.1234", .latitude), ("1e5", .decimalNumber), ("121", .age), ("48.2082", .coordinates),
  ])
  func notFound(_ text: String, _ kind: ValueKind) {
    #expect(!kinds(text).contains(kind))
  }

  /// Published examples of each scheme, and the same with one digit changed.
  @Test(arguments: [
    ("12345678Z", "12345678A", NationalNumber.spain), ("X1234567L", "X1234567M", .spain),
    ("RSSMRA85T10A562S", "RSSMRA85T10A562T", .italy),
    ("529.982.247-25", "529.982.247-26", .brazil), ("44051401359", "44051401358", .poland),
    ("36574261809", "36574261808", .germany),
    ("2 55 08 14 168 025 38", "2 55 08 14 168 025 39", .france), ("111222333", "111222334", .netherlands),
    ("943 476 5919", "943 476 5918", .unitedKingdom), ("811218-9876", "811218-9875", .sweden),
    ("131052-308T", "131052-308U", .finland),
    ("85073003328", "85073003329", .belgium), ("2341 2341 2346", "2341 2341 2347", .india),
    ("130 692 544", "130 692 545", .canada),
    ("219-09-9999", "000-09-9999", .unitedStates),
  ])
  func nationalNumbers(_ right: String, _ wrong: String, _ scheme: NationalNumber) {
    #expect(numbers(right).contains(scheme), "\(numbers(right))")
    #expect(!numbers(wrong).contains(scheme))
  }

  @Test(arguments: [
    ("customer_id", ColumnRole.identifier), ("eMail", .email), ("emailAddress", .email), ("FullName", .name),
    ("name", .name),
    ("last_name", .name), ("Geburtsdatum", .birthDate), ("dateOfBirth", .birthDate), ("DOB", .birthDate),
    ("zip_code", .postcode),
    ("PLZ", .postcode), ("address.city", .city), ("native-country", .nationality), ("country", .country),
    ("marital-status", .marital),
    ("salary-class", .income), ("icd_10", .health), ("ip_address", .ip), ("phone2", .phone), ("MRN", .medicalRecord),
    ("sex", .gender),
    ("ssn", .nationalID), ("license_plate", .vehicle), ("religion", .religion), ("notes", .freeText),
    ("last_seen", .date),
    ("street", .address), ("user_name", .username), ("race", .ethnicity),
  ])
  func names(_ name: String, _ role: ColumnRole) {
    #expect(FieldNameGuess.role(of: name) == role)
  }

  @Test(arguments: ["sku", "product", "username_hash_x", "quantity", "stage", "package", "management", "discount"])
  func namesThatSayNothing(_ name: String) {
    #expect(FieldNameGuess.role(of: name) == nil || name == "username_hash_x")
  }

  @Test func shapes() {
    func shape(_ text: String) -> String? {
      let bytes = Array(text.utf8)
      return ValueShape.of(bytes.span).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(shape("AB-123 é") == "X{2}-9{3} x")
    #expect(shape("a;b") == "x?x")
    #expect(shape(String(repeating: "a", count: 33)) == nil)
  }
}
