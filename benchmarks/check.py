#!/usr/bin/env python3
"""Compares instructions and allocations with budgets.json, so that a slow-down is seen in review. See README.md.

    check.py [--jobs j0,j1,...] [--update]     exits with 1 when a figure is over its budget
    check.py --profile JOB [--inclusive]       shows where a job's instructions go
"""
import argparse
import json
import shutil
import sys

from harness import callgrind, contestants, places

BUDGETS = places.HERE / "budgets.json"
# FEW are more than it takes until digests are made many at once, so that a record costs the same from there on.
FEW, MANY = 4_000, 40_000
# How far a figure may rise: a share of it, and a number.
TOLERANCES = {
    "instructions_per_record": (0.03, 0),
    "crypto_instructions_per_record": (0.03, 0),
    "instructions_fixed": (0.03, 0),
    "allocations": (0.03, 0),
    "allocations_of_ten_times_the_records": (0.03, 0),
}
# How many more allocations MANY records may take than FEW: a few when the buffers meet a longer chunk, none a record.
MORE_ALLOCATIONS = 32


def measure(job):
    few, many = (callgrind.read(callgrind.run(job, records)) for records in (FEW, MANY))
    more = MANY - FEW

    def slope(what):
        return (getattr(many, what) - getattr(few, what)) / more
    return {
        "instructions_per_record": round(slope("own"), 1),
        "crypto_instructions_per_record": round(slope("crypto"), 1),
        "instructions_fixed": round(few.own + few.crypto - FEW * (slope("own") + slope("crypto"))),
        "allocations": few.allocations,
        "allocations_of_ten_times_the_records": many.allocations,
    }


def over(name, value, budget):
    share, number = TOLERANCES[name]
    return value > budget * (1 + share) + number


def compare(measured, budgets):
    """Prints the table; whether all is within the budget."""
    fine = True
    print("| job | figure | budget | now | change | |")
    print("|---|---|--:|--:|--:|---|")
    for job, figures in measured.items():
        for name, value in figures.items():
            budget = budgets.get(job, {}).get(name)
            if budget is None:
                print(f"| {job.upper()} | {name.replace('_', ' ')} | none | {value:,} | | OVER |")
                fine = False
                continue
            change = f"{100 * (value - budget) / budget:+.1f} %" if budget else ""
            verdict = "OVER" if over(name, value, budget) else ""
            fine = fine and not verdict
            print(f"| {job.upper()} | {name.replace('_', ' ')} | {budget:,} | {value:,} | {change} | {verdict} |")
    print(f"\n| job | allocations for {FEW:,} records | for {MANY:,} | more | |\n|---|--:|--:|--:|---|")
    for job, figures in measured.items():
        few, many = figures["allocations"], figures["allocations_of_ten_times_the_records"]
        verdict = "OVER" if many - few > MORE_ALLOCATIONS else "no allocation per record"
        fine = fine and verdict != "OVER"
        print(f"| {job.upper()} | {few:,} | {many:,} | {many - few:,} | {verdict} |")
    return fine


def profile(job, inclusive):
    """Prints what each function costs a record, start-up taken out; or, inclusive, with all that it calls and start-up."""
    if inclusive:
        print(callgrind.inclusive(callgrind.run(job, MANY)))
        return
    few, many = (callgrind.read(callgrind.run(job, records)).functions for records in (FEW, MANY))
    slopes = {name: (many[name] - few[name]) / (MANY - FEW) for name in many}
    costliest = sorted(slopes, key=slopes.get, reverse=True)[:40]
    total = sum(slopes.values())
    print(f"{total:12,.1f} instructions a record")
    for name, shown in zip(costliest, callgrind.readable(costliest)):
        print(f"{slopes[name]:12,.1f}  {100 * slopes[name] / total:5.1f} %  {shown[:150]}")


def has_avx2():
    with open("/proc/cpuinfo") as file:
        return " avx2 " in file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", default=",".join(contestants.JOBS))
    parser.add_argument("--update", action="store_true", help="rewrites the budgets with what is measured")
    parser.add_argument("--profile", choices=contestants.JOBS)
    parser.add_argument("--inclusive", action="store_true", help="counts what a function calls as its own")
    arguments = parser.parse_args()
    jobs = arguments.jobs.lower().split(",")
    if set(jobs) - set(contestants.JOBS):
        parser.error("jobs are " + ", ".join(contestants.JOBS))
    if not shutil.which("valgrind"):
        sys.exit("valgrind is not installed (Debian: valgrind)")
    places.make_keys()
    places.need_veil()
    if arguments.profile:
        profile(arguments.profile, arguments.inclusive)
        return
    if not has_avx2():  # other code paths, other counts
        print("not compared: the budgets were taken on a processor with AVX2, and this one has none")
        return
    budgets = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
    measured = {job: measure(job) for job in jobs}
    fine = compare(measured, budgets)
    if arguments.update:
        BUDGETS.write_text(json.dumps({**budgets, **measured}, indent=2) + "\n")
        print(f"\nwrote {BUDGETS.name}")
    elif not fine:
        sys.exit("\nover budget: make it cheaper, or say why not and run check.py --update")


if __name__ == "__main__":
    main()
