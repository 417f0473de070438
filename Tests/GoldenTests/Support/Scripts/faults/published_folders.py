"""Random published folders and five people each: `find` and `erase` agree with a search of all bytes of all files, or
say by their status which file they could not judge. FOLDERS is how many, SEED where they begin."""
import itertools, sys
from bench import *

PEOPLE = ["ada@example.org", "bob@example.org", "=cy@example.org", "-dan", "eve@example.org"]
FILLERS = [f"filler{n}@example.org" for n in range(60)]
SUBJECTS = {
    "kept": ('{class: direct, stages: [keep], because: "a test"}', None),
    "token": ("{pseudonym: {key: k, encoding: base64url}}", "token"),
    "encrypted": ("{encrypt: {key: k}}", "token"),
    "sealed": ("{encrypt: {key: k, random: true}}", "sealed"),
}
FORMATS = ["csv", "tsv", "ndjson", "json"]


def pipeline(rng, kind, names):
    stages = SUBJECTS[kind][0]
    sinks = []
    for number, name in enumerate(names):
        guard = ", csv: {formula_guard: true}" if "csv" in name and rng.random() < 0.5 else ""
        sinks.append(f'  - {{path: "out/{name}", recipient: r{number}, expires: 30 days{guard}}}')
    manifest = rng.choice(["m-{date}.json", "m-{date}.manifest.json", "m-{date}.txt"])
    more = rng.choice(["", "audit: out/audit.jsonl\n", "lineage: \"out/l-{date}.lineage.json\"\n",
                       "bad_records: {action: skip, limit: 5, quarantine: \"out/bad-{date}.jsonl\"}\n"])
    return f"""version: 1
name: folders
manifest: "out/{manifest}"
source: {{path: in.ndjson, subject: "people[]"}}
keys: {{k: {{env: VEIL_KEY}}}}
fields:
  "people[]": {stages}
  city: keep
order: input
sinks:
{chr(10).join(sinks)}
{more}"""


def flat(text):
    """The same pipeline for input with one person a record, which every format can hold."""
    return text.replace("people[]", "person").replace("in.ndjson", "in.csv")


def unpacked(path):
    with open(path, "rb") as file:
        data = file.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


