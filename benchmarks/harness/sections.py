"""The tables of a report, one function each. A section yields lines of Markdown."""
import filecmp

from . import agreement, contestants, places
from .measuring import run_once, take_turns

TITLES = {
    "j0": "J0: read and write again",
    "j1": "J1: two HMACs, a salted digest, three generalizations, four columns dropped",
    "j2": "J2: one HMAC, all else kept",
    "j1n": "J1n: as J1, from NDJSON to NDJSON",
}


def mark(figures):
    return "\\*" if figures.disturbed else ""


def against_peers(job, records, field, runs):
    """One job by everybody. `field` is the list of contestants, Veil first."""
    form = contestants.JOBS[job]
    source = places.customers(records, form)
    warm(source)
    entries = []
    for number, contestant in enumerate(field):
        output = places.OUT / f"{number}-{job}.{form}"
        command = contestant.command(job, source, output)
        if command:
            entries.append((contestant.name, command, output))
    measured = take_turns(entries, runs)
    verdicts = compare(job, field, {name: output for name, _, output in entries if name in measured})
    for _, _, output in entries:
        output.unlink(missing_ok=True)

    size = source.stat().st_size / 1e6
    yield f"### {TITLES[job]}"
    yield ""
    yield f"{records:,} records, {size:.0f} MB of {form.upper()}."
    yield ""
    yield "| | seconds | least–most | times Veil's | MB/s | CPU seconds | peak MiB | output |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    base = measured[field[0].name].wall if field[0].name in measured else None
    for contestant in field:
        figures = measured.get(contestant.name)
        if not figures and contestant.name in [name for name, _, _ in entries]:
            yield f"| {contestant.name} | failed | | | | | | |"
        if figures:
            ratio = f"{figures.wall / base:.2f}" if base else ""
            yield (f"| {contestant.name} | {figures.wall:.3f}{mark(figures)} | {figures.least:.3f}–{figures.most:.3f} | "
                   f"{ratio} | {size / figures.wall:.0f} | {figures.cpu:.2f} | {figures.mebibytes:.0f} | "
                   f"{verdicts.get(contestant.name, '')} |")
    yield ""


def compare(job, field, outputs):
    """What each output looks like beside Veil's: {name: verdict}."""
    ours, verdicts = {}, {}
    reference = outputs.get(field[0].name)
    for contestant in field[1:]:
        path = outputs.get(contestant.name)
        if not path or not contestant.compared or not reference:
            continue
        # Equal bytes need not be parsed.
        if filecmp.cmp(reference, path, shallow=False):
            verdicts[contestant.name] = "same"
            continue
        left_out = frozenset() if contestant.keyed else frozenset(contestants.TOKENS[job])
        if left_out not in ours:
            ours[left_out] = agreement.digest(reference, left_out)
        said = agreement.verdict(ours[left_out], agreement.digest(path, left_out))
        verdicts[contestant.name] = f"{said} (but pseudonyms)" if left_out else said
    return verdicts


def threads(records, runs, jobs):
    """One thread, two, and the same bytes at 1, 2 and 8."""
    yield "### Threads"
    yield ""
    yield "| job | 1 thread, s | 2 threads, s | times faster | same bytes at 1, 2, 8 |"
    yield "|---|--:|--:|--:|---|"
    for job in jobs:
        form = contestants.JOBS[job]
        source = places.customers(records, form)
        outputs = {count: places.OUT / f"threads-{count}.{form}" for count in (1, 2, 8)}
        entries = [(count, contestants.veil(count).command(job, source, output), output)
                   for count, output in outputs.items()]
        measured = take_turns(entries[:2], runs)
        if len(measured) < 2:
            yield f"| {job.upper()} | failed | | | NO |"
            continue
        run_once(entries[2][1])
        same = all(filecmp.cmp(outputs[1], outputs[n], shallow=False) for n in (2, 8))
        yield (f"| {job.upper()} | {measured[1].wall:.3f}{mark(measured[1])} | {measured[2].wall:.3f}{mark(measured[2])} | "
               f"{measured[1].wall / measured[2].wall:.2f} | {'yes' if same else 'NO'} |")
        for output in outputs.values():
            output.unlink(missing_ok=True)
    yield ""


def start_up(runs):
    """How long a run takes that has next to nothing to do."""
    yield "### Start-up"
    yield ""
    yield "J1 and J1n over 100 records, whole process."
    yield ""
    yield "| job | milliseconds | least–most | CPU ms | peak MiB |"
    yield "|---|--:|--:|--:|--:|"
    for job in ("j1", "j1n"):
        form = contestants.JOBS[job]
        output = places.OUT / f"start.{form}"
        command = contestants.veil(contestants.default_threads()).command(job, places.customers(100, form), output)
        figures = take_turns([(job, command, output)], max(20, runs)).get(job)
        output.unlink(missing_ok=True)
        if not figures:
            yield f"| {job.upper()} | failed | | | |"
            continue
        yield (f"| {job.upper()} | {figures.wall * 1e3:.1f}{mark(figures)} | {figures.least * 1e3:.1f}–"
               f"{figures.most * 1e3:.1f} | {figures.cpu * 1e3:.1f} | {figures.mebibytes:.0f} |")
    yield ""


