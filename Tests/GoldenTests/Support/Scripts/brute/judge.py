"""Holds what Veil published, and what it said of that, against what is true."""
import json, re
from collections import Counter, defaultdict

import models, reading
from facts import Facts, Measured

ROOM = 1e-6


def close(a, b):
    return a is not None and b is not None and abs(a - b) <= ROOM * max(1, abs(a), abs(b))


class Judge:
    """All deviations of one release, in words. They may show values: the people are made up."""

    def __init__(self, case, folder):
        self.case, self.folder, self.wrong = case, folder, []

    def say(self, what):
        self.wrong.append(what)

    def expect(self, what, found, right):
        same = close(found, right) if isinstance(right, float) and isinstance(found, (int, float)) else found == right
        if not same:
            self.say(f"{what}: {found!r}, and not {right!r}")

    # The values.

    def audit(self, rows, manifest):
        """The records of the audit's file, each with the number of its original."""
        case, originals = self.case, self.case.records
        suppressed = manifest["records"]["suppressed"] + (self.kept(manifest) or 0)
        numbers = [int(row["row"]) for row in rows]
        if len(set(numbers)) != len(numbers):
            self.say("a record leaves twice")
        if numbers != sorted(numbers):
            self.say("order: input was not kept")
        if suppressed > len(originals) * case.suppress / 100 + 1e-9:
            self.say(f"{suppressed} of {len(originals)} are suppressed, and suppress is {case.suppress}%")
        if len(rows) + manifest["records"]["suppressed"] != len(originals):
            self.say("records are lost")
        levels = defaultdict(set)
        fates = defaultdict(set)
        for row in rows:
            own = originals[int(row["row"])]
            for name in case.sensitive + list(case.others):
                if row[name] != own[name]:
                    self.say(f"{name} of record {row['row']}: {row[name]!r}, and was {own[name]!r}")
            for column in case.columns:
                label = row[column.name]
                if not column.covers(label, own[column.name]):
                    self.say(f"{column.name} of record {row['row']}: {label!r} does not cover {own[column.name]!r}")
                scale = column.levels(own[column.name])
                if scale and case.labels != "sets":
                    at = {level for level, text in enumerate(scale) if text == label}
                    if not at:
                        self.say(f"{column.name}: {label!r} is no label of {own[column.name]!r}")
                    levels[column.name].add(frozenset(at))
            combination = tuple(own[name] for name in case.quasi)
            fates[combination].add(tuple(row[name] for name in case.quasi))
            row["person"] = case.person(own)
        stars = ("*",) * len(case.quasi)
        for combination, labels in fates.items():
            if len(labels - ({stars} if case.keeps else set())) > 1 and not case.labels == "sets":
                self.say(f"records that are alike have several labels: {combination}: {labels}")
        if case.recoding == "global" and not self.kept(manifest):
            for name, found in levels.items():
                if not frozenset.intersection(*found):
                    self.say(f"global recoding has several levels of {name}: {found}")
        self.ends(rows)
        return rows

    def ends(self, rows):
        """No end of an interval that was chosen from the data is a value that fewer than k people have."""
        import columns
        for column in self.case.columns:
            if not column.is_auto:
                continue
            people = defaultdict(set)
            for record in self.case.records:
                if record[column.name]:
                    people[float(record[column.name])].add(self.case.person(record))
            for label in {row[column.name] for row in rows}:
                for end in columns.ends(label) or ():
                    if end is not None and 0 < len(people.get(end, ())) < self.case.k:
                        self.say(f"{column.name}: {label!r} ends at a value of {len(people[end])} people")

    @staticmethod
    def kept(manifest):
        kept = (manifest.get("anonymity") or {}).get("kept_suppressed")
        return kept["records"] if kept else 0

    def plan(self, rows, manifest):
        """The figures of the section `anonymity`."""
        case, found = self.case, manifest["anonymity"]
        originals = [{**record, "person": case.person(record)} for record in case.records]
        suppressed = self.kept(manifest)
        facts = Facts(case, rows, case.quasi, suppressed)
        self.facts = facts
        if not facts.groups:
            return
        if facts.is_mixed:
            self.mixed = True
            return
        self.expect("classes", found["classes"], len(facts.groups))
        self.expect("smallest class", found["smallest_class"], facts.smallest)
        self.expect("count", found["count"], "subjects" if case.mode == "subjects" else "records")
        self.expect("people", found["people"], len({row["person"] for row in originals}))
        if facts.smallest < case.k:
            self.say(f"a class of {facts.smallest} people, and k is {case.k}")
        self.demands(facts, originals, found["models"])
        risk = found["reidentification_risk"]
        lowest = min([facts.smallest] + [len({row["person"] for row in facts.stars})] * bool(facts.stars))
        self.expect("prosecutor_maximum", risk["prosecutor_maximum"], 1 / lowest)
        self.expect("prosecutor_average", risk["prosecutor_average"], facts.average())
        self.expect("marketer", risk["marketer"], facts.average())
        sizes = [len(own) for own in facts.groups.values()]
        utility = found["utility"]
        unpublished = len(case.records) - sum(sizes)
        self.expect(
            "discernibility", utility["discernibility"], sum(n * n for n in sizes) + unpublished * len(case.records))
        self.expect("average_class_size", utility["average_class_size"], sum(sizes) / len(sizes) / case.k)
        self.expect(
            "class_sizes", utility["class_sizes"],
            [{"records": size, "classes": count} for size, count in sorted(Counter(sizes).items())])
        self.everywhere(found["all_records_of_a_person"], facts)
        if facts.stars:
            whose = {row["person"] for row in facts.stars}
            kept = found["kept_suppressed"]
            self.expect("people who stay suppressed", kept["people"], len(whose))

    def everywhere(self, told, facts):
        """What all records of a person tell together, where a token or the name joins them."""
        if told is None:
            return
        counts = facts.candidates()
        fewest = min(counts.values())
        self.expect("people whose records join", told["people"], len(counts))
        self.expect("fewest candidates", told["fewest_candidates"], fewest)
        self.expect("people below k", told["people_below_k"], sum(n < self.case.k for n in counts.values()))
        self.expect("risk over all records", told["prosecutor_maximum"], 1 / fewest)

    def demands(self, facts, originals, findings):
        """Each model's figure, and that it holds."""
        case = self.case
        right = []
        if "prosecutor" in case.risk:
            right.append(("prosecutor risk", 1 / facts.smallest, 1 / facts.smallest <= case.risk["prosecutor"] / 100 + ROOM))
        if "average" in case.risk:
            right.append(("average risk", facts.average(), facts.average() <= case.risk["average"] / 100 + ROOM))
        if case.has_population:
            fit = {labels: facts.fit(labels) for labels in facts.groups}
            least = min(fit.values())
            if case.k_map:
                right.append(("k-map", float(least), least >= case.k_map))
            if case.presence:
                parts = {labels: len(own) / fit[labels] for labels, own in facts.people.items()}
                right.append(("delta-presence, most", max(parts.values()), max(parts.values()) <= case.presence["max"] + ROOM))
            if "journalist" in case.risk:
                right.append(("journalist risk", 1 / least, 1 / least <= case.risk["journalist"] / 100 + ROOM))
            if "marketer" in case.risk:
                mean = facts.highest(lambda labels: 1 / fit[labels])
                right.append(("marketer risk", mean, mean <= case.risk["marketer"] / 100 + ROOM))
        for demand in case.demands:
            wholes = [facts.whole(demand.field), facts.whole(demand.field, originals)]
            figure, holds = models.worst(demand, facts.members(demand.field), wholes)
            right.append((f"{demand.name} of {demand.field}", figure, holds))
        told = {item["model"] + (f" of {item['field']}" if item.get("field") else ""): item for item in findings}
        for name, figure, holds in right:
            if not holds:
                self.say(f"{name} does not hold: {figure}")
            item = told.pop(name, None)
            if item is None:
                self.say(f"{name} is not in the manifest: {sorted(told)}")
                continue
            if not close(item["measured"], float(figure)):
                self.say(f"{name}: {item['measured']}, and not {figure}")
            self.expect(f"{name}, met", item["met"], True)
        for name in told:
            if name != "delta-presence, least":
                self.say(f"{name} was never asked for")

    # What each reader gets.

    def sink(self, sink, output, audit, manifest):
        case = self.case
        names = case.leaving(sink)
        try:
            published = reading.records(f"{self.folder}/{sink['file']}", sink["format"], names)
        except reading.BadFile as problem:
            self.say(str(problem))
            return None
        self.expect(f"{sink['file']}: records", output["records"], len(published))
        self.same_records(sink, names, audit, published)
        is_keyed = sink["order"] != "input"
        self.expect(f"{sink['file']}: order", output["order"], "keyed" if is_keyed else "input")
        quasi = [name for name in case.quasi if name in names]
        facts = Facts(case, audit, quasi, self.kept(manifest))
        self.measured(sink, output, audit, names)
        self.label(sink, output, facts, names, is_keyed)
        return published

    def same_records(self, sink, names, audit, published):
        """The file holds the audit's records, and a token where a person's name was."""
        case = self.case
        plain = [name for name in names if name != "who"]
        rest = lambda row: tuple(row[name] for name in plain)
        if "who" not in names:
            right, found = Counter(map(rest, audit)), Counter(map(rest, published))
        else:
            def by_person(rows, key):
                groups = defaultdict(list)
                for row in rows:
                    groups[key(row)].append(rest(row))
                return Counter(tuple(sorted(own)) for own in groups.values())
            right = by_person(audit, lambda row: row["person"])
            found = by_person(published, lambda row: row["who"])
            real = {row["person"] for row in audit if row["person"]}
            seen = {row["who"] for row in published if row["who"]}
            if case.who == "token" and real & seen:
                self.say(f"{sink['file']}: names of people are in it")
        if right != found:
            self.say(f"{sink['file']}: other records than it should have: {list((found - right).items())[:2]} and not {list((right - found).items())[:2]}")
        if sink["order"] == "input" and [rest(row) for row in published] != [rest(row) for row in audit]:
            self.say(f"{sink['file']}: not in the input's order")

    def measured(self, sink, output, audit, names):
        case = self.case
        told = {item["field"]: item for item in output["measured"]}
        self.apart, self.emails, self.some = [], [], []
        for name in names:
            if name in case.quasi:
                continue
            rows = audit if name != "who" else [{**row, "who": row["person"] or ""} for row in audit]
            right = Measured(rows, name, case.k)
            item = told.pop(name, None)
            if item is None:
                self.say(f"{sink['file']}: {name} was not measured")
                continue
            place = f"{sink['file']}: {name}"
            self.expect(f"{place}, values", item["values"], right.values)
            self.expect(f"{place}, different", item["different"], right.different)
            self.expect(f"{place}, of_one_person", item["of_one_person"], right.single)
            self.expect(f"{place}, of_few_people", item["of_few_people"], right.few)
            apart = right.tells_apart(name in case.sensitive)
            self.expect(f"{place}, tells_apart", item["tells_apart"], apart)
            if apart:
                self.apart.append(name)
            if right.names_people and name != "who":
                self.emails.append(name)
            if right.emails and name != "who":
                self.some.append(name)
            self.expect(f"{place}, e-mail addresses found", bool(item["identifiers"]), right.emails > 0 and name != "who")
        for name in told:
            self.say(f"{sink['file']}: {name} was measured, and does not leave")

    def label(self, sink, output, facts, names, is_keyed):
        """The label, by the table of docs/principles.md, and its conditions, by that of docs/privacy-models.md."""
        case = self.case
        place = sink["file"]
        said = {item["condition"]: item for item in output["label_conditions"]}
        tokens = "who" in names and case.who == "token"
        named = ("who" in names and case.who == "keep") or "name" in names or bool(self.emails)
        guarded = {demand.field for demand in case.demands}
        open_fields = [
            name for name in names
            if name not in case.quasi and name not in guarded and not (name == "who" and tokens)
        ]
        right = {
            "people": case.mode == "subjects", "tokens": not tokens, "identifiers": not named,
            "covered": not open_fields and bool(guarded), "together": sum(name not in case.quasi for name in names) <= 1,
            "suppressed": not (case.keeps and case.suppress), "order": is_keyed, "layout": True,
            "fields_apart": not self.apart, "singling_out": None, "linkability": None, "inference": None,
        }
        for name, met in right.items():
            self.expect(f"{place}: condition {name}", said[name]["met"], met)
        if facts.groups and not facts.is_mixed:
            # A sink that drops a quasi-identifier has larger classes, and one that drops a sensitive field has less to
            # tell: the run may say its own figure there, which is no better.
            fields = [field for field in dict.fromkeys(demand.field for demand in case.demands)]
            is_whole = all(name in names for name in case.quasi + fields)
            share, gain = facts.inference([field for field in fields if field in names])
            figure = lambda name: float(re.match(r"[\d.]+", said[name]["measured"])[0]) if said[name]["measured"] else None
            self.bound(f"{place}: k", figure("k"), facts.smallest, said["k"]["met"], figure("k") >= 12, is_whole, low=True)
            if fields and any(field in names for field in fields):
                for name, value, floor in (("largest_share", share, 50), ("inference_gain", gain, 20)):
                    told = figure(name)
                    if told is None:
                        self.say(f"{place}: {name} was not measured, and is {value}")
                    else:
                        self.bound(
                            f"{place}: {name}", told, 100 * value, said[name]["met"], told <= floor, is_whole, low=False)
        text = output["label"]
        loose = [name for name in names if name in ("city", "gender")]
        if named:
            word = "personal data"
        elif tokens or self.apart or len(loose) > 1:
            word = "pseudonymous"
        else:
            word = f"k-anonymous (k={case.k})"
        details = text[len(word):]
        if not text.startswith(word) or (details and not word.startswith("k-")):
            self.say(f"{place}: called {text!r}, and is {word!r}")
            return
        if not word.startswith("k-"):
            return
        if (", counted in records" in details) != (case.mode != "subjects"):
            self.say(f"{place}: the label does not say rightly what is counted: {text!r}")
        for demand in case.demands:
            if f", {demand.label}" not in details:
                self.say(f"{place}: the label does not name {demand.label!r}: {text!r}")
        if case.k_map and f", k-map (k={case.k_map})" not in details:
            self.say(f"{place}: the label does not name k-map: {text!r}")
        match = re.search(r"; up to ([\d.]+)% of a class have one value of '(\w+)'", details)
        if not match and any(demand.field in names for demand in case.demands):
            self.say(f"{place}: the weakest figure: {text!r}")

    def bound(self, place, told, right, met, right_met, is_exact, low):
        """A figure of the whole run: exact where the sink shows all columns, and never better than what is true."""
        if is_exact and abs(told - right) > 0.01:
            self.say(f"{place}: {told}, and not {right}")
        if (told > right + 0.01) if low else (told < right - 0.01):
            self.say(f"{place}: {told} is better than what is true: {right}")
        self.expect(f"{place}, met", met, right_met)

    # What `verify` says of the file alone.

    def verified(self, sink, outcome, published, manifest):
        case, text, place = self.case, outcome.stdout, f"verify {sink['file']}"
        names = case.leaving(sink)
        quasi = [name for name in case.quasi if name in names]
        knows = case.mode == "subjects" and "who" in names
        rows = [{**row, "person": (row["who"] or None) if knows else at} for at, row in enumerate(published)]
        facts = Facts(case, rows, quasi, self.kept(manifest))
        if facts.is_mixed or not facts.groups:
            return
        leaks = [line for line in text.splitlines() if "LEAK" in line]
        if outcome.returncode not in (0, 1) or (outcome.returncode == 1) != bool(self.some):
            self.say(f"{place}: status {outcome.returncode}: {text[-600:]}{outcome.stderr[-300:]}")
        if bool(leaks) != bool(self.some):
            self.say(f"{place}: leaks {leaks}, and e-mail addresses in {self.some}")
        found = re.search(r"^classes: (\d+)", text, re.M)
        self.expect(f"{place}: classes", found and int(found[1]), len(facts.groups))
        found = re.search(r"^k: (\d+) \((people|records) in the smallest class\); the pipeline promises (\d+): (.*)$", text, re.M)
        if not found:
            self.say(f"{place}: says no k: {text[:600]}")
            return
        self.expect(f"{place}: k", int(found[1]), facts.smallest)
        unit = "people" if knows else "records"
        self.expect(f"{place}: what is counted", found[2], unit)
        judged = "met" if knows or case.mode != "subjects" else "met by records"
        self.expect(f"{place}: k", found[4], judged)
        for demand in case.demands:
            if demand.field not in names:
                continue
            figure, _ = models.worst(demand, facts.members(demand.field), [facts.whole(demand.field)])
            line = re.search(rf"^{re.escape(demand.name)} of '{demand.field}': ([\d.]+); ", text, re.M)
            if not line:
                self.say(f"{place}: says nothing of {demand.name}: {text}")
            elif abs(float(line[1]) - figure) > 0.0001:
                self.say(f"{place}: {demand.name} of {demand.field}: {line[1]}, and not {figure}")
        fields = [field for field in dict.fromkeys(demand.field for demand in case.demands) if field in names]
        line = re.search(r"^inference: up to ([\d.]+)% .* up to ([\d.]+)% above", text, re.M)
        if fields and line:
            share, gain = facts.inference(fields)
            if abs(float(line[1]) - 100 * share) > 0.06:
                self.say(f"{place}: share {line[1]}, and not {100 * share}")
            if abs(float(line[2]) - 100 * gain) > 0.06:
                self.say(f"{place}: gain {line[2]}, and not {100 * gain}")
        elif fields:
            self.say(f"{place}: says nothing of inference")
        if knows:
            counts = facts.candidates()
            line = re.search(r"^over all records of a person.*?: (\d+) candidates at least .*; (\d+) of (\d+) people have fewer than (\d+)", text, re.M)
            if line:
                right = [min(counts.values()), sum(n < case.k for n in counts.values()), len(counts), case.k]
                self.expect(f"{place}: candidates", [int(line[at]) for at in range(1, 5)], right)
