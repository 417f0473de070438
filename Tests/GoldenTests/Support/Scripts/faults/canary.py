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


LOUD = ["--manifest", "m.json", "--report", "r.json", "--metrics", "m.prom", "--audit", "audit.jsonl", "--lineage", "l.json"]
LOGS = [[], ["--log", "json"], ["--log", "text", "--progress", "always"]]


# At full length every kind of log and of packing is met with every end; else each with some.
IS_FULL = os.environ.get("FAULT_STRIDE") == "1"


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
                if name.endswith(".zst"):
                    look(subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout, f"{where}, {name}")
        expect(not any("core" in name for name in folder.names()), where, "- a core was left:", folder.names())
        accounted(outcome.stderr.decode(errors="replace"))
        if outcome.returncode > 0 and "audit.jsonl" in folder.names():
            last = json.loads(folder.read("audit.jsonl").splitlines()[-1])
            expect(last["result"] == "failed" and last["exit_status"] == outcome.returncode, where, "- the audit log says", last)


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


def made(folder, what, *command):
    outcome = subprocess.run(command, cwd=folder.root, capture_output=True)
    expect(outcome.returncode == 0, what, outcome.stderr.decode())


def certificate(folder):
    made(folder, "a certificate", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
         "s.key", "-out", "s.pem", "-subj", "/CN=s", "-days", "2")


def kept_records(watch):
    """A quarantine that holds the bad records: they are there when it is opened, and nowhere else."""
    for form in ["csv", "tsv", "ndjson", "json"]:
        for action in ["skip", "error"]:
            for name, text in damages(form).items():
                more = f"bad_records: {{action: {action}, quarantine: bad.cms, raw: {{certificate: s.pem}}}}\n"
                with Folder(pipeline(form, more), {f"in.{form}": document(form, rows(6), text)}) as folder:
                    certificate(folder)
                    outcome = folder.veil("run", "p.yaml", *LOUD, "--log", "json")
                    where = f"{form}, kept: {name}, {action}"
                    watch.examine(folder, outcome, where)
                    if outcome.returncode == 4 or "bad.cms" not in folder.names():
                        expect(outcome.returncode != 0, where, "- no quarantine")
                        continue
                    opened = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-in", "bad.cms", "-inkey", "s.key"],
                                            cwd=folder.root, capture_output=True)
                    expect(opened.returncode == 0, where, "- does not open:", opened.stderr)
                    lines = [json.loads(line) for line in opened.stdout.splitlines()]
                    kept = b"".join(l["raw"].encode() if "raw" in l else base64.b64decode(l["raw_base64"]) for l in lines)
                    expect(not lines or PLAIN.encode() in kept, where, "- the record was not kept:", lines)


