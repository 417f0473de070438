"""Models of privacy by their definitions in docs/privacy-models.md: slow, plain, on lists of people and their values.

A class is a dict from person to the set of the person's values in it; a missing value is "".
"""
import itertools, math
from collections import Counter

ROOM = 1e-7


class Demand:
    """One model as a pipeline asks for it: `key: {field: ask}`, its name, and what the demand is."""

    def __init__(self, key, field, ask, name, label, limit, **more):
        self.key, self.field, self.ask, self.name, self.label, self.limit = key, field, ask, name, label, limit
        self.more = more


def pairs(members):
    """How many people have each value; a person with several counts for each."""
    return Counter(value for own in members.values() for value in own)


def shares(counts):
    whole = sum(counts.values())
    return {value: count / whole for value, count in counts.items()}


def fewest(members):
    """Different values at least, whichever one of theirs each person is known by; who lacks one is not counted."""
    sets = {frozenset(own) for own in members.values() if "" not in own}
    values = sorted(set().union(*sets)) if sets else []
    for size in range(1, len(values) + 1):
        for chosen in itertools.combinations(values, size):
            if all(own & set(chosen) for own in sets):
                return size
    return 0


def one_each(members):
    """People by value if everybody has only that one of theirs that makes the frequent values most frequent."""
    counts = sorted((count for value, count in pairs(members).items() if value), reverse=True)
    left = max(len(members) - sum("" in own for own in members.values()), counts[0] if counts else 0)
    found = []
    for count in counts:
        if left <= 0:
            break
        found.append(min(count, left))
        left -= count
    return found


def moved(demand, p, q):
    difference = {value: p.get(value, 0) - q.get(value, 0) for value in set(p) | set(q)}
    kind = demand.more["distance"]
    if kind == "equal":
        return sum(abs(part) for part in difference.values()) / 2
    if kind == "ordered":
        listed = demand.more.get("order")
        # A missing value comes first, and values that do not occur have no rank.
        if listed:
            order = [value for value in [""] + listed if value in difference]
        else:
            order = sorted(difference, key=lambda value: (value != "", float(value or 0)))
        total = sum(abs(sum(difference.get(value, 0) for value in order[: end + 1])) for end in range(len(order)))
        return total / max(1, len(order) - 1)
    # Hierarchical: a flow to the lowest common ancestor; two levels, groups and top.
    groups = demand.more["groups"]
    total = 0.0
    by_group = Counter()
    for group in set(groups.values()):
        own = [difference.get(value, 0) for value, name in groups.items() if name == group]
        up, down = sum(x for x in own if x > 0), -sum(x for x in own if x < 0)
        total += min(up, down) * 0.5
        by_group[group] = up - down
    by_group["missing"] = difference.get("", 0)
    return total + sum(part for part in by_group.values() if part > 0)


def measure(demand, members, whole):
    """The figure of one class and whether it keeps what is asked. `whole` is the table as pairs of person and value."""
    key, limit = demand.key, demand.limit
    p, q = shares(pairs(members)), shares(whole)
    if demand.name == "distinct l-diversity":
        found = fewest(members)
        return found, found >= limit
    if demand.name == "entropy l-diversity":
        counts = one_each(members)
        all_ = sum(counts)
        found = math.exp(-sum(c / all_ * math.log(c / all_) for c in counts)) if counts else 0
        return found, found >= limit - ROOM
    if demand.name.startswith("recursive"):
        counts = one_each(members)
        rest = sum(counts[demand.more["l"] - 1 :])
        found = counts[0] / rest if rest else math.inf
        return found, found < limit
    if key == "t":
        found = moved(demand, p, q)
        return found, found <= limit + ROOM
    if key == "alpha":
        values = demand.more.get("values")
        found = max(
            (count / len(members) for value, count in pairs(members).items() if not values or value in values), default=0)
        return found, found <= limit + ROOM
    if key == "beta":
        found = max((p[value] - q[value]) / q[value] for value in p)
        allowed = lambda value: min(limit, -math.log(q[value])) if demand.more.get("enhanced") else limit
        return max(0, found), all(p[value] <= q[value] * (1 + allowed(value)) + ROOM for value in p)
    found = max(abs(math.log(p[value] / q[value])) if value in p else math.inf for value in q)
    return found, found < limit


