"""Gives every kind of file in every place where a path can stand, and looks for the keys and values that were planted in
them. The places come from the commands' own list of options and from the parsers' sources, so that a new option joins by
itself and a new key of pipelines must be named here."""
import base64, concurrent.futures, glob, itertools
from bench import *

SOURCES = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 5, "Sources"))
rng = random.Random(7)
SECRET = bytes(rng.sample(range(128, 256), 16) + rng.sample(range(1, 128), 16))
RAW = bytes(rng.sample(range(33, 127), 32))
PLANTED = "Kaufmann"
# Values that a person might have; each occurs in data alone.
VALUES = [f"{PLANTED}{word}" for word in ("anna", "berta", "carla", "dora")]
DATA_NAMES = ["version", "source", "fields", "name", "sink", "keys", "epsilon", "state", "recipients", "purposes", "forbidden"]


def traces():
    """A key in all its forms, and the halves of each; and every planted value."""
    forms = []
    for key in (SECRET, RAW):
        forms += [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key)[:40], base64.urlsafe_b64encode(key)[:40]]
    found = []
    for form in forms:
        found += [form[at:at + 12] for at in range(0, len(form) - 11, 4)]
    return found


KEYS = traces()


def records(count=6):
    return [{name: VALUES[(i + j) % len(VALUES)] + str(i) for j, name in enumerate(DATA_NAMES)} for i in range(count)]


def yaml_of(value, indent=0):
    pad = " " * indent
    return "".join(f"{pad}{k}: {v}\n" if isinstance(v, str) else f"{pad}{k}:\n" + yaml_of(v, indent + 2) for k, v in value.items())


def kinds():
    """Every kind of file: a name, and its contents."""
    one = records(1)[0]
    hexed = b"hex:" + SECRET.hex().encode() + b"\n"
    files = {
        "raw.key": SECRET, "text.key": RAW, "hex.key": hexed, "hexonly.key": SECRET.hex().encode() + b"\n",
        "base64.key": b"base64:" + base64.b64encode(SECRET) + b"\n", "base64only.key": base64.b64encode(SECRET) + b"\n",
        "upper.key": b"HEX:" + SECRET.hex().upper().encode() + b"\n", "mapped.key": b"key: " + hexed,
        "secret.ring.yaml": b"version: 1\nkeys:\n  k1: {state: active, file: \"" + hexed.strip() + b"\"}\n",
        "raw.ring.yaml": b"version: 1\nkeys: {k1: " + SECRET.hex().encode() + b"}\n",
        "env.ring.yaml": b"version: 1\nkeys:\n  k1: {state: active, env: \"" + base64.b64encode(SECRET) + b"\"}\n",
        "secret.budget.yaml": b"version: 1\nepsilon: 3\ndelta: 0.001\nspent:\n  - {at: now, pipeline: \"" + hexed.strip() + b"\", sink: x, epsilon: two, delta: 0}\n",
        "secret.pipeline.yaml": b"version: 1\nname: x\nsource: {path: in.csv}\nkeys: {k: " + hexed.strip() + b", l: {file: " + SECRET.hex().encode() + b"}}\nfields: {id: kep}\nsink: {path: out.csv}\n",
        "secret.policy.yaml": b"purposes: [x]\nforbidden: {a: " + SECRET.hex().encode() + b"}\n",
        "data.csv": (",".join(DATA_NAMES) + "\n" + "".join(",".join(r.values()) + "\n" for r in records())).encode(),
        "headless.csv": "".join(",".join(r.values()) + "\n" for r in records()).encode(),
        "data.ndjson": "".join(json.dumps(r) + "\n" for r in records()).encode(),
        "one.json": json.dumps(one).encode(), "lines.json": json.dumps(one, indent=1).encode(),
        "nested.json": json.dumps({"version": 1, "source": one, "fields": {**one, VALUES[0]: one}, "sinks": [one]}, indent=2).encode(),
        "array.json": json.dumps(records()).encode(),
        "data.yaml": yaml_of(one).encode(), "nested.yaml": yaml_of({"version": "1", "name": "x", "source": one, "fields": {**one, VALUES[1]: one}}).encode(),
        "flat.yaml": f"version: 1\nname: x\nsource: {VALUES[0]}\nfields:\n  a: {VALUES[1]}\n".encode(),
        "people.yaml": f"version: 1\nfields:\n  {VALUES[0]}: {VALUES[1]}\n{VALUES[2]}: 3\nepsilon: {VALUES[3]}\n".encode(),
        "text.txt": (" ".join(VALUES) + "\nversion: " + VALUES[0] + "\nsource: " + VALUES[1] + "\n").encode(),
    }
    return files


