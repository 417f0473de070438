"""Two releases of the same people: how many both single out, by docs/releases.md."""
import re
from collections import Counter, defaultdict

from facts import Facts


def by_plans(case, originals, before, rows):
    """(people in both, singled out): who is in a combination before and now is taken for the same person.

    Only where everybody has one record; who is not published is in no class.
    """
    def published(records, out):
        labels = {row["row"]: tuple(row[name] for name in case.quasi) for row in out}
        found = {}
        count = Counter()
        for record in records:
            if record["row"] in labels:
                combination = tuple(record[name] for name in case.quasi)
                count[combination] += 1
                found[combination] = labels[record["row"]]
        return count, found

    (old, old_class), (new, new_class) = published(originals, before), published(case.records, rows)
    both = {combination: min(old[combination], new[combination]) for combination in old if combination in new}
    regions = Counter()
    for combination, people in both.items():
        regions[old_class[combination], new_class[combination]] += people
    singled = sum(
        people for combination, people in both.items()
        if regions[old_class[combination], new_class[combination]] < threshold(case))
    return sum(both.values()), singled


def by_files(case, quasi, before, now):
    """(people in both, singled out) by the tokens in two files, each pair of somebody's classes counted."""
    def classes(rows):
        found = defaultdict(set)
        for row in rows:
            if row["who"]:
                found[row["who"]].add(tuple(row[name] for name in quasi))
        return found

    old, new = classes(before), classes(now)
    both = set(old) & set(new)
    singled = sum(
        min(sum(a in old[other] and b in new[other] for other in both) for a in old[person] for b in new[person]) < threshold(case)
        for person in both)
    return len(both), singled


def threshold(case):
    """Fewer candidates single out: k, or as many as a prosecutor's risk asks for."""
    return max(case.k, -(-100 // case.risk.get("prosecutor", 100)))


SENTENCE = r"(\d+) of (\d+) people in both releases share both of their classes with fewer than (\d+)"


def judge(release, originals, before, files, rows):
    case, say = release.case, release.judge
    manifest = release.load("m.json")
    told = manifest["anonymity"]["previous_release"]
    persons = Counter(case.person(record) for record in originals), Counter(case.person(record) for record in case.records)
    is_plain = all(max(own.values()) == 1 for own in persons) and not case.keeps
    if is_plain and told:
        right = by_plans(case, originals, before, rows)
        say.expect("people in both and singled out, by plans", (told["people_in_both"], told["singled_out"]), right)
        for sink, output in zip(case.sinks, manifest["outputs"]):
            if sink["drops"] & set(case.quasi):
                continue
            recipient = ["--recipient", output["recipient"]] if output.get("recipient") else []
            outcome = release.veil(
                "verify", sink["file"], "--pipeline", "p.yaml", *recipient, "--previous", "old.plan", "--plan", "now.plan")
            found = re.search(SENTENCE, outcome.stdout)
            say.expect(
                f"verify {sink['file']} by plans", found and (int(found[2]), int(found[1])), right)
    for sink, output in zip(case.sinks, manifest["outputs"]):
        names = case.leaving(sink)
        if "who" not in names or sink["file"] not in files or case.keeps or case.nameless:
            continue
        quasi = [name for name in case.quasi if name in names]
        recipient = ["--recipient", output["recipient"]] if output.get("recipient") else []
        right = by_files(case, quasi, files[sink["file"]], release.files[sink["file"]])
        outcome = release.veil(
            "verify", sink["file"], "--pipeline", "p.yaml", *recipient, "--previous", f"old-{sink['file']}")
        found = re.search(SENTENCE, outcome.stdout)
        say.expect(f"verify {sink['file']} by files", found and (int(found[2]), int(found[1])), right)
