/// Frequent first and last names of people. Last names that are also words of another meaning (`king`) are left out, as first
/// names are from `GivenNames`.
///
/// The lists find that a column or a key names people. They cannot find that none does.
package enum PersonNames {
  /// Returns whether a name of a field, or a key, is a person's: `anna`, `anna schmidt`, `schmidt_anna`, `Schmidt, Anna`.
  package static func isLikeName(_ name: String) -> Bool {
    guard let words = words(name), words.count <= 4 else { return false }
    guard words.count > 1 else { return isGiven(words[0]) }
    return words.contains(where: isGiven) || words.allSatisfy(isFamily)
  }

  /// Returns whether a value is one to four words of which one is a frequent name.
  static func isName(_ value: String) -> Bool {
    guard let words = words(value), words.count <= 4 else { return false }
    return words.contains { isGiven($0) || isFamily($0) }
  }

  private static func isGiven(_ word: String) -> Bool { GivenNames.all.contains(word.utf8) }
  private static func isFamily(_ word: String) -> Bool { family.contains(word.utf8) }

  /// Splits a text that has nothing but letters and what stands between names.
  private static func words(_ text: String) -> [String]? {
    guard text.utf8.count <= 60 else { return nil }
    var words: [String] = []
    var word = ""
    for character in text {
      if character.isLetter {
        word += character.lowercased()
      } else if character == "'" || character == "’" {
        continue
      } else if " ,._-".contains(character) {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        return nil
      }
    }
    if !word.isEmpty { words.append(word) }
    return words.isEmpty ? nil : words
  }

  private static let family = WordTable(familyNames)

  static let familyNames = """
    aguilar allegri alonso alvarez andersen anderson andersson bachmann baumann becker benitez bernard bianchi blanc
    bonnet brandt bruno caruso castillo castro chevalier clement colombo conti cruz davies davis delgado diaz dubois
    dupont durand díaz eriksson esposito evans fernandez fernández ferrari ferraro fontaine fournier friedrich
    fuentes gallo garcia garcía garnier gauthier giordano girard gomez gonzalez gonzález greco gruber guerin
    gutierrez gutiérrez gómez hansen hansson harris hartmann hernandez hernández herrera herrmann hofer hoffmann
    hofmann huber hughes iglesias ivanov jackson jansen janssen jensen jimenez jiménez johansen johansson johnson
    jones kaminski kowalska kowalski krause krueger krüger kumar lambert lange larsen larsson lefebvre lefevre
    lehmann lewis lombardi lopez lorenz lópez maier mancini marino marques martinez martínez maurer mayer medina
    mendez mendoza mercier meyer miller molina moller morales moreau moretti mueller muller munoz muñoz müller
    navarro neumann nguyen nielsen nilsson novak nowak obrien oliveira olsen olsson ortega ortiz pedersen pereira
    perez peters petersen peterson petrov pettersson pichler pérez ramirez ramos ramírez reyes ricci rinaldi rivera
    rizzo robinson rodrigues rodriguez rodríguez romano rossi rousseau roux ruiz russo sanchez santos schmid schmidt
    schmitt schmitz schneider scholz schroeder schröder schubert schulte schultz schulz schulze schuster schwab
    seidel serrano silva simmons singh smirnov smith sorensen sousa steiner suarez svensson sánchez taylor thompson
    torres vasquez vazquez vidal vogt wagner walter werner wilkinson williams williamson wilson winkler zimmermann
    """
}
