"""Times whole processes, in turns, so that whatever else the machine does falls on all alike."""
import os
import statistics
import subprocess
from dataclasses import dataclass

from . import places

TICK = os.sysconf("SC_CLK_TCK")
DISTURBED = 0.15  # of a run's wall time, CPU that others used meanwhile


@dataclass(frozen=True)
class Sample:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # KiB
    other: float  # CPU seconds that the rest of the machine used meanwhile, of each of the run's seconds


@dataclass(frozen=True)
class Figures:
    samples: list

    def median(self, what):
        return statistics.median(getattr(sample, what) for sample in self.samples)

    wall = property(lambda self: self.median("wall"))
    cpu = property(lambda self: self.median("cpu"))
    mebibytes = property(lambda self: self.median("peak") / 1024)
    least = property(lambda self: min(sample.wall for sample in self.samples))
    most = property(lambda self: max(sample.wall for sample in self.samples))
    disturbed = property(lambda self: self.median("other") > DISTURBED)


class CommandFailed(Exception):
    pass


def machine_busy():
    """CPU seconds that the whole machine has spent on anything but idling and waiting."""
    with open("/proc/stat") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICK


def run_once(command):
    program = places.compiled(places.HERE / "harness/measure.c")
    before = machine_busy()
    done = subprocess.run([program, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    words = done.stdout.split()
    if done.returncode != 0 or len(words) != 4 or words[0] != "0":
        raise CommandFailed(done.stderr.strip()[-400:])
    wall, cpu, peak = float(words[1]), float(words[2]), int(words[3])
    return Sample(wall, cpu, peak, max(0.0, machine_busy() - before - cpu) / wall)


def take_turns(entries, runs, tries=3):
    """Runs each entry once to warm up, then all of them `runs` times in turns. Entries are (name, command, output); the
    output is removed before each run, not within the time. A disturbed run is repeated up to `tries` times and the least
    disturbed one counts. Returns {name: Figures}; who fails is said and left out."""
    samples, failed = {name: [] for name, _, _ in entries}, set()
    for turn in range(runs + 1):
        for name, command, output in entries:
            if name in failed:
                continue
            attempts = []
            try:
                for _ in range(tries if turn else 1):
                    if output:
                        output.unlink(missing_ok=True)
                    attempts.append(run_once(command))
                    if attempts[-1].other <= DISTURBED:
                        break
            except CommandFailed as problem:
                places.say(f"{name} failed: {problem}")
                failed.add(name)
                continue
            if turn:
                samples[name].append(min(attempts, key=lambda sample: sample.other))
    return {name: Figures(taken) for name, taken in samples.items() if name not in failed}
