"""NIGHTS nights, each with a new input; many are killed. In the end there is what one clean run makes."""
from bench import *

NIGHTLY = """version: 1
name: crm
source: {path: inbox, format: csv, subject: id}
keys: {k: {env: VEIL_KEY}}
fields: {id: {pseudonym: {key: k}}, email: {hash: {salt: k}}, name: drop, city: keep, n: keep}
bad_records: {action: skip}
sink: {path: "out/{stem}.csv", format: csv}
"""


def test():
    nights = int(os.environ.get("NIGHTS", "100"))
    rng = random.Random(int(os.environ.get("SEED", "11")))
    inputs = {f"inbox/day-{n:03}.csv": people(rng.randrange(1, 300), n, first=1000 * n) for n in range(nights)}
    with Folder(NIGHTLY + "state: nights.state\n") as folder, Folder(NIGHTLY, inputs) as clean:
        kills, fixed, usual = 0, {"p.yaml"}, 0.1
        for name, data in inputs.items():
            folder.write("arriving", data)
            os.makedirs(folder.path("inbox"), exist_ok=True)
            os.rename(folder.path("arriving"), folder.path(name))
            started = time.monotonic()
            process = folder.start("run", "p.yaml")
            if rng.random() < 0.7:
                time.sleep(rng.uniform(0.1, 1.1) * usual)
                process.kill()
            status = process.wait()
            expect(status in (0, -9), name, "- status", status)
            kills += status == -9
            if status == 0:
                usual = time.monotonic() - started
            for found in folder.names():
                expect(found in fixed or found in inputs or found == "nights.state"
                       or re.fullmatch(r"out/day-\d{3}\.csv", found) or LEAVINGS.fullmatch(os.path.basename(found)),
                       name, "- a strange file:", found)
        for _ in range(2):
            last = folder.veil("run", "p.yaml")
            expect(last.returncode == 0, "the last night:", last.stderr.decode())
        expect(b"nothing new" in last.stderr, "the last night left something to do:", last.stderr.decode())
        outcome = clean.veil("run", "p.yaml")
        expect(outcome.returncode == 0, "the clean run:", outcome.stderr.decode())
        expect(accounted(outcome.stderr.decode()) == nights, "the clean run tells its counts")
        made = [{n: f.read(n) for n in f.names() if n.startswith("out/")} for f in (folder, clean)]
        expect(len(made[1]) == nights, "the clean run made", len(made[1]), "files")
        expect(made[0] == made[1], "the nights made other files than one clean run")
        rest = set(folder.names()) - set(made[0]) - set(inputs) - fixed
        expect(rest == {"nights.state"}, "leavings:", rest)
        expect(kills > nights // 5, "only", kills, "kills")
    return f"{nights} nights, {kills} of them killed"


main(test)