def compressed(records, runs):
    """J1 from and to packed files, beside the packers alone."""
    source = places.customers(records, "csv")
    veil = contestants.veil(contestants.default_threads())
    size = source.stat().st_size / 1e6
    entries = []

    def add(name, origin, suffix):
        output = places.OUT / f"packed-{len(entries)}.csv{suffix}"
        entries.append((name, veil.command("j1", origin, output), output))

    add("J1, nothing packed", source, "")
    for tool, suffix in (("gzip", ".gz"), ("zstd", ".zst")):
        packed = places.packed(source, tool)
        if packed:
            add(f"J1 from {suffix}", packed, "")
            output = places.OUT / f"unpacked-{tool}.csv"
            entries.append((f"{tool} -dc alone", ["sh", "-c", f'{tool} -dc "$0" >"$1"', packed, output], output))
        add(f"J1 to {suffix}", source, suffix)
    measured = take_turns(entries, runs)
    yield "### Packed input and output"
    yield ""
    yield "MB/s are of the unpacked input."
    yield ""
    yield "| | seconds | times J1's | MB/s | CPU seconds | peak MiB | output MB |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    base = measured.get("J1, nothing packed")
    for name, _, output in entries:
        if name in measured:
            figures = measured[name]
            ratio = f"{figures.wall / base.wall:.2f}" if base else ""
            yield (f"| {name} | {figures.wall:.3f}{mark(figures)} | {ratio} | {size / figures.wall:.0f} | "
                   f"{figures.cpu:.2f} | {figures.mebibytes:.0f} | {output.stat().st_size / 1e6:.0f} |")
        output.unlink(missing_ok=True)
    yield ""


def tokens(records, runs):
    """What a token costs beside HMAC: CPU time of a column of phone numbers, less that of the column kept."""
    source = places.customers(records, "csv")
    warm(source)
    names = {"none": "kept", "hmac": "`pseudonym`, HMAC-SHA-256", "siv": "`encrypt`, AES-256-SIV",
             "ff1": "`fpe`, FF1 of 10 digits and more"}
    entries = []
    for name in names:
        output = places.OUT / f"token-{name}.csv"
        entries.append((name, contestants.veil(1).command(f"token-{name}", source, output), output))
    measured = take_turns(entries, max(runs, 5))
    yield "### Tokens"
    yield ""
    yield f"{records:,} phone numbers, one thread; nanoseconds are CPU time, less that of the same run which keeps them."
    yield ""
    yield "| | CPU seconds | ns a value | times HMAC |"
    yield "|---|--:|--:|--:|"
    base, hmac = measured.get("none"), measured.get("hmac")
    for name, title in names.items():
        figures = measured.get(name)
        if not figures or not base or not hmac:
            yield f"| {title} | failed | | |"
            continue
        cost, unit = figures.cpu - base.cpu, hmac.cpu - base.cpu
        ratio = f"{cost / unit:.2f}" if unit > 0 and name != "none" else ""
        nanoseconds = f"{cost / records * 1e9:.0f}" if name != "none" else ""
        yield f"| {title} | {figures.cpu:.2f}{mark(figures)} | {nanoseconds} | {ratio} |"
    for _, _, output in entries:
        output.unlink(missing_ok=True)
    yield ""


def anonymity(records, runs):
    """k-anonymity over nine quasi-identifiers, both recodings."""
    source = places.census(records)
    warm(source)
    veil = contestants.veil(contestants.default_threads())
    entries = []
    for job in ("k-global", "k-local"):
        output = places.OUT / f"{job}.csv"
        entries.append((job, veil.command(job, source, output), output))
    measured = take_turns(entries, runs)
    yield "### k-anonymity"
    yield ""
    yield (f"{records:,} records drawn from Adult, nine quasi-identifiers, k = 10, at most 5 % suppressed, "
           f"{source.stat().st_size / 1e6:.0f} MB. Two passes over the input.")
    yield ""
    yield "| recoding | seconds | records/s | CPU seconds | peak MiB |"
    yield "|---|--:|--:|--:|--:|"
    for name, _, output in entries:
        if name not in measured:
            yield f"| {name[2:]} | failed | | | |"
        else:
            figures = measured[name]
            yield (f"| {name[2:]} | {figures.wall:.3f}{mark(figures)} | {records / figures.wall:,.0f} | {figures.cpu:.2f} | "
                   f"{figures.mebibytes:.0f} |")
        output.unlink(missing_ok=True)
    yield ""


def order(sizes, runs):
    """J1 with records in keyed order beside J1 in the input's order, the same records."""
    veil = contestants.veil(contestants.default_threads())
    yield "### Keyed order"
    yield ""
    yield ("J1 whose records leave in keyed order, beside J1 in the input's order. What does not fit 64 MiB is sorted on the "
           "disk, encrypted.")
    yield ""
    yield "| records | order | seconds | times input order's | CPU seconds | peak MiB | records as in input order |"
    yield "|--:|---|--:|--:|--:|--:|---|"
    for records in sizes:
        source = places.customers(records, "csv")
        warm(source)
        outputs = {name: places.OUT / f"order-{name}.csv" for name in ("j1", "j1k")}
        entries = [(name, veil.command(name, source, output), output) for name, output in outputs.items()]
        measured = take_turns(entries, runs)
        base = measured.get("j1")
        for name, title in (("j1", "input"), ("j1k", "keyed")):
            if name not in measured:
                yield f"| {records:,} | {title} | failed | | | | NO |"
                continue
            figures, ratio, same = measured[name], "", ""
            if name == "j1k" and base:
                ratio = f"{figures.wall / base.wall:.2f}"
                said = agreement.verdict(agreement.digest(outputs["j1"]), agreement.digest(outputs["j1k"]))
                same = "yes" if said == "same, other order" else "NO"
            yield (f"| {records:,} | {title} | {figures.wall:.3f}{mark(figures)} | {ratio} | {figures.cpu:.2f} | "
                   f"{figures.mebibytes:.0f} | {same} |")
        for output in outputs.values():
            output.unlink(missing_ok=True)
    yield ""


def warm(path):
    """Reads a file, so that all find it in the page cache."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass
