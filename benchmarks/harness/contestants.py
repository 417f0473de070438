"""Who takes part: Veil, the plain C reference, and the peers, each with what it leaves out."""
import os
import shutil
from dataclasses import dataclass

from . import places

JOBS = {"j0": "csv", "j1": "csv", "j2": "csv", "j1n": "ndjson"}
TOKENS = {"j0": set(), "j1": {"customer_id", "email"}, "j2": {"email"}, "j1n": {"customer_id", "email"}}


@dataclass(frozen=True)
class Contestant:
    name: str
    command: object  # (job, input, output) -> argument list, or None where it does not do the job
    remark: str = ""
    keyed: bool = True  # False: its pseudonyms are no HMAC, so those columns are not compared
    compared: bool = True


@dataclass(frozen=True)
class Peer:
    key: str
    name: str
    script: str
    packages: tuple
    remark: str


PEERS = [
    Peer("duckdb", "DuckDB", "duckdb_sql.py", ("duckdb",), "HMAC put together in SQL from two SHA-256"),
    Peer("polars", "Polars", "polars_streaming.py", ("polars", "polars-hash"), "streaming engine; HMAC by polars-hash"),
    Peer("clickhouse", "ClickHouse local", "clickhouse_local.py", ("chdb",), "HMAC put together in SQL from two SHA-256"),
    Peer("datafusion", "DataFusion", "datafusion_sql.py", ("datafusion", "pyarrow"),
         "HMAC put together in SQL from two SHA-256"),
    Peer("python", "Python", "plain_python.py", (), "csv, json and hmac modules; one thread"),
]


def veil(threads, name="Veil"):
    def command(job, source, target):
        pipeline = places.HERE / "jobs" / f"{job}.yaml"
        return [places.VEIL, "run", pipeline, "--input", source, "--output", target, "--threads", str(threads)]
    return Contestant(name, command)


def reference(threads):
    program = places.reference()
    if not program:
        places.say("skipped: the C reference, which this system's compiler does not build")
        return None

    def command(job, source, target):
        return None if job == "j1n" else [program, job, places.KEYS, source, target, str(threads)]
    plural = "thread" if threads == 1 else "threads"
    return Contestant(f"plain C, {threads} {plural}", command, "checks nothing, no fsync")


def copies():
    """What the disk and the kernel take for bytes that nobody looks at."""
    def plain(_job, source, target):
        return ["sh", "-c", 'cat "$0" >"$1"', source, target]

    def synced(_job, source, target):
        return ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"]
    yield Contestant("cat", plain, "copies the input", compared=False)
    yield Contestant("dd conv=fsync", synced, "copies the input and syncs it to disk as Veil does", compared=False)


def peers(wanted, threads):
    """The installed peers among `wanted` (a set of keys, or None for all)."""
    chosen = [p for p in PEERS if wanted is None or p.key in wanted]
    places.make_venv(package for peer in chosen for package in peer.packages)
    for peer in chosen:
        missing = [p for p in peer.packages if not places.has_module(p.replace("-", "_"))]
        if missing:
            places.say(f"skipped: {peer.name}, for want of {', '.join(missing)}")
            continue

        def command(job, source, target, script=peer.script):
            return [places.PYTHON, places.HERE / "peers" / script, job, source, target, places.KEYS, str(threads)]
        yield Contestant(peer.name, command, peer.remark)
    if wanted is None or "miller" in wanted:
        if not shutil.which("mlr"):
            places.say("skipped: Miller, which is not installed (Debian: miller)")
            return

        def miller(job, source, target):
            return [places.HERE / "peers/miller.sh", job, source, target, places.KEYS, str(threads)]
        yield Contestant("Miller", miller, "weaker: SHA-256 of key and value, no HMAC", keyed=False)


def default_threads():
    return len(os.sched_getaffinity(0))