class Case:
    def __init__(self, seed, folder):
        self.rng = random.Random(seed)
        self.folder = folder
        self.where = f"folder {seed}"
        rng = self.rng
        self.kind = rng.choice(list(SUBJECTS))
        self.is_flat = rng.random() < 0.7
        formats = FORMATS if self.is_flat else ["ndjson", "json"]
        names = []
        for number in range(rng.choice([1, 1, 2])):
            dated = rng.choice(["", "-{date}", "{date}/"])
            name = f"{dated}e{number}." if dated.endswith("/") else f"e{number}{dated}."
            names.append(name + rng.choice(formats) + rng.choice(["", "", ".gz"]))
        text = pipeline(rng, self.kind, names)
        self.text = flat(text) if self.is_flat else text
        folder.write("p.yaml", self.text.encode())
        os.makedirs(folder.path("out"))
        # Who is in which export, by the export's digest: only the key tells where tokens are other ones each time.
        self.truth = {}
        for day in rng.sample(["2026-06-01", "2026-06-02"], rng.choice([1, 1, 2])):
            os.makedirs(folder.path("out/" + day), exist_ok=True)
            self.publish(day)
        self.tokens = self.tokens_of_people()
        self.mischief()

    def veil(self, *arguments, statuses=(0,), stdin=None):
        outcome = self.folder.veil(*arguments) if stdin is None else subprocess.run(
            [VEIL, *arguments], cwd=self.folder.root, env=ENVIRONMENT, input=stdin, capture_output=True, timeout=60)
        text = outcome.stdout.decode() + outcome.stderr.decode()
        expect(outcome.returncode in statuses, self.where, "-", arguments, "- status", outcome.returncode, text, self.text)
        return outcome.returncode, text

    def input_of(self, people):
        rng = self.rng
        rng.shuffle(people)
        if self.is_flat:
            return "in.csv", ("person,city\n" + "".join(f'"{p}",Bonn\n' for p in people)).encode()
        records, rest = [], list(people)
        while rest:
            count = rng.randrange(1, 4)
            records.append(json.dumps({"people": rest[:count], "city": "Bonn"}))
            rest = rest[count:]
        return "in.ndjson", ("\n".join(records) + "\n").encode()

    def publish(self, day):
        present = [p for p in PEOPLE if self.rng.random() < 0.5]
        name, data = self.input_of(present + self.rng.sample(FILLERS, 5))
        self.folder.write(name, data)
        before = {path: unpacked(path) for path in self.files()}
        self.veil("run", "p.yaml", "--as-of", day)
        for path in self.files():
            data = unpacked(path)
            if before.get(path) != data and self.kind == "sealed" and os.path.basename(path).startswith("e"):
                self.truth[hashlib.sha256(data).hexdigest()] = set(present)

    def tokens_of_people(self):
        """What each person may be called in an export, computed by runs over that person alone."""
        tokens = {p: {p.encode(), json.dumps(p).strip('"').encode()} for p in PEOPLE}
        if SUBJECTS[self.kind][1] != "token":
            return tokens
        os.makedirs(self.folder.path("alone"))
        text = flat(self.text).replace("out/", "alone/").replace("fields:\n", "fields:\n  n: keep\n")
        lines = [line for line in text.split("\n") if not re.match("manifest|audit|lineage|bad_records", line)]
        names = []
        for number, line in enumerate(lines):
            if "recipient: r" in line:
                lines[number] = re.sub(r'path: "[^"]*"', f'path: "alone/{len(names)}.ndjson"', line)
                lines[number] = re.sub(r", csv: \{[^}]*\}", "", lines[number])
                names.append(f"alone/{len(names)}.ndjson")
        # Tokens belong to the field that they are made for.
        table = "\n".join(lines) if self.is_flat else "\n".join(lines).replace("{key: k", '{key: k, field: "people[]"') if "encrypt" in self.text else "\n".join(lines).replace("{key: k", '{key: k, domain: "people[]"')
        self.folder.write("alone.yaml", table.encode())
        self.folder.write("in.csv", ("person,city,n\n" + "".join(f'"{p}",Bonn,{n}\n' for n, p in enumerate(PEOPLE))).encode())
        self.veil("run", "alone.yaml")
        for name in names:
            for line in self.folder.read(name).decode().splitlines():
                record = json.loads(line)
                tokens[PEOPLE[int(record["n"])]].add(record["person"].encode())
        shutil.rmtree(self.folder.path("alone"))
        return tokens

    def mischief(self):
        """What may have become of a folder: copies, links, prunes, backups that were put back, leftovers."""
        rng, folder = self.rng, self.folder
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            exports = [path for path in self.files() if re.search(r"e\d", os.path.basename(path)) and not os.path.basename(path).startswith(".")]
            if not exports:
                return
            export = rng.choice(exports)
            what = rng.randrange(8)
            if what == 0:
                shutil.copy(export, export + rng.choice([".bak", ".old", ".txt", "~"]))
            elif what == 1:
                os.makedirs(folder.path("away"), exist_ok=True)
                shutil.copy(export, folder.path("away"))
                link = folder.path("out/link")
                if not os.path.lexists(link):
                    os.symlink("../away", link)
            elif what == 2:
                self.veil("prune", "out", "--as-of", "2026-12-01", statuses=(0, 1))
            elif what == 3:
                kept = {path: open(path, "rb").read() for path in exports}
                self.veil("prune", "out", "--as-of", "2026-12-01", statuses=(0, 1))
                with open(export, "wb") as file:
                    file.write(kept[export])
            elif what == 4:
                name = f".{os.path.basename(export)}.veil-0123456789abcdef.tmp"
                shutil.copy(export, os.path.join(os.path.dirname(export), name))
            elif what == 5:
                shutil.copy(export, os.path.join(os.path.dirname(export), "." + os.path.basename(export) + ".swp"))
            elif what == 6:
                manifests = [path for path in self.files() if "/m-" in path]
                path = rng.choice(manifests) if manifests else None
                if path:
                    data = open(path, "rb").read()
                    with open(path, "wb") as file:
                        file.write(data[:rng.randrange(len(data))])
            else:
                os.link(export, export + ".second")

    def files(self):
        found = []
        for root, folders, names in os.walk(self.folder.path("out"), followlinks=True):
            found += [os.path.join(root, name) for name in names]
        return sorted(found)

    def holders(self, person):
        """The files that hold a person, by a search of all bytes."""
        found = set()
        for path in self.files():
            data = unpacked(path)
            if person in self.truth.get(hashlib.sha256(data).hexdigest(), ()) or any(token in data for token in self.tokens[person]):
                found.add(os.path.relpath(path, self.folder.root))
        return found

    @staticmethod
    def named(text, path):
        """Whether a line names the file, or a folder above it, as one that was not judged."""
        parts = path.split("/")
        places = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        return any(f"NOT {word}: {place}: " in text or f"NOT {word}: {place} (" in text or f"a part of {place}: " in text
                   for word in ("SEARCHED", "DONE") for place in places)

    def check(self):
        for person in PEOPLE:
            status, text = self.veil("find", "--subject", "-", "out", "--pipeline", "p.yaml", statuses=(0, 1), stdin=person.encode() + b"\n")
            # The command has put the folder in order, so the search comes after it.
            told = set(re.findall(r"FOUND: (\S+) \(", text))
            for path in self.holders(person):
                expect(path in told or status == 1 and self.named(text, path), self.where, "-", person, "is in", path, "\n", text, self.text)
            for path in told:
                expect(path in self.holders(person), self.where, "-", person, "is not in", path, "\n", text, self.text)
        gone = self.rng.sample(PEOPLE, 2)
        self.folder.write("gone.txt", ("\n".join(gone) + "\n").encode())
        before = {path: open(path, "rb").read() for path in self.files()}
        status, text = self.veil("erase", "--list", "gone.txt", "out", "--pipeline", "p.yaml", statuses=(0, 1))
        if status == 1:
            after = {path: open(path, "rb").read() for path in self.files()}
            expect(all(after.get(path) == data for path, data in before.items()), self.where, "- changed in spite of status 1\n", text)
            status, text = self.veil("erase", "--list", "gone.txt", "out", "--pipeline", "p.yaml", "--partial", statuses=(0, 1))
        for person in gone:
            for path in self.holders(person):
                expect(self.named(text, path), self.where, "-", person, "is still in", path, "\n", text, self.text)
        for person in set(PEOPLE) - set(gone):
            if self.is_flat and self.kind in ("kept", "token"):
                expect(len(self.holders(person)) == self.count_before(before, person), self.where, "-", person, "was lost\n", text)
        expect(not [name for name in self.folder.names() if name.endswith(".tmp") or "journal" in name], self.where, "- left files")
        return status

    def count_before(self, before, person):
        return sum(any(token in (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data) for token in self.tokens[person]) for data in before.values())


def test():
    count, seed = int(os.environ.get("FOLDERS", "500")), int(os.environ.get("SEED", "1"))
    for number in range(seed, seed + count):
        with Folder() as folder:
            Case(number, folder).check()
    return f"searched {count} folders"


main(test)
