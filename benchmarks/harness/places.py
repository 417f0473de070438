"""Where things are, and how they are made when missing."""
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent
DATA = HERE / "bench-data"  # ignored by git
KEYS, OUT, VENV = DATA / "keys", DATA / "out", DATA / "venv"
PYTHON = VENV / "bin" / "python"
VEIL = Path(os.environ.get("VEIL_BIN", ROOT / ".build" / "release" / "veil"))
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "5m": 5_000_000}

# Not secrets: the peers must be able to use the same. Text, because one of them takes keys as text only; letters by chance,
# because words are refused.
KEY_BYTES = {
    "email.key": b"PRRmmBwIrlcIRP1LJoxxqtEelDBH7k6d",
    "customer_id.key": b"meYGCkmN4lqqPzN1Oz7CNdzsqK18bWrS",
    "phone.key": b"ZowirqbaH2xuYnFlpcawgMq3RV0DRmiC",
}


def say(message):
    print(message, file=sys.stderr, flush=True)


def make_keys():
    KEYS.mkdir(parents=True, exist_ok=True)
    OUT.mkdir(exist_ok=True)
    for name, data in KEY_BYTES.items():
        path = KEYS / name
        if not path.exists() or path.read_bytes() != data:
            path.touch(mode=0o600)
            path.write_bytes(data)


def make_venv(packages=("numpy",)):
    """A virtual environment with as many of `packages` as can be installed; says which cannot."""
    if not PYTHON.exists():
        say(f"making {VENV}")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    for package in packages:
        if not has_module(package.replace("-", "_")):
            say(f"installing {package}")
            done = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", package])
            if done.returncode != 0:
                say(f"skipped: {package} cannot be installed here")


def has_module(name):
    probe = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{name}') is None)"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", probe]).returncode == 0


def customers(records, form):
    """The file with that many customers, made if it is missing. `form` is csv or ndjson."""
    name = next((n for n, count in SIZES.items() if count == records), str(records))
    path = DATA / f"customers-{name}.{form}"
    if not path.exists():
        make_venv()
        if not has_module("numpy"):
            sys.exit("making the customers needs numpy, which could not be installed")
        say(f"making {path.name}")
        part = path.with_suffix(".part")
        subprocess.run([PYTHON, HERE / "make_customers.py", str(records), f"--{form}", part], check=True)
        part.rename(path)
    return path


def census(records):
    """The Adult fixture's records, drawn with a fixed seed until there are that many."""
    path = DATA / f"adult-{records}.csv"
    if not path.exists():
        say(f"making {path.name}")
        header, *lines = (ROOT / "fixtures/adult/adult.csv").read_text().splitlines(keepends=True)
        draws, part = random.Random(1994), path.with_suffix(".part")
        with open(part, "w") as file:
            file.write(header)
            for start in range(0, records, 100_000):
                file.writelines(draws.choices(lines, k=min(100_000, records - start)))
        part.rename(path)
    return path


def packed(path, tool):
    """`path` packed by gzip or zstd; None where the tool is not installed."""
    if not shutil.which(tool):
        return None
    target = path.with_name(path.name + {"gzip": ".gz", "zstd": ".zst"}[tool])
    if not target.exists():
        say(f"making {target.name}")
        part = target.with_suffix(".part")
        with open(part, "wb") as file:
            subprocess.run([tool, "-c", path], stdout=file, check=True)
        part.rename(target)
    return target


def compiled(source, *flags):
    """The program made from a C file with the system's compiler; None where there is none."""
    target = DATA / source.stem
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            return None
        done = subprocess.run([compiler, "-O3", "-Wno-deprecated-declarations", source, "-o", target, *flags])
        if done.returncode != 0:
            return None
    return target


def reference():
    return compiled(HERE / "reference/reference.c", "-mavx2", "-mpclmul", "-mpopcnt", "-lcrypto", "-lpthread")


def need_veil():
    if not VEIL.exists():
        sys.exit(f"{VEIL} is missing: build it first (make build)")
