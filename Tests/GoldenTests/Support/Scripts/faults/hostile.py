"""Inputs and pipelines that are made to hurt: refused clearly or handled, with the right status, in bounded memory."""
import itertools, struct, threading, zlib
from bench import *

# Ten records of the longest kind, in flight at once, and the program itself.
# A sanitizer keeps shadows of all memory.
MOST_KB = (4096 if SANITIZED else 512) * 1024
# How many columns, fields or keys are many: a million at full length, with all of the memory, else a fifth of both.
IS_FULL = os.environ.get("FAULT_STRIDE") == "1"
MANY = 1_000_000 if IS_FULL else 200_000
MANY_KB = MOST_KB if IS_FULL else MOST_KB // 5 + 64 * 1024
PEAK = 0
COUNT = 0


def simple(source, fields="unlisted: keep\n", sink="{path: out.csv, format: csv}", more=""):
    return f"version: 1\nname: x\nsource: {source}\nkeys: {{k: {{env: VEIL_KEY}}}}\n{fields}sink: {sink}\n{more}"


def measured(folder, arguments, where, feed=None, limit=60, memory=MOST_KB):
    """Runs and measures. `feed` gives the pieces of standard input. Returns status and standard error."""
    global PEAK, COUNT
    process = subprocess.Popen(
        [VEIL, *arguments], cwd=folder.root, env=ENVIRONMENT, stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        stdout=open(folder.path("stdout"), "wb"), stderr=open(folder.path("stderr"), "wb"))

    def pour():
        try:
            for piece in feed:
                process.stdin.write(piece)
            process.stdin.close()
        except (BrokenPipeError, OSError):
            pass

    pouring = threading.Thread(target=pour, daemon=True) if feed else None
    if pouring:
        pouring.start()
    stopper = threading.Timer(limit * SLOWNESS, process.kill)
    stopper.start()
    _, status, usage = os.wait4(process.pid, 0)
    if os.environ.get("TELL") and usage.ru_maxrss > 150_000:
        print(where, usage.ru_maxrss // 1024, "MiB", file=sys.stderr)
    stopper.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if pouring:
        pouring.join(5)
        try:
            process.stdin.close()
        except OSError:
            pass
    text = folder.read("stderr").decode(errors="replace")
    folder.remove(["stdout", "stderr"])
    expect(process.returncode >= 0, where, "- ended by signal", -process.returncode, text[:500])
    expect(usage.ru_maxrss < memory, where, "- took", usage.ru_maxrss // 1024, "MiB")
    expect(len(text) < 500_000, where, "- says", len(text), "bytes")
    PEAK = max(PEAK, usage.ru_maxrss)
    COUNT += 1
    return process.returncode, text


def refused(where, pipeline, feed=None, files=(), statuses=(3,), says="", arguments=(), prepare=None, memory=MOST_KB):
    with Folder(pipeline, files) as folder:
        if prepare:
            prepare(folder)
        before = folder.names()
        status, text = measured(folder, ["run", "p.yaml", *arguments], where, feed, memory=memory)
        expect(status in statuses, where, "- status", status, text[:500])
        expect(says in text, where, f"- does not say {says!r}:", text[:500])
        if status:
            expect(folder.names() == before, where, "- left", set(folder.names()) ^ set(before))
            expect(text.strip(), where, "- says nothing")
        accounted(text)
        return status, text


def stream(head, unit, total, tail=b""):
    block = unit * max(1, (1 << 20) // len(unit))
    yield head
    for _ in range(total // len(block)):
        yield block
    yield tail


GIGABYTE = 1 << 30


def giants():
    csv = simple('{path: "-", format: csv}')
    lines = simple('{path: "-", format: ndjson}', sink="{path: out.ndjson}")
    array = simple('{path: "-", format: json}', sink="{path: out.json}")
    for what, pipeline, feed in [
        ("a CSV field of a gigabyte", csv, stream(b"a,b\n1,", b"x", GIGABYTE)),
        ("a quoted CSV field of a gigabyte", csv, stream(b'a,b\n1,"', b"x\n", GIGABYTE)),
        ("a CSV record of a gigabyte of fields", csv, stream(b"a,b\n1", b",x", GIGABYTE)),
        ("a CSV header of a gigabyte", csv, stream(b"", b"x", GIGABYTE)),
        ("a gigabyte of quotes", csv, stream(b"a,b\n1,", b'"', GIGABYTE)),
        ("a JSON string of a gigabyte", lines, stream(b'{"a":"', b"x", GIGABYTE)),
        ("a JSON number of a gigabyte", lines, stream(b'{"a":', b"1", GIGABYTE)),
        ("a JSON key of a gigabyte", lines, stream(b'{"', b"x", GIGABYTE)),
        ("an object of a gigabyte", lines, stream(b'{"a":1', b',"a":1', GIGABYTE)),
        ("an array of a gigabyte in an object", array, stream(b'[{"a":[1', b",1", GIGABYTE)),
        ("a gigabyte of brackets", array, stream(b"", b"[", GIGABYTE)),
        ("a gigabyte of zeros as CSV", csv, stream(b"", b"\0", GIGABYTE)),
        ("a gigabyte of zeros as JSON", lines, stream(b"", b"\0", GIGABYTE)),
        ("a gigabyte of blanks as JSON", array, stream(b"", b" ", GIGABYTE)),
    ]:
        refused(what, pipeline, feed, statuses=(3, 4))
    # Through a FIFO that is named as the input.
    def fifo(folder):
        os.mkfifo(folder.path("in.csv"))
        def pour():
            try:
                with open(folder.path("in.csv"), "wb") as pipe:
                    for piece in stream(b"a,b\n1,", b"x", GIGABYTE):
                        pipe.write(piece)
            except (BrokenPipeError, OSError):
                pass
        threading.Thread(target=pour, daemon=True).start()
    refused("a FIFO with a field of a gigabyte", simple("{path: in.csv}"), prepare=fifo, says="in.csv")


def joined(pattern):
    """Many of them, made in pieces: what this program takes counts for the one it starts."""
    return b",".join(b",".join(pattern % i for i in range(n, n + 1000)) for n in range(0, MANY, 1000))


def wide():
    def refuse(what, *arguments, **how):
        refused(f"{MANY} {what}", *arguments, memory=MANY_KB, **how)

    names = joined(b"c%d")
    ones = b"1" + b",1" * (MANY - 1)
    refuse("columns", simple('{path: "-", format: csv}'), iter([names + b"\n", ones + b"\n", ones + b"\n"]), statuses=(0, 3, 4))
    refuse("columns that no rule names", simple('{path: "-", format: csv}', "fields: {c1: keep}\n"),
            iter([names + b"\n", ones + b"\n"]), statuses=(4,))
    refuse("fields in one record", simple('{path: "-", format: csv}'), iter([b"a,b\n", ones + b"\n"]), says="record 1")
    refuse("columns of one name", simple('{path: "-", format: csv}'), iter([b"c" + b",c" * (MANY - 1) + b"\n"]), statuses=(3, 4))
    keys = b"{" + joined(b'"c%d":1') + b"}\n"
    refuse("keys", simple('{path: "-", format: ndjson}', sink="{path: out.ndjson}"), iter([keys, keys]), statuses=(0, 3, 4))
    refuse("keys that no rule names", simple('{path: "-", format: ndjson}', "fields: {c1: keep}\n", "{path: out.ndjson}"), iter([keys]), statuses=(4,))
    refuse("keys into columns", simple('{path: "-", format: ndjson}', "fields: {c1: keep}\nunlisted: drop\n"), iter([keys, keys]), statuses=(0,))


def deep():
    for what, head, unit, tail in [
        ("arrays", b'{"a":', b"[", b""), ("closed arrays", b'{"a":', b"[", b"]" * 100_000 + b"}\n"),
        ("objects", b'{"a":', b'{"a":', b""), ("closed objects", b'{"a":', b'{"a":', b"1" + b"}" * 100_001 + b"\n")]:
        text = head + unit * 100_000 + tail
        for fields in ["unlisted: keep\n", "fields: {a: drop}\nunlisted: keep\n", 'fields: {"a.a.a": drop}\nunlisted: keep\n', "fields: {a: {hash: {salt: k}}}\n"]:
            refused(f"{what} 100,000 deep under {fields!r}", simple('{path: "-", format: ndjson}', fields, "{path: out.ndjson}"),
                    iter([text]), statuses=(0, 3, 4) if tail and "drop" in fields else (3, 4))
        refused(f"{what} 100,000 deep in an array", simple('{path: "-", format: json}', sink="{path: out.json}"), iter([b"[" + text + b"]"]))


def every_byte():
    # All of them at once: what is bad is skipped, and what is kept can be read.
    lines = b"a,b\n" + b"".join(b"x" + bytes([byte]) + b"y,%d\n" % byte for byte in range(256))
    refused("every byte in CSV", simple('{path: "-", format: csv}', more="bad_records: {action: skip, limit: 100%}\n"), iter([lines]), statuses=(0, 3))
    lines = b"".join(b'{"a":"x' + bytes([byte]) + b'y","b":%d}\n' % byte for byte in range(256))
    status, text = refused("every byte in JSON", simple('{path: "-", format: ndjson}', sink="{path: out.ndjson}", more="bad_records: {action: skip, limit: 100%}\n"),
                           iter([lines]), statuses=(0,))
    # Control characters, the quote, the backslash and half characters are bad; the line feed is bad twice.
    expect("wrote 94," in text and "163 bad" in text, "every byte in JSON:", text)
    quoted = b"a,b\n" + b"".join(b'"x' + bytes([byte]) + b'y",%d\n' % byte for byte in range(256) if byte != 0x22)
    status, text = refused("every byte in quotes", simple('{path: "-", format: csv}', more="bad_records: {action: skip, limit: 100%}\n"), iter([quoted]), statuses=(0,))
    expect("wrote 127," in text and "128 bad" in text, "every byte in quotes:", text)
    for byte in range(256):
        one = bytes([byte])
        csv = b"a,b\n" + one + b",1\n" + b"x" + one + b"y,2\n"
        fields = "fields: {a: {hash: {salt: k}}, b: keep}\n"
        if byte % 16 in (0, 13) or byte in b'",\n\t\\\x7f\xbf\xc0\xf4\xfe' or byte > 250:
            status, text = refused(f"the byte {byte:02x} in CSV", simple('{path: "-", format: csv}', fields), iter([csv]), statuses=(0, 3))
            expect(status == (3 if byte > 0x7f or one in b'",\n\r' else 0) or byte == 0, f"the byte {byte:02x} in CSV - status", status, text)
            refused(f"the byte {byte:02x} in JSON", simple('{path: "-", format: ndjson}', fields, "{path: out.ndjson}"),
                    iter([b'{"a":"' + one + b'","b":1}\n']), statuses=(0, 3, 4))
    for what, text in [("two bytes", b"\xc3"), ("three bytes", b"\xe2\x82"), ("four bytes", b"\xf0\x9f\x98"), ("a surrogate", b"\xed\xa0\x80"),
                       ("an overlong form", b"\xc0\x80"), ("beyond Unicode", b"\xf4\x90\x80\x80")]:
        for end in [b"", b"\n", b",1\n", b"\n2,3\n"]:
            refused(f"a character of {what}, cut short", simple('{path: "-", format: csv}'), iter([b"a,b\n1," + text + end]))
        for end in [b'"}', b'"}\n', b'"}\n{"a":"b"}\n', b""]:
            refused(f"a JSON character of {what}, cut short", simple('{path: "-", format: ndjson}', sink="{path: out.ndjson}"), iter([b'{"a":"' + text + end]))
        refused(f"a header with {what}, cut short", simple('{path: "-", format: csv}'), iter([b"a,b" + text + b"\n1,2\n"]), statuses=(3, 4))


def bomb():
    """240 MB in as few bytes as gzip can."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(b"a,b\n"), *(packer.compress(b"1,2\n" * (1 << 18)) for _ in range(240)), packer.flush()])


def packed():
    text = b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(5000))
    gz, half = gzip.compress(text), len(text) // 2
    cases = [("trailing garbage", gz + b"garbage", 3), ("trailing zeros", gz + b"\0" * 1000, 0), ("a trailing magic number", gz + b"\x1f\x8b", 3),
             ("concatenated members", gzip.compress(text[:half]) + gzip.compress(text[half:]), 0), ("a thousand empty members", gzip.compress(b"") * 1000 + gz, 0),
             ("a wrong check sum", gz[:-8] + bytes([gz[-8] ^ 1]) + gz[-7:], 3), ("a wrong length", gz[:-1] + bytes([gz[-1] ^ 1]), 3),
             ("only a header", gz[:10], 3), ("nothing", b"", 3), ("plain text", text, 3), ("a bomb", bomb(), 3)]
    for what, data, status in cases:
        refused("gzip: " + what, simple("{path: in.csv.gz}"), files={"in.csv.gz": data}, statuses=(status,), says="in.csv.gz" if status else "")
    for cut in range(0, len(gz), 997):
        refused(f"gzip cut at {cut}", simple("{path: in.csv.gz}"), files={"in.csv.gz": gz[:cut]})
    if not shutil.which("zstd"):
        return

    def zstd(data, *options):
        return subprocess.run(["zstd", "-c", *options], input=data, capture_output=True, check=True).stdout

    zst = zstd(text, "--check")
    # In frames: what this program takes counts for the one it starts.
    many = zstd(b"a,b\n") + zstd(b"1,2\n" * (1 << 18)) * 240
    cases = [("whole", zst, 0), ("trailing garbage", zst + b"garbage", 3), ("trailing zeros", zst + b"\0" * 1000, 3),
             ("concatenated frames", zstd(text[:half]) + zstd(text[half:]), 0), ("a frame to be skipped", b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zst, 0),
             ("a wrong check sum", zst[:-1] + bytes([zst[-1] ^ 1]), 3), ("only a header", zst[:6], 3), ("nothing", b"", 3), ("plain text", text, 3),
             ("a bomb", many, 3), ("a window of 2 GiB", zstd(text, "--ultra", "-22", "--long=31"), 3), ("gzip under this name", gz, 3)]
    for what, data, status in cases:
        refused("zstd: " + what, simple("{path: in.csv.zst}"), files={"in.csv.zst": data}, statuses=(status,), says="in.csv.zst" if status else "")
    for cut in range(1, len(zst), 997):
        refused(f"zstd cut at {cut}", simple("{path: in.csv.zst}"), files={"in.csv.zst": zst[:cut]})


def odd_files():
    plain = simple("{path: in.csv}")
    good = b"a,b\n1,2\n"
    link = lambda target: lambda folder: os.symlink(target, folder.path("in.csv"))
    refused("a link to a file", plain, files={"real.csv": good}, prepare=link("real.csv"), statuses=(0,))
    refused("a link to nothing", plain, prepare=link("gone.csv"), says="in.csv")
    refused("a link to itself", plain, prepare=link("in.csv"), says="in.csv")
    refused("a folder", plain, prepare=lambda f: os.mkdir(f.path("in.csv")), statuses=(2, 3), says="in.csv")
    refused("an empty file", plain, files={"in.csv": b""}, statuses=(0, 3, 4))
    refused("/dev/null", plain, arguments=["--input", "/dev/null"], statuses=(0, 2, 3, 4))
    refused("/dev/zero", simple("{path: in.csv, format: csv}"), arguments=["--input", "/dev/zero"], says="/dev/zero")
    refused("/dev/urandom", simple("{path: in.csv, format: csv}"), arguments=["--input", "/dev/urandom"], statuses=(3, 4))
    refused("memory that may not be read", simple("{path: in.csv, format: csv}"), arguments=["--input", "/proc/self/mem"], says="/proc/self/mem")
    refused("an output that is a link", plain, files={"in.csv": good, "victim": b"old"}, prepare=lambda f: os.symlink("victim", f.path("out.csv")), says="out.csv")
    refused("an output that is a folder", plain, files={"in.csv": good}, prepare=lambda f: os.mkdir(f.path("out.csv")), says="out.csv")
    refused("an output that is a FIFO", plain, files={"in.csv": good}, prepare=lambda f: os.mkfifo(f.path("out.csv")), says="out.csv")
    # Files that change while they are read: the run is held at a FIFO, its second input.
    for what, change in [("grows", lambda p: open(p, "ab").write(b"3,4\n" * 1000)), ("shrinks", lambda p: os.truncate(p, 10)),
                         ("is written to", lambda p: open(p, "r+b").write(b"x,y\n9")), ("vanishes", os.unlink)]:
        changing(what, change)


def odd_companions():
    """What a pipeline reads or writes besides its data is something else than a file, has no end, or is huge."""
    good = {"in.csv": b"a,b\n1,2\n1,2\n", "victim": b"old\n"}

    def sparse(path):
        with open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.truncate(1 << 36)

    kinds = {"a FIFO": os.mkfifo, "a folder": os.mkdir, "a link to a file": lambda p: os.symlink("victim", p), "a link to nothing": lambda p: os.symlink("gone", p),
             "a device without end": lambda p: os.symlink("/dev/zero", p), "a link in a circle": lambda p: os.symlink("X", p), "64 GiB of zeros": sparse}
    keep = "fields: {a: keep, b: {hash: {salt: k}}}\n"
    quasi = "fields: {a: {class: quasi%s}, b: drop}\nanonymity: {k: 2%s}\n"
    read = {"key": simple("{path: in.csv}", keep).replace("{env: VEIL_KEY}", "{file: X}"), "ring": simple("{path: in.csv}", keep).replace("{env: VEIL_KEY}", "{ring: X}"),
            "hierarchy": simple("{path: in.csv}", quasi % (", hierarchy: {file: X}", "")), "plan of before": simple("{path: in.csv}", quasi % ("", ", previous: X")),
            "table": simple("{path: in.csv}", "fields: {a: {map: {file: X, default: z}}, b: drop}\n"), "recipients": simple("{path: in.csv}", keep, more="recipients: X\n"),
            "policy": simple("{path: in.csv}", keep, more="policy: X\n"), "certificate": simple("{path: in.csv}", keep, "{path: out.csv, encrypt: {certificate: X}}"),
            "steward": simple("{path: in.csv}", keep, more="bad_records: {quarantine: q.cms, raw: {certificate: X}}\n"),
            "state": simple("{path: in.csv}", keep, more="state: X\n"), "erasure list": simple("{path: in.csv}", keep, more="records: {erasure: {file: X, column: c, field: a}}\n")}
    for (what, pipeline), (kind, make) in itertools.product(read.items(), kinds.items()):
        # A list or a plan may come through a pipe, which is waited for.
        if kind == "a FIFO" and what in ("erasure list", "plan of before") or kind == "a link to a file" and what == "hierarchy":
            continue
        refused(f"{kind} as {what}", pipeline, files=good, prepare=lambda f: make(f.path("X")), statuses=(2, 3, 4))
    written = {"manifest": "--manifest", "report": "--report", "metrics": "--metrics", "audit log": "--audit", "lineage event": "--lineage", "export": "--output"}
    for (what, option), (kind, make) in itertools.product(written.items(), kinds.items()):
        # A file of ours is replaced, whatever it holds.
        if kind != "64 GiB of zeros":
            refused(f"{kind} as {what}", simple("{path: in.csv}", keep), files=good, prepare=lambda f: make(f.path("X")), arguments=[option, "X"], statuses=(2, 3))
    for kind, make in kinds.items():
        if kind != "64 GiB of zeros":
            refused(f"{kind} as quarantine", simple("{path: in.csv}", keep, more="bad_records: {quarantine: X}\n"), files=good, prepare=lambda f: make(f.path("X")), statuses=(2, 3))


def changing(what, change):
    """Stops a run while it reads a large file, changes the file, and lets it go on."""
    data = b"a,b\n" + b"1,2\n" * 3_000_000
    for attempt in range(6):
        with Folder(simple("{path: in.csv}", "fields: {a: {hash: {salt: k}}, b: keep}\n"), {"in.csv": data}) as folder:
            process = subprocess.Popen([VEIL, "run", "p.yaml"], cwd=folder.root, env=ENVIRONMENT, stderr=subprocess.PIPE)
            # Far enough to have begun, not yet at the end.
            while process.poll() is None:
                links = [l for l in glob_fds(process.pid) if l[1].endswith("/in.csv")]
                if links and 100_000 < position(process.pid, links[0][0]) < len(data) // 2:
                    break
            process.send_signal(signal.SIGSTOP)
            links = [l for l in glob_fds(process.pid) if l[1].endswith("/in.csv")]
            caught = process.poll() is None and links and 0 < position(process.pid, links[0][0]) < len(data) // 2
            if caught:
                change(folder.path("in.csv"))
            process.send_signal(signal.SIGCONT)
            text = process.communicate()[1].decode()
            if not caught:
                continue
            global COUNT
            COUNT += 1
            # What has lost its name only is still the same file.
            if what == "vanishes":
                expect(process.returncode == 0, "a file that vanishes:", text)
                return
            expect(process.returncode == 3 and "in.csv" in text, f"a file that {what} - status", process.returncode, text)
            expect(folder.names() == ["in.csv", "p.yaml"], f"a file that {what} - left", folder.names())
            return
    print(f"note: a file that {what} could not be caught while it was read", file=sys.stderr)


def glob_fds(pid):
    try:
        return [(n, os.readlink(f"/proc/{pid}/fd/{n}")) for n in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []


def position(pid, number):
    try:
        return int(open(f"/proc/{pid}/fdinfo/{number}").readline().split()[1])
    except (OSError, ValueError):
        return 0


def pipelines():
    with Folder(simple("{path: in.csv}"), {"in.csv": b"a\n1\n"}) as folder:
        os.mkfifo(folder.path("fifo"))
        os.mkdir(folder.path("folder"))
        os.symlink("nowhere", folder.path("dangling"))
        os.symlink("loop", folder.path("loop"))
        folder.write("empty", b"")
        folder.write("huge", b"# comment\n" * 3_000_000)
        folder.write("zeros", b"\0" * 5000)
        folder.write("deep", b"[" * 100_000)
        folder.write("bomb", b"a: &a [x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("z"))))
        folder.write("bytes", bytes(range(256)))
        with open(folder.path("sparse"), "wb") as file:
            file.truncate(1 << 40)
        before = folder.names()
        for name in ["fifo", "folder", "dangling", "loop", "empty", "huge", "zeros", "deep", "bomb", "bytes", "sparse", "/dev/null", "/dev/zero", "/dev/urandom",
                     "/dev/full", "/dev/tty", "/proc/self/mem", "/proc/kmsg", "no/such", "x" * 300, "in.csv/x", ""]:
            for command in ["run", "check"]:
                status, text = measured(folder, [command, name], f"{command} of the pipeline {name[:20]}", limit=10)
                expect(status == 2, command, "of the pipeline", name[:20], "- status", status, text[:300])
                expect(len(text.encode()) > 5, "says nothing")
        expect(folder.names() == before, "left", folder.names())


PARTS = [giants, wide, deep, every_byte, packed, odd_files, odd_companions, pipelines]


def test():
    parts = []
    for part in PARTS:
        started, before = time.monotonic(), COUNT
        part()
        parts.append(f"{part.__name__} {COUNT - before}")
        if os.environ.get("TELL"):
            print(part.__name__, round(time.monotonic() - started, 1), "s", PEAK // 1024, "MiB", file=sys.stderr)
    return f"{COUNT} inputs ({', '.join(parts)}), {PEAK // 1024} MiB at most"


main(test)
