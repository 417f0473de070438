"""Runs the shipped service, cron line and task as they are, one night each, where nothing may be written but what the unit names.

    schedules.py FOLDER       the folder of the shipped files; VEIL_BIN is the program

It needs a mount namespace of its own, with the rights to mount; status 77 says that there is none.
"""
import datetime, importlib.util, json, os, re, shutil, subprocess, sys, types

VEIL = os.path.abspath(os.environ["VEIL_BIN"])
KEY = "/srv/veil/customers.key"


def expect(holds, *what):
    if not holds:
        raise SystemExit("BROKEN: " + " ".join(str(part) for part in what))


def enter(folder):
    """Runs this script again in a namespace of its own."""
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        if subprocess.run(words + ["mount", "-t", "tmpfs", "none", "/srv"], capture_output=True).returncode == 0:
            os.execvp("unshare", [*words, sys.executable, os.path.abspath(__file__), folder, "inside"])
    print("no mount namespace can be made here")
    sys.exit(77)


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def build(shipped, writable):
    """The layout of docs/operations.md, on file systems of its own, everything else to be read only."""
    mount("--make-rprivate", "/")
    for path in ("/srv", "/var/lib", "/usr/local/bin"):
        mount("-t", "tmpfs", "none", path)
    for path in ("/srv/veil/incoming", "/srv/veil/out", "/srv/veil/log", "/var/lib/node_exporter"):
        os.makedirs(path, mode=0o700)
    open("/usr/local/bin/veil", "w").close()
    mount("--bind", VEIL, "/usr/local/bin/veil")
    with open("/srv/veil/customers.yaml", "w") as file:
        file.write(shipped["customers.yaml"])
    made = subprocess.run(["/usr/local/bin/veil", "key", "new", KEY], capture_output=True, text=True)
    expect(made.returncode == 0, "no key:", made.stderr)
    for name, first in [("day-1", 0), ("day-2", 300)]:
        arrive(name, first)


def seal(writable):
    for path in writable:
        mount("--bind", path, path)
    for path in ("/tmp", "/var/tmp"):
        mount("-t", "tmpfs", "none", path)
    # What arrives comes from elsewhere.
    mount("--bind", "/srv/veil/incoming", "/mnt")
    for path in ("/srv", "/var/lib", "/usr/local/bin", "/"):
        mount("-o", "remount,bind,ro", path)
    try:
        open("/srv/veil/elsewhere", "w").close()
        expect(False, "the folder is not read-only")
    except OSError:
        pass


def arrive(name, first, text=None, folder="/srv/veil/incoming"):
    rows = "".join(f"{n},p{n}@example.org,DE\n" for n in range(first, first + 200))
    with open(f"{folder}/{name}.csv", "w") as file:
        file.write(text or "customer_id,email,country\n" + rows + "broken\n")


def unit_command(unit):
    line = re.search(r"^ExecStart=(.*)$", unit.replace("\\\n", " "), re.M).group(1)
    return line.split()


def airflow(path):
    """The task's function, with stand-ins for the few names of Airflow that it uses."""
    class Dag:
        def __init__(self, **_): pass
        def __enter__(self): return self
        def __exit__(self, *_): return False

    class Fail(Exception): pass

    made = []
    names = {"airflow": {"DAG": Dag}, "airflow.exceptions": {"AirflowFailException": Fail}, "airflow.operators": {},
             "airflow.operators.python": {"PythonOperator": lambda **options: made.append(options)}}
    for name, members in names.items():
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module
    spec = importlib.util.spec_from_loader("dag", loader=None)
    module = importlib.util.module_from_spec(spec)
    exec(compile(path, "dag", "exec"), module.__dict__)
    return made[0]["python_callable"], Fail


def inside(folder):
    shipped = {}
    for name in os.listdir(folder):
        if os.path.isfile(os.path.join(folder, name)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                shipped[name] = file.read()
    unit = shipped["veil-customers.service"]
    writable = re.search(r"^ReadWritePaths=(.*)$", unit, re.M).group(1).split()
    build(shipped, writable)
    seal(writable)
    os.umask(0o077)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    # As `CapabilityBoundingSet=` and `NoNewPrivileges=` have it, where that can be done.
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    if subprocess.run([*drop, "true"], capture_output=True).returncode != 0:
        drop = []

    # The service.
    night = subprocess.run(drop + unit_command(unit), env=environment, capture_output=True, text=True, cwd="/")
    expect(night.returncode == 0, "the service:", night.returncode, night.stderr)
    out = sorted(os.listdir("/srv/veil/out"))
    expect(out == ["customers.report.json", "day-1.csv", "day-1.manifest.json", "day-2.csv", "day-2.manifest.json"], out)
    day = datetime.datetime.now(datetime.timezone.utc).date()
    log = sorted(os.listdir("/srv/veil/log"))
    expect(log in [["audit.jsonl", f"bad-{d}.jsonl", "customers.state"] for d in (day, day - datetime.timedelta(1))], log)
    expect("veil_run_new_inputs{pipeline=\"customers\"} 2" in open("/var/lib/node_exporter/veil-customers.prom").read())
    for line in night.stderr.splitlines():
        json.loads(line)

    # The cron line, in a night with nothing new: nothing is said, so no mail goes out.
    lines = [line for line in shipped["veil-customers.cron"].splitlines() if not line.startswith("#")]
    settings = dict(line.split("=", 1) for line in lines[:-1])
    command = lines[-1].split(None, 6)[6]
    quiet = subprocess.run(
        drop + [settings["SHELL"], "-c", command], env={"PATH": settings["PATH"]}, capture_output=True, text=True, cwd="/")
    expect(quiet.returncode == 0, "the cron line:", quiet.returncode, quiet.stderr)
    expect(quiet.stdout + quiet.stderr == "", "the cron line says:", quiet.stdout + quiet.stderr)
    expect("veil_run_new_inputs{pipeline=\"customers\"} 0" in open("/var/lib/node_exporter/veil-customers.prom").read())

    # The task, in a night in which one of two files is bad: the other is published, and the task fails for a person to look.
    arrive("day-3", 600, folder="/mnt")
    arrive("day-4", 0, "kunde,mail\n1,x\n", folder="/mnt")
    os.environ["PATH"] = environment["PATH"]
    task, fail = airflow(shipped["veil_customers_dag.py"])
    try:
        task("2024-02-29")
        expect(False, "the task took a bad file")
    except fail:
        pass
    expect("day-3.csv" in os.listdir("/srv/veil/out") and "day-4.csv" not in os.listdir("/srv/veil/out"))
    with open("/srv/veil/log/audit.jsonl") as file:
        events = [json.loads(line) for line in file]
    expect(events[-1]["as_of"] == "2024-02-29", events[-1])
    left = [name for _, _, names in os.walk("/srv/veil") for name in names if name.startswith(".")]
    expect(not left, "leavings:", left)
    print("3 nights")


if __name__ == "__main__":
    if sys.argv[2:] == ["inside"]:
        inside(sys.argv[1])
    else:
        enter(sys.argv[1])
