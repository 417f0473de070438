#!/usr/bin/env python3
"""Makes the reference customers: invented people, the same bytes on every machine and with every numpy.

    make_customers.py RECORDS [--csv FILE] [--ndjson FILE]

Fifteen columns, about 226 bytes a record as CSV. About one text field in ten needs quotes, some hold line breaks, names
and cities are UTF-8, and three in ten records repeat an e-mail address from earlier in the file.

Every value is drawn from a hash of its record's number, so a short file is the beginning of a longer one. A block of
records is rendered as a matrix of bytes, one column of fixed width after another, padded with NUL; taking the NULs
out leaves the text. That is what makes five million records a matter of a minute.
"""
import argparse
import json

import numpy as np

BLOCK = 1 << 16
COLUMNS = ("customer_id email full_name phone street city postcode country birth_date gender income ip signup_ts "
           "marketing_consent notes").split()
JSON_BARE = {"customer_id", "income", "marketing_consent"}  # numbers and booleans

GIVEN = ("Ada Amélie Bruno Chiara Daan Elif Émile Freja Gábor Hanna Ibrahim Ilse Jokūbas Katarzyna Lucía Mateo Mila "
         "Nadia Øystein Priya Quentin Ruža Sven Şirin Théo Uma Vasco Wiktor Yara Željko Χρήστος Ольга 小林 Zoë").split()
FAMILY = ("Almeida Bakker Bergström Çelik Dąbrowski Engel Fischer Gómez Håkansson Ito Jørgensen Kaya Lefèvre Mäkinen "
          "Nagy O'Connor Petrović Quirós Rossi Škoda Torres Ungureanu Vermeulen Wagner Yılmaz Żak Κωστόπουλος Лебедев "
          "山本 Smith").split()
MAIL_GIVEN = "ada bruno chiara daan elif emile freja gabor hanna ilse kata lucia mateo mila nadia priya sven theo".split()
MAIL_FAMILY = "almeida bakker celik engel fischer gomez ito kaya lefevre nagy petrovic rossi torres wagner zak".split()
MAIL_HOST = "example.com example.net example.org mail.example.com post.example.org".split()
STREET = ("Linden Road|Hauptstraße|Rue des Écoles|Calle de Alcalá|Via Garibaldi|Ulica Długa|Kerkstraat|Storgatan|"
          "Rua Augusta|Östra Hamngatan|Mill Close|Harbour View|Square de l'Église|Nørre Allé").split("|")
CITY = ("Amsterdam|Århus|Barcelona|Bruxelles|Düsseldorf|Firenze|Göteborg|Graz|Kraków|Leipzig|Lisboa|Lyon|Málaga|"
        "Nürnberg|Oslo|Plzeň|Porto|Roma|Turku|Utrecht|Łódź|Saint-Étienne|Frankfurt, Main|Halle, Saale").split("|")
COUNTRY = "AT BE CZ DE DK ES FI FR GB HU IE IT NL NO PL PT SE US".split()
WORD = ("asked about the second delivery and prefers a call after noon parcel was late refund sent renewed the plan "
        "moved house wants paper invoices long standing member complaint closed follow up next spring").split()


def draw(rows, column):
    """64 hashed bits for each record of `rows` (uint64), independent for each `column` number (splitmix64)."""
    with np.errstate(over="ignore"):
        x = rows * np.uint64(64) + np.uint64(column) + np.uint64(1)
        x = x * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def below(rows, column, limit):
    """A whole number from 0 to limit - 1 for each record."""
    return (draw(rows, column) >> np.uint64(11)) % np.uint64(limit)


class Draws:
    """Numbers for building the pools, one after the other."""

    def __init__(self, column):
        self.column, self.count = column, 0

    def __call__(self, limit):
        self.count += 1
        return int(below(np.array([self.count + (1 << 40)], np.uint64), self.column, limit)[0])


def as_csv(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


class Pool:
    """Texts to draw from, rendered once for each format."""

    def __init__(self, texts):
        self.size = len(texts)
        self.rendered = {
            "csv": np.array([as_csv(t).encode() for t in texts]),
            "ndjson": np.array([json.dumps(t, ensure_ascii=False).encode() for t in texts]),
            "bare": np.array([t.encode() for t in texts]),
        }

    def matrix(self, chosen, form):
        taken = self.rendered[form][chosen.astype(np.int64)]
        return taken.view(np.uint8).reshape(len(chosen), -1)


def digits(values, width, trimmed=False):
    """Decimal digits of `values`, `width` of them; leading zeros become NUL when `trimmed`."""
    out = np.empty((len(values), width), np.uint8)
    rest = values.astype(np.uint64)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, np.uint64(10))
        out[:, place] = digit + np.uint64(48)
    if trimmed:
        leading = np.logical_and.accumulate(out[:, :-1] == 48, axis=1)
        out[:, :-1][leading] = 0
    return out


def text(rows, literal):
    return np.broadcast_to(np.frombuffer(literal.encode(), np.uint8), (len(rows), len(literal.encode())))


def names():
    pick = Draws(101)
    for _ in range(8192):
        given, family, kind = GIVEN[pick(len(GIVEN))], FAMILY[pick(len(FAMILY))], pick(100)
        if kind < 8:
            yield f"{family}, {given}"
        elif kind < 10:
            yield f'{given} "{given[:2]}" {family}'
        else:
            yield f"{given} {family}"


def streets():
    pick = Draws(102)
    for _ in range(8192):
        street = f"{1 + pick(320)} {STREET[pick(len(STREET))]}"
        yield f"{street}, Flat {1 + pick(60)}" if pick(10) == 0 else street


def notes():
    pick = Draws(103)
    for _ in range(8192):
        kind = pick(100)
        words = [WORD[pick(len(WORD))] for _ in range(6 + pick(14))]
        if kind < 24:
            yield ""
            continue
        if kind < 30:
            words[2] += ","
        elif kind < 33:
            words[1] = f'"{words[1]}"'
        elif kind < 35:
            words[3] += "\n" + words[4]
        yield " ".join(words)


def postcodes():
    pick = Draws(104)
    letters = "ABCDEGHKLNPRSTWY"
    for _ in range(8192):
        if pick(10) < 6:
            yield f"{pick(100_000):05d}"
        else:
            a, b, c, d = (letters[pick(len(letters))] for _ in range(4))
            yield f"{a}{b}{1 + pick(29)} {pick(10)}{c}{d}"


def days(first, count):
    return np.datetime_as_string(np.datetime64(first) + np.arange(count)).tolist()


class Customers:
    def __init__(self):
        self.pools = {
            "full_name": Pool(list(names())), "street": Pool(list(streets())), "notes": Pool(list(notes())),
            "postcode": Pool(list(postcodes())), "city": Pool(CITY), "country": Pool(COUNTRY),
            "gender": Pool(["F"] * 47 + ["M"] * 47 + ["X"] * 3 + [""] * 3), "birth_date": Pool(days("1931-01-01", 27_000)),
        }
        self.mail = [Pool(x) for x in (MAIL_GIVEN, MAIL_FAMILY, MAIL_HOST)]
        self.octet = Pool([str(i) for i in range(1, 255)])
        self.day = Pool(days("2016-01-01", 3600))
        self.time = Pool([f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)])
        self.truth = Pool(["true", "true", "false", "false", "false"])

    def parts(self, column, rows, form):
        """The matrices that make up one column's text, without JSON's quotes unless the column has a pool of its own."""
        at = COLUMNS.index(column) * 4  # four draws a column
        if column in self.pools:
            pool = self.pools[column]
            return [pool.matrix(below(rows, at, pool.size), form)]
        if column == "customer_id":
            return [digits(rows + np.uint64(10_000_000), 8)]
        if column == "email":
            earlier = (below(rows, at, 1 << 32) * (rows + np.uint64(1))) >> np.uint64(32)
            person = np.where(below(rows, at + 1, 10) < 7, rows, earlier)
            given, family, host = (
                pool.matrix(below(person, 60 + i, pool.size), "bare") for i, pool in enumerate(self.mail))
            return [given, text(rows, "."), family, digits(person, 8, trimmed=True), text(rows, "@"), host]
        if column == "phone":
            return [text(rows, "+"), digits(below(rows, at, 70) + np.uint64(20), 2), text(rows, " "),
                    digits(below(rows, at + 1, 10_000), 4), text(rows, " "), digits(below(rows, at + 2, 10**6), 6)]
        if column == "income":  # 6,000 to 246,000; the product of two draws leans to the lower end
            euros = np.uint64(6000) + ((below(rows, at, 1 << 20) * below(rows, at + 1, 240_000)) >> np.uint64(20))
            return [digits(euros, 7, trimmed=True), text(rows, "."), digits(below(rows, at + 2, 100), 2)]
        if column == "ip":
            parts = []
            for i in range(4):
                parts += [self.octet.matrix(below(rows, at + i, 254), "bare"), text(rows, ".")]
            return parts[:-1]
        if column == "signup_ts":
            return [self.day.matrix(below(rows, at, self.day.size), "bare"),
                    self.time.matrix(below(rows, at + 1, 86_400), "bare")]
        return [self.truth.matrix(below(rows, at, 5), "bare")]  # marketing_consent

    def block(self, rows, form):
        parts = []
        for index, column in enumerate(COLUMNS):
            quoted = form == "ndjson" and column not in JSON_BARE and column not in self.pools
            if form == "ndjson":
                parts.append(text(rows, ("," if index else "{") + f'"{column}":' + ('"' if quoted else "")))
            elif index:
                parts.append(text(rows, ","))
            parts += self.parts(column, rows, form)
            if quoted:
                parts.append(text(rows, '"'))
        parts.append(text(rows, "}\n" if form == "ndjson" else "\n"))
        return np.concatenate(parts, axis=1).tobytes().translate(None, b"\0")


def make(records, paths):
    """Writes `records` customers to each file of `paths` ({"csv" or "ndjson": path})."""
    customers = Customers()
    files = {form: open(path, "wb") for form, path in paths.items()}
    if "csv" in files:
        files["csv"].write((",".join(COLUMNS) + "\n").encode())
    for start in range(0, records, BLOCK):
        rows = np.arange(start, min(start + BLOCK, records), dtype=np.uint64)
        for form, file in files.items():
            file.write(customers.block(rows, form))
    for file in files.values():
        file.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", type=int)
    parser.add_argument("--csv")
    parser.add_argument("--ndjson")
    arguments = parser.parse_args()
    paths = {"csv": arguments.csv, "ndjson": arguments.ndjson}
    make(arguments.records, {form: path for form, path in paths.items() if path})


if __name__ == "__main__":
    main()
