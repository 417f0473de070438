#!/usr/bin/env python3
"""Releases Adult night after night and prints, afresh and in step with the night before (`previous`): seconds, loss, the
share of people who read as they did, and how many the two releases single out together.

  benchmarks/releases.py [--veil PATH] [--nights N] [MODEL ...]

15,000 people; every night two in a hundred are others or have other values. `occupation` is sensitive. Fails where a
release breaks k or a model."""
import argparse
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ADULT = HERE.parent / "fixtures" / "adult"
MODELS = ["k: 5", "k: 5, l: {occupation: 3}", "k: 5, t: {occupation: 0.3}"]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def nights(folder, count):
    """Writes night 0 to `count`; the names of the columns."""
    names, *people = read(ADULT / "adult.csv")
    random.seed(3)
    random.shuffle(people)
    now = [[f"p{number}"] + values for number, values in enumerate(people[:15000])]
    others = people[15000:]
    came = len(now)
    for night in range(count + 1):
        for place in random.sample(range(len(now)), len(now) // 50) if night else []:
            # Somebody left and another came, or somebody's values changed.
            name = now[place][0]
            if random.random() < 0.5:
                name, came = f"p{came}", came + 1
            now[place] = [name] + others.pop()
        with open(folder / f"night-{night}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows([["id"] + names] + now)
    return names


def pipeline(names, anonymity):
    fields = ["  id: keep"]
    for name in names:
        rule = f"{{class: quasi, hierarchy: {{file: '{ADULT / f'adult_hierarchy_{name}.csv'}'}}}}"
        fields.append(f"  {name}: " + (rule if name != "occupation" else "{class: sensitive, stages: [keep]}"))
    return "\n".join(
        ["version: 1", "name: adult", "source: {path: night-0.csv, subject: id, csv: {delimiter: ';'}}", "fields:"]
        + fields
        + [f"anonymity: {{{anonymity}}}", "sink: {path: out.csv, csv: {delimiter: ';'}}", ""]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--veil", default=str(HERE.parent / ".build" / "release" / "veil"))
    parser.add_argument("--nights", type=int, default=1)
    parser.add_argument("models", nargs="*", default=MODELS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        names = nights(folder, options.nights)

        def veil(*arguments):
            start = time.monotonic()
            ended = subprocess.run(
                [os.path.abspath(options.veil), *arguments], cwd=folder, capture_output=True, text=True, check=False
            )
            if ended.returncode:
                raise SystemExit(f"{' '.join(arguments)}: status {ended.returncode}\n{ended.stdout}{ended.stderr}")
            return time.monotonic() - start, ended.stdout

        def labels(file):
            keep = [0] + [place + 1 for place, name in enumerate(names) if name != "occupation"]
            return {row[0]: [row[place] for place in keep[1:]] for row in read(folder / file)[1:]}

        for model in options.models:
            (folder / "afresh.yaml").write_text(pipeline(names, model))
            (folder / "in-step.yaml").write_text(pipeline(names, model + ", previous: before.plan"))
            veil("run", "afresh.yaml", "--output", "before.csv", "--save-plan", "before.plan")
            print(f"{model}\n{'night':>7} {'':>8} {'seconds':>8} {'loss':>7} {'same':>6} {'singled out':>12}")
            for night in range(1, options.nights + 1):
                before = labels("before.csv")
                for way in ("afresh", "in-step"):
                    seconds, _ = veil(
                        "run", f"{way}.yaml", "--input", f"night-{night}.csv", "--output", f"{way}.csv",
                        "--save-plan", f"{way}.plan", "--manifest", "manifest.json",
                    )  # fmt: skip
                    _, text = veil("verify", f"{way}.csv", "--pipeline", f"{way}.yaml", "--previous", "before.csv")
                    both = re.search(r"with the release before: (\d+) of (\d+) people", text)
                    now = labels(f"{way}.csv")
                    same = [before[person] == now[person] for person in now if person in before]
                    loss = json.loads((folder / "manifest.json").read_text())["anonymity"]["loss"]
                    print(
                        f"{night:>7} {way:>8} {seconds:>8.1f} {loss:>7.4f} {sum(same) / len(same):>6.1%}"
                        f" {both[1]:>6}/{both[2]}",
                        flush=True,
                    )
                os.replace(folder / "in-step.csv", folder / "before.csv")
                os.replace(folder / "in-step.plan", folder / "before.plan")


if __name__ == "__main__":
    main()
