/// The words of field names in English, German, French, Spanish and Italian, without accents (`ä` is `ae`). These are the
/// only lists of such words: `FieldNameGuess` reads them for every command.
///
/// A pattern is a word, several words in a row (`birth date`, also written as one word), `=name` for the whole name,
/// `name$` for its last word, or `*name` for the end of any of its words.
enum FieldWords {
  struct Rule {
    let role: ColumnRole
    /// Names that mean the role and nothing else.
    let patterns: [String]
    /// Names that probably mean the role. `veil profile` and `veil init` go by them, but a label does not.
    var hints: [String] = []
  }

  /// The rules, sorted from specific to general: the first one that the name matches says the role.
  static let rules: [Rule] = [
    Rule(
      role: .email, patterns: ["email", "e mail", "mail", "courriel", "correo", "posta elettronica", "mailto"]),
    Rule(role: .fax, patterns: ["fax", "telefax", "fernkopie"]),
    Rule(
      role: .phone,
      patterns: [
        "phone", "telephone", "tel", "mobile", "mobil", "=cell", "=cells", "cell phone", "cellphone", "cell number",
        "cell no", "msisdn", "telecom", "telefon", "handy", "rufnummer", "festnetz", "mobilfunk", "fon$", "*telefon",
        "*handy", "=portable", "telefono", "movil", "durchwahl", "recapito telefonico", "tlf", "tfno", "natel",
        "celular", "cellulare", "ruf nr", "ruf nummer", "whatsapp", "gsm",
      ]),
    Rule(
      role: .ip,
      patterns: ["ip", "ip address", "ip addr", "ipaddr", "ipv", "remote addr", "remote host", "adresse ip"]),
    Rule(
      role: .birthDate,
      patterns: [
        "birth date", "date of birth", "dob", "birthday", "birth", "geburtsdatum", "geburtstag", "geboren", "geb",
        "geburt", "naissance", "nacimiento", "nascita", "born",
      ]),
    Rule(
      role: .nationalID,
      patterns: [
        "ssn", "social security", "national id", "national number", "national insurance", "=nin", "nino", "dni", "=nie",
        "cpf", "pesel", "bsn", "=nir", "aadhaar", "=sin", "curp", "personnummer", "personal number", "hetu",
        "steuer id", "steuer nr", "steuer nummer", "steueridentifikationsnummer", "steuerliche identifikationsnummer",
        "idnr", "tin$", "tax id", "tax number", "tax no", "taxpayer id", "codice fiscale", "cod fiscale",
        "partita iva", "insee", "numero fiscal", "numero securite sociale", "securite sociale", "secu",
        "seguridad social", "nhs number", "nhs no", "=nif", "=nss", "=cif", "rvnr", "=rut", "=cpr", "=cnp", "=egn",
        "tckn", "tc kimlik no", "kimlik no", "=nhs", "ehic", "=nric", "=hcn", "ohip", "chi number", "=pps", "ppsn",
        "emirates id", "ghana card", "ration card", "=uan", "abha", "=rfc", "=ruc", "=cuil", "=cuit", "clave elector",
        "=oib", "jmbg", "emso", "rodne cislo", "amka", "numero documento",
        "num documento", "nro documento", "documento identidad", "documento de identidad", "numero identificacion",
        "sozialversicherung", "sozialversicherungsnummer",
        "rentenversicherung", "svnr", "ahv", "id card", "identity card", "identity number", "cedula",
        "carta identita", "carte identite", "cni$",
      ]),
    Rule(
      role: .medicalRecord,
      patterns: [
        "mrn", "medical record", "health record", "patient number", "chart number", "encounter id", "fallnummer",
        "fall nr", "fall nummer", "fall id", "patientennummer", "=pid", "study id", "study number", "study no",
        "study nr",
        "case id", "case number", "case no", "case nr", "screening number", "screening no", "screening id",
        "randomization number", "randomization no", "randomisation number", "randomisation no", "enrolment id",
        "enrolment no", "enrollment id", "enrollment no", "trial id", "studien id", "studien nr", "studiennummer",
        "historia clinica", "numero historia", "nhc", "dossier patient",
        "usubjid",
        "subjid", "hadm id", "numero dossier", "cartella clinica",
      ]),
    Rule(
      role: .healthPlan,
      patterns: [
        "health plan", "=beneficiary", "insurance number", "insurance no", "insurance id", "policy number", "policy no",
        "policy id", "member number", "versichertennummer", "versicherung nummer", "versicherung nr",
        "versicherungsnummer", "krankenversicherung", "krankenversicherungsnummer", "krankenversichertennummer",
        "medicare no", "krankenkasse nummer",
        "police nummer", "tessera sanitaria", "=tessera", "numero tessera", "carte vitale", "numero poliza",
      ],
      hints: ["medicare", "medicaid", "beneficiary"]),
    Rule(
      role: .card,
      patterns: [
        "card number", "card no", "card nr", "card id", "card num", "credit card", "debit card", "cc number", "cc num",
        "=cc", "=pan", "cardno", "kreditkarte", "kreditkarten", "kreditkartennummer", "kartennummer", "karten nummer",
        "karten nr", "carte bancaire", "carte bleue", "carte credit", "carte de credit", "tarjeta", "carta di credito",
        "numero carta", "numero carte", "n carte", "=cb", "numero cb",
      ],
      hints: ["pan"]),
    Rule(
      role: .account,
      patterns: [
        "iban", "account number", "account no", "account nr", "account num", "account id", "acct no", "acct num",
        "acct id", "=account", "accountno", "bank account", "bankverbindung", "kontonummer", "konto", "kto", "ktonr",
        "kto nr", "compte bancaire",
        "numero compte", "numero de compte", "cuenta", "rib$", "conto corrente", "numero conto",
      ],
      hints: ["bic", "sort code", "routing number"]),
    Rule(
      role: .licence,
      patterns: [
        "license number", "licence number", "license no", "licence no", "license nr", "license id", "driver license",
        "driver licence", "drivers license", "drivers licence", "driving licence", "driving license", "passport",
        "reisepass", "fuehrerschein", "fuhrerschein", "personalausweis", "ausweis", "pass nummer", "pass nr",
        "passeport", "pasaporte", "passaporto", "=permis", "numero permis", "permis conduire", "permis de conduire",
        "=patente", "numero patente",
        "carnet conducir", "licencia conducir", "licencia de conducir",
      ],
      hints: ["certificate number"]),
    Rule(
      role: .vehicle,
      patterns: [
        "vin", "license plate", "licence plate", "number plate", "=plate", "plate number", "plate no", "=kennzeichen",
        "kfz kennzeichen", "kfz kz", "=kennz", "nummernschild", "fahrgestellnummer", "fahrgestell nummer",
        "fahrgestell nr", "fahrzeug identifizierungsnummer", "=fin", "matricula", "immatriculation", "plaque", "targa",
        "=registration number", "bastidor", "telaio",
      ],
      hints: ["plate", "kennzeichen"]),
    Rule(
      role: .device,
      patterns: [
        "imei", "imsi", "iccid", "=mac", "mac address", "mac addr", "mac adresse", "mac id", "device id", "udid",
        "idfa", "gaid", "aaid", "advertising id", "advertiser id", "device serial", "android id", "geraete id",
        "cookie id", "=cookie",
      ],
      hints: ["mac", "serial number"]),
    Rule(
      role: .biometric, patterns: ["fingerprint", "voiceprint", "face id", "biometric", "fingerabdruck"],
      hints: ["retina", "iris"]),
    Rule(
      role: .photo, patterns: ["photo", "avatar", "portrait", "foto", "lichtbild", "selfie"],
      hints: ["picture", "image"]),
    Rule(role: .genetic, patterns: ["genome", "genotype", "dna", "snp", "mutation"]),
    Rule(
      role: .username,
      patterns: [
        "username", "user name", "=login", "=logins", "login name", "user login", "login id", "nickname", "nick name",
        "screen name", "=handle", "user handle", "twitter", "skype", "instagram", "facebook", "linkedin",
        "benutzername", "benutzer name", "nutzername", "nutzer name", "nom utilisateur", "nom d utilisateur",
        "identifiant connexion", "nombre usuario", "nombre de usuario", "nome utente",
      ],
      hints: ["login", "handle"]),
    Rule(
      role: .name,
      patterns: [
        "first name", "last name", "full name", "surname", "given name", "family name", "middle name", "maiden name",
        "display name", "forename", "fname", "lname", "firstname", "lastname", "fullname", "=given", "=given names",
        "vorname", "vornamen", "nachname", "familienname", "rufname", "zuname", "geburtsname", "maedchenname",
        "*vorname", "*nachname", "klarname", "prenom", "patronyme", "nom famille", "apellido", "apellidos", "cognome",
        "nominativo", "initials", "initialen", "ragione sociale", "nom naissance", "nom de naissance",
        "nom patronymique", "nom jf", "nom jeune fille",
        "nom de jeune fille", "nom usage", "spitzname", "surnom", "apodo", "soprannome", "mname", "cust nm", "nombres",
        "contact person", "kontaktperson", "persona de contacto", "ansprechpartner", "interlocuteur", "kontoinhaber",
        "kontoinhaberin", "=inhaber", "=inhaberin", "empfaenger", "destinataire", "destinatario", "titulaire",
        "=titular", "intestatario",
        "payee",
        "emergency contact", "notfallkontakt", "next of kin", "recipient name", "absendername", "vollstaendiger name",
        "vermieter", "ehegatte", "conjoint", "hausarzt",
      ]),
    Rule(role: .url, patterns: [], hints: ["url", "website", "homepage", "link", "uri", "web"]),
    Rule(
      role: .postcode,
      patterns: [
        "postcode", "postal code", "postal", "zip", "zip code", "zipcode", "plz", "postleitzahl", "code postal",
        "codigo postal", "cap",
      ]),
    Rule(
      role: .coordinates,
      patterns: [
        "latitude", "longitude", "lat", "lon", "lng", "coordinates", "coords", "geo", "gps", "geohash", "breitengrad",
        "laengengrad", "latitud", "longitud",
      ]),
    Rule(
      role: .address,
      patterns: [
        "street", "address", "addr", "adr$", "strasse", "=str", "hausnummer", "haus nummer", "haus nr", "house number",
        "house no", "rue", "calle", "=via", "anschrift", "adresse", "*adresse", "*anschrift", "*strasse", "wohnsitz",
        "domicile", "domicilio", "direccion", "indirizzo",
      ]),
    Rule(
      role: .city,
      patterns: [
        "city", "town", "municipality", "village", "ort", "stadt", "wohnort", "ville", "ciudad", "gemeinde",
        "birthplace", "place of birth", "location", "comune", "citta",
      ]),
    Rule(
      role: .county,
      patterns: [
        "county", "district", "landkreis", "bezirk", "departement", "precinct", "neighbourhood", "neighborhood", "ward",
        "census tract",
      ]),
    Rule(
      role: .nationality,
      patterns: [
        "nationality", "citizenship", "staatsangehoerigkeit", "native country", "country of birth", "birth country",
        "nationalite", "nacionalidad", "nazionalita",
      ]),
    Rule(role: .country, patterns: ["country", "land", "pays", "pais", "nation", "paese"]),
    Rule(
      role: .state, patterns: ["=state", "region", "province", "bundesland", "kanton", "provincia", "state code"]),
    Rule(role: .age, patterns: ["age", "alter", "edad", "age years", "age group", "eta$"]),
    Rule(role: .gender, patterns: ["gender", "sex", "geschlecht", "sexe", "sexo", "sesso"]),
    Rule(role: .marital, patterns: ["marital", "marital status", "civil status", "familienstand", "married"]),
    Rule(
      role: .education,
      patterns: ["education", "degree", "schooling", "bildung", "qualification", "education num"]),
    Rule(
      role: .occupation,
      patterns: [
        "occupation", "job", "job title", "profession", "beruf", "employer", "workclass", "industry", "position",
      ]),
    Rule(role: .language, patterns: ["language", "sprache", "locale", "mother tongue"]),
    Rule(
      role: .household,
      patterns: [
        "household", "household size", "children", "dependents", "number of children", "relationship", "kinder",
      ]),
    Rule(
      role: .ethnicity,
      patterns: [
        "race", "ethnicity", "ethnic", "ethnie", "racial", "ethnische herkunft", "origine ethnique", "raza", "etnia",
      ]),
    Rule(
      role: .religion,
      patterns: ["religion", "religious", "religiosity", "denomination", "faith", "konfession", "religione", "church"]),
    Rule(role: .politics, patterns: ["party", "political", "vote", "union", "trade union", "gewerkschaft"]),
    Rule(role: .sexuality, patterns: ["orientation", "sexual orientation", "sexuality"]),
    Rule(role: .criminal, patterns: ["criminal", "conviction", "offence", "offense", "arrest"]),
    Rule(
      role: .health,
      patterns: [
        "diagnosis", "diagnose", "disease", "illness", "icd", "medication", "drug", "drugs", "alcohol", "treatment",
        "symptom", "allergy",
        "disability", "blood type", "blood group", "smoker", "bmi", "hiv", "condition", "krankheit", "lab result",
        "procedure", "therapy", "diagnostic",
      ]),
    Rule(
      role: .income,
      patterns: [
        "income", "salary", "wage", "wages", "salary class", "earnings", "gehalt", "einkommen", "salaire", "salario",
        "net worth", "credit score", "balance", "debt", "revenu", "pay",
      ]),
    Rule(
      role: .freeText,
      patterns: [
        "note", "notes", "comment", "comments", "remark", "remarks", "description", "message", "bemerkung", "notiz",
        "freitext", "feedback", "bio",
      ]),
    Rule(role: .date, patterns: moments + ["date", "datum", "fecha", "admission", "discharge", "death"]),
    Rule(
      role: .identifier,
      patterns: identifiers + ["identifier", "matrikelnummer", "matricule", "legajo"],
      hints: ["key", "reference", "ref", "token"]),
  ]

