/// Frequent first and last names of people, in the languages of the lists of fields' words and some neighbours. Names that
/// are also words of another meaning (`mark`, `rose`, `jordan`, `will`, `king`) are left out, so that a hit means something.
///
/// The lists find that a column or a key names people. They cannot find that none does.
package enum PersonNames {
  /// Returns whether a name of a field, or a key, is a person's: `anna`, `anna schmidt`, `schmidt_anna`, `Schmidt, Anna`.
  package static func isLikeName(_ name: String) -> Bool {
    guard let words = words(name), words.count <= 4 else { return false }
    guard words.count > 1 else { return given.contains(words[0]) }
    return words.contains(where: given.contains) || words.allSatisfy(family.contains)
  }

  /// Returns whether a value is one to four words of which one is a frequent name.
  static func isName(_ value: String) -> Bool {
    guard let words = words(value), words.count <= 4 else { return false }
    return words.contains { given.contains($0) || family.contains($0) }
  }

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

  private static let given = list(
    """
    aaron abdul abdullah abigail abraham adam adele adriana adrian adriano agata agnes ahmad ahmed aisha alain alan albert alberto
    alejandra alejandro alena aleksandra alessandra alessandro alessia alessio alex alexander alexandra alexandre alexis alfred
    alfredo ali alice alicia alina alison allison alma amanda amandine amelia amelie amina amir ana anastasia andrea andreas
    andrei andres andrew andré andrzej angela angelika angelo anita anja anna annalisa anne annette annika anthony antje antoine
    anton antonella antonia antonio antónio antónia ariane armin arnaud arthur arturo astrid aurelie aurélie axel ayse ayşe barbara
    beata beate beatrice beatriz benedikt benjamin benoit benoît bernadette bernd bernhard bertha bettina birgit björn bjoern
    bob bogdan boris brenda brian brigitte bruno camila camille carla carlos carlo carmen carol carole caroline cassandra
    catarina catherine cécile cecile cecilia celine céline charles chiara chloe chloé christa christel christelle christiane
    christina christine christoph christophe christopher cindy claire clara claude claudia claudio clemens cleo colette connor
    constantin corinna corinne cornelia cristian cristiano cristina dagmar damien daniel daniela daniele danielle dario david
    davide deborah delphine denise dennis diana diane didier diego dieter dietmar dimitri dirk dmitri dolores dominik dominique
    donald donatella donna dorothea dorothy doris eduard eduardo edith edward eileen elena eleanor elisa elisabeth elise elizabeth
    elke ella ellen elodie élodie elsa elvira emanuele emil emilia emilie emily emma emmanuel enrico enrique eric erica erich erik
    erika ernst erwin esther ethan etienne étienne eugen eugenia eva evelyn ewa fabian fabio fabrice fatima fatma federica federico
    felipe felix ferdinand fernanda fernando filip filippo fiona florent florian francesca francesco francis francisco franck
    françois francois françoise francoise franz franziska frederic frédéric frederik frida friederike friedrich fritz gabriel gabriela
    gabriele gabriella gareth genevieve geneviève geoffrey georg george georges gerald gerard gérard gerd gerda gerhard gertrud giacomo
    giovanna giovanni gisela giulia giuliano giuseppe gloria gonzalo gregor gregory grzegorz guido guillaume guillermo gunnar gustav
    günter guenter günther guenther hannah hanna hannelore hannes hans harald harry hassan heather heidi heike heiko heinrich heinz
    helen helena helene hélène helga helmut hendrik henri henrik henry herbert hermann hilda hildegard holger horst hubert hugo
    hussein ibrahim ignacio ilona ilse ines inga inge ingeborg ingo ingrid irene irina isaac isabel isabella isabelle ivan
    ivana ivonne jacek jacob jacqueline jacques jaime jakob jakub james jana jane janet janice janina jasmin javier jean jeanne
    jeannette jeff jeffrey jennifer jens jeremy jerome jérôme jessica jessika jim joachim joan joanna joao joão jochen joel joerg
    jörg johan johann johanna johannes john johnny jonas jonathan jorge josé jose josef josefine joseph joshua josé juan judith
    julia julian juliane julie julien juliette julio jutta jürgen juergen kai kamil karen karin karina karl karla karsten
    katarina katarzyna katharina katherine kathleen kathrin kathryn katja katrin kelly kenneth kerstin kevin khadija kimberly
    kirsten klaus konrad konstantin kristin kristina krzysztof kurt larissa larry lars laura laurence laurent lautaro lea léa lena
    leo leona leonard leonardo leonie leonor leopold liam lina linda lionel lisa loic loïc lorena lorenz lorenzo lothar louis
    louise lourdes luc luca lucas lucia lucie lucy ludwig luis luisa luise luigi luka lukas lukasz łukasz lydia magdalena małgorzata
    malgorzata manfred manon manuel manuela marc marcel marcela marcello marcin marco marcus margaret margarete margarita margit
    maria mariana marianne marie marina mario marion marlene marta martha martina martine mary maryam massimo mateo mathias mathieu
    mathilde matilde matteo matthew matthias matthieu maurice mauricio mauro maximilian mehmet melanie mélanie melissa mia micha
    michael michaela michal michał michel michele michelle miguel mikael mildred mila mina miriam mohamed mohammad mohammed
    mona monica monika monique moritz muhammad murat mustafa mélissa nadia nadine nadja nancy natalia natalie natasha nathalie nathan
    nathaniel nicholas nick nicola nicolas nicole niklas nikola nikolaus nina noah noemi nora norbert norma oksana olaf oleg olga
    oliver olivia olivier omar oscar oskar otto pablo pamela paola paolo pascal patricia patrice patricio patrick patrizia paul
    paula paulina paulo pauline pavel pedro peggy peter petra philip philipp philippe phillip pia pierre pietro pilar piotr rachel
    rafael raffaele raimund rainer ralf ralph ramon ramona raphael raquel raul raúl rebecca regina reinhard renate renato rené
    ricarda ricardo riccardo richard rita robert roberta roberto rocio rocío rodrigo roger roland rolf romain ronald rosa
    rosalia rosemarie rosemary rosina rosmarie roswitha rudolf rüdiger ruediger rupert ruth ryan sabina sabine sabrina salvatore
    samantha samuel sandra sandrine sandro sara sarah sascha scott sean sebastian sébastien sebastien selina serena sergei
    sergio severin sharon shirley sibylle siegfried sigrid silke silvia silvio simona simone sofie sofía solveig sonia sonja sophia
    sophie stacy stanislav stefan stefanie stefano steffen stella stephan stephanie stéphane stéphanie stephen steven stuart susan
    susana susanna susanne suzanne svenja sven svetlana sybille sylvia sylvie sébastian tamara tanja tatiana tatjana teresa thea
    theo theodor theresa therese thérèse thibault thierry thomas thorsten tiago tim timothy tina tobias tomas tomasz torsten tracy
    ulrich ulrike ursula uta ute uwe valentina valerie valérie vanessa vera veronica veronika veronique véronique vicente 
    viktor viktoria vincent vincenzo virginie vittorio vladimir waltraud wanda werner wilfried wilhelm william willi willy
    wojciech wolfgang wolfram xavier yannick yasmin yolanda youssef yusuf yuki yvan yves yvette yvonne zeynep zoe zoé
    """)

  private static let family = list(
    """
    aguilar allegri alonso alvarez andersen anderson andersson anderson bachmann baumann becker benitez bernard bianchi blanc bonnet
    brandt bruno caruso castillo castro chevalier clement colombo conti cruz davies davis delgado diaz díaz dubois dupont durand
    eriksson esposito evans fernandez fernández ferrari ferraro fontaine fournier friedrich fuentes gallo garcia garcía garnier
    gauthier giordano girard gomez gómez gonzalez gonzález greco gruber guerin gutierrez gutiérrez hansen hansson harris hartmann
    hernandez hernández herrera herrmann hofer hoffmann hofmann huber hughes iglesias ivanov jackson janssen jansen jensen jimenez
    jiménez johansen johansson johnson jones kaminski kowalska kowalski krause krueger krüger kumar lambert lange larsen larsson
    lefebvre lefevre lehmann lewis lombardi lopez lópez lorenz maier mancini marino marques martinez martínez maurer mayer medina mendez
    mendoza mercier meyer miller molina moller morales moreau moretti mueller müller muller muñoz munoz navarro neumann nguyen nielsen
    nilsson novak nowak obrien oliveira olsen olsson ortega ortiz pedersen pereira perez pérez peters petersen peterson petrov pettersson
    pichler ramirez ramírez ramos reyes ricci rinaldi rivera rizzo robinson rodrigues rodriguez rodríguez romano rossi rousseau roux ruiz
    russo sanchez sánchez santos schmid schmidt schmitt schmitz schneider scholz schröder schroeder schubert schulte schultz
    schulz schulze schuster schwab seidel serrano silva simmons singh smirnov smith sorensen sousa steiner suarez svensson
    taylor thompson torres vasquez vazquez vidal vogt wagner walter werner williams williamson wilson winkler wilkinson zimmermann
    """)

  private static func list(_ text: String) -> Set<String> {
    Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
  }
}
