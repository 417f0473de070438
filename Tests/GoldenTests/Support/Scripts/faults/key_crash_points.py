"""Kills the commands that change a key ring at every call that changes a file, and looks at what is left; then gives the
command again."""
from bench import *

KINDS = ["write", "fsync", "renameat", "rename", "renameat2", "link", "linkat", "unlinkat", "unlink", "ftruncate", "fchmod", "openat", "flock", "mkdir"]
RING = "keys/k.ring.yaml"
COMMANDS = {"new": [], "rotate": ["new"], "retire": ["new", "rotate"]}


def command(verb):
    return ["key", "ring", verb, RING] + (["k1"] if verb == "retire" else [])


def whole(folder, where):
    """Every ring and key file is whole, and each key of the ring has its file. Returns the ring's text."""
    names = folder.names()
    for name in names:
        mode = os.stat(folder.path(name)).st_mode & 0o777
        if name.endswith(".key"):
            expect(re.fullmatch(rb"hex:[0-9a-f]{64}\n", folder.read(name)), where, "-", name, "is not whole")
            expect(mode == 0o600, where, "-", name, "has mode", oct(mode))
        elif name not in (RING, "p.yaml"):
            expect(LEAVINGS.fullmatch(os.path.basename(name)) and mode == 0o600, where, "- a strange file:", name, oct(mode))
    if RING not in names:
        return ""
    outcome = folder.veil("key", "ring", "inspect", RING)
    expect(outcome.returncode == 0 and b";" not in outcome.stdout, where, "- the ring is broken:", outcome.stdout, outcome.stderr)
    return folder.read(RING).decode()


def test():
    stride, kills, unfinished = kill_stride(), 0, 0
    for verb, first in COMMANDS.items():
        for kind in KINDS:
            step = stride * (4 if kind in ("openat", "flock", "fchmod") else 1)
            for n in range(1, 60, step):
                where = f"{verb}, killed at {kind} {n}"
                with Folder("") as folder:
                    for earlier in first:
                        expect(folder.veil(*command(earlier)).returncode == 0, "the beginning failed")
                    outcome = folder.veil(*command(verb), before=[
                        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind, "-e", f"inject={kind}:signal=KILL:when={n}"])
                    if outcome.returncode == 0:
                        break
                    expect(outcome.returncode in (-9, 137), where, "- ended with", outcome.returncode, outcome.stderr.decode())
                    kills += 1
                    text = whole(folder, where)
                    was_done = {"new": "k1:" in text, "rotate": "k2:" in text, "retire": "state: retired" in text}[verb]
                    unfinished += not was_done
                    again = folder.veil(*command(verb))
                    done_before = was_done and verb in ("new",)
                    expect(again.returncode == (3 if done_before else 0), where, "- and again:", again.returncode, again.stderr.decode())
                    text = whole(folder, where + ", and again")
                    keys = [name for name in folder.names() if name.endswith(".key")]
                    expect(len(keys) == text.count("state:"), where, "- a key file that no ring names:", keys, text)
                    expect(text.count("state: active") == 1, where, "-", text)
                    expect(not any(".veil-" in name for name in folder.names()), where, "- a leaving:", folder.names())
    expect(unfinished > 10, "the kills came too late:", unfinished)
    return f"killed {kills} times ({unfinished} before the ring was written)"


main(test)