  /// Names of exact times.
  static let moments = [
    "timestamp", "date time", "time", "created", "updated", "last seen", "seen$", "at$", "zeitpunkt", "zeitstempel",
  ]

  /// Nouns for a number or code that tells one of many from the others.
  static let identifiers = [
    "id", "uid", "uuid", "guid", "ident", "identifiant", "identificador", "identificativo", "kennung", "nummer", "nr",
    "kdnr", "kd nr", "persnr", "pers nr", "=no", "=num", "=number", "=numero", "=nbr", "=lfdnr", "lfd nr",
  ]

  /// Nouns that make an identifier of a person's word in front of or behind them: `customer_no`, `id_cliente`.
  static let identifierNouns: Set<String> = [
    "id", "ids", "uid", "uuid", "guid", "ident", "identifier", "identifiant", "identificador", "identificativo",
    "identificacion", "kennung", "nummer", "nr", "nbr", "no", "num", "number", "numero", "n", "key", "ref", "reference",
    "code", "codigo", "codice", "cod", "kennziffer", "schluessel", "token", "hash",
  ]

  /// Words for a name that need a word beside them to be a person's: `customer_name`, but `product_name`.
  static let nameNouns: Set<String> = ["name", "names", "namen", "nom", "noms", "nombre", "nome", "nomi"]