CITIES = [f"{PLANTED}stadt", f"{PLANTED}dorf"]
GOOD = {
    "in.csv": ("id,city,n\n" + "".join(f"{i},{CITIES[i % 2]},{i}\n" for i in range(8))).encode(),
    "good.key": b"hex:" + bytes(range(32)).hex().encode() + b"\n",
    "list.csv": b"id\n3\n",
    "good.budget.yaml": b"version: 1\nepsilon: 3\ndelta: 0.001\nspent:\n",
    "plain.yaml": b"version: 1\nname: plain\nsource: {path: in.csv, subject: id}\nkeys: {k: {file: good.key}}\n"
                  b"fields:\n  id: {pseudonym: {key: k}}\n  city: drop\n  n: keep\nsink: {path: out.csv}\n",
    "quasi.yaml": b"version: 1\nname: quasi\nsource: {path: in.csv, subject: id}\nkeys: {k: {file: good.key}}\n"
                  b"fields:\n  id: drop\n  city: {class: quasi}\n  n: drop\nanonymity: {k: 2, suppress: 100%}\nsink: {path: quasi.csv}\n",
}

# Pipelines with a place for a file. Each key of the parsers that takes a path has one: PATHS says which.
HEAD = "version: 1\nname: p\npurpose: x\nsource: {path: in.csv, subject: id}\n"
FIELDS = "fields:\n  id: drop\n  city: {class: quasi}\n  n: keep\n"
SINK = "sink: {path: o.csv}\n"
PATHS = {
    ("source", "path"): "version: 1\nname: p\nsource: {path: FILE}\n" + "fields: {id: drop}\nunlisted: drop\n" + SINK,
    ("source", "ndjson"): "version: 1\nname: p\nsource: {path: FILE, format: ndjson}\n" + "fields: {id: drop}\nunlisted: drop\n" + SINK,
    ("source", "json"): "version: 1\nname: p\nsource: {path: FILE, format: json}\n" + "fields: {id: drop}\nunlisted: drop\n" + SINK,
    ("source", "strict"): "version: 1\nname: p\nsource: {path: FILE, format: csv}\n" + "fields: {id: drop}\n" + SINK,
    ("keys", "file"): HEAD + "keys: {k: {file: FILE}}\nfields: {id: {pseudonym: {key: k}}, city: drop, n: drop}\n" + SINK,
    ("keys", "ring"): HEAD + "keys: {k: {ring: FILE}}\nfields: {id: {pseudonym: {key: k}}, city: drop, n: drop}\n" + SINK,
    ("keys", "wrapped"): HEAD + "keys: {k: {wrapped: {file: FILE, passphrase: {file: FILE}}}}\nfields: {id: {pseudonym: {key: k}}, city: drop, n: drop}\n" + SINK,
    ("sink", "path"): HEAD + "fields: {id: drop, city: drop, n: keep}\nsink: {path: FILE.out}\n",
    ("sink", "certificate"): HEAD + "fields: {id: drop, city: drop, n: keep}\nsink: {path: o.csv, encrypt: {certificate: FILE}}\n",
    ("", "policy"): HEAD + "policy: FILE\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("", "recipients"): HEAD + "recipients: FILE\nfields: {id: drop, city: drop, n: keep}\nsink: {path: o.csv, recipient: r}\n",
    ("", "state"): HEAD + "state: FILE\nfields: {id: drop, city: drop, n: keep}\n" + "sink: {path: \"o-{stem}.csv\"}\n",
    ("bad_records", "quarantine"): HEAD + "bad_records: {action: skip, limit: 9, quarantine: FILE.out}\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("bad_records", "certificate"): HEAD + "bad_records: {action: skip, limit: 9, quarantine: q.jsonl, raw: {certificate: FILE}}\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("aggregate", "budget"): HEAD + "fields: {id: drop, city: keep, n: drop}\nsink: {path: o.csv, aggregate: {by: [city], measures: {people: {count: people}}, epsilon: 1, delta: 0.0001, per_person: {groups: 1, records: 1}, budget: FILE}}\n",
    ("checks", "manifest"): HEAD + "checks: [{record_change: {manifest: FILE, at_most: 50%}}]\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("records", "file"): HEAD + "records: {erasure: {file: FILE, column: id, field: id}}\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("records", "ledger"): HEAD + "records: {consent: {ledger: FILE}}\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("records", "corrections"): HEAD + "corrections: {file: FILE}\nfields: {id: drop, city: drop, n: keep}\n" + SINK,
    ("hierarchy", "file"): HEAD + "fields: {id: drop, city: {class: quasi, hierarchy: {file: FILE}}, n: drop}\nanonymity: {k: 2}\n" + SINK,
    ("population", "file"): HEAD + "fields: {id: drop, city: {class: quasi}, n: drop}\nanonymity: {k: 2, population: {file: FILE}}\n" + SINK,
    ("release", "previous"): HEAD + "fields: {id: drop, city: {class: quasi}, n: drop}\nanonymity: {k: 2, release: {previous: FILE}}\n" + SINK,
    ("anonymity", "control"): HEAD + "fields: {id: drop, city: {class: quasi}, n: drop}\nanonymity: {k: 2, control: FILE}\n" + SINK,
    ("map", "file"): HEAD + "fields: {id: drop, city: {map: {file: FILE}}, n: keep}\n" + SINK,
}
# In the sources: path("KEY" and namedFile("KEY", and how often each stands there.
NAMED = {"path": 2, "file": 6, "ring": 1, "certificate": 2, "policy": 1, "recipients": 1, "state": 1, "quarantine": 1,
         "budget": 1, "manifest": 1, "ledger": 1, "previous": 1, "control": 1}


