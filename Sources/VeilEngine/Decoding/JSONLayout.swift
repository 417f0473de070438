import VeilConfig

/// The rules of a pipeline as a tree of the paths that they name. A rule applies to the whole value at its path, except
/// for the parts that a longer path's rule covers.
struct JSONLayout: Sendable {
  /// Says what happens to a value.
  struct Action: BitwiseCopyable, Equatable, Sendable {
    enum Way: UInt8, Sendable {
      /// The source bytes are copied to the output.
      case copied
      /// The cell of its column is written to the output.
      case written
      /// The value is not written to the output.
      case dropped
      /// The value must not be there, so the run stops.
      case unexpected
    }
    var way: Way
    /// The column that gets a cell for the value, or -1.
    var column: Int32
  }

  /// One position in the tree. Node 0 is the record.
  struct Node: BitwiseCopyable, Sendable {
    /// What happens to the value here if it is neither entered nor an object or array.
    var action: Action
    /// What happens to an object or array here if it is not entered. Where a rule expects a value, it is a field that no
    /// rule names.
    var container: Action
    /// Whether an empty object or array here is taken for a value, and whether that is a null. It is none for those who
    /// look at the field, to whom it is an object or array.
    var takesEmpty: Bool
    var emptyIsNull: Bool
    /// What happens to each part of an object or array here that has no node of its own.
    var parts: Action
    /// Whether an object or array here may leave with all that is in it, since no rule below says otherwise.
    var isUniform: Bool
    /// Whether a rule names exactly this path.
    var isRuled: Bool
    /// Whether anything at this node or below it can be written to the output.
    var emits: Bool
    /// The members that have a node: `keys[firstKey..<firstKey + keyCount]`.
    var firstKey: Int32 = 0
    var keyCount: Int32 = 0
    /// The node for all elements of an array, or -1.
    var elements: Int32 = -1
    /// A hash table over the keys: `slots[firstSlot..<firstSlot + 1 << slotBits]`. There is none if the keys are so few
    /// that a search without it is faster.
    var firstSlot: Int32 = 0
    var slotBits: Int32 = 0

    @inline(__always) var isEntered: Bool { keyCount > 0 || elements >= 0 }
  }

  /// The name of a member that has a node.
  struct Key: BitwiseCopyable, Sendable {
    /// The first eight bytes of the name, as `scan_json_prefix` reads them.
    var prefix: UInt64
    /// The position of the name in `names`.
    var start: Int32
    var count: Int32
    var node: Int32
    /// Whether the name can stand in a JSON string without escapes.
    var isPlain: Bool

    @inline(__always)
    static func hash(_ prefix: UInt64, _ count: Int, bits: Int32) -> Int {
      Int(truncatingIfNeeded: ((prefix ^ UInt64(count) << 56) &* 0x9E37_79B9_7F4A_7C15) >> (64 - UInt64(bits)))
    }
  }

  private(set) var nodes: [Node] = []
  private(set) var keys: [Key] = []
  private(set) var names: [UInt8] = []
  /// Indices of keys, or -1.
  private(set) var slots: [Int32] = []
  /// The path of each node, as pipelines write it; empty for the record.
  private(set) var paths: [String] = []
  /// The node of each field that has a rule, or -1.
  private(set) var fieldNodes: [Int]
  /// The names that may not be in what is copied whole.
  let forbidden: ForbiddenNames
  /// Whether the walker counts how often it meets each node.
  let countsRules: Bool
  /// The number of columns that cells go to.
  let columnCount: Int
  /// Whether records are written again as JSON.
  let assembles: Bool

  /// Makes the tree. If `extractKept` is true, only cells are needed (the records are written as CSV, and every field
  /// that is written has a column), so no record is assembled.
  init(
    _ fields: [FieldPlan], unlisted: Unlisted, extractKept: Bool, forbidden: ForbiddenNames = ForbiddenNames([]),
    countsRules: Bool = false
  ) {
    self.forbidden = forbidden
    self.countsRules = countsRules
    fieldNodes = Array(repeating: -1, count: fields.count)
    assembles = !extractKept
    columnCount = 1 + (fields.lazy.compactMap(\.column).max() ?? -1)
    let root = Draft(isRoot: true)
    for (index, field) in fields.enumerated() {
      var draft = root
      for step in field.path.steps { draft = draft.child(step) }
      precondition(draft.action == nil, "two rules for one path")
      draft.action = Self.action(field)
      draft.expectsValue = field.expectsValue
      // What is looked at is looked at also where it may not leave: whoever looks then finds an object or array.
      if field.isLookedAt || field.isModelled || field.quasiIndex != nil {
        draft.lookedColumn = Int32(field.column ?? -1)
      }
      draft.field = index
    }
    let rest: Action.Way =
      switch unlisted {
      case .error: .unexpected
      case .drop: .dropped
      case .keep: .copied
      }
    root.settle(inherited: Action(way: rest, column: -1), keepsRules: countsRules)
    _ = add(root)
  }

