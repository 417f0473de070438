"""Two nights of made-up people, and what may be said of releases of them, by the definitions of the literature.

    nights.py make FOLDER TWICE               one.csv, two.csv (2 % changed, some came and went) and everybody.csv;
                                              TWICE people are there with two records
    nights.py judge INPUT OUTPUT PEOPLE K MODEL…   how many classes of OUTPUT break k or a model, each by brute force
    nights.py compare OLD NEW K               whose labels stayed the same, and whom both releases single out

Models: distinct:L entropy:L recursive:C:L t:T beta:B delta:D alpha:A kmap:K low:SHARE high:SHARE. Slow and plain.
"""
import collections, csv, itertools, json, math, os, random, sys

QUASI = ["age", "town", "sex"]
ROOM = 1e-9


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def make(folder, twice):
    random.seed(20)
    towns = ["Bonn", "Köln", "Ulm", "Trier", "Kiel", "Jena"]
    illnesses = ["flu", "cold", "asthma", "none", "gout"]

    def person(number):
        illness = random.choices(illnesses, [30, 30, 20, 15, 5])[0]
        return [f"p{number}", random.randrange(18, 78), random.choice(towns), random.choice("fm"), illness]

    everybody = [person(number) for number in range(3000)]
    one = everybody[:1000]
    # Some people are there twice, with another illness and in another town.
    one += [own[:2] + [random.choice(towns), own[3], random.choice(illnesses)] for own in one[:twice]]
    two = []
    for own in one:
        luck = random.random()
        if luck < 0.006:
            continue
        if luck < 0.013:
            own = own[:1] + [random.randrange(18, 78)] + own[2:]
        elif luck < 0.017:
            own = own[:2] + [random.choice(towns)] + own[3:]
        elif luck < 0.020:
            own = own[:4] + [random.choice(illnesses)]
        two.append(own)
    two += everybody[1000:1008]
    for name, people in [("one", one), ("two", two), ("everybody", everybody)]:
        with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", *QUASI, "illness"])
            writer.writerows(people)
    return {"one": len(one), "two": len(two)}


def covers(label, value):
    if label.startswith("["):
        low, high = label[1:-1].split(",")
        return float(low) <= float(value) < float(high)
    return label == "*" or label == value


def shares(members):
    """Of pairs of person and illness, each once."""
    counts = collections.Counter(illness for _, illness in set(members))
    return {value: count / sum(counts.values()) for value, count in counts.items()}


def one_each(members):
    """People by illness, if everybody had one only: the most frequent as often as can be, then the next."""
    counts = collections.Counter(illness for _, illness in set(members))
    left = len({person for person, _ in members})
    result = []
    for count in sorted(counts.values(), reverse=True):
        if left > 0:
            result.append(min(count, left))
        left -= count
    return result


def fewest(members):
    """The fewest illnesses that have one of each person's."""
    people = collections.defaultdict(set)
    for person, illness in members:
        people[person].add(illness)
    values = sorted({illness for _, illness in members})
    for size in range(1, len(values) + 1):
        for chosen in itertools.combinations(values, size):
            if all(own & set(chosen) for own in people.values()):
                return size
    return 0


def holds(model, members, whole, alike):
    name, *limits = model.split(":")
    limit = float(limits[0])
    people = len({person for person, _ in members})
    counts, p, q = one_each(members), shares(members), shares(whole)
    if name == "distinct":
        return fewest(members) >= limit
    if name == "entropy":
        return math.exp(-sum(c / sum(counts) * math.log(c / sum(counts)) for c in counts)) >= limit - ROOM
    if name == "recursive":
        return counts[0] < limit * sum(counts[int(limits[1]) - 1 :])
    if name == "t":
        return sum(abs(p.get(value, 0) - share) for value, share in q.items()) / 2 <= limit + ROOM
    if name == "beta":
        return all(share <= q[value] * (1 + limit) + ROOM for value, share in p.items())
    if name == "delta":
        return all(value in p and abs(math.log(p[value] / share)) < limit for value, share in q.items())
    if name == "alpha":
        return all(c <= (limit + ROOM) * people for c in collections.Counter(i for _, i in set(members)).values())
    if name == "kmap":
        return alike >= limit
    if name == "low":
        return people >= limit * alike - ROOM
    if name == "high":
        return people <= limit * alike + ROOM
    raise ValueError(model)


def judge(before, after, everybody, k, models):
    classes = collections.defaultdict(list)
    for row in after:
        classes[tuple(row[name] for name in QUASI)].append((row["id"], row["illness"]))
    inputs = [[(row["id"], row["illness"]) for row in part] for part in (before, after)]
    broken = collections.Counter()
    fitting = 0
    for label, members in classes.items():
        alike = sum(all(map(covers, label, (row[name] for name in QUASI))) for row in everybody)
        fitting += alike
        broken["k"] += len({person for person, _ in members}) < k
        for model in models:
            broken[model] += not all(holds(model, members, whole, alike) for whole in inputs)
    # Against a population nobody may fit two classes, and where absence is not to be learnt, everybody fits one.
    if any(model.split(":")[0] in ("kmap", "low", "high") for model in models):
        broken["overlap"] = int(
            any(
                sum(all(map(covers, label, (row[name] for name in QUASI))) for label in classes) > 1
                for row in everybody
            )
        )
    if any(model.startswith("low") for model in models):
        broken["outside"] = len(everybody) - fitting
    return {"classes": len(classes), "broken": sum(broken.values()), "by": dict(broken)}


def compare(old, new, k):
    def labels(release):
        found = collections.defaultdict(set)
        for row in release:
            found[row["id"]].add(tuple(row[name] for name in QUASI))
        return found

    before, now = labels(old), labels(new)
    both = [person for person in now if person in before]
    sharing = collections.Counter((a, b) for person in both for a in before[person] for b in now[person])
    return {
        "both": len(both),
        "same": sum(before[person] == now[person] for person in both) / len(both),
        "singled_out": sum(
            any(sharing[a, b] < k for a in before[person] for b in now[person]) for person in both
        ),
    }


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "make":
        found = make(arguments[0], int(arguments[1]))
    elif command == "judge":
        before, after, everybody, k, *models = arguments
        found = judge(rows(before), rows(after), rows(everybody), int(k), models)
    else:
        old, new, k = arguments
        found = compare(rows(old), rows(new), int(k))
    json.dump(found, sys.stdout)
