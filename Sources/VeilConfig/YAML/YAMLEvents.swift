import CYAML

/// The next event of libyaml, copied into Swift values.
struct YAMLEvent {
  enum Kind {
    case documentStart, documentEnd, streamEnd, other
    case scalar(text: String, quoted: Bool)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd, alias
  }
  var kind: Kind
  var hasAnchor = false
  var hasTag = false
  var start: Mark
  var end: Mark
}

/// libyaml's event parser for one text in memory.
///
/// Sound because the parser and the copy of its input are allocated here, never given to others, and freed together in
/// `deinit`; every event is copied and deleted before `next` returns.
@safe
final class YAMLEvents {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Takes `bytes` as valid UTF-8 without a byte order mark. Returns nil if there is not enough memory.
  init?(_ bytes: ArraySlice<UInt8>) {
    unsafe input = .allocate(capacity: bytes.count)
    _ = unsafe input.initialize(fromContentsOf: bytes)
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    guard unsafe yaml_parser_initialize(parser) == 1 else { return nil }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe failure(parser.pointee) }
    defer { unsafe yaml_event_delete(&event) }
    let start = unsafe Mark(event.start_mark)
    let end = unsafe Mark(event.end_mark)
    func made(_ kind: YAMLEvent.Kind, anchor: Bool = false, tag: Bool = false) -> YAMLEvent {
      YAMLEvent(kind: kind, hasAnchor: anchor, hasTag: tag, start: start, end: end)
    }
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
    case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
    case YAML_STREAM_END_EVENT: return made(.streamEnd)
    case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
    case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
    case YAML_ALIAS_EVENT: return made(.alias)
    case YAML_SEQUENCE_START_EVENT:
      let data = unsafe event.data.sequence_start
      return unsafe made(.sequenceStart, anchor: data.anchor != nil, tag: data.tag != nil)
    case YAML_MAPPING_START_EVENT:
      let data = unsafe event.data.mapping_start
      return unsafe made(.mappingStart, anchor: data.anchor != nil, tag: data.tag != nil)
    case YAML_SCALAR_EVENT:
      let data = unsafe event.data.scalar
      let text = unsafe String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
      let quoted = unsafe data.style != YAML_PLAIN_SCALAR_STYLE
      return unsafe made(.scalar(text: text, quoted: quoted), anchor: data.anchor != nil, tag: data.tag != nil)
    default: return made(.other)
    }
  }

  private func failure(_ parser: yaml_parser_t) -> YAMLSyntaxError {
    let context = unsafe parser.context.map { unsafe String(cString: $0) }
    return unsafe YAMLSyntaxError(
      problem: parser.problem.map { unsafe String(cString: $0) } ?? "this is not YAML",
      context: context,
      mark: Mark(parser.problem_mark),
      contextMark: context == nil ? nil : Mark(parser.context_mark))
  }
}

extension Mark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }
}
