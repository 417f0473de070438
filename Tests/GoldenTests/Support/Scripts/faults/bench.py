"""What all fault tests share: a pipeline in a folder, runs of it, and what must hold whatever happens to a run."""
import gzip, hashlib, json, os, random, re, resource, shutil, signal, subprocess, sys, tempfile, time

VEIL = os.path.abspath(os.environ["VEIL_BIN"])
KEY = "hex:" + bytes(range(32)).hex()
ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "VEIL_KEY": KEY}
# A sanitizer's options: leaks cannot be looked for under strace.
ENVIRONMENT |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
SANITIZED = "VEIL_SANITIZER" in os.environ
SLOWNESS = 5 if SANITIZED else 1
# Where ThreadSanitizer finds no such folder, it writes no file of its own, which a limit on files would end.
if SANITIZED:
    ENVIRONMENT["TEST_TMPDIR"] = "/nonexistent"
OPTIONS = ["--manifest", "m.json", "--report", "r.json", "--metrics", "m.prom", "--audit", "audit.jsonl", "--threads", "2"]

# Two sinks, crosswalks, manifest, quarantine, report, metrics; two passes.
PIPELINE = """version: 1
name: crm
source: {path: "in.csv", subject: id}
keys: {k: {ring: keys/k.ring.yaml}}
fields:
  id: {pseudonym: {key: k, crosswalk: "cross-{recipient}.csv"}}
  email: {encrypt: {key: k}}
  name: drop
  city: {class: quasi}
  n: keep
anonymity: {k: 2, suppress: 100%}
order: input
bad_records: {action: skip, limit: 5, quarantine: bad.jsonl}
sinks:
  - {path: lab.csv, recipient: lab}
  - {path: bank.ndjson.gz, recipient: bank}
"""
DATA = ["lab.csv", "bank.ndjson.gz", "cross-lab.csv", "cross-bank.csv", "bad.jsonl"]
TOLD = ["m.json", "r.json", "m.prom", "audit.jsonl"]
CITIES = ["Paris", "Rome", "Oslo", "Bern"]
# What a killed run may leave until the next: hidden, for its owner alone.
LEAVINGS = re.compile(r"\.(.+)\.veil-([0-9a-f]{16}\.tmp|lock)")


class Broken(Exception):
    """A promise that does not hold."""


def expect(holds, *what):
    if not holds:
        raise Broken(" ".join(str(part) for part in what))