def other_ends(watch):
    """What else ends a run: people who may get nothing, lists and tables that do not fit, certificates, states."""
    values, turn = rows(6), itertools.count()
    gone = "email\n" + values[0][1] + "\n"
    ledger = "subject,purpose,status,at,expires\n" + f'"{CANARY.replace(chr(34), chr(34) * 2)} 0",p,granted,2020-01-01,2021-01-01\n'
    for form in ["csv", "tsv", "ndjson", "json"]:
        def run(name, more="", rules=RULES, files=(), arguments=(), statuses=(0, 1, 2, 3, 4), prepare=None, sink=None):
            text = pipeline(form, more, rules)
            text = text.replace(f"out.{form}", sink) if sink else text
            with Folder(text, {f"in.{form}": document(form, values), **dict(files)}) as folder:
                if prepare:
                    prepare(folder)
                for log in LOGS if IS_FULL else [LOGS[next(turn) % 3]]:
                    outcome = folder.veil("run", "p.yaml", *LOUD, *arguments, *log)
                    expect(outcome.returncode in statuses, form, name, outcome.returncode, outcome.stderr.decode())
                    # Lists are inputs too.
                    hidden = [f for f in folder.names() if f.startswith("list.")]
                    kept = [(f, folder.read(f)) for f in hidden]
                    folder.remove(hidden)
                    watch.examine(folder, outcome, f"{form}, {name}")
                    for file, data in kept:
                        folder.write(file, data)

        run("erased", "records: {erasure: {file: list.csv, column: email, field: email}}\n", files={"list.csv": gone.encode()}, statuses=(0,))
        run("a damaged list", "records: {erasure: {file: list.csv, column: email, field: email}}\n",
            files={"list.csv": (gone + f'"{PLAIN}"x,{PLAIN}\n').encode()}, statuses=(3,))
        run("no consent", "purpose: p\nrecords: {consent: {ledger: list.csv, field: id}}\n", files={"list.csv": ledger.encode()}, statuses=(0, 2, 3))
        run("a consent that cannot be read", "purpose: p\nrecords: {consent: {ledger: list.csv, field: id}}\n",
            files={"list.csv": ledger.replace("2021-01-01", PLAIN).encode()}, statuses=(0, 2, 3))
        run("retention", "records: {retention: {field: note, keep: 1 days}}\n", statuses=(0,))
        run("corrections", "records: {corrections: {file: list.csv}}\n",
            files={"list.csv": f"subject,field,value\n{PLAIN},email,{PLAIN}\n{PLAIN},{PLAIN},x\n".encode()}, statuses=(0, 2, 3))
        run("a recipient whose time is over", "purpose: p\nrecipients: r.yaml\n", sink=f"out.{form}, recipient: lab",
            files={"r.yaml": b"recipients: {lab: {purposes: [p], expires: 2020-01-31}}\n"}, statuses=(2,))
        run("a certificate that is none", sink=f"out.{form}, encrypt: {{certificate: in.{form}}}", statuses=(2,))
        run("an encrypted export", sink=f"out.{form}.gz.cms, encrypt: {{certificate: s.pem}}", prepare=certificate, statuses=(0,),
            rules="unlisted: keep\n")
        run("a table without the value", rules="fields: {id: {map: {values: {a: b}}}}\nunlisted: drop\n", statuses=(3,))
        run("a hierarchy without the value", "anonymity: {k: 2, suppress: 100%}\n",
            "fields: {note: {class: quasi, hierarchy: {order: [a, b, c]}}}\nunlisted: drop\n", statuses=(3,))
        for stage in ["{fpe: {key: k}}", "{normalize: phone}", "{normalize: iban}", "{date_shift: {days: 9, key: k}}", "email_domain",
                      "{clamp: {min: 1}}", "{truncate: {ip: true}}", "{encrypt: {key: k, random: true}}"]:
            run(f"the stage {stage}", rules=f"fields: {{note: [{stage}, {{hash: {{salt: k}}}}]}}\nunlisted: drop\n", statuses=(0, 2, 3))
        run("several checks", "checks: [{unique: [note]}, {max_dropped: 0}, {min_records: 99}, {accepted_values: {field: note, values: [x]}}]\n", statuses=(1,))
        run("a state", "state: s.state\n", sink=f'"{{stem}}-{{run}}.{form}"', statuses=(0, 3))
        # Packed, both ways, whole and damaged.
        for pack in ["gz", "zst"]:
            for cut in [0, 20]:
                def packs(folder, cut=cut):
                    data = document(form, values * 40)
                    packed = gzip.compress(data) if pack == "gz" else subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout
                    folder.write(f"in.{form}.{pack}", packed[: len(packed) - cut])
                if shutil.which("zstd"):
                    run(f".{pack}, {cut} bytes short", prepare=packs, arguments=["--input", f"in.{form}.{pack}"], sink=f"out.{form}.{pack}",
                        statuses=(3 if cut else 0,))


def failing_calls(watch):
    """Disks that are full or broken in the middle of it."""
    traced = strace_problem() is None
    pairs = itertools.product(["csv", "tsv", "ndjson", "json"], ["", ".gz", ".zst"])
    for form, pack in pairs if IS_FULL else [("csv", ".zst"), ("ndjson", ""), ("json", ".gz")]:
        if pack == ".zst" and not shutil.which("zstd"):
            continue
        data = document(form, rows(3000), damages(form)["few" if form in ("csv", "tsv") else "word"])
        text = pipeline(form, "bad_records: {action: skip, quarantine: bad.jsonl}\n").replace(f"out.{form}", f"out.{form}{pack}")
        with Folder(text, {f"in.{form}": data}) as folder:
            for most in [0, 4096, 40_000]:
                outcome = folder.veil("run", "p.yaml", *LOUD[:6], "--log", "json", limits={resource.RLIMIT_FSIZE: most})
                watch.examine(folder, outcome, f"{form}{pack}, files of {most} bytes at most")
            for call, error in [("write", "ENOSPC"), ("write", "EIO"), ("read", "EIO"), ("fsync", "EIO"), ("renameat", "EIO"), ("linkat", "ENOSPC")]:
                if not traced:
                    continue
                # The first reads are those of the system's loader.
                first = calls_of(folder, {call})[call][0] if call == "read" else 2
                for when in [first + 1, first + 2, f"{first + 3}+"]:
                    outcome = folder.veil("run", "p.yaml", *LOUD, "--log", "json", before=[
                        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", f"inject={call}:error={error}:when={when}"])
                    # The log cannot tell of a failure that keeps it from being written.
                    folder.remove(["audit.jsonl"])
                    expect(outcome.returncode in (0, 2, 3), form, pack, call, when, error, outcome.returncode)
                    watch.examine(folder, outcome, f"{form}{pack}, {call} {when} fails with {error}")


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
    for turn, (how, form) in enumerate(itertools.product([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGQUIT], ["csv", "tsv", "ndjson", "json"])):
        more = "anonymity: {k: 2, suppress: 100%}\n" if turn // 4 % 2 else ""
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
    kept_records(watch)
    other_ends(watch)
    failing_calls(watch)
    looked = ended_runs(watch)
    expect({0, 1, 2, 3, 4} <= set(watch.statuses), "not every kind of end was met:", watch.statuses)
    return f"{watch.runs} runs (ends: {dict(sorted(watch.statuses.items()))}, {looked} open files)"


main(test)
