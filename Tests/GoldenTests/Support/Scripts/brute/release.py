"""Publishes a random release with the built veil and judges it: `judged(seed)` gives how it ended and all deviations."""
import json, os, shutil, subprocess, tempfile
from collections import Counter, defaultdict

import means, models, previous, reading
from case import Case
from judge import Judge

KEY = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"


class Release:
    def __init__(self, seed):
        self.case = Case(seed)
        self.random = self.case.random
        self.folder = tempfile.mkdtemp(prefix=f"brute-{seed}-")
        self.judge = Judge(self.case, self.folder)
        self.environment = {
            "PATH": os.environ["PATH"], "VEIL_KEY": KEY, "TMPDIR": tempfile.gettempdir(),
            "VEIL_CHUNK_BYTES": str(self.random.choice([40, 500, 1 << 20])),
            "VEIL_ORDER_BYTES": str(self.random.choice([200, 5000, 1 << 26])),
        }

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def veil(self, *words):
        return subprocess.run(
            [os.environ["VEIL_BIN"], *words], cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=300)

    def load(self, name):
        with open(f"{self.folder}/{name}") as file:
            return json.load(file)

    def threads(self):
        return ("--threads", str(self.random.choice([1, 2, 4])))

    def night(self, earlier=None):
        """One run for the audit and one for the recipients; the audit's rows, or None if nothing may be published."""
        case, judge = self.case, self.judge
        self.write(f"in.{case.format}", case.input())
        self.write("everybody.csv", case.population_text())
        self.write("audit.yaml", json.dumps(case.pipeline(audit=True, previous=earlier)))
        self.write("p.yaml", json.dumps(case.pipeline(previous=earlier)))
        for sink in case.sinks:
            if os.path.exists(f"{self.folder}/{sink['file']}"):
                os.rename(f"{self.folder}/{sink['file']}", f"{self.folder}/old-{sink['file']}")
        audit = self.veil("run", "audit.yaml", "--manifest", "audit.json", *self.threads())
        run = self.veil("run", "p.yaml", "--manifest", "m.json", "--report", "r.json", "--save-plan", "now.plan", *self.threads())
        if audit.returncode == 1:
            self.refusal(audit, run)
            return None
        if audit.returncode != 0:
            judge.say(f"status {audit.returncode}: {audit.stderr}")
            return None
        manifest = self.load("audit.json")
        names = ["row"] + [name for name in case.fields() if name != "row" and not (name == "who" and case.who == "drop")]
        rows = judge.audit(reading.records(f"{self.folder}/audit.csv", "csv", names), manifest)
        judge.plan(rows, manifest)
        failed = self.failed_check(rows, manifest)
        if failed is None:
            return None
        if (run.returncode == 1) != failed or run.returncode > 1:
            judge.say(f"checks {case.checks}: status {run.returncode}, and a failed check is {failed}: {run.stderr[-700:]}")
            return None
        if failed:
            if any(os.path.exists(f"{self.folder}/{sink['file']}") for sink in case.sinks):
                judge.say("a failed check, and files are published")
            return None
        self.published(rows)
        return rows

    def failed_check(self, rows, manifest):
        """Whether the pipeline's check must fail; None where that cannot be told."""
        case, judge = self.case, self.judge
        failed = False
        for check in case.checks:
            if "k" in check:
                facts = judge.facts
                if facts.is_mixed:
                    return None
                sizes = [len(own) for own in facts.people.values()]
                sizes += [len({row["person"] for row in facts.stars})] * bool(facts.stars)
                failed |= bool(sizes) and min(sizes) < check["k"]
            elif "max_suppressed" in check:
                suppressed = manifest["records"]["suppressed"] + judge.kept(manifest)
                failed |= suppressed > 0.05 * len(case.records)
            else:
                from facts import Measured
                for sink in case.sinks:
                    for name in case.leaving(sink):
                        if name in case.quasi:
                            continue
                        seen = rows if name != "who" else [{**row, "who": row["person"] or ""} for row in rows]
                        failed |= Measured(seen, name, case.k).tells_apart(name in case.sensitive)
        return failed

    def published(self, rows):
        case, judge = self.case, self.judge
        manifest, report = self.load("m.json"), self.load("r.json")
        judge.expect("report: result", report["result"], "published")
        judge.expect("report: labels", [item["label"] for item in report["labels"]], [o["label"] for o in manifest["outputs"]])
        judge.expect("report: measured", [m["fields"] for m in report["measured"]], [o["measured"] for o in manifest["outputs"]])
        ranks = {"per": 0, "pse": 1, "k-a": 2, "ano": 3}
        lowest = min(manifest["outputs"], key=lambda output: ranks[output["label"][:3]])
        judge.expect("label of all", manifest["label"], lowest["label"])
        self.files = {}
        for sink, output in zip(case.sinks, manifest["outputs"]):
            found = judge.sink(sink, output, rows, manifest)
            if found is None:
                continue
            self.files[sink["file"]] = found
            recipient = ["--recipient", output["recipient"]] if output.get("recipient") else []
            outcome = self.veil("verify", sink["file"], "--pipeline", "p.yaml", *recipient)
            judge.verified(sink, outcome, found, manifest)
        self.orders(rows)

    def orders(self, rows):
        """Two files in keyed order have nothing to do with the input's order, nor with each other."""
        case = self.case
        unique = [name for name in ("ref",) if name in case.others and all(name in case.leaving(s) for s in case.sinks)]
        if not unique or len(rows) < 20:
            return
        place = {row["ref"]: at for at, row in enumerate(rows)}
        seen = {"input": list(range(len(rows)))}
        for sink in case.sinks:
            if sink["order"] != "input" and sink["file"] in self.files:
                seen[sink["file"]] = [place.get(row["ref"], -1) for row in self.files[sink["file"]]]
        files = list(seen.items())
        for at, (name, one) in enumerate(files):
            for other, two in files[:at]:
                same = sum(a == b for a, b in zip(one, two))
                # By chance one is at its place; more than nine are once in a million times.
                if same > 9:
                    self.judge.say(f"{same} records of {name} and {other} are at the same place")

    def refusal(self, audit, run):
        """Nothing may be refused that one class of all records keeps."""
        case, judge = self.case, self.judge
        if run.returncode != 1:
            judge.say(f"the audit is refused and the release ends with status {run.returncode}")
        rows = [{**record, "person": case.person(record)} for record in case.records]
        people = {row["person"] for row in rows}
        fits = len(case.population)
        share = len(people) / fits if fits else 0
        holds = len(people) >= case.k and all(
            1 / len(people) <= case.risk[name] / 100 for name in ("prosecutor", "average") if name in case.risk)
        if fits:
            holds &= fits >= (case.k_map or 0)
            holds &= case.presence is None or case.presence["min"] <= share <= case.presence["max"]
            holds &= all(1 / fits <= case.risk[name] / 100 for name in ("journalist", "marketer") if name in case.risk)
        for demand in case.demands:
            members = defaultdict(set)
            for row in rows:
                members[row["person"]].add(row[demand.field])
            whole = Counter(value for own in members.values() for value in own)
            holds &= models.measure(demand, members, whole)[1]
        if holds:
            judge.say(f"one class of all keeps what is asked, and the run is refused: {audit.stderr[-700:]}")

    def judged(self):
        case, judge = self.case, self.judge
        if case.seed % 12 == 0:
            return means.judged(self, case.seed)
        rows = self.night()
        if rows is None:
            return "refused"
        if not case.has_previous:
            return "published"
        before, files = rows, dict(self.files)
        originals = case.next_night()
        os.rename(f"{self.folder}/now.plan", f"{self.folder}/old.plan")
        rows = self.night(earlier="old.plan")
        if rows is None:
            return "second refused"
        previous.judge(self, originals, before, files, rows)
        return "two nights"


def judged(seed):
    """How the release of a seed ended, and every deviation."""
    release = None
    try:
        release = Release(seed)
        ended = release.judged()
        wrong = release.judge.wrong
    except Exception as problem:
        import traceback
        ended, wrong = "broken", [traceback.format_exc(limit=-3)]
    if release and not os.environ.get("KEEP"):
        shutil.rmtree(release.folder, ignore_errors=True)
    return ended, wrong