def people(count, seed, first=0):
    rng = random.Random(seed)
    lines = ["id,email,name,city,n"]
    for i in range(first, first + count):
        lines.append(f"{i},p{i}@example.org,Name {i},{rng.choice(CITIES)},{rng.randrange(10**6)}")
    lines.insert(1 + count // 2, "broken")
    return ("\n".join(lines) + "\n").encode()


class Folder:
    """A folder of its own for one pipeline."""

    def __init__(self, pipeline=PIPELINE, files=(), parent=None):
        self.root = tempfile.mkdtemp(prefix="veil-faults-", dir=parent)
        self.write("p.yaml", pipeline.encode())
        for name, data in dict(files).items():
            self.write(name, data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(data)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def names(self):
        found = []
        for folder, _, files in os.walk(self.root):
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in files]
        return sorted(found)

    def remove(self, names):
        for name in names:
            if os.path.lexists(self.path(name)):
                os.unlink(self.path(name))

    def make_keys(self):
        os.makedirs(self.path("keys"), exist_ok=True)
        for verb in ["new", "rotate"]:
            outcome = self.veil("key", "ring", verb, "keys/k.ring.yaml")
            expect(outcome.returncode == 0, outcome.stderr)

    def veil(self, *arguments, before=(), environment=None, stdin=subprocess.DEVNULL, limits=None, timeout=60):
        def prepare():
            for kind, most in (limits or {}).items():
                resource.setrlimit(kind, (most, most))

        return subprocess.run(
            [*before, VEIL, *arguments], cwd=self.root, env={**ENVIRONMENT, **(environment or {})}, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, preexec_fn=prepare if limits else None)

    def run(self, **how):
        return self.veil("run", "p.yaml", *OPTIONS, **how)

    def start(self, *arguments, **how):
        return subprocess.Popen(
            [VEIL, *(arguments or ("run", "p.yaml", *OPTIONS))], cwd=self.root, env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **{"stdin": subprocess.DEVNULL, **how})


def accounted(text):
    """read = written + excluded + suppressed + bad, in the closing line of a run."""
    text = re.sub(r" \([^()]*\)", "", text)
    sums = 0
    for read, wrote, rest in re.findall(r"\bread (\d+), (?:would write|wrote) (\d+)((?:, \d+ [a-z ]+)*)", text):
        parts = [(int(n), what) for n, what in re.findall(r", (\d+) ([a-z ]+)", rest)]
        other = sum(n for n, what in parts if what != "suppressed and kept" and not what.startswith("of "))
        expect(int(read) == int(wrote) + other, "the records do not add up:", text)
        sums += 1
    return sums


class Story:
    """The pipeline on an old input, which was published, and on a new one, whose run is about to be disturbed."""

    def __init__(self, count=6, parent=None):
        self.folder = Folder(parent=parent)
        self.folder.make_keys()
        self.fixed = set(self.folder.names()) | {"in.csv"}
        self.inputs = [people(count, 1), people(count + 2, 2)]
        self.made, self.log, self.sound_logs = [], "", set()
        for data in self.inputs:
            self.folder.write("in.csv", data)
            outcome = self.folder.run()
            expect(outcome.returncode == 0, "a clean run failed:", outcome.stderr.decode())
            expect(accounted(outcome.stderr.decode()) == 1, "a run tells its counts:", outcome.stderr.decode())
            self.made.append({name: self.folder.read(name) for name in DATA + TOLD})
        # A quarantine goes on where it is: the second night's has the first's lines, where there are any.
        first, both = (made["bad.jsonl"] for made in self.made)
        expect(both.startswith(first) and len(both) > len(first), "the quarantine lost lines")
        self.alone = both[len(first):]
        expect(all(self.made[0][name] != self.made[1][name] for name in DATA), "the two inputs give different exports")

    def reset(self, previous=True):
        """As it was before the night: the old exports, or none, and the new input."""
        for name in self.folder.names():
            if name not in self.fixed:
                os.unlink(self.folder.path(name))
        if previous:
            for name, data in self.made[0].items():
                self.folder.write(name, data)
        self.log = self.made[0]["audit.jsonl"].decode() if previous else ""
        self.folder.write("in.csv", self.inputs[1])

    def check_files(self, where, versions=(0, 1), may_be_missing=False, exact=False):
        """Whole files under final names, and nothing else that can be read. Returns which version stands where."""
        seen = {}
        for name in DATA:
            if not os.path.exists(self.folder.path(name)):
                expect(may_be_missing, where, "-", name, "is gone")
                continue
            data = self.folder.read(name)
            match = [v for v in versions if self.made[v][name] == data]
            if name == "bad.jsonl" and not match and 1 in versions and not self.log and data == self.alone:
                match = [1]
            expect(match, where, "-", name, "is neither the old file nor the new one:", len(data), "bytes")
            seen[name] = match[0]
        for name in TOLD:
            if os.path.exists(self.folder.path(name)):
                self.check_told(name, where)
        if os.path.exists(self.folder.path("m.json")):
            # The manifest comes after what it describes.
            described = {os.path.basename(o["path"]): o["sha256"] for o in json.loads(self.folder.read("m.json"))["outputs"]}
            for name, digest in described.items():
                new = [v for v in versions if hashlib.sha256(self.made[v][name]).hexdigest() == digest]
                expect(new, where, "- the manifest describes no export of ours")
                if new[0] == max(versions) and len(versions) > 1:
                    expect(seen.get(name) == new[0], where, "- the manifest came before", name)
        for name in self.folder.names():
            if name in self.fixed or name in DATA or name in TOLD:
                continue
            expect(not exact, where, "- a leaving:", name)
            expect(LEAVINGS.fullmatch(name), where, "- a strange file:", name)
            mode = os.stat(self.folder.path(name)).st_mode & 0o777
            # The old metrics file is kept under a second name until all is published.
            expect(mode == 0o600 or name.startswith(".m.prom.") and mode == 0o644, where, "-", name, "has mode", oct(mode))
        return seen

    def check_told(self, name, where):
        text = self.folder.read(name).decode()
        if name.endswith(".json"):
            json.loads(text)
        elif name == "audit.jsonl":
            # The log of the runs before is all there, whatever became of this one, and no line is cut short.
            # The same bytes are verified once.
            if text not in self.sound_logs:
                outcome = self.folder.veil("audit", "verify", name)
                expect(outcome.returncode == 0, where, "-", outcome.stdout.decode(), outcome.stderr.decode())
                self.sound_logs.add(text)
            expect(not self.log or text.startswith(self.log), where, "- lines of the audit log are gone")
        else:
            expect(text.endswith("\n") and "veil_run_success" in text, where, "-", name, "is cut short")

    def check_rerun(self, where):
        """The next run makes the same bytes as a clean one and leaves nothing behind."""
        outcome = self.folder.run()
        expect(outcome.returncode == 0, where, "- the run after it failed:", outcome.stderr.decode())
        expect(accounted(outcome.stderr.decode()) == 1, where, "- the run after it tells its counts")
        seen = self.check_files(where + ", run again", versions=(1,), exact=True)
        expect(set(seen) == set(DATA), where, "- the run after it left something out")


def strace_problem():
    """Why system calls cannot be disturbed here; nothing where they can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    probe = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e", "inject=fsync:error=EIO:when=1", "true"],
        capture_output=True, text=True)
    return None if probe.returncode == 0 else "strace cannot trace here: " + probe.stderr.strip()[:200]


def kill_stride():
    """At every which call to kill, by FAULT_STRIDE. Ends the program with 77 where nothing can be killed at a call."""
    problem = strace_problem()
    if problem:
        print("SKIPPED:", problem)
        sys.exit(77)
    return int(os.environ.get("FAULT_STRIDE", "1"))


def calls_of(folder, kinds):
    """How often a run of `folder` makes each call on its busiest thread: before it reads its pipeline, and in all."""
    log = tempfile.NamedTemporaryFile(prefix="veil-strace-")
    outcome = folder.run(before=["strace", "-f", "-qq", "-o", log.name, "-e", "trace=" + ",".join(kinds | {"openat"})])
    expect(outcome.returncode == 0, "the traced run failed:", outcome.stderr.decode())
    begun, all_of, has_begun = {}, {}, False
    for line in open(log.name, errors="replace"):
        match = re.match(r"(\d+) +(\w+)\(", line)
        if not match:
            continue
        has_begun = has_begun or '"p.yaml"' in line
        thread, kind = match.groups()
        counts = all_of.setdefault(kind, {})
        counts[thread] = counts.get(thread, 0) + 1
        if not has_begun:
            begun[kind] = begun.get(kind, 0) + 1
    return {kind: (begun.get(kind, 0), max(all_of[kind].values())) for kind in kinds if kind in all_of}


def main(test):
    """Runs a test; status 77 says that it cannot be run here."""
    started = time.monotonic()
    try:
        told = test()
    except Broken as broken:
        print("BROKEN:", broken, file=sys.stderr)
        sys.exit(1)
    print(f"{told} in {time.monotonic() - started:.1f} s")
