import VeilConfig
import VeilGround

/// Tells whose record a value of an export names, in every form in which the export may write people: the names that the
/// pipeline's stages make of them, a name behind the apostrophe of `formula_guard`, a JSON number in another spelling,
/// and a token that is another one each time, which only its key opens.
final class SubjectMatch {
  /// What a value says.
  struct Finding {
    /// One of the people who are looked for.
    var isTheirs: Bool
    /// The same for all values that name one person.
    var person: [UInt8]
  }

  private var names: Set<[UInt8]> = []
  /// The forms of names that are JSON numbers.
  private var numbers: Set<[UInt8]> = []
  /// What opens tokens that are other ones each time, and the people's names as they stand in them.
  private var seals: [(cipher: TokenCipher, names: Set<[UInt8]>)] = []
  private let sealer: Encrypt?
  private let isGuarded: Bool
  private let isCanonical: Bool
  /// How many values could not be judged: tokens that no key at hand opens, objects and lists.
  private(set) var unjudged = 0

  /// - Parameters:
  ///   - sealer: the stage that wrote the export's tokens, if these are other ones each time.
  ///   - isGuarded: whether the export has an apostrophe in front of formulas.
  ///   - isCanonical: whether JSON numbers left in one form.
  init(sealer: Encrypt?, isGuarded: Bool, isCanonical: Bool) {
    (self.sealer, self.isGuarded, self.isCanonical) = (sealer, isGuarded, isCanonical)
  }

  /// Whether the pipeline could not have published any of the people.
  var isEmpty: Bool { names.isEmpty && seals.allSatisfy(\.names.isEmpty) }

  func add(_ name: [UInt8]) {
    names.insert(name)
    if isGuarded, FormulaGuard.applies(to: name) { names.insert([FormulaGuard.mark] + name) }
    if let number = JSONForm.number(name[...]) {
      numbers.insert(number)
      if isCanonical { names.insert(number) }
    }
  }

  func add(_ cipher: TokenCipher, names: Set<[UInt8]>) { seals.append((cipher, names)) }

  /// - Parameters:
  ///   - isNumber: whether it is a JSON number.
  ///   - isComposite: whether it is an object or a list.
  func look(at value: [UInt8], isNumber: Bool, isComposite: Bool) -> Finding {
    if isComposite {
      unjudged += 1
      return Finding(isTheirs: false, person: value)
    }
    if let sealer { return look(into: value, of: sealer) }
    if isNumber, let number = JSONForm.number(value[...]) {
      return Finding(isTheirs: names.contains(value) || numbers.contains(number), person: number)
    }
    return Finding(isTheirs: names.contains(value), person: value)
  }

  private func look(into token: [UInt8], of sealer: Encrypt) -> Finding {
    if let sealed = sealer.sealed(in: token) {
      for seal in seals {
        if let value = seal.cipher.open(sealed) { return Finding(isTheirs: seal.names.contains(value), person: value) }
      }
    }
    unjudged += 1
    return Finding(isTheirs: false, person: token)
  }

  /// Throws if values were met that could not be judged.
  func requireJudged(_ field: FieldPath) throws(NotSearchable) {
    guard unjudged > 0 else { return }
    let what = sealer == nil ? "objects or lists" : "tokens that no key at hand opens"
    throw NotSearchable(reason: "\(unjudged) values of its field '\(field)' are \(what)")
  }
}
