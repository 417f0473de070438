"""What the figures were taken on and with."""
import datetime
import os
import platform
import re
import shutil
import subprocess

from . import places


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout.strip().splitlines() or [""])[0]


def describe():
    """One line: processor, cores, memory, system, day."""
    with open("/proc/cpuinfo") as file:
        info = file.read()
    model = re.search(r"model name\s*:\s*(.*)", info)
    flags = re.search(r"flags\s*:\s*(.*)", info)
    features = [name for name in ("avx2", "avx512f", "sha_ni") if flags and name in flags[1].split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{model[1] if model else platform.machine()} ({', '.join(features)}), {os.cpu_count()} cores, "
            f"{memory:.0f} GiB, Linux {platform.release()}, {datetime.date.today().isoformat()}")


def versions():
    """Name and version of all that may have taken part."""
    found = [first_line(places.VEIL, "--version") and f"veil {first_line(places.VEIL, '--version')}",
             first_line("openssl", "version"), first_line("swift", "--version").split(" (")[0]]
    if shutil.which("mlr"):
        found.append(first_line("mlr", "--version"))
    if places.PYTHON.exists():
        listed = subprocess.run([places.PYTHON, "-m", "pip", "--disable-pip-version-check", "list", "--format=freeze"],
                                capture_output=True, text=True).stdout
        wanted = ("duckdb", "polars", "polars-hash", "chdb", "datafusion")
        found += [" ".join(line.split("==")) for line in listed.splitlines() if line.split("==")[0] in wanted]
        found.append(first_line(places.PYTHON, "--version"))
    return ", ".join(x for x in found if x)