  private static func action(_ field: FieldPlan) -> Action {
    let column = Int32(field.column ?? -1)
    guard field.isEmitted else { return Action(way: .dropped, column: column) }
    if field.quasiIndex == nil && !field.isReplaced && field.stages.allSatisfy({ $0.effect == .keep }) {
      return Action(way: .copied, column: column)
    }
    precondition(column >= 0, "a field that is rewritten has a column")
    return Action(way: .written, column: column)
  }

  /// Adds a draft and everything below it, and returns its node.
  private mutating func add(_ draft: Draft) -> Int32 {
    let index = nodes.count
    nodes.append(
      Node(
        action: draft.settled, container: draft.container, takesEmpty: draft.expectsValue,
        emptyIsNull: draft.expectsValue && draft.lookedColumn < 0, parts: draft.parts, isUniform: draft.isUniform,
        isRuled: draft.action != nil, emits: draft.emits))
    if let field = draft.field { fieldNodes[field] = index }
    paths.append(draft.path)
    nodes[index].firstKey = Int32(keys.count)
    nodes[index].keyCount = Int32(draft.members.count)
    for (name, _) in draft.members {
      let prefix = name.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      keys.append(
        Key(
          prefix: UInt64(littleEndian: prefix), start: Int32(names.count), count: Int32(name.count), node: -1,
          isPlain: name.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }))
      names += name
    }
    if draft.members.count > 8 { addSlots(to: index) }
    for (offset, member) in draft.members.enumerated() {
      let node = add(member.draft)
      keys[Int(nodes[index].firstKey) + offset].node = node
    }
    if let elements = draft.elements {
      let node = add(elements)
      nodes[index].elements = node
    }
    return Int32(index)
  }

  private mutating func addSlots(to index: Int) {
    let node = nodes[index]
    var bits: Int32 = 4
    while 1 << bits < 2 * node.keyCount { bits += 1 }
    nodes[index].slotBits = bits
    nodes[index].firstSlot = Int32(slots.count)
    var table = [Int32](repeating: -1, count: 1 << bits)
    for key in node.firstKey..<node.firstKey + node.keyCount {
      var slot = Key.hash(keys[Int(key)].prefix, Int(keys[Int(key)].count), bits: bits)
      while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
      table[slot] = key
    }
    slots += table
  }
}

/// A node while the tree is being built.
private final class Draft {
  private let isRoot: Bool
  var action: JSONLayout.Action?
  /// Whether the rule is for a single value.
  var expectsValue = false
  /// The column of whoever looks at the value here without writing it, or -1.
  var lookedColumn: Int32 = -1
  /// The index of the field whose rule this is.
  var field: Int?
  /// The node's own action, or that of its nearest ancestor with a rule.
  private(set) var settled = JSONLayout.Action(way: .dropped, column: -1)
  private(set) var container = JSONLayout.Action(way: .dropped, column: -1)
  private(set) var parts = JSONLayout.Action(way: .dropped, column: -1)
  private(set) var isUniform = false
  private(set) var emits = false
  /// In the order of the rules.
  private(set) var members: [(name: [UInt8], draft: Draft)] = []
  private(set) var elements: Draft?
  private(set) var path = ""

  init(isRoot: Bool) { self.isRoot = isRoot }

  private var hasRules: Bool {
    action != nil || members.contains { $0.draft.hasRules } || elements?.hasRules == true
  }

  func child(_ step: PathStep) -> Draft {
    switch step {
    case .key(let name):
      let bytes = Array(name.utf8)
      if let known = members.first(where: { $0.name == bytes }) { return known.draft }
      let draft = Draft(isRoot: false)
      draft.path = path.isEmpty ? FieldPath(key: name).description : "\(path).\(FieldPath(key: name))"
      members.append((bytes, draft))
      return draft
    case .elements:
      if let elements { return elements }
      let draft = Draft(isRoot: false)
      draft.path = path + "[]"
      elements = draft
      return draft
    }
  }

  /// Passes actions down, and finds out what can be written. Removes the children that make no difference to skipping
  /// the whole value, unless it must be counted how often they are met.
  func settle(inherited: JSONLayout.Action, keepsRules: Bool) {
    settled = action ?? inherited
    (container, parts) = (settled, settled)
    if action != nil, expectsValue {
      // An object or array could hold anything, and no rule names that: it is dropped where such fields are dropped.
      // Otherwise it stops the run, even if other fields that no rule names are kept, since it would pass by this rule.
      let way: JSONLayout.Action.Way = inherited.way == .dropped ? .dropped : .unexpected
      container = JSONLayout.Action(way: way, column: way == .dropped ? lookedColumn : -1)
      parts = JSONLayout.Action(way: way, column: -1)
    }
    emits = settled.way == .copied || settled.way == .written
    let below = members.map(\.draft) + (elements.map { [$0] } ?? [])
    for draft in below {
      draft.settle(inherited: parts, keepsRules: keepsRules)
      if draft.emits { emits = true }
    }
    isUniform =
      settled.column < 0 && settled.way != .unexpected && container == settled
      && below.allSatisfy { $0.settled == settled && $0.container == settled && $0.isUniform }
    if !isRoot && isUniform && !(keepsRules && below.contains(where: \.hasRules)) {
      members = []
      elements = nil
    }
  }
}
