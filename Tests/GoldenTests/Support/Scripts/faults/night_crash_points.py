"""Kills a night with two new files at every call that changes a file, and looks at what is left; then the next night mends it."""
from bench import *

KINDS = {"write", "fsync", "renameat", "rename", "renameat2", "linkat", "unlinkat", "ftruncate", "fchmod", "flock"}
NIGHTLY = """version: 1
name: crm
source: {path: inbox, format: csv, subject: id}
keys: {k: {env: VEIL_KEY}}
fields: {id: {pseudonym: {key: k}}, email: {hash: {salt: k}}, name: drop, city: keep, n: keep}
sink: {path: "out/{stem}.csv", format: csv}
manifest: "out/{stem}.json"
state: nights.state
on_file_error: continue
bad_records: {action: skip, limit: 9, quarantine: bad.jsonl}
"""
EXPORTS = ["out/a.csv", "out/b.csv", "out/c.csv", "bad.jsonl"]


class Nights(Folder):
    def run(self, **how):
        return self.veil("run", "p.yaml", "--report", "r.json", "--metrics", "m.prom", "--audit", "audit.jsonl", "--threads", "2", **how)

    def all(self):
        return {name: self.read(name) for name in self.names()}

    def restore(self, files):
        # Inputs stay as they are, with their times.
        for name in self.names():
            if name not in files:
                os.unlink(self.path(name))
        for name, data in files.items():
            if not name.startswith("inbox/") and (not os.path.exists(self.path(name)) or self.read(name) != data):
                self.write(name, data)


def whole(folder, before, after, where):
    """Every file is the one of before or the one of after; what is new may be missing. Returns how many are new."""
    new = 0
    for name in EXPORTS:
        data = folder.read(name) if os.path.exists(folder.path(name)) else None
        expect(data in (before.get(name), after[name]), where, "-", name, "is neither the old one nor the new one")
        new += data == after[name] != before.get(name)
        if name.endswith(".csv") and os.path.exists(folder.path(name.replace(".csv", ".json"))):
            told = json.loads(folder.read(name.replace(".csv", ".json")))["outputs"][0]["sha256"]
            expect(data is not None and told == hashlib.sha256(data).hexdigest(), where, "- a manifest came before", name)
    for name in folder.names():
        if name in after or name == "audit.jsonl":
            continue
        expect(LEAVINGS.fullmatch(os.path.basename(name)), where, "- a strange file:", name)
    for line in (folder.read("bad.jsonl") if os.path.exists(folder.path("bad.jsonl")) else b"").splitlines():
        json.loads(line)
    return new


def test():
    stride = kill_stride()
    kills, seen = 0, set()
    with Nights(NIGHTLY, {"inbox/a.csv": people(5, 1)}) as folder:
        outcome = folder.run()
        expect(outcome.returncode == 0, "the first night failed:", outcome.stderr.decode())
        for name, seed in [("b", 2), ("c", 3)]:
            folder.write(f"inbox/{name}.csv", people(6, seed, first=100 * seed))
        before = folder.all()
        calls = calls_of(folder, KINDS)
        after = folder.all()
        expect(all(after[name] != before.get(name) for name in EXPORTS[1:]), "the second night changes what it should")
        for kind, (begun, most) in sorted(calls.items()):
            for n in range(begun + 1, most + 2, stride):
                where = f"killed at {kind} {n}"
                folder.restore(before)
                outcome = folder.run(before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind,
                                             "-e", f"inject={kind}:signal=KILL:when={n}"])
                if outcome.returncode == 0:
                    continue
                expect(outcome.returncode in (-9, 137), where, "- ended with", outcome.returncode, outcome.stderr.decode())
                kills += 1
                seen.add(whole(folder, before, after, where))
                outcome = folder.run()
                expect(outcome.returncode == 0, where, "- the next night failed:", outcome.stderr.decode())
                expect(whole(folder, before, after, where + ", mended") == len(EXPORTS) - 1, where, "- the next night left something out")
                last = folder.run()
                expect(last.returncode == 0 and b"nothing new" in last.stderr, where, "- it did not remember:", last.stderr.decode())
                rest = set(folder.names()) - set(after)
                expect(not rest, where, "- leavings:", rest)
                outcome = folder.veil("audit", "verify", "audit.jsonl")
                expect(outcome.returncode == 0, where, "- the audit log:", outcome.stderr.decode())
    if stride == 1:
        expect(len(seen) > 2, "the kills missed a phase:", seen)
    return f"killed {kills} times"


main(test)
