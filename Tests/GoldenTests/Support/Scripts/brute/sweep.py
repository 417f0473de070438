"""Random pipelines over random people, each held against brute force that was written from the documentation alone.

    sweep.py FIRST COUNT     the releases of these seeds, on all processors
    sweep.py SEED            one of them, with all that deviates; KEEP=1 leaves its folder

`VEIL_BIN` is the program. A deviation ends with status 1, and says its seed.
"""
import os, sys, time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from release import judged


def main():
    if not os.environ.get("VEIL_BIN"):
        sys.exit("VEIL_BIN names no program")
    # Veil flushes what it publishes: in memory that costs nothing.
    if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
        os.environ["TMPDIR"] = "/dev/shm"
    first = int(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    started = time.time()
    ends, deviant = Counter(), 0
    with ProcessPoolExecutor(int(os.environ.get("SHARDS", os.cpu_count() or 1))) as pool:
        seeds = range(first, first + count)
        for seed, (ended, wrong) in zip(seeds, pool.map(judged, seeds)):
            ends[ended] += 1
            deviant += bool(wrong)
            for what in wrong[:12]:
                print(f"seed {seed}: {what}", file=sys.stderr, flush=True)
    told = ", ".join(f"{number} {name}" for name, number in sorted(ends.items()))
    print(f"{count} releases in {time.time() - started:.0f} s: {told}; {deviant} deviate")
    sys.exit(1 if deviant else 0)


if __name__ == "__main__":
    main()