  /// Words that make a person's of such a name.
  static let nameKinds: Set<String> = [
    "first", "last", "full", "given", "family", "middle", "maiden", "legal", "preferred", "birth", "complete", "real",
    "primer", "segundo", "completo", "completa", "complet", "naissance", "famille", "usage", "geburts", "voller",
    "vor", "nach", "ruf", "marital",
  ]

  /// Parts of a person's name in an object `name`, as in HL7 FHIR.
  static let nameParts: Set<String> = [
    "family", "given", "first", "last", "middle", "full", "text", "surname", "suffix", "prefix", "title", "value",
  ]

  /// Parts of an object or array named like something that tells a person: `phones[].value`.
  static let plainParts: Set<String> = [
    "value", "values", "number", "nr", "no", "num", "nummer", "numero", "text", "raw", "full", "id", "line", "lines",
    "primary", "secondary", "home", "work", "private", "privat", "main",
  ]

  /// Objects that say nothing about what they hold.
  static let containers: Set<String> = [
    "data", "record", "records", "row", "rows", "payload", "attributes", "fields", "properties", "profile", "profil",
    "details", "detail", "info", "body", "document", "doc", "resource", "entry", "item", "source", "value", "root",
  ]

  /// Words for people, by whose names and numbers they are known.
  static let people: Set<String> = [
    // English
    "customer", "cust", "client", "user", "usr", "person", "patient", "pat", "member", "subject", "employee", "emp",
    "staff", "worker", "citizen", "account", "participant", "respondent", "student", "pupil", "teacher", "physician",
    "doctor", "nurse", "driver", "passenger", "guest", "tenant", "owner", "holder", "cardholder", "policyholder",
    "insured", "borrower", "applicant", "candidate", "contact", "lead", "subscriber", "buyer", "seller", "donor",
    "voter", "resident", "individual", "player", "visitor", "caller", "sender", "payer", "payee", "author", "mother",
    "father", "parent", "child", "spouse", "partner", "wife", "husband", "guardian", "victim", "suspect", "defendant",
    "offender", "prisoner", "inmate", "beneficiary", "claimant", "taxpayer", "enrollee", "learner", "shopper",
    // German
    "kunde", "kunden", "kundin", "kd", "pers", "klient", "klienten", "mandant", "mandanten", "nutzer", "benutzer",
    "anwender", "patienten",
    "mitglied", "mitglieds", "mitglieder", "mitarbeiter", "angestellter", "arbeitnehmer", "versicherter",
    "versicherten", "versicherte", "buerger", "studenten", "studierende", "schueler", "teilnehmer", "proband",
    "probanden", "bewohner", "mieter", "halter", "fahrer", "gast", "kaeufer", "spender", "waehler", "antragsteller",
    "personen", "bewerber", "kontakt", "inhaber", "personal", "debitor", "debitoren", "mutter", "vater", "ehepartner",
    // French
    "cliente", "utilisateur", "salarie", "employe", "eleve", "etudiant", "assure", "adherent", "membre", "personne",
    "beneficiaire", "citoyen", "titulaire", "conducteur", "locataire", "abonne", "mere", "pere", "conjoint",
    // Spanish
    "usuario", "paciente", "empleado", "alumno", "estudiante", "socio", "miembro", "persona", "ciudadano", "titular",
    "trabajador", "afiliado", "asegurado", "madre", "padre",
    // Italian
    "utente", "paziente", "dipendente", "impiegato", "studente", "membro", "cittadino", "assicurato", "intestatario",
  ]