def is_low(demand):
    """Whether the lowest figure of all classes is the worst."""
    return demand.key == "l" and not demand.name.startswith("recursive")


def worst(demand, classes, wholes):
    """The worst figure over all classes and both tables, and whether all hold."""
    found = [measure(demand, own, whole) for own in classes for whole in wholes]
    figure = (min if is_low(demand) else max)(figure for figure, _ in found)
    return figure, all(holds for _, holds in found)


def random_demands(random, words, number):
    """Some models of the field of words `dx`, and sometimes one of the numbers `pay`."""
    found = []
    short = lambda value: f"{value:g}"

    def distinct(field="dx"):
        l = random.choice([2, 2, 3])
        return Demand("l", field, random.choice([l, {"distinct": l}]), "distinct l-diversity", f"l-diversity (l={l})", l)

    def entropy():
        l = random.choice([1.5, 2, 2.5])
        return Demand("l", "dx", {"entropy": l}, "entropy l-diversity", f"entropy l-diversity (l={short(l)})", l)

    def recursive():
        c, l = random.choice([(3, 2), (4, 3), (2, 2)])
        return Demand(
            "l", "dx", {"recursive": {"c": c, "l": l}}, f"recursive (c, {l})-diversity",
            f"recursive (c, l)-diversity (c={c}, l={l})", c, l=l)

    def closeness():
        t = random.choice([0.2, 0.3, 0.5])
        label = f"t-closeness (t={short(t)})"
        kind = random.choice(["equal", "short", "words", "tree"] + (["numbers"] if number else []))
        if kind == "short":
            return Demand("t", "dx", t, "t-closeness (equal distance)", label, t, distance="equal")
        if kind == "numbers":
            return Demand(
                "t", "pay", {"t": t, "distance": "ordered"}, "t-closeness (ordered distance)", label, t,
                distance="ordered")
        if kind == "words":
            return Demand(
                "t", "dx", {"t": t, "distance": "ordered", "order": words}, "t-closeness (ordered distance)", label, t,
                distance="ordered", order=words)
        if kind == "tree":
            groups = {word: ("g1" if at < 2 else "g2") for at, word in enumerate(words)}
            nested = {name: [word for word in words if groups[word] == name] for name in ("g1", "g2")}
            return Demand(
                "t", "dx", {"t": t, "distance": "hierarchical", "hierarchy": {"tree": nested}},
                "t-closeness (hierarchical distance)", label, t, distance="hierarchical", groups=groups)
        return Demand(
            "t", "dx", {"t": t, "distance": "equal"}, "t-closeness (equal distance)", label, t, distance="equal")

    def alpha():
        value = random.choice([0.5, 0.6, 0.8])
        label = f"(alpha, k)-anonymity (alpha={short(value)})"
        if random.random() < 0.4:
            some = random.sample(words, 1)
            return Demand(
                "alpha", "dx", {"alpha": value, "values": some}, "(alpha, k)-anonymity", label, value, values=some)
        return Demand("alpha", "dx", value, "(alpha, k)-anonymity", label, value)

    def beta():
        value = random.choice([1, 2, 3])
        if random.random() < 0.5:
            return Demand(
                "beta", "dx", {"enhanced": value}, "enhanced beta-likeness", f"enhanced beta-likeness (beta={value})",
                value, enhanced=True)
        return Demand("beta", "dx", value, "beta-likeness", f"beta-likeness (beta={value})", value)

    def disclosure():
        value = random.choice([1.5, 2.5])
        return Demand(
            "disclosure", "dx", value, "delta-disclosure privacy", f"delta-disclosure privacy (delta={short(value)})",
            value)

    for make in random.sample([distinct, distinct, entropy, recursive, closeness, alpha, beta, disclosure], random.choice([0, 1, 1, 1, 2, 3])):
        demand = make()
        if all((demand.name, demand.field) != (other.name, other.field) for other in found):
            found.append(demand)
    if number and random.random() < 0.2:
        demand = distinct("pay")
        found.append(demand)
    return found


def configured(demands):
    """The demands as keys of `anonymity`."""
    keys = {}
    for demand in demands:
        fields = keys.setdefault(demand.key, {})
        fields.setdefault(demand.field, []).append(demand.ask)
    return {
        key: {field: asks[0] if len(asks) == 1 else asks for field, asks in fields.items()} for key, fields in keys.items()
    }