def check_keys():
    """The parsers read no path that is not tried here."""
    seen = {}
    for name in glob.glob(SOURCES + "/Veil*/**/*.swift", recursive=True):
        for key in re.findall(r'\b(?:path|namedFile)\("([a-z_]+)"', open(name).read()):
            seen[key] = seen.get(key, 0) + 1
    expect(seen == NAMED, "a key of pipelines that takes a path is not tried here:", seen)


def places():
    """Every command line with a place for a file, from the commands' own description of themselves."""
    dump = json.loads(subprocess.run([VEIL, "--experimental-dump-help"], capture_output=True, check=True).stdout)
    found = []

    def walk(command, words):
        for inner in command.get("subcommands", []):
            if inner["commandName"] != "help":
                walk(inner, words + [inner["commandName"]])
        arguments = [a for a in command.get("arguments", []) if a["kind"] != "flag"]
        if not arguments:
            return
        positional = [a for a in arguments if a["kind"] == "positional"]
        needed = [a for a in arguments if a["kind"] == "option" and not a.get("isOptional")]
        base = [usual(words, a) for a in positional]
        options = [[option(a), usual(words, a)] for a in needed]
        for at, argument in enumerate(positional):
            found.append(words + base[:at] + ["FILE"] + base[at + 1:] + sum(options, []))
        for argument in arguments:
            if argument["kind"] == "option":
                others = [pair for a, pair in zip(needed, options) if a is not argument]
                found.append(words + base + sum(others, []) + more(words, argument) + [option(argument), "FILE"])

    walk(dump["command"], [])
    return [line for line in found if line]


def option(argument):
    return "--" + argument["names"][-1]["name"]


def usual(words, argument):
    """A file or value that is right at this place, so that the command gets as far as the wrong one."""
    name = argument.get("valueName") or ""
    if "histograms" in name: return "h.bin"
    if name == "pipeline": return "quasi.yaml" if words[0] == "anonymize" else "plain.yaml"
    if name == "paths": return "plain.yaml"
    if name in ("data", "file", "a", "b", "input"): return "in.csv"
    if name == "log": return "audit.jsonl"
    if name == "folder": return "exports"
    if name == "list": return "list.csv"
    if name == "path": return "made.ring.yaml" if "ring" in words else "good.key"
    return {"field": "id", "reason": "test", "subject": "3", "output": "made.out", "id": "k1", "column": "id"}.get(name, "x")


