"""Plants personal values in every field of every format, lets runs fail in every way, and looks for the values in all
that is left or told: as they are, in hex, base64, as in an URL, as in JSON."""
import base64, glob, itertools, urllib.parse
from bench import *

# Distinct, long enough not to occur by chance, with characters that escapes change.
CANARY = 'Zo\u00eb "canary" <7f3a>/Kaufmann'
PLAIN = "canarybird-7f3a-Kaufmann"
RULES = """fields:
  id: {pseudonym: {key: k}}
  email: {hash: {salt: k}}
  name: drop
  note: {encrypt: {key: k}}
  city: drop
"""
FIELDS = ["id", "email", "name", "note", "city"]


def forms(text):
    """Every way in which a value might be spelled."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), urllib.parse.quote(text, safe="").encode(),
             urllib.parse.quote_plus(text).encode(), json.dumps(text)[1:-1].encode(),
             json.dumps(text, ensure_ascii=False)[1:-1].encode(), "".join(f"\\u{ord(c):04x}" for c in text).encode(),
             text.replace('"', '""').encode(), text.encode("utf-16-le"), text.lower().encode()}
    for skip in range(3):
        # In the middle of something else, the first and last characters depend on the neighbours.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"x" * skip + raw)[4:]
            found.add(inner[: len(inner) - 4].rstrip(b"="))
    return found


FORMS = forms(CANARY) | forms(PLAIN) | {b"Kaufmann", b"kaufmann", b"canarybird"}


def look(data, where):
    for form in FORMS:
        at = data.find(form)
        expect(at < 0, where, "- a planted value, at byte", at)


def csv_line(values, delimiter):
    return delimiter.join('"' + v.replace('"', '""') + '"' for v in values)


def document(form, rows, damage=None):
    """An input with `rows`; `damage` is put in as one more record, as it is, before the last."""
    if form in ("csv", "tsv"):
        delimiter = "," if form == "csv" else "\t"
        lines = [delimiter.join(FIELDS)] + [csv_line(row, delimiter) for row in rows]
        lines.insert(len(lines) - 1, damage) if damage is not None else None
        return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
    records = [json.dumps(dict(zip(FIELDS, row)), ensure_ascii=bool(i % 2)) for i, row in enumerate(rows)]
    records.insert(len(records) - 1, damage) if damage is not None else None
    text = "\n".join(records) + "\n" if form == "ndjson" else "[" + ",\n".join(records) + "]\n"
    return text.encode("utf-8", "surrogateescape")


def rows(count, more=""):
    """With `anonymity` the city is what is published: then it says nothing."""
    cities = ["Paris", "Rome"] if "anonymity" in more else [CANARY, PLAIN]
    return [[f"{CANARY} {i}", f"{PLAIN}{i}@example.org", CANARY, PLAIN, cities[i % 2]] for i in range(count)]


def damages(form):
    """Records that are wrong, full of planted values."""
    if form in ("csv", "tsv"):
        d = "," if form == "csv" else "\t"
        return {"few": PLAIN, "many": d.join([PLAIN] * 9), "open": f'"{PLAIN}{d}{PLAIN}', "text": f'"a"{PLAIN}{d}{PLAIN}',
                "bytes": d.join([PLAIN, "\udcff" + PLAIN, PLAIN, PLAIN, PLAIN]), "nul": d.join([PLAIN + "\0"] * 5)}
    return {"cut": '{"id":"%s","email":"%s' % (PLAIN, PLAIN), "word": '{"id":%s}' % PLAIN, "twice": '{"id":"%s","id":"%s"}' % (PLAIN, PLAIN),
            "unlisted": '{"id":"1","%s":"%s"}' % (PLAIN[:4], PLAIN), "deep": "[" * 5000 + json.dumps(PLAIN), "bytes": '{"id":"%s\udcff"}' % PLAIN,
            "scalar": json.dumps(PLAIN), "escape": '{"id":"%s\\x"}' % PLAIN, "nested": '{"id":{"a":"%s"}}' % PLAIN,
            "control": '{"id":"%s\x01"}' % PLAIN}


def pipeline(form, more="", rules=RULES):
    if "anonymity" in more:
        rules = rules.replace("city: drop", "city: {class: quasi}")
    return (f"version: 1\nname: birds\nsource: {{path: in.{form}, subject: id}}\nkeys: {{k: {{env: VEIL_KEY}}}}\n{rules}"
            f"sink: {{path: out.{form}}}\n{more}")


LOUD = ["--manifest", "m.json", "--report", "r.json", "--metrics", "m.prom"]
LOGS = [[], ["--log", "json"], ["--log", "text", "--progress", "always"]]


class Watch:
    def __init__(self):
        self.runs, self.statuses = 0, {}

    def examine(self, folder, outcome, where):
        """Everything that was told, and every file but the input."""
        self.runs += 1
        self.statuses[outcome.returncode] = self.statuses.get(outcome.returncode, 0) + 1
        look(outcome.stdout, where + ", standard output")
        look(outcome.stderr, where + ", standard error")
        for name in folder.names():
            look(name.encode(), where + ", a file's name")
            if not name.startswith("in."):
                data = folder.read(name)
                look(data, f"{where}, {name}")
                if name.endswith(".gz"):
                    look(gzip.decompress(data), f"{where}, {name}")
        expect(not any("core" in name for name in folder.names()), where, "- a core was left:", folder.names())
        accounted(outcome.stderr.decode(errors="replace"))


def failures(watch):
    turn = itertools.count()
    for form in ["csv", "tsv", "ndjson", "json"]:
        cases = [(f"bad record: {name}", text, "bad_records: {action: skip, limit: 9, quarantine: bad.jsonl}\n") for name, text in damages(form).items()]
        cases += [(f"stopped by: {name}", text, "bad_records: {quarantine: bad.jsonl}\n") for name, text in damages(form).items()]
        cases += [("published", None, ""), ("k unmet", None, "anonymity: {k: 50, suppress: 0%}\n"),
                  ("suppressed", None, "anonymity: {k: 2, suppress: 100%}\n"),
                  ("check", None, "checks: [{min_records: 900}, {not_null: [email]}, {accepted_values: {field: note, values: [x]}}]\n"),
                  ("warning", None, "checks: [{accepted_values: {field: note, values: [x]}, severity: warn}]\n")]
        for name, damage, more in cases:
            with Folder(pipeline(form, more), {f"in.{form}": document(form, rows(6, more), damage)}) as folder:
                outcome = folder.veil("run", "p.yaml", *LOUD, *LOGS[next(turn) % 3])
                watch.examine(folder, outcome, f"{form}, {name}")
                if name.startswith(("bad record", "stopped")):
                    expect(outcome.returncode in (0, 1, 3, 4), form, name, outcome.returncode, outcome.stderr.decode())
        # Fields that the pipeline does not name, in every command that reads data.
        with Folder(pipeline(form, rules="fields: {id: {hash: {salt: k}}}\n"), {f"in.{form}": document(form, rows(3))}) as folder:
            for command in [["run", "p.yaml", *LOUD], ["check", "p.yaml", "--input", f"in.{form}"],
                            ["run", "p.yaml", "--dry-run"], ["run", "p.yaml", "--preview", "2"]]:
                watch.examine(folder, folder.veil(*command), f"{form}, fields not named, {command[0]}")
        # Values that stages cannot read.
        numbers = "fields: {id: {round: {to: 1}}, email: {bucket: {width: 5}}, name: {truncate: {date: year}}, note: drop, city: drop}\n"
        for more in ["", "bad_records: {action: skip, quarantine: bad.jsonl}\n"]:
            with Folder(pipeline(form, more, numbers), {f"in.{form}": document(form, rows(3))}) as folder:
                outcome = folder.veil("run", "p.yaml", *LOUD)
                expect(outcome.returncode in (0, 1, 3), form, "numbers", outcome.stderr.decode())
                watch.examine(folder, outcome, f"{form}, values that are no numbers")
        # A check of what was published, and packed data that is damaged.
        with Folder(pipeline(form, "anonymity: {k: 2, suppress: 100%}\n"), {f"in.{form}": document(form, rows(6, "anonymity"))}) as folder:
            watch.examine(folder, folder.veil("run", "p.yaml", *LOUD), f"{form}, published")
            watch.examine(folder, folder.veil("verify", f"out.{form}", "--pipeline", "p.yaml"), f"{form}, verify")
        # Data given for a pipeline, by mistake.
        with Folder(pipeline(form), {f"in.{form}": document(form, rows(3))}) as folder:
            for command in ["run", "check", "explain"]:
                outcome = folder.veil(command, f"in.{form}")
                expect(outcome.returncode == 2, form, command, outcome.stderr.decode())
                watch.examine(folder, outcome, f"{form}, data as a pipeline for {command}")
        packed = bytearray(gzip.compress(document(form, rows(50))))
        for name, data in [("cut", packed[: len(packed) // 2]), ("trailing", packed + PLAIN.encode()), ("flipped", packed[:60] + b"\xff" + packed[61:])]:
            with Folder(pipeline(form), {f"in.{form}.gz": bytes(data)}) as folder:
                outcome = folder.veil("run", "p.yaml", "--input", f"in.{form}.gz", *LOUD)
                expect(outcome.returncode == 3, form, name, outcome.stderr.decode())
                watch.examine(folder, outcome, f"{form}, gzip {name}")


def open_files(process):
    """What the files hold that a process has open, those without a name among them."""
    for link in glob.glob(f"/proc/{process.pid}/fd/*"):
        try:
            if not os.path.isfile(link) or os.readlink(link).split("/")[-1].startswith("in."):
                continue
            with open(link, "rb") as file:
                yield os.readlink(link), file.read()
        except OSError:
            continue


def ended_runs(watch):
    """Runs that are stopped in the middle, looked into, and killed, or made to crash where a core may be written."""
    rng = random.Random(3)
    looked = 0
    for turn, (how, form) in enumerate(itertools.product([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGQUIT], ["csv", "ndjson"] * 2)):
        more = "anonymity: {k: 2, suppress: 100%}\n" if turn % 2 else ""
        data = document(form, rows(4000, more))
        with Folder(pipeline(form, more), {f"in.{form}": data}) as folder:
            # From a pipe, so that two passes need a spool.
            process = subprocess.Popen(
                [VEIL, "run", "p.yaml", "--input", "-", *LOUD], cwd=folder.root, env={**ENVIRONMENT, "TMPDIR": folder.root},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
            try:
                process.stdin.write(data[: rng.randrange(len(data) // 2, len(data))])
                process.stdin.flush()
                time.sleep(0.1)
                process.send_signal(signal.SIGSTOP)
                for name, content in open_files(process):
                    look(content, f"{form}, {name} while it runs")
                    looked += len(content) > 0
                process.send_signal(how)
                process.send_signal(signal.SIGCONT)
                stdout, stderr = process.communicate()
            except BrokenPipeError:
                stdout, stderr = process.communicate()
            expect(process.returncode != 0, "a run without its input's end succeeded")
            outcome = subprocess.CompletedProcess([], process.returncode, stdout, stderr)
            watch.examine(folder, outcome, f"{form}, ended by {how.name}")
            expect(b"Thread" not in stderr and b"Registers" not in stderr, "a crash tells of its memory:", stderr[:300])
    expect(looked > 0, "no file was open while a run went on")
    return looked


def test():
    # The search itself must find what it looks for.
    for planted in [PLAIN.encode(), base64.b64encode(b"ab" + CANARY.encode()), CANARY.encode().hex().encode()]:
        try:
            look(b"xx" + planted, "")
        except Broken:
            continue
        raise Broken("the search finds nothing")
    watch = Watch()
    failures(watch)
    looked = ended_runs(watch)
    expect({0, 1, 3, 4} <= set(watch.statuses), "not every kind of end was met:", watch.statuses)
    return f"{watch.runs} runs (ends: {dict(sorted(watch.statuses.items()))}, {looked} open files)"


main(test)
