/// Frequent first names of people, in the languages of the lists of fields' words and some neighbours, in lowercase, with
/// accents and without them. Names that are also usual words, months or well-known places (Mark, May, Rose, Sofia,
/// Charlotte, Santiago) are left out, so that a hit means something: of a column with people some others are in it.
package enum GivenNames {
  package static let all = WordTable(list)

  static let list = """
    aaron abdul abdullah abigail abraham adam adele adrian adriana adriano agata agnes agnieszka ahmad ahmed aicha
    aisha alain alan albert alberto alejandra alejandro aleksandra alena alessandra alessandro alessia alessio alex
    alexander alexandra alexandre alexis alfred alfredo ali alice alicia alina alison allison alma alvaro amanda
    amandine amelia amelie amina amir amy ana anastasia anders andre andrea andreas andrei andrej andres andrew
    andrzej andré anette angel angela angelika angelo anita anja ann anna annalisa anne annette annika anthony antje
    antoine anton antonella antonia antonio antónia antónio ariane arjun armin arnaud arne arthur arturo astrid
    audrey aurelie aurélie axel ayse ayşe barbara beata beate beatrice beatriz ben benedikt benjamin benoit benoît
    bernadette bernard bernd bernhard bert bertha bettina birgit bjoern bjorn björn bjørn bob bogdan boris brandon
    brenda brian brigitte bruno camila camille carina carla carlo carlos carmen carol carole carolin caroline
    carolyn carsten cassandra catarina caterina catherine cecile cecilia celine chantal charles chiara chloe chloé
    christa christel christelle christiane christina christine christoph christophe christopher cindy claire clara
    claude claudia claudio clemens clement cleo clément colette connor constantin cora corinna corinne cornelia
    cristian cristiano cristina cynthia cécile céline dagmar damien daniel daniela daniele danielle dario dariusz
    david davide deborah delphine denise dennis diana diane didier diego dieter dietmar dimitri dirk dmitri dolores
    dominik dominique donald donatella donna doris dorothea dorothy douglas edith eduard eduardo edward edwin eileen
    eleanor elena eleonora elias elisa elisabeth elise elizabeth elke ella ellen elodie elsa elvira emanuele emil
    emile emilia emilie emily emma emmanuel enrico enrique eric erica erich erik erika ernst erwin esther ethan
    etienne eugen eugenia eva eveline evelyn ewa fabian fabio fabrice fabrizio fatima fatma federica federico felipe
    felix ferdinand fernanda fernando filip filippo fiona florent florian francesca francesco francis francisca
    francisco franck francois francoise franz franziska françois françoise frederic frederik frida friederike
    friedrich fritz frédéric gabriel gabriela gabriele gabriella gareth genevieve geneviève geoffrey georg george
    georges gerald gerard gerd gerda gerhard gertrud giacomo giorgio giovanna giovanni gisela giulia giuliano
    giuseppe gloria gonzalo gregor gregory greta grzegorz gudrun guenter guenther guido guillaume guillermo gunnar
    gunter gunther gustav gérard günter günther hanna hannah hannelore hannes hans harald harold harry hassan
    heather hector heidi heike heiko heinrich heinz helen helena helene helga helmut hendrik henri henrik henry
    herbert hermann hilda hilde hildegard holger horst hubert hugo hussein hélène ian ibrahim ignacio igor ilona
    ilse imran ines inga inge ingeborg ingo ingrid irene irina isaac isabel isabella isabelle ivan ivana ivonne
    jacek jack jacob jacqueline jacques jaime jakob jakub james jana jane janet janice janina jasmin jason javier
    jean jeanne jeannette jeff jeffrey jennifer jens jeremy jerome jerzy jesper jessica jessika jim joachim joan
    joana joanna joao jochen joel joerg johan johann johanna johannes john johnny jonas jonathan jorg jorge jose
    josef josefina josefine joseph joshua josé joyce joão juan juana judith juergen julia julian juliane julie
    julien juliette julio jurgen jutta jérôme jörg jürgen kai kamil karen karin karina karl karla karolina karsten
    katarina katarzyna katharina katherine kathleen kathrin kathryn katja katrin keith kelly kenneth kerstin kevin
    khadija khalid kim kimberly kirsten klaus konrad konstantin kristin kristina krzysztof kurt lara larissa larry
    lars laura laurence laurent lautaro lea leah lena leo leona leonard leonardo leonie leonor leopold leticia liam
    lina linda lionel lisa liselotte loic lorena lorenz lorenzo lothar louis louise lourdes loïc luc luca lucas
    lucia luciano lucie lucy ludwig luigi luis luisa luise luka lukas lukasz luke lydia léa maciej magdalena magnus
    mahmoud maja malgorzata manfred manon manuel manuela marc marcel marcela marcello marcelo marcin marco marcos
    marcus marek margaret margarete margarita margit maria mariana mariane marianne marie mariela marina mario
    marion marlene marta martha martin martina martine mary maryam marzena massimo mateo mateusz mathias mathieu
    mathilde matilde matteo matthew matthias matthieu maurice mauricio maurizio mauro maximilian małgorzata megan
    mehmet meike melanie melissa mia micha michael michaela michail michal michał michel michele michelle miguel
    mikael mike mikhail mila milan mildred milena mina miriam mohamed mohammad mohammed mona monica monika monique
    moritz muhammad murat mustafa mélanie mélissa nadia nadine nadja nancy natalia natalie natasha nathalie nathan
    nathaniel nele nicholas nick nicola nicolas nicole niels niklas nikola nikolai nikolaus nils nina noah noemi
    nora norbert nuria oksana ola olaf oleg olga oliver olivia olivier omar oscar oskar otto pablo pamela paola
    paolo pascal patrice patricia patricio patrick patrizia paul paula paulina pauline paulo pavel pawel pedro peggy
    penelope peter petra philip philipp philippe phillip pia pierluigi pierre pietro pilar piotr priya rachel rafael
    raffaele raimund rainer raj ralf ralph ramon ramona ramón raphael raquel raul raúl rebecca regina reinhard
    reinhold renate renato rene rené ricarda ricardo riccardo richard rita robert roberta roberto robin rocio rocío
    rodrigo roger roland rolf romain ronald rosa rosalia rosemarie rosemary rosina rosmarie roswitha roxana rudiger
    rudolf ruediger rui rupert ruth ryan rüdiger sabina sabine sabrina salvatore samantha samira samuel sandra
    sandrine sandro sara sarah sascha scott sean sebastian sebastien selina serena sergei sergej sergey sergio
    severin sharon shirley sibylle siegfried sigrid silke silvia silvio simon simona simone sofia sofie sofía
    solveig sonia sonja sophia sophie stacy stanislav stefan stefania stefanie stefano steffen stella stephan
    stephane stephanie stephen steven stuart stéphane stéphanie sundar susan susana susanna susanne suzanne sven
    svenja svetlana sybille sylvia sylvie sébastian sébastien tamara tanja tatiana tatjana terence teresa thea theo
    theodor theresa therese thibault thierry thomas thorsten thérèse tiago tim timo timothy tina tobias tom tomas
    tomasz toni torsten tracy tyler udo ulla ulrich ulrike umberto ursula uta ute uwe valentina valerie valérie
    vanessa vera verena veronica veronika veronique vicente victor viktor viktoria vincent vincenzo virginie
    vittorio viviane vladimir volker véronique walter waltraud wanda werner wilfried wilhelm willi william willy
    winfried wojciech wolfgang wolfram xavier xenia yannick yasmin yolanda youssef yuki yusuf yvan yves yvette
    yvonne zeynep zoe zofia zoé zuzana álvaro ángel élodie émile éric étienne óscar łukasz
    """
}
