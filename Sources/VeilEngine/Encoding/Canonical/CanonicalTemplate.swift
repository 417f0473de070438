import VeilConfig

/// The members that every record of an export has, as a tree: those that rules name and let out, in the order of the
/// rules. Node 0 is the record.
struct CanonicalTemplate: ~Copyable {
  struct Node: BitwiseCopyable {
    /// The members of an object here: `members[first..<first + count]`.
    var first: Int32 = 0
    var count: Int32 = 0
    /// The node of all elements of an array here, or -1.
    var elements: Int32 = -1
  }

  struct Member: BitwiseCopyable {
    /// The name as it is meant, in `bytes`.
    var start: Int32
    var length: Int32
    /// The name as it is written, with its quotes and colon, in `bytes`.
    var writtenStart: Int32
    var writtenLength: Int32
    var node: Int32
  }

  private(set) var nodes = Buffer<Node>()
  private(set) var members = Buffer<Member>()
  private(set) var bytes = ByteBuffer()

  init(_ fields: [FieldPlan]) {
    let root = Draft()
    for field in fields where field.isEmitted {
      var draft = root
      for step in field.path.steps { draft = draft.child(step) }
    }
    nodes.append(Node())
    add(root, at: 0)
  }

  private mutating func add(_ draft: Draft, at index: Int) {
    let first = members.count
    for (name, _) in draft.members {
      let start = bytes.count
      bytes.append(name.span)
      let writtenStart = bytes.count
      bytes.append("\"")
      var copy = ByteBuffer()
      copy.append(name.span)
      unsafe JSONText.escape(copy.start, count: copy.count, into: &bytes)
      bytes.append("\":")
      members.append(
        Member(
          start: Int32(start), length: Int32(name.count), writtenStart: Int32(writtenStart),
          writtenLength: Int32(bytes.count - writtenStart), node: -1))
    }
    nodes[index].first = Int32(first)
    nodes[index].count = Int32(draft.members.count)
    for (offset, member) in draft.members.enumerated() {
      let node = nodes.count
      nodes.append(Node())
      members[first + offset].node = Int32(node)
      add(member.draft, at: node)
    }
    if let elements = draft.elements {
      let node = nodes.count
      nodes.append(Node())
      nodes[index].elements = Int32(node)
      add(elements, at: node)
    }
  }

  private final class Draft {
    private(set) var members: [(name: [UInt8], draft: Draft)] = []
    private(set) var elements: Draft?

    func child(_ step: PathStep) -> Draft {
      switch step {
      case .key(let name):
        let bytes = Array(name.utf8)
        if let known = members.first(where: { $0.name == bytes }) { return known.draft }
        let draft = Draft()
        members.append((bytes, draft))
        return draft
      case .elements:
        let draft = elements ?? Draft()
        elements = draft
        return draft
      }
    }
  }
}