def more(words, argument):
    """Options without which this one is not looked at."""
    name = argument["names"][-1]["name"]
    if words == ["risk"]:
        return ["--quasi", "city"] if name != "quasi" else []
    if words in (["find"], ["erase"]) and name == "private-key":
        return []
    return []


def prepare(folder):
    for name, data in {**GOOD, **kinds()}.items():
        folder.write(name, data)
    os.makedirs(folder.path("exports"), exist_ok=True)
    for line in (["run", "plain.yaml", "--manifest", "made.manifest.json", "--audit", "audit.jsonl"],
                 ["run", "quasi.yaml", "--save-plan", "made.plan"], ["anonymize", "observe", "quasi.yaml", "--output", "h.bin"],
                 ["key", "ring", "new", "made.ring.yaml"]):
        outcome = folder.veil(*line)
        expect(outcome.returncode == 0, line, outcome.stderr.decode())


MADE = ["made.manifest.json", "made.plan", "h.bin", "audit.jsonl", "made.ring.yaml", "good.budget.yaml", "plain.yaml"]


def look(data, where):
    for trace in KEYS:
        at = data.find(trace)
        expect(at < 0, where, "- a part of a key, at byte", at, data[max(0, at - 200):at + 60])


def examine(folder, before, outcome, where):
    for told, name in ((outcome.stdout, "standard output"), (outcome.stderr, "standard error")):
        look(told, f"{where}, {name}")
    expect(outcome.returncode >= 0, where, "- ended by signal", outcome.returncode)
    # What a command says of a file that it took says no value; what it makes of one may.
    values = [(outcome.stderr, "standard error")]
    changed = {name: folder.read(name) for name in folder.names() if name not in before}
    if outcome.returncode != 0:
        values += [(outcome.stdout, "standard output")] + [(data, name) for name, data in changed.items()]
    for data, name in values:
        at = data.find(PLANTED.encode())
        expect(at < 0, f"{where}, {name}, status {outcome.returncode} - a planted value:", data[max(0, at - 300):at + 40])
    for name, data in changed.items():
        look(name.encode(), where + ", a file's name")
        look(data, f"{where}, {name}")
        folder.remove([name])


def try_all(part, parts, names, lines):
    count, found = 0, []
    with Folder("") as folder:
        prepare(folder)
        stable = {name: folder.read(name) for name in folder.names()}
        for number, (line, name) in enumerate(itertools.product(lines, names)):
            if number % parts != part:
                continue
            if isinstance(line, str):
                folder.write("place.yaml", line.replace("FILE", name).encode())
                commands = [["run", "place.yaml"], ["check", "place.yaml"]]
            else:
                commands = [[name if word == "FILE" else word for word in line]]
            for command in commands:
                where = " ".join(command) + (f" with {line!r} and {name}" if isinstance(line, str) else "")
                before = set(folder.names())
                outcome = folder.veil(*command, timeout=120)
                count += 1
                try:
                    examine(folder, before, outcome, where)
                except Broken as broken:
                    found.append(str(broken))
                    folder.remove(set(folder.names()) - before)
            # A command may have replaced or removed what it was given.
            for kept, data in stable.items():
                if not os.path.exists(folder.path(kept)) or folder.read(kept) != data:
                    folder.write(kept, data)
            folder.remove(["place.yaml"])
    return count, found


def test():
    check_keys()
    names = list(kinds()) + MADE
    lines = places() + list(PATHS.values())
    expect(len(places()) > 80, "the commands' options are not read:", len(places()))
    whole = os.environ.get("FAULT_STRIDE") == "1"
    pairs = len(names) * len(lines)
    sample = 1 if whole else int(os.environ.get("SAMPLE", "20"))
    # In a sample each place meets some kinds and each kind some places.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(try_all, part, 2 * sample, names, lines) for part in range(2)]
        count = sum(job.result()[0] for job in jobs)
        found = [broken for job in jobs for broken in job.result()[1]]
    expect(not found, len(found), "of", count, "commands told what they should not:\n" + "\n".join(found))
    return f"{count} commands, of {pairs} pairs of a place and a file"


main(test)
