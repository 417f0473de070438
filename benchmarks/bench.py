#!/usr/bin/env python3
"""Runs Veil and every installed peer on the same jobs, in turns, and prints a table. See README.md.

    bench.py [--size 10k|100k|1m|5m] [--jobs j0,j1,j2,j1n,threads,startup,packed,tokens,anonymity,order] [--peers all|none|duckdb,...]
             [--runs N] [--threads N] [--out FOLDER] [--write FILE] [--data-only]
"""
import argparse
import shutil
import sys
from pathlib import Path

from harness import contestants, machine, places, sections

EXTRAS = ["threads", "startup", "packed", "tokens", "anonymity", "order"]
READING = """\
Median of {runs} runs after one to warm up, everybody in turns, whole process, input in the page cache; CPU is user and
system time; peak is the largest resident size. Veil checks UTF-8 and the shape of every record, syncs its output to
disk and publishes it by a rename; nobody else does. All have {threads} threads unless said otherwise. "same" means equal
records in the same order, digests included. \\* marks figures taken while something else kept the machine busy."""


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=places.SIZES, default="1m")
    parser.add_argument("--jobs", default=",".join([*contestants.JOBS, *EXTRAS]))
    parser.add_argument("--peers", default="all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=contestants.default_threads())
    parser.add_argument("--out", help="where everybody writes, e.g. /dev/shm to leave the disk out of it")
    parser.add_argument("--write", help="writes the report here, too")
    parser.add_argument("--data-only", action="store_true", help="makes the data and stops")
    arguments = parser.parse_args()
    arguments.jobs = arguments.jobs.lower().split(",")
    unknown = set(arguments.jobs) - set(contestants.JOBS) - set(EXTRAS)
    if unknown:
        parser.error(f"unknown jobs: {', '.join(sorted(unknown))}")
    keys = {"all": None, "none": set()}.get(arguments.peers, set(arguments.peers.split(",")))
    known = {peer.key for peer in contestants.PEERS} | {"miller"}
    if keys and keys - known:
        parser.error(f"unknown peers: {', '.join(sorted(keys - known))}")
    arguments.peers = keys
    return arguments


def describe_disk():
    """The kind of file system that outputs go to."""
    mounts = [line.split()[1:3] for line in open("/proc/mounts")]
    inside = [(point, kind) for point, kind in mounts if places.OUT.resolve().is_relative_to(point)]
    return max(inside, key=lambda mount: len(mount[0]))[1]


def report(arguments):
    records, runs = places.SIZES[arguments.size], arguments.runs
    jobs = [job for job in arguments.jobs if job in contestants.JOBS]
    yield "# Benchmarks"
    yield ""
    yield f"    {' '.join(['benchmarks/bench.py', *sys.argv[1:]])}"
    yield ""
    yield f"Machine: {machine.describe()}."
    yield f"Versions: {machine.versions()}."
    yield ""
    yield READING.format(runs=runs, threads=arguments.threads)
    yield f"Everybody writes to {describe_disk()}."
    yield ""
    if jobs:
        everybody = [contestants.veil(arguments.threads)]
        everybody += filter(None, [contestants.reference(count) for count in sorted({1, arguments.threads})])
        everybody += [*contestants.copies(), *contestants.peers(arguments.peers, arguments.threads)]
        yield from (f"- {one.name}: {one.remark}." for one in everybody if one.remark)
        yield ""
        for job in jobs:
            yield from sections.against_peers(job, records, everybody, runs)
    if "threads" in arguments.jobs:
        yield from sections.threads(records, runs, jobs or contestants.JOBS)
    if "startup" in arguments.jobs:
        yield from sections.start_up(runs)
    if "packed" in arguments.jobs:
        yield from sections.compressed(records, runs)
    if "tokens" in arguments.jobs:
        yield from sections.tokens(records, runs)
    if "anonymity" in arguments.jobs:
        yield from sections.anonymity(records, runs)
    if "order" in arguments.jobs:
        # At the full size also five times as many records, for which the sort needs the disk.
        yield from sections.order([records, 5 * records] if arguments.size == "1m" else [records], runs)


def main():
    arguments = parse()
    places.make_keys()
    if arguments.out:
        places.OUT = Path(arguments.out) / "veil-bench"
        places.OUT.mkdir(exist_ok=True)
    if arguments.data_only:
        for form in ("csv", "ndjson"):
            places.customers(places.SIZES[arguments.size], form)
        return
    places.need_veil()
    lines = []
    try:
        for line in report(arguments):
            print(line, flush=True)
            lines.append(line)
    finally:
        if arguments.out:
            shutil.rmtree(places.OUT)
    if arguments.write:
        with open(arguments.write, "w") as file:
            file.write("\n".join(lines).rstrip() + "\n")
    if any("DIFFERS" in line or line.endswith("| NO |") for line in lines):
        sys.exit("outputs differ")


if __name__ == "__main__":
    main()
