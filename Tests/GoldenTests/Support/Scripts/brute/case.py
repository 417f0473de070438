"""A random release: made-up people, how their records are written, and a pipeline that publishes them."""
import csv, io, json, os, random as randoms

import columns, models

WORDS = ["flu", "tb", "hiv", "rash"]
OTHERS = ["note", "ref", "rare", "remark", "name", "city", "gender"]


def other_field(random, name):
    """What a field beside the quasi-identifiers holds: a function that draws a value."""
    if name == "ref":
        return lambda r: f"R{r.randrange(10**9):09d}x"
    if name == "rare":
        share = random.choice([0.1, 0.25, 0.4, 0.6])
        return lambda r: f"only {r.randrange(10**6)}" if r.random() < share else r.choice(["usual", "often", "common"])
    if name == "remark":
        share = random.choice([0.02, 0.1])
        return lambda r: f"write to u{r.randrange(900)}@example.org" if r.random() < share else "nothing"
    if name == "name":
        return lambda r: r.choice(["Ada Byron", "Bob Roy", "Cleo Lund"])
    if name == "city":
        return lambda r: r.choice(["Rome", "Pisa"])
    if name == "gender":
        return lambda r: r.choice(["f", "m"])
    return lambda r: r.choice(["x", "y, z", '"q"', "", "é"])


class Case:
    def __init__(self, seed):
        self.seed = seed
        self.random = random = randoms.Random(seed)
        self.format = random.choice(["csv", "ndjson", "ndjson", "json", "tsv"])
        self.is_json = self.format in ("ndjson", "json")
        self.mode = random.choice(["subjects"] * 6 + ["records"] * 2 + ["unsaid"])
        self.columns = [
            columns.random_column(random, name)
            for name in random.sample(columns.NAMES, random.choice([1, 2, 2, 3]))
        ]
        self.quasi = [column.name for column in self.columns]
        self.k = random.choice([2, 2, 3, 5, 12])
        self.has_population = random.random() < 0.15 and not any(column.is_auto for column in self.columns)
        self.has_dx = random.random() < 0.85
        self.has_pay = self.has_dx and random.random() < 0.3
        self.demands = models.random_demands(random, WORDS, self.has_pay) if self.has_dx else []
        self.others = {
            name: other_field(random, name)
            for name in random.sample(OTHERS, random.choice([0, 0, 0, 1, 1, 2]))
        }
        self._people()
        self._anonymity()
        self._sinks()
        self.has_previous = (
            not self.has_population and self.labels != "sets" and random.random() < 0.25
            and not any(column.is_auto for column in self.columns)
        )

    # The people.

    def _person(self, number, spelled):
        r = self.random
        own = {column.name: column.draw(r) for column in self.columns}
        return {"who": f"p{number}", "base": own, "word": min(r.randrange(4), r.randrange(4))}

    def _record(self, person):
        r = self.random
        record = dict(person["base"])
        for name in self.quasi:
            if self.moving and r.random() < self.moving:
                column = next(column for column in self.columns if column.name == name)
                record[name] = column.draw(r)
            if self.missing and r.random() < self.missing:
                record[name] = ""
        word = WORDS[person["word"]] if r.random() < 0.7 else r.choice(WORDS)
        record["dx"] = "" if r.random() < self.silent else word
        record["pay"] = "" if r.random() < self.silent else str(r.choice([0, 1, 2, 10, 10, 250]))
        for name, draw in self.others.items():
            record[name] = draw(r)
        record["who"] = person["who"]
        if self.spelled:
            record["who"] = r.choice(["", " "]) + r.choice([str.upper, str.lower])(record["who"]) + r.choice(["", " "])
        if self.nameless and r.random() < self.nameless:
            record["who"] = ""
        return record

    def _people(self):
        r = self.random
        number = r.choice([12, 30, 60]) if self.k < 12 else r.choice([60, 150])
        each = r.choice([1, 1, 2, 3]) if self.mode != "unsaid" else 1
        several = each > 1
        self.missing = r.choice([0, 0, 0.05, 0.2])
        self.moving = r.choice([0, 0.2]) if several and not self.has_population else 0
        self.silent = r.choice([0, 0, 0.1])
        self.spelled = self.mode == "subjects" and r.random() < 0.25
        self.nameless = r.choice([0, 0, 0.05]) if self.mode == "subjects" else 0
        if self.has_population:
            self.missing = 0
        self.people = [self._person(at, self.spelled) for at in range(number)]
        self.records = []
        for person in self.people:
            for _ in range(r.randint(1, each)):
                self.records.append(self._record(person))
        if several and r.random() < 0.5:
            r.shuffle(self.records)
        self._number()
        self.population = []
        if self.has_population:
            more = [self._person(1000 + at, False) for at in range(number * r.choice([1, 3]))]
            self.population = [dict(person["base"]) for person in self.people + more]
            r.shuffle(self.population)

    def _number(self):
        for at, record in enumerate(self.records):
            record["row"] = str(at)

    def next_night(self):
        """The records of a second night: some people have left, some have come, some are other than they were."""
        r = self.random
        before = list(self.records)
        stay = {person["who"] for person in self.people if r.random() < 0.9}
        who = lambda record: record["who"].strip().lower()
        self.records = [dict(record) for record in before if who(record) in stay or not who(record)]
        for number in range(r.choice([0, 5, 15])):
            self.records.append(self._record(self._person(5000 + number, self.spelled)))
        for record in self.records:
            if r.random() < 0.05:
                name = r.choice(self.quasi)
                record[name] = next(column for column in self.columns if column.name == name).draw(r)
        self._number()
        return before

    def person(self, record):
        """Whose a record is, as docs/privacy-models.md counts: one unknown person where no subject stands."""
        if self.mode != "subjects":
            return ("row", record["row"])
        who = record["who"].strip().lower() if self.spelled else record["who"]
        return who or None

    # The pipeline.

    def _anonymity(self):
        r = self.random
        self.recoding = r.choice(["local", "local", "global"])
        self.suppress = r.choice([0, 5, 20, 100])
        self.keeps = r.random() < 0.3
        self.labels = "sets" if self.recoding == "local" and not self.has_population and r.random() < 0.25 else "hierarchy"
        found = {"k": self.k, "recoding": self.recoding, "suppress": f"{self.suppress}%"}
        if self.keeps:
            found["suppressed"] = "keep"
        if self.labels == "sets":
            found["labels"] = "sets"
        if self.mode == "records":
            found["count"] = "records"
        elif self.mode == "subjects" and r.random() < 0.3:
            found["count"] = "subjects"
        if r.random() < 0.2:
            found["effort"] = r.choice(["fast", "max"])
        self.risk = {}
        if r.random() < 0.15:
            self.risk["prosecutor"] = r.choice([20, 50])
        if r.random() < 0.1:
            self.risk["average"] = r.choice([10, 30])
        self.k_map = self.presence = None
        if self.has_population:
            found["population"] = "everybody.csv"
            kind = r.choice(["map", "presence", "risk", "marketer"])
            if kind == "map":
                self.k_map = found["k_map"] = r.choice([3, 8])
            elif kind == "presence":
                self.presence = found["presence"] = {"min": r.choice([0, 0.1]), "max": r.choice([0.5, 0.8])}
            elif kind == "risk":
                self.risk["journalist"] = r.choice([10, 20])
            else:
                self.risk["marketer"] = r.choice([10, 20])
        if self.risk:
            found["risk"] = {name: f"{share}%" for name, share in self.risk.items()}
        found.update(models.configured(self.demands))
        self.anonymity = found

    def _sinks(self):
        r = self.random
        formats = ["csv", "ndjson", "json", "tsv"]
        count = r.choice([1, 1, 2])
        self.who = r.choice(["drop", "drop", "token", "token", "keep"]) if self.mode == "subjects" else None
        if self.spelled and self.who == "drop":
            self.who = "token"
        self.sinks = []
        for at in range(count):
            drops = set()
            if at > 0:
                # A sink without a quasi-identifier cannot promise the least presence, and is refused.
                fixed = self.quasi if self.presence and self.presence["min"] else []
                for name in self.quasi[1:] + list(self.others):
                    if r.random() < 0.3 and name not in fixed:
                        drops.add(name)
                if self.who and not self.spelled and r.random() < 0.3:
                    drops.add("who")
                if self.has_dx and r.random() < 0.15:
                    drops.add("dx")
            self.sinks.append({
                "file": f"out{at}." + (kind := r.choice(formats)), "format": kind, "drops": drops,
                "order": r.choice([None, None, "keyed", "input"]),
            })
        self.checks = []
        if r.random() < 0.3:
            self.checks.append(r.choice([{"k": r.choice([2, 3, 6])}, {"tells_apart": "none"}, {"max_suppressed": "5%"}]))

    def who_rule(self):
        stages = ["trim", "lowercase"] if self.spelled else []
        if self.who == "token":
            return stages + [{"pseudonym": {"key": "people"}}]
        if self.who == "keep":
            return stages or "keep"
        return "drop"

    def rules(self, audit):
        rules = {"row": "keep" if audit else "drop"}
        if self.mode == "subjects":
            rules["who"] = self.who_rule()
        for column in self.columns:
            rules[column.name] = column.rule()
        for name in self.sensitive:
            rules[name] = {"class": "sensitive", "stages": ["keep"], "because": "a test"}
        for name in self.others:
            rules[name] = "keep"
        return rules

    @property
    def sensitive(self):
        return (["dx"] if self.has_dx else []) + (["pay"] if self.has_pay else [])

    def fields(self):
        """The fields of the input."""
        return ["row"] + (["who"] if self.mode == "subjects" else []) + self.quasi + self.sensitive + list(self.others)

    def leaving(self, sink):
        """The fields that leave for a sink, in the order of the rules."""
        return [
            name for name in self.fields()
            if name != "row" and name not in sink["drops"] and not (name == "who" and self.who == "drop")
        ]

    def pipeline(self, audit=False, previous=None):
        anonymity = dict(self.anonymity)
        if previous:
            anonymity["previous"] = previous
        found = {
            "version": 1, "name": "case", "source": {"path": f"in.{self.format}"}, "fields": self.rules(audit),
            "anonymity": anonymity,
        }
        if self.mode == "subjects":
            found["source"]["subject"] = "who"
        if self.who == "token":
            found["keys"] = {"people": {"env": "VEIL_KEY"}}
        if audit:
            found["sink"] = {"path": "audit.csv", "order": "input"}
            return found
        if self.checks:
            found["checks"] = self.checks
        sinks = []
        for at, sink in enumerate(self.sinks):
            own = {"path": sink["file"]}
            if len(self.sinks) > 1:
                own["recipient"] = f"r{at}"
            if sink["order"]:
                own["order"] = sink["order"]
            if sink["drops"]:
                own["fields"] = {name: "drop" for name in sorted(sink["drops"])}
            sinks.append(own)
        if len(sinks) == 1:
            found["sink"] = sinks[0]
        else:
            found["sinks"] = sinks
        return found

    # The input.

    def _json(self, name, value):
        r = self.random
        if value == "":
            # A quasi-identifier is there or null; other fields may be absent.
            return r.choice(["null", '""', "null" if name in self.quasi else None])
        if name in ("age", "pay"):
            if os.environ.get("PLAIN"): return value
            return r.choice([value] * 6 + [value + ".0", value + "e0"])
        if r.random() < 0.05:
            return '"' + "".join(f"\\u{ord(character):04x}" for character in value) + '"'
        return json.dumps(value, ensure_ascii=r.random() < 0.5)

    def _object(self, record):
        r = self.random
        members = [(name, self._json(name, record[name])) for name in self.fields()]
        if r.random() < 0.3:
            r.shuffle(members)
        blank = lambda: r.choice(["", "", " "])
        return "{" + ",".join(
            f"{blank()}{json.dumps(name)}:{blank()}{text}{blank()}" for name, text in members if text is not None) + "}"

    def input(self):
        names, r = self.fields(), self.random
        if self.format == "ndjson":
            return "".join(self._object(record) + "\n" for record in self.records)
        if self.format == "json":
            return "[" + ",\n".join(self._object(record) for record in self.records) + "]\n"
        text = io.StringIO()
        writer = csv.writer(
            text, delimiter="\t" if self.format == "tsv" else ",", lineterminator="\n",
            quoting=r.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
        writer.writerow(names)
        writer.writerows([[record[name] for name in names] for record in self.records])
        return text.getvalue()

    def population_text(self):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.quasi)
        writer.writerows([[record[name] for name in self.quasi] for record in self.population])
        return text.getvalue()
