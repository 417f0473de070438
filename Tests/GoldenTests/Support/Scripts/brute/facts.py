"""What is true of a published file, by the definitions of docs/privacy-models.md, from the records and whose they are."""
import math, re
from collections import Counter, defaultdict

import models


class Facts:
    """`rows` are published records with `person` (None: the unknown one); `quasi` the columns that the reader sees."""

    def __init__(self, case, rows, quasi, suppressed):
        self.case, self.rows, self.quasi = case, rows, quasi
        groups = defaultdict(list)
        for row in rows:
            groups[tuple(row[name] for name in quasi)].append(row)
        top = ("*",) * len(quasi)
        # Suppressed records that stay are in no class. Where a class of stars is beside them, nobody can tell.
        self.stars = groups.get(top, []) if case.keeps else []
        self.is_mixed = bool(self.stars) and len(self.stars) != suppressed
        if self.stars and suppressed and not self.is_mixed:
            del groups[top]
        else:
            self.stars = []
        self.groups = dict(groups)
        self.people = {labels: {row["person"] for row in own} for labels, own in self.groups.items()}

    @property
    def smallest(self):
        return min(len(own) for own in self.people.values())

    def members(self, field):
        """The classes as dicts from person to values."""
        found = []
        for own in self.groups.values():
            values = defaultdict(set)
            for row in own:
                values[row["person"]].add(row[field])
            found.append(values)
        return found

    def highest(self, risk):
        """The mean over people of the highest figure of their classes."""
        worst = {}
        for labels, own in self.people.items():
            for person in own:
                worst[person] = max(worst.get(person, 0), risk(labels))
        return sum(worst.values()) / len(worst)

    def average(self):
        return self.highest(lambda labels: 1 / len(self.people[labels]))

    def fit(self, labels):
        """How many of the population a reader takes for possible."""
        named = dict(zip(self.quasi, labels))
        columns = [column for column in self.case.columns if column.name in named]
        return sum(
            all(column.covers(named[column.name], person[column.name]) for column in columns)
            for person in self.case.population)

    def whole(self, field, rows=None):
        """The pairs of person and value of the whole table."""
        pairs = {(row["person"], row[field]) for row in (self.rows if rows is None else rows)}
        return Counter(value for _, value in pairs)

    def inference(self, fields):
        """The largest share of the people of a class with one value, and by how much one is above the whole file's."""
        everybody = {row["person"] for row in self.rows}
        share = gain = 0.0
        for field in fields:
            have = self.whole(field)
            for own in self.members(field):
                for value, count in models.pairs(own).items():
                    share = max(share, count / len(own))
                    gain = max(gain, count / len(own) - have[value] / len(everybody))
        return share, gain

    def candidates(self):
        """For each person, how many people are in all of the classes that the person's records are in.

        Suppressed records that stay are one class to whoever knows that they are in no other.
        """
        classes = defaultdict(set)
        for labels, own in [*self.people.items(), (None, {row["person"] for row in self.stars})]:
            for person in own:
                classes[person].add(labels)
        return {
            person: sum(own <= other for other in classes.values())
            for person, own in classes.items()
        }


class Measured:
    """What docs/privacy-models.md calls the measure of a field beside the quasi-identifiers."""

    def __init__(self, rows, field, k):
        whose = defaultdict(set)
        for row in rows:
            if row[field] != "":
                whose[row[field]].add(row["person"])
        self.values = sum(len(people) for people in whose.values())
        self.different = len(whose)
        self.single = sum(len(people) == 1 for people in whose.values())
        self.k = min(k, 1000)
        # A value that few people have counts once for each of them.
        self.few = sum(len(people) for people in whose.values() if len(people) < self.k)
        self.pairs = sum(len(people) for people in whose.values() if len(people) <= 2)
        # Identifiers are looked for record by record, whosever they are.
        self.told = [row[field] for row in rows if row[field] != ""]
        self.emails = sum(bool(re.search(r"\S@\S+\.\S", value)) for value in self.told)

    def tells_apart(self, is_sensitive):
        n = self.values
        bound = n / 10 + 2 * math.sqrt(n)
        if n >= 20 and not is_sensitive and self.few >= bound:
            return True
        if n >= 100 and is_sensitive and self.k >= 3 and self.pairs >= 0.9 * n:
            return True
        if n >= 20 or (n >= 5 and not is_sensitive):
            return self.single >= bound
        # Words are neither moments, nor places, nor long texts.
        return n >= 3 and self.single == n and not is_sensitive

    @property
    def names_people(self):
        return self.emails > 0 and self.emails * 20 >= len(self.told)
