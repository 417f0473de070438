#!/usr/bin/env python3
"""Holds the three risks of Veil against the Python package anonymeter 1.1.0 (Giomi et al. 2023), live, on Adult.

  VEIL_BIN=veil anonymeter_peer.py

One half of the records is released at k=5 by local recoding, with workclass, occupation and salary class as they were; the
other half is the control. Then

- the package computes each risk and its error from the numbers of attempts and successes that Veil reports: they must be
  the same;
- the package makes its own attacks, which take a label for a word that no value of the original is. Veil's, which know what a
  label covers, must single out at least as much and guess a secret right at least as often, and both must find no linkability.
  (A risk of inference may still be lower: where most people have one value, Veil's guess is that value inside the release and
  outside, and the nearest record's, which the package guesses, is right less often, but more often inside.)

Where the package is not installed (`pip install anonymeter==1.1.0`), the script says so and ends with 0, unless VEIL_PEERS=required. It
runs under the Python that VEIL_PEER_PYTHON names, if it names one."""
import csv
import json
import os
import subprocess
import sys
import tempfile

WANTED = "1.1.0"
python = os.environ.get("VEIL_PEER_PYTHON")
if python and "VEIL_PEER_INSIDE" not in os.environ:
    sys.exit(subprocess.run([python, __file__], env={**os.environ, "VEIL_PEER_INSIDE": "1"}).returncode)
try:
    import importlib.metadata

    version = importlib.metadata.version("anonymeter")
    import pandas
    from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
    from anonymeter.stats.confidence import EvaluationResults
except ImportError as problem:
    required = os.environ.get("VEIL_PEERS") == "required"
    print(f"{'FAILED' if required else 'skipped'}: the package anonymeter {WANTED} is not installed ({problem})")
    sys.exit(1 if required else 0)
if version != WANTED:
    print(f"note: anonymeter {version}, and not {WANTED}")

VEIL = os.path.realpath(os.environ["VEIL_BIN"])
ADULT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../../fixtures/adult")
KNOWN = ["sex", "age", "race", "marital-status", "education", "native-country"]
SECRETS = ["workclass", "occupation", "salary-class"]
failures = []


def expect(holds, text):
    print(("  " if holds else "  DEVIATES: ") + text)
    if not holds:
        failures.append(text)


def veil(*arguments):
    done = subprocess.run([VEIL, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"veil {arguments[0]}: {done.stderr}")
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open(f"{ADULT}/adult.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    halves = {"original": rows[::2], "control": rows[1::2]}
    for name, half in halves.items():
        with open(f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, KNOWN + SECRETS)
            writer.writeheader()
            writer.writerows(half)
    fields = [f"  {f}: {{class: quasi, hierarchy: {{file: {ADULT}/adult_hierarchy_{f}.csv}}}}" for f in KNOWN]
    fields += [f"  {f}: {{class: sensitive, stages: [keep], because: the example}}" for f in SECRETS]
    with open("p.yaml", "w", encoding="utf-8") as file:
        file.write(
            "version: 1\nname: adult\nsource: {path: original.csv}\nfields:\n" + "\n".join(fields)
            + "\nanonymity: {k: 5, count: records}\nsink: {path: release.csv}\n")
    veil("run", "p.yaml")
    found = json.loads(
        veil("risk", "--attack", "release.csv", "original.csv", "--control", "control.csv", "--pipeline", "p.yaml", "--json"))

    print("the same figures from the same counts")
    for kind in ["singling_out", "linkability", "inference"]:
        for attack in found[kind]:
            tries = attack["attack"]["attempts"]
            if tries == 0 or attack["control"]["attempts"] != tries:
                continue
            results = EvaluationResults(
                n_attacks=tries, n_success=attack["attack"]["successes"], n_baseline=attack["baseline"]["successes"],
                n_control=attack["control"]["successes"], confidence_level=0.95)
            risk = results.risk()
            theirs = [results.attack_rate.value, results.control_rate.value, risk.value, *risk.ci]
            own = [attack["attack"]["rate"], attack["control"]["rate"], attack["risk"], attack["low"], attack["high"]]
            theirs[2:] = [min(1, max(0, value)) for value in theirs[2:]]
            expect(
                all(abs(a - b) < 2e-6 for a, b in zip(own, theirs)),
                f"{kind} {attack['name']}: {attack['risk']:.3f} ({attack['low']:.3f}-{attack['high']:.3f})")

    print("the package's own attacks")
    frames = {name: pandas.read_csv(f"{name}.csv", dtype=str) for name in ["original", "control", "release"]}
    inputs = {"ori": frames["original"], "syn": frames["release"], "control": frames["control"]}

    def highest(kind, name=None):
        return max(a["risk"] for a in found[kind] if name is None or a["name"] == name)

    for columns in [3, 6]:
        package = SinglingOutEvaluator(**inputs, n_attacks=500, n_cols=columns)
        package.evaluate(mode="multivariate")
        theirs = package.risk(confidence_level=0.95).value
        expect(highest("singling_out") >= theirs, f"singling out, {columns} columns: {theirs:.3f}, Veil {highest('singling_out'):.3f}")
    for secret in SECRETS:
        package = InferenceEvaluator(**inputs, aux_cols=KNOWN, secret=secret, n_attacks=500)
        package.evaluate()
        risk = package.risk(confidence_level=0.95)
        own = next(a for a in found["inference"] if a["name"] == secret)
        rate = package.results(confidence_level=0.95).attack_rate
        # Both are samples: the package may be above by no more than its own error.
        expect(
            own["attack"]["rate"] >= rate.value - rate.error,
            f"inference of {secret}: right {rate.value:.3f}, Veil {own['attack']['rate']:.3f}; "
            f"risk {risk.value:.3f} ({risk.ci[0]:.3f}-{risk.ci[1]:.3f}), Veil {own['risk']:.3f} ({own['low']:.3f}-{own['high']:.3f})")
    package = LinkabilityEvaluator(**inputs, aux_cols=(KNOWN[::2], KNOWN[1::2]), n_attacks=500, n_neighbors=1)
    package.evaluate()
    theirs = package.risk(confidence_level=0.95).value
    expect(theirs < 0.02 and highest("linkability") < 0.02, f"linkability: {theirs:.3f}, Veil {highest('linkability'):.3f}")

print(f"{len(failures)} deviations")
sys.exit(1 if failures else 0)