  /// People whose word alone, as a field's name, means their number or name.
  static let wholePeople: Set<String> = [
    "customer", "cust", "client", "user", "person", "patient", "member", "subject", "employee", "participant",
    "respondent", "student", "passenger", "author", "kunde", "nutzer", "benutzer", "mitarbeiter", "mitglied", "proband",
    "utilisateur", "cliente", "usuario", "paciente", "empleado", "alumno", "utente", "paziente", "dipendente",
  ]

  /// Things and organizations that have names, numbers and addresses, too.
  static let things: Set<String> = [
    "product", "produkt", "producto", "prodotto", "produit", "item", "store", "shop", "company", "firm", "firma",
    "hospital", "clinic", "branch", "filiale", "station", "server", "host", "event", "school", "university",
    "organisation", "organization", "org", "department", "dept", "project", "restaurant", "hotel", "building",
    "airport", "facility", "warehouse", "plant", "team", "group", "file", "table", "column", "merchant", "brand",
  ]

  /// Words at the end of a name after which it is about something, and is not that itself: `phone_type`.
  static let aboutLast: Set<String> = [
    "type", "typ", "tipo", "kind", "art", "status", "flag", "count", "counts", "verified", "valid", "sent", "opened",
    "clicked", "received", "consent", "consented", "allowed", "optin", "optout", "in", "out", "length", "domain",
    "provider", "quality", "missing", "present", "known", "exists", "since", "total", "sum", "avg", "mean", "rate",
    "ratio", "percent", "pct", "share", "score", "brand", "currency", "tier", "segment", "category", "class",
    "language", "version", "model", "os", "platform", "channel", "format", "state", "country", "city", "zip",
    "postcode", "plz", "region", "county", "district", "changed", "updated", "created", "date", "datum", "fecha",
    "time", "year", "month", "balance", "amount", "limit", "debt", "bill", "campaign", "order", "payment", "plan",
    "usage", "calls", "minutes", "expiry", "expires", "issuer", "network", "prefix", "age", "gender", "group",
    "frequency", "preference", "anzahl", "at", "on", "ms", "seconds", "hours", "days", "visits", "clicks",
    "purchases", "orders", "value", "values",
  ]

  /// Words at the start of a name with the same effect: `has_email`.
  static let aboutFirst: Set<String> = [
    "has", "have", "is", "was", "can", "count", "anzahl", "days", "months", "years", "hours", "minutes", "seconds",
    "opt", "accepts", "allow", "allows", "hat", "ist", "nb", "total", "avg", "mean", "max", "min",
  ]

  /// The ends of compounds that are written as one word, the longest first.
  static let compoundTails = [
    "anschrift", "adresse", "address", "kennung", "strasse", "nummer", "number", "namen", "datum", "addr", "name",
    "code", "num", "key", "ref", "nr", "no", "id",
  ]

  /// The beginnings of such words: `idcliente`.
  static let compoundHeads = ["numero", "nombre", "codigo", "nome", "num", "nom", "cod", "id"]

  /// Every word of the patterns, by which halves of compounds are known.
  static let known: Set<String> = {
    var words: Set<String> = []
    let marks = " =$*".utf8
    for rule in rules {
      for pattern in rule.patterns + rule.hints {
        // Bytes, since characters cost a run some milliseconds here.
        for word in pattern.utf8.split(whereSeparator: { marks.contains($0) }) { words.insert(String(Substring(word))) }
      }
    }
    return words
  }()
}
