import VeilConfig

/// Converts the spellings of one value to one form, under a name and a version. What a version does never changes.
struct Normalize: TokenlessStage {
  static let documentation = StageDocumentation(
    name: "normalize",
    summary: "writes one form for all spellings of an e-mail address, phone number, name, postcode or IBAN",
    options: [
      .init(
        "as", "email/v1, phone/v1, name/v1, postcode/v1 or iban/v1",
        .required(help: "for example  normalize: email/v1"),
        "which form; what a version does never changes, and tokens made behind it are bound to it"),
      .init(
        "region", "a country, such as DE", .optional("none"),
        "phone/v1: where a number without a country code belongs; postcode/v1: whose form it must have"),
      .init(
        "invalid", "error, null or keep_raw_token", .optional("error"),
        "a value that has no such form: a bad record, no value, or (only in front of a stage that makes tokens) as it came"
      ),
      .init(
        "provider_rules", "true or false", .optional("false"),
        "email/v1: googlemail.com is gmail.com, where dots and what follows a + in front of the @ do not count"),
    ],
    shorthand: "as",
    example: "phone: [{normalize: {as: phone/v1, region: DE}}, {pseudonym: {key: customers}}]",
    promise: "None by itself: it makes spellings of one value equal before tokens are made.")

  enum Invalid: String, CaseIterable, Sendable {
    case error, null
    case raw = "keep_raw_token"
  }

  private let normalizer: Normalizer
  private let version: String
  let invalid: Invalid

  private static let names = ["email/v1", "phone/v1", "name/v1", "postcode/v1", "iban/v1"]

  init?(_ options: StageOptions) {
    let before = options.errorCount
    let reader = options.reader
    let name = reader.choice("as", of: Self.names)
    let region = reader.has("region") ? reader.requiredString("region") : nil
    let byProvider = reader.bool("provider_rules", default: false)
    // A user who writes `invalid: null` means YAML's own null.
    let isNull = reader.node("invalid").map { $0.isNull && $0.text == "null" } ?? false
    invalid = isNull ? .null : reader.choice("invalid", of: Invalid.self) ?? .error
    if let region, let name {
      let known = name == "phone/v1" ? PhoneRegion.names : name == "postcode/v1" ? PostcodeForm.names : nil
      if let known, !known.contains(region) {
        reader.error(
          "region", "\(name) does not know the region '\(region)'", help: "it knows \(known.joined(separator: ", "))")
      } else if known == nil {
        reader.error("region", "\(name) takes no region")
      }
    }
    if byProvider, name != "email/v1" { reader.error("provider_rules", "'provider_rules' goes with email/v1 only") }
    guard let name, options.errorCount == before else { return nil }
    switch name {
    case "email/v1": normalizer = .email(byProvider: byProvider)
    case "phone/v1": normalizer = .phone(region.flatMap { PhoneRegion(named: $0) })
    case "name/v1": normalizer = .name
    case "postcode/v1": normalizer = .postcode(region, region.flatMap { PostcodeForm(region: $0) })
    default: normalizer = .iban
    }
    // The version does not include the region: a number written in full is the same in every region.
    version = byProvider ? name + "+provider_rules" : name
  }

  var effect: StageEffect { .rewrite }
  var fate: ValueFate { .normalized }
  var normalization: String? { version }

  func couldHaveWritten(_ value: Span<UInt8>) -> StageVerdict {
    if invalid == .raw { return .unknown(because: "a value that has no form passes as it came") }
    var scratch = ByteBuffer()
    return StageVerdict(normalizer.couldHaveWritten(value, &scratch))
  }

  func rewriter(_ environment: StageEnvironment) -> any Rewriter {
    NormalizeRewriter(normalizer: normalizer, invalid: invalid)
  }
}

/// A form, and the options of its normalizer.
enum Normalizer: Sendable {
  case email(byProvider: Bool)
  case phone(PhoneRegion?)
  case name
  case postcode(String?, PostcodeForm?)
  case iban

  /// Appends the form of the value; returns false if it has none.
  func append(_ value: Span<UInt8>, to out: inout ByteBuffer, scratch: inout ByteBuffer) -> Bool {
    switch self {
    case .email(let byProvider): EmailForm.append(value, byProvider: byProvider, to: &out, scratch: &scratch)
    case .phone(let region): PhoneForm.append(value, region: region, to: &out)
    case .name: NameForm.append(value, to: &out, scratch: &scratch)
    case .postcode(let region, let form): PostcodeForm.append(value, region: region, form: form, to: &out)
    case .iban: IBANForm.append(value, to: &out)
    }
  }

  /// Whether a value has itself for its form, or is the form of another one.
  func couldHaveWritten(_ value: Span<UInt8>, _ scratch: inout ByteBuffer) -> Bool {
    if isForm(value, of: value, &scratch) { return true }
    var source = ByteBuffer()
    switch self {
    case .email: EmailForm.appendSource(of: value, to: &source)
    case .phone: PhoneForm.appendSource(of: value, to: &source)
    case .name, .postcode, .iban: return false
    }
    return source.withBytes(from: 0) { isForm(value, of: $0, &scratch) }
  }

  private func isForm(_ form: Span<UInt8>, of value: Span<UInt8>, _ scratch: inout ByteBuffer) -> Bool {
    var out = ByteBuffer()
    guard append(value, to: &out, scratch: &scratch) else { return false }
    return out.withBytes(from: 0) { $0.isEqual(to: form) }
  }

  var reason: FailureReason {
    switch self {
    case .email: FailureReason("has no e-mail address's form (email/v1)")
    case .phone: FailureReason("has no phone number's form (phone/v1)")
    case .name: FailureReason("has no name's form (name/v1)")
    case .postcode: FailureReason("has no postcode's form (postcode/v1)")
    case .iban: FailureReason("has no IBAN's form, or wrong check digits (iban/v1)")
    }
  }
}

private struct NormalizeRewriter: Rewriter {
  let normalizer: Normalizer
  let invalid: Normalize.Invalid

  func rewrite(_ column: Column, of field: Int, in batch: Batch) {
    let (normalizer, invalid) = (normalizer, invalid)
    var scratch = ByteBuffer()
    column.rewriteValues(of: field, in: batch) { value, out in
      let start = out.count
      if normalizer.append(value, to: &out, scratch: &scratch) { return .text }
      switch invalid {
      case .error: return .invalid(normalizer.reason)
      case .null: return .null
      case .raw:
        out.truncate(to: start)
        out.append(value)
        return .text
      }
    }
  }
}

extension Buffer where Element == UInt8 {
  /// Calls `body` with the bytes that were appended from `start` on. The buffer cannot change during the call, because
  /// it is borrowed.
  func withBytes<R>(from start: Int, _ body: (Span<UInt8>) -> R) -> R {
    precondition(start <= count)
    let bytes = unsafe UnsafeBufferPointer(start: UnsafePointer(self.start) + start, count: count - start)
    return unsafe body(Span(_unsafeElements: bytes))
  }
}
