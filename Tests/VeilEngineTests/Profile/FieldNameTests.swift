import Testing
import VeilConfig

@testable import VeilEngine

/// The names of fields by which every command tells what is a person's.
@Suite("Field names")
struct FieldNameTests {
  static let persons = [
    // Names.
    "name", "Name", "names", "Nachname", "nachname", "vorname", "Vor-Nachname", "Geburtsname", "Mädchenname", "nom",
    "prenom", "prénom", "Pre\u{301}nom", "nombre", "primer_nombre", "apellidos",
    "cognome", "nome", "customer_name", "customerName", "CUSTOMER_NAME", "customername", "Kundenname", "Patientenname",
    "nom_client", "nombre_cliente", "nombre_de_cliente", "nome_paziente", "fname", "last_name", "lastname", "full name",
    "patient.name", "customer.name", "name.family", "name[].family", "name[].given[]", "data.name", "initials",
    // Numbers one can be called at.
    "tel", "Tel.", "tel_nr", "telefon", "Telefon-Nr.", "Telefonnummer", "Privattelefon", "telephone", "téléphone",
    "teléfono", "Handynummer", "Handynr", "handy", "Mobilnummer", "Mobilfunknummer", "mobile", "cell", "phone2",
    "contact.phones[]", "phones[].value", "numero_de_telefono", "numéro de téléphone", "fax_no", "cellulare",
    // Addresses.
    "street", "address", "Adresse", "adresse", "addr", "Straße", "STRASSE", "strasse", "Straßenname", "street_name",
    "Wohnadresse", "Lieferanschrift", "hausnummer", "dirección", "indirizzo", "rue", "via", "address.street",
    "address.line1", "email", "e-mail", "Emailadresse", "mail", "courriel", "correo_electronico", "ip", "ipAddress",
    "IP-Adresse", "client_ip", "ipv4", "mac", "mac_address",
    // Numbers of the state, of banks, of insurers and doctors.
    "Kreditkarte", "Kreditkartennummer", "credit_card", "creditcard", "card_no", "tarjeta_credito", "iban", "IBAN",
    "konto", "Kontonr", "Kontonummer", "account_no", "license_plate", "kennzeichen", "vin", "matricula",
    "immatriculation", "targa", "reisepass", "Reisepassnummer", "Ausweisnummer", "Führerschein", "passport",
    "passport_no", "pasaporte", "passeport", "ssn", "steuer_id", "steuerID", "Steuernummer", "codice_fiscale", "dni",
    "Versicherungsnr", "Krankenversicherungsnummer", "mrn", "fallnummer", "policy_number", "imei", "device_id",
    // Identifiers.
    "id", "ID", "_id", "Nr.", "nummer", "uuid", "kunden_nr", "Kundennummer", "Kundennr", "customer_no",
    "customer_num", "custNo", "custid", "customerID", "client_number", "n° client", "numéro client", "num_client",
    "idcliente", "id_cliente", "codigo_cliente", "código de cliente", "Personalnummer", "Mitgliedsnummer",
    "Patientennr", "patient_id", "patientid", "user.id", "member_no", "Matrikelnummer", "matricule", "Benutzerkennung",
    "customer", "patient", "username", "Benutzername", "photo", "fingerprint", "identifier[].value",
  ]

  @Test(arguments: persons)
  func namesPerson(_ name: String) {
    #expect(FieldNameGuess.namesPerson(name), "\(String(describing: FieldNameGuess.finding(name)))")
  }

  static let others = [
    "valid", "paid", "said", "void", "covid", "grid", "rapid", "casino", "piano", "idea", "ideal", "identity_verified",
    "product_name", "Produktname", "productName", "product.name", "items[].name", "items[].id", "city_name",
    "country_name", "file_name", "filename", "hostname", "brand_name", "nom_produit", "nombre_producto",
    "nombre_de_pagos", "nombre de clients", "nome_file", "state", "status", "city", "country", "order_id", "order_no",
    "orderId", "product_id", "sku", "invoice_number", "Rechnungsnummer", "Bestellnummer", "amount", "price",
    "quantity", "company", "category", "segment", "customer_segment", "customer_since", "customer_type",
    "customer_city", "patient_age", "user_agent", "has_email", "emails_sent", "email_opened", "email_domain",
    "phone_type", "is_mobile", "phone_calls", "phone_verified", "number_of_cards", "num_phones", "account_balance",
    "account_type", "card_type", "ip_country", "passport_country", "passport_expiry_date", "license_state",
    "address_type", "device_type", "id_type", "store_phone", "company_address", "station_id", "event_name", "age",
    "gender", "postcode", "birth_date", "diagnosis", "income", "visa", "total", "discount", "stage", "package",
    "management", "tax", "tax_rate", "telemetry", "hiban", "streetlight", "timestamp", "created_at", "date", "datum",
    "notes", "latitude", "cell_type", "handicap", "nominal", "number_of_children", "n_visits", "anzahl_karten", "url",
    "key", "reference", "value", "type", "level", "score", "nation", "national", "Bundesland", "Ort", "PLZ", "c1",
    "x", "", "1", ".", "[]",
  ]

  @Test(arguments: others)
  func namesNobody(_ name: String) {
    #expect(!FieldNameGuess.namesPerson(name), "\(String(describing: FieldNameGuess.finding(name)))")
  }

  @Test(arguments: [
    ("contact.phones[]", ColumnRole.phone), ("name[].family", .name), ("name[].given[]", .name),
    ("religious", .religion),
    ("drugs", .health), ("races", .ethnicity), ("Handynummer", .phone), ("Kundennr", .identifier),
    ("order_id", .identifier), ("address_zip", .postcode), ("ip_country", .country), ("account_balance", .income),
    ("store_phone", .phone), ("Straßenname", .address), ("nationalité", .nationality), ("created_at", .date),
    ("location", .city),
  ])
  func roles(_ name: String, _ role: ColumnRole) {
    #expect(FieldNameGuess.role(of: name) == role)
  }

  /// Spelling never matters: accents as one character or two, capitals, signs between words.
  @Test func spellings() {
    for name in Self.persons + Self.others where !name.contains(".") {
      let found = FieldNameGuess.finding(name)
      #expect(FieldNameGuess.finding(name.replacing("_", with: "-")) == found, "\(name)")
      #expect(FieldNameGuess.finding(name.replacing("_", with: " ")) == found, "\(name)")
      if !name.contains(where: \.isUppercase) {
        #expect(FieldNameGuess.finding(name.uppercased()) == found, "\(name)")
      }
    }
    #expect(FieldNameGuess.finding("pre\u{301}nom") == FieldNameGuess.finding("prénom"))
    #expect(FieldNameGuess.finding("Fu\u{308}hrerschein") == FieldNameGuess.finding("Führerschein"))
  }

  /// What stands for a person again and again, so that its values repeat where records of one person do.
  @Test func identifiers() {
    for name in ["patient_id", "customer_no", "id", "email", "iban", "Kundennr", "ssn", "phone", "username"] {
      #expect(FieldNameGuess.identifiesPerson(name), "\(name)")
    }
    for name in ["name", "street", "ip", "photo", "order_id", "city", "vin"] {
      #expect(!FieldNameGuess.identifiesPerson(name), "\(name)")
    }
  }
}
