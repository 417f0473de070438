"""Quasi-identifiers: values, the rule of a pipeline, and what docs/hierarchies.md says their labels mean."""
import re


class Column:
    """A field of class quasi. `levels` are a value's labels from the finest to `*`; None where ends come from the data."""

    def __init__(self, name, hierarchy, draw, levels=None, number=False):
        self.name, self.hierarchy, self.draw, self._levels, self.number = name, hierarchy, draw, levels, number

    def rule(self):
        return {"class": "quasi", **({"hierarchy": self.hierarchy} if self.hierarchy else {})}

    def levels(self, value):
        if value == "" or self._levels is None:
            return None
        return self._levels(value)

    @property
    def is_auto(self):
        return isinstance(self.hierarchy, dict) and "auto" in str(self.hierarchy.get("interval", ""))

    def covers(self, label, value):
        """Whether a reader who sees the label takes the value for possible."""
        if label == "*" or label == value:
            return True
        if value == "" or label == "":
            return False
        levels = self.levels(value)
        if levels and label in levels:
            return True
        inside = members(label)
        if inside is not None:
            return value in inside
        return self.number and within(label, value)


def members(label):
    """The values that a set names; None if the label is none."""
    return label[1:-1].split(", ") if label.startswith("{") and label.endswith("}") else None


NUMBER = r"(-?\d+(?:\.\d+)?)"


def ends(label):
    """The lower and the upper end of an interval, None for one that is open; None if the label is no interval."""
    for pattern, make in (
        (rf"\[{NUMBER}, {NUMBER}\)", lambda m: (float(m[1]), float(m[2]))),
        (rf"<{NUMBER}", lambda m: (None, float(m[1]))),
        (rf">={NUMBER}", lambda m: (float(m[1]), None)),
    ):
        match = re.fullmatch(pattern, label)
        if match:
            return make(match)
    return None


def within(label, value):
    found = ends(label)
    if found is None:
        return False
    low, high = found
    return (low is None or float(value) >= low) and (high is None or float(value) < high)


def interval(width, levels):
    def labels(value):
        found = [value]
        for level in range(levels):
            wide = width * 2**level
            low = int(value) // wide * wide
            found.append(f"[{low}, {low + wide})")
        return found + ["*"]

    return labels


def dates(value):
    return [value, value[:7], value[:4], value[:3] + "0s", "*"]


def prefix(length):
    return lambda value: [value[: length - cut] + "*" * cut for cut in range(length)] + ["*"]


TREE = {"Europe": {"West": ["FR", "DE"], "East": ["PL"]}, "America": ["US", "CA"]}


def tree(value):
    parents = {"FR": ("West", "Europe"), "DE": ("West", "Europe"), "PL": ("East", "Europe")}
    if value in ("US", "CA"):
        return [value, value, "America", "*"]
    if value not in parents:
        return ["*"] * 4
    return [value, *parents[value], "*"]


GRADES = ["low", "middle", "high", "top"]


def grades(value):
    pair = GRADES.index(value) // 2 * 2
    return [value, "{" + ", ".join(GRADES[pair : pair + 2]) + "}", "*"]


def random_column(random, name):
    if name == "age":
        draw = random.choice([lambda r: str(r.randint(0, 90)), lambda r: str(r.randint(30, 45))])
        kind = random.random()
        if kind < 0.3:
            hierarchy = random.choice([{"interval": "auto"}, {"interval": {"auto": "range", "levels": 3}}])
            if random.random() < 0.3:
                # Most have none, and few have some.
                draw = lambda r: "0" if r.random() < 0.7 else str(r.randint(100, 99999))
            return Column(name, hierarchy, draw, number=True)
        width, levels = random.choice([(5, 3), (10, 3), (1, 4), (7, 2)])
        return Column(name, {"interval": {"width": width, "levels": levels}}, draw, interval(width, levels), number=True)
    if name == "postcode":
        codes = [a + b + c for a in "12" for b in "01" for c in "157"]
        return Column(name, {"prefix": 3}, lambda r: r.choice(codes), prefix(3))
    if name == "born":
        return Column(
            name, {"date": ["month", "year", "decade"]},
            lambda r: f"19{r.randint(60, 85)}-{r.randint(1, 12):02}-{r.choice(['03', '15', '28'])}", dates)
    if name == "country":
        choices = ["FR", "DE", "PL", "US", "CA"]
        hierarchy = {"tree": TREE}
        if random.random() < 0.4:
            hierarchy["missing"] = "top"
            choices = choices + ["XX"]
        return Column(name, hierarchy, lambda r: r.choice(choices), tree)
    if name == "grade":
        return Column(name, {"order": GRADES}, lambda r: r.choice(GRADES), grades)
    towns = ["Ulm", "Bonn", "Köln", 'Bad "X"', "Hof"]
    return Column(name, None, lambda r: r.choice(towns), lambda value: [value, "*"])


NAMES = ["age", "postcode", "born", "country", "grade", "town"]
