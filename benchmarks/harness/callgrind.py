"""Counts instructions and calls with valgrind's callgrind, and reads what it wrote."""
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field

from . import contestants, places

DIGESTING = ("libcrypto", "libIPSec_MB")
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"}
NAME = re.compile(r"\((\d+)\)(?: (.*))?")


@dataclass(frozen=True)
class Profile:
    own: int  # instructions outside the libraries that digest
    crypto: int  # instructions within them
    allocations: int  # calls of malloc and its like
    functions: Counter = field(repr=False)  # own instructions by function


def countable():
    """Veil without its debugging information, which valgrind 3.19 cannot read; names of functions stay."""
    target = places.DATA / "veil-counted"
    if not target.exists() or target.stat().st_mtime < places.VEIL.stat().st_mtime:
        subprocess.run(["strip", "--strip-debug", "-o", target, places.VEIL], check=True)
    return target


def run(job, records):
    """Runs a job over that many customers on one thread; the path of callgrind's file."""
    form = contestants.JOBS[job]
    source = places.customers(records, form)
    output, written = places.OUT / f"counted.{form}", places.OUT / f"callgrind.{job}.{records}"
    program = contestants.veil(1).command(job, source, output)
    program[0] = countable()
    # A bare environment and fixed hash seeds: what does not belong to the work must not change from run to run.
    environment = {"PATH": os.environ["PATH"], "SWIFT_DETERMINISTIC_HASHING": "1"}
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={written}", *program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    output.unlink(missing_ok=True)
    if done.returncode != 0:
        raise RuntimeError(f"{job}: {done.stderr.strip()[-600:]}")
    return written


def read(path):
    """Adds up a file in callgrind's format (Valgrind manual, "Callgrind Format Specification").

    Names are given once and numbered, `(7) malloc`, then only numbered. A line after `calls=` is what the call cost
    with all that it called; every other line that begins with a position is the current function's own."""
    objects, names, calls, costs = {}, {}, Counter(), Counter()
    own = crypto = 0
    library, function, called, skip = "", "", "", False

    def named(table, text):
        number, name = NAME.match(text).groups()
        if name is not None:
            table[number] = name
        return table.get(number, "")

    with open(path) as file:
        for line in file:
            key, equals, rest = line.rstrip("\n").partition("=")
            if equals and key in ("ob", "cob"):
                name = named(objects, rest)
                library = name if key == "ob" else library
            elif equals and key in ("fn", "cfn"):
                name = named(names, rest)
                if key == "fn":
                    function = name
                else:
                    called = name
            elif equals and key == "calls":
                calls[called] += int(rest.split()[0])
                skip = True
            elif line[0] in "0123456789+-*":
                if not skip:
                    cost = int(line.split()[1])
                    costs[function] += cost
                    if any(name in library for name in DIGESTING):
                        crypto += cost
                    else:
                        own += cost
                skip = False
    allocations = sum(count for name, count in calls.items() if base(name) in ALLOCATORS)
    return Profile(own, crypto, allocations, costs)


def base(name):
    """A function's name without the mark of a recursion level or a symbol's version."""
    return re.split(r"['@]", name)[0]


def readable(names):
    """Swift's symbols as they are written in the source, where swift is installed to tell."""
    if not shutil.which("swift"):
        return names
    done = subprocess.run(["swift", "demangle", "--simplified"], input="\n".join(names), capture_output=True, text=True)
    return done.stdout.splitlines()


def inclusive(path):
    """callgrind_annotate's list of the functions with all that they call."""
    command = ["callgrind_annotate", "--inclusive=yes", "--auto=no", "--threshold=99.9", path]
    return "\n".join(readable(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()))
