"""Kills an erasure and a pruning at every call that changes a file; whatever command comes next ends what was begun."""
from bench import *

KINDS = {"write", "fsync", "renameat", "linkat", "unlinkat", "unlink", "fchmod", "flock"}
RIGHTS = """version: 1
name: rights
manifest: out/m.json
source: {path: in.csv, subject: id}
keys: {k: {env: VEIL_KEY}}
fields:
  id: {pseudonym: {key: k}}
  city: keep
order: input
sinks:
  - {path: out/lab/lab.csv, recipient: lab, expires: 30 days}
  - {path: out/bank/bank.ndjson.gz, recipient: bank, expires: 30 days}
"""
EXPORTS = ["out/lab/lab.csv", "out/bank/bank.ndjson.gz"]
ERASE = ["erase", "--list", "gone.txt", "out", "--pipeline", "p.yaml"]
PRUNE = ["prune", "out", "--as-of", "2026-12-01"]
# What may come by next, and the statuses that it may end with.
NEXT = {
    "find": (["find", "--subject", "p1", "out", "--pipeline", "p.yaml"], {0}),
    "erase": (ERASE, {0}),
    "prune": (["prune", "out", "--as-of", "2026-06-02"], {0}),
    "run": (["run", "p.yaml", "--as-of", "2026-06-01"], {0}),
    "another run": (["run", "q.yaml"], {0}),
}


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Rights:
    def __init__(self):
        self.folder = Folder(RIGHTS, {"in.csv": b"id,city\n" + b"".join(b"p%d,Bonn\n" % i for i in range(5)), "gone.txt": b"p1\np3\n"})
        for name in ["lab", "bank"]:
            os.makedirs(self.folder.path("out/" + name))
        # A run of another pipeline to the same folders.
        self.folder.write("q.yaml", RIGHTS.replace("name: rights", "name: other").replace("out/m.json", "out/lab/n.json").replace(
            "lab.csv", "lab2.csv").replace("bank.ndjson.gz", "bank2.ndjson.gz").encode())
        self.expect_status(self.folder.veil("run", "p.yaml", "--as-of", "2026-06-01"), {0}, "the run")
        self.before = {name: self.folder.read(name) for name in EXPORTS + ["out/m.json"]}
        self.fixed = set(self.folder.names()) - set(self.before)
        self.expect_status(self.folder.veil(*ERASE), {0}, "the erasure")
        self.erased = {name: self.folder.read(name) for name in EXPORTS}
        expect(all(self.before[name] != self.erased[name] for name in EXPORTS), "the erasure changes every export")

    def reset(self):
        for name in self.folder.names():
            if name not in self.fixed:
                os.unlink(self.folder.path(name))
        for name, data in self.before.items():
            self.folder.write(name, data)

    def expect_status(self, outcome, statuses, where):
        expect(outcome.returncode in statuses, where, "- status", outcome.returncode, outcome.stdout.decode(), outcome.stderr.decode())

    def counts(self, arguments):
        """How often the command makes each call on its busiest thread."""
        log = tempfile.NamedTemporaryFile(prefix="veil-strace-")
        self.reset()
        traced = self.folder.veil(*arguments, before=["strace", "-f", "-qq", "-o", log.name, "-e", "trace=" + ",".join(KINDS)])
        self.expect_status(traced, {0}, "the traced command")
        counts = {}
        for line in open(log.name, errors="replace"):
            match = re.match(r"(\d+) +(\w+)\(", line)
            if match:
                threads = counts.setdefault(match[2], {})
                threads[match[1]] = threads.get(match[1], 0) + 1
        return {kind: max(threads.values()) for kind, threads in counts.items()}

    def check(self, where, state):
        """All files of one version, manifests that describe them, and nothing else there. Returns the version."""
        # A lock file without a holder is taken over by the next who wants the lock.
        hidden = [name for name in self.folder.names() if ".veil-" in name and not name.endswith(".veil-lock")]
        expect(not hidden, where, "- left:", hidden)
        outputs = json.loads(self.folder.read("out/m.json"))["outputs"]
        seen = set()
        for name, output in zip(EXPORTS, outputs):
            if not os.path.exists(self.folder.path(name)):
                expect("pruned" in output, where, "-", name, "is gone, and its manifest does not say so")
                seen.add("pruned")
                continue
            expect("pruned" not in output, where, "-", name, "is there, and its manifest says that it was pruned")
            data = self.folder.read(name)
            expect(output["sha256"] == digest(data), where, "- the manifest does not describe", name)
            seen.add("before" if data == self.before[name] else "erased" if data == self.erased[name] else "strange")
        expect(len(seen) == 1 and seen <= {"before", state}, where, "- versions:", seen)
        return seen.pop()


def sweep(rights, what, arguments, state, following, stride):
    kills, seen = 0, {}
    order = 0
    for kind, most in sorted(rights.counts(arguments).items()):
        step = stride * (3 if kind in ("flock", "fchmod", "write") else 1)
        for n in range(1, most + 2, step):
            rights.reset()
            outcome = rights.folder.veil(
                *arguments, before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind,
                                    "-e", f"inject={kind}:signal=KILL:when={n}"])
            where = f"{what} killed at {kind} {n}"
            if outcome.returncode != 0:
                expect(outcome.returncode in (-9, 137), where, "- ended with", outcome.returncode, outcome.stderr.decode())
                kills += 1
            name = following[order % len(following)]
            order += 1
            next_arguments, statuses = NEXT.get(name) or (PRUNE, {0})
            where += f", then {name}"
            rights.expect_status(rights.folder.veil(*next_arguments), statuses, where)
            if name in ("find", "prune"):
                version = rights.check(where, state)
                seen[version] = seen.get(version, 0) + 1
            elif name == "erase":
                expect(rights.check(where, "erased") == "erased", where, "- not erased")
            elif name == "run":
                expect(rights.check(where, "before") == "before", where, "- the run publishes all anew")
            elif name == "another run":
                # It came by both folders with exports, and not by the one above them.
                rights.expect_status(rights.folder.veil(*NEXT["find"][0], "--pipeline", "q.yaml"), {0}, where)
                rights.check(where, state)
            else:
                expect(rights.check(where, "pruned") == "pruned", where, "- not pruned")
    return kills, seen


def test():
    stride = kill_stride()
    rights = Rights()
    with rights.folder:
        erased, versions = sweep(rights, "an erasure", ERASE, "erased", ["find", "erase", "another run", "prune", "run"], stride)
        pruned, others = sweep(rights, "a pruning", PRUNE, "pruned", ["find", "the same pruning", "another run"], stride)
    if stride == 1:
        expect({"before", "erased"} <= set(versions) and {"before", "pruned"} <= set(others), "a phase was missed:", versions, others)
    return f"killed {erased} erasures and {pruned} prunings {versions} {others}"


main(test)
