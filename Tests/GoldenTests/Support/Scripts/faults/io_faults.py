"""Makes every call of a run fail, one after the other, with the errors that disks and systems give; then full disks,
files that may not grow, and reads and writes that do less than they were asked to."""
import errno, itertools
from bench import *

# What each call may fail with. EINTR comes with what is tried again.
FAULTS = {
    "openat": ["EACCES", "EIO", "EMFILE", "ENOSPC", "EINTR"],
    "read": ["EIO", "EINTR", "EAGAIN"],
    "pread64": ["EIO", "EINTR"],
    "write": ["ENOSPC", "EIO", "EDQUOT", "EINTR", "EAGAIN"],
    "fsync": ["EIO", "ENOSPC", "EINTR"],
    "linkat": ["ENOSPC", "EACCES", "EIO", "EMLINK"],
    "renameat": ["EACCES", "EIO", "ENOSPC"],
    "unlinkat": ["EIO", "EACCES"],
    "ftruncate": ["EIO", "EINTR"],
    "fchmod": ["EPERM", "EIO"],
    "flock": ["EINTR", "ENOLCK", "EIO"],
    "newfstatat": ["EIO", "EACCES"],
    "fcntl": ["EMFILE"],
    "close": ["EIO"],
    "lseek": ["EIO"],
    "getdents64": ["EIO"],
    "getrandom": ["EIO", "EINTR"],
    "mmap": ["ENOMEM"],
    "mlock": ["ENOMEM", "EPERM"],
    "clone3": ["EAGAIN"],
}
# Whoever runs out of memory or of threads at a library's call cannot say which file it was.
UNNAMED = {"mmap", "getrandom", "clone3", "mlock"}
# A sanitizer's own allocator ends the process when it gets no memory: that says nothing of the program.
if SANITIZED:
    del FAULTS["mmap"]
STATUSES = {0, 3}


def check_outcome(story, outcome, where, kind):
    stderr = outcome.stderr.decode(errors="replace")
    if outcome.returncode == 0:
        story.check_files(where, versions=(1,))
        return "ok"
    if kind in UNNAMED and outcome.returncode not in STATUSES:
        # Out of memory ends a process as a crash does: nothing half, and no memory shown.
        expect(outcome.returncode in (-4, -5, -6, 132, 133, 134, 2), where, "- status", outcome.returncode, stderr)
    else:
        # A file of the pipeline's own that cannot be read is status 2, as an invalid pipeline is; locks answer 5.
        expect(outcome.returncode in (3, 2), where, "- status", outcome.returncode, stderr)
        names = story.fixed | set(DATA) | set(TOLD) | {"standard"}
        known = any(os.path.basename(name) in stderr for name in names) or "/" in stderr
        # Who cannot write at all cannot say so either.
        expect(known or kind in UNNAMED or where.startswith("every write") and not stderr, where, "- no file is named:", stderr)
    expect("example.org" not in stderr and "Name 1" not in stderr, where, "- a value is shown:", stderr)
    seen = story.check_files(where, may_be_missing=False)
    # A failed run may still tell where the bad records are.
    seen.pop("bad.jsonl", None)
    if "published" not in stderr:
        expect(set(seen.values()) == {0}, where, "- failed, and yet replaced something:", seen, stderr)
    return "refused"


def injected(story, stride):
    """Every call, each with some of its errors: all of them with a stride of one."""
    counts = {"ok": 0, "refused": 0}
    story.reset()
    calls = calls_of(story.folder, set(FAULTS))
    turn = itertools.count()
    for kind, (begun, most) in sorted(calls.items()):
        few = kind in ("write", "fsync", "linkat", "renameat", "ftruncate", "unlinkat")
        for n in range(begun + 1, most + 1, 1 if few else int(os.environ.get("FAULT_EVERY", "1"))):
            for place, error in enumerate(FAULTS[kind]):
                if (n + place) % len(FAULTS[kind]) and next(turn) % stride:
                    continue
                where = f"{kind} {n} fails with {error}"
                story.reset()
                outcome = story.folder.run(
                    before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind,
                            "-e", f"inject={kind}:error={error}:when={n}"])
                what = check_outcome(story, outcome, where, kind)
                if error == "EINTR" and kind in ("read", "write", "pread64", "fsync"):
                    expect(what == "ok", where, "- an interruption is no failure:", outcome.stderr.decode())
                counts[what] += 1
    expect(counts["refused"] > 20 and counts["ok"] > 5, "the faults met nothing:", counts)
    return counts


def standing(story):
    """Faults that stay: no call of the kind ever works again."""
    done = 0
    faults = [("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"), ("linkat", "EACCES"), ("renameat", "EACCES"),
              ("read", "EIO"), ("linkat", "EOPNOTSUPP"), ("flock", "ENOLCK")]
    story.reset()
    calls = calls_of(story.folder, {kind for kind, _ in faults})
    for kind, error in faults:
        begun = calls[kind][0]
        story.reset()
        outcome = story.folder.run(
            before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind,
                    "-e", f"inject={kind}:error={error}:when={begun + 1}+"])
        check_outcome(story, outcome, f"every {kind} fails with {error}", kind)
        done += 1
    return done


def early_ends(story):
    """A read that says 'no more' before the file's end, as network file systems do, must not pass for the end."""
    story.reset()
    begun, most = calls_of(story.folder, {"read"})["read"]
    refused = 0
    for n in range(begun + 1, most + 1):
        story.reset()
        outcome = story.folder.run(
            before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=read",
                    "-e", f"inject=read:retval=0:when={n}"])
        if outcome.returncode == 0:
            story.check_files(f"read {n} ends early", versions=(1,))
        else:
            refused += 1
            expect(outcome.returncode in (1, 2, 3, 4), f"read {n} ends early - status", outcome.returncode,
                   outcome.stderr.decode())
            seen = story.check_files(f"read {n} ends early")
            seen.pop("bad.jsonl", None)
            expect(set(seen.values()) == {0}, f"read {n} ends early - and something was replaced")
    expect(refused > 0, "no read was cut short")
    return refused


def full_disks():
    """A disk that is full after so many kilobytes; needs root."""
    mount = tempfile.mkdtemp(prefix="veil-full-")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=700", "none", mount], capture_output=True)
    if made.returncode != 0:
        os.rmdir(mount)
        return "no full disks (mounting needs root)"
    done, refused = 0, 0
    try:
        story = Story(count=3000, parent=mount)
        with story.folder:
            ballast = os.path.join(mount, "ballast")
            for spare in [0, 1, 2, 4, 8, 16, 32, 64, 100, 150, 200, 250, 300, 350, 400, 500, 700, 1000, 1500, 2000, 3000, 5000, 8000]:
                story.reset()
                free = os.statvfs(mount).f_bavail * 4096
                with open(ballast, "wb") as file:
                    file.write(b"x" * max(0, free - spare * 1024))
                outcome = story.folder.run()
                refused += check_outcome(story, outcome, f"a disk with {spare} KiB left", "write") == "refused"
                if outcome.returncode == 3:
                    expect(b"No space left" in outcome.stderr, "a full disk is called by its name:", outcome.stderr)
                os.unlink(ballast)
                done += 1
            expect(0 < refused < done, "the disk was never full, or always:", refused, done)
            story.check_rerun("after full disks")
    finally:
        subprocess.run(["umount", mount], capture_output=True)
        os.rmdir(mount)
    return f"{done} full disks ({refused} refused)"


def size_limits():
    """Files that may not grow beyond so many bytes (RLIMIT_FSIZE): a short write, then an error, and no signal's death."""
    story = Story(count=2000)
    done = 0
    with story.folder:
        for most in [0, 1, 100, 5000, 20_000, 50_000, 100_000, 150_000, 10**6]:
            story.reset()
            outcome = story.folder.run(limits={resource.RLIMIT_FSIZE: most})
            check_outcome(story, outcome, f"files of {most} bytes at most", "write")
            expect(outcome.returncode == (0 if most == 10**6 else 3), f"files of {most} bytes - status", outcome.returncode,
                   outcome.stderr)
            done += 1
    # Descriptors run out. How many a run holds does not depend on its records.
    story = Story()
    with story.folder:
        for most in range(4, 40):
            story.reset()
            outcome = story.folder.run(limits={resource.RLIMIT_NOFILE: most})
            if outcome.returncode != 127:
                check_outcome(story, outcome, f"{most} open files at most", "openat")
            done += 1
    return done


def dead_ends(story):
    """Devices that are full, standard output that is closed."""
    for arguments, out in [(["--recipient", "lab", "--output", "/dev/full"], None), (["--recipient", "lab", "--output", "-"], "/dev/full")]:
        story.reset()
        with open(out or "/dev/null", "wb") as stdout:
            outcome = subprocess.run([VEIL, "run", "p.yaml", *arguments], cwd=story.folder.root, env=ENVIRONMENT,
                                     stdout=stdout, stderr=subprocess.PIPE)
        expect(outcome.returncode == 3 and b"No space left" in outcome.stderr, arguments, outcome)
        expect(b"/dev/full" in outcome.stderr or b"standard output" in outcome.stderr, "no file is named:", outcome.stderr)
        seen = story.check_files(str(arguments))
        # Where the bad records are is told also by a run that fails.
        expect(seen.pop("bad.jsonl") == 1 and set(seen.values()) == {0}, arguments, "- replaced something:", seen)


def short_calls(story):
    """Reads and writes of a few bytes at a time, by a library in between; needs a C compiler."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        return "no short reads and writes (no C compiler)"
    library = story.folder.path("keys/short.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "short.c.txt")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, "-x", "c", source], check=True)
    story.fixed.add("keys/short.so")
    for most in [1, 3, 64]:
        story.reset()
        outcome = story.folder.run(environment={"LD_PRELOAD": library, "SHORT_MOST": str(most)})
        expect(outcome.returncode == 0, f"{most} bytes at a time:", outcome.stderr.decode())
        story.check_files(f"{most} bytes at a time", versions=(1,), exact=True)
    return "short reads and writes"


def test():
    told = [size_limits(), full_disks()]
    told[0] = f"{told[0]} limits"
    story = Story()
    with story.folder:
        dead_ends(story)
        told.append(short_calls(story))
        problem = strace_problem()
        if problem:
            print("SKIPPED (calls that fail):", problem)
            sys.exit(77)
        told.append(f"{early_ends(story)} early ends refused")
        told.append(f"{standing(story)} standing faults")
        counts = injected(story, int(os.environ.get("FAULT_STRIDE", "1000000")))
        told.append(f"{counts['ok'] + counts['refused']} failing calls ({counts['refused']} refused)")
    return ", ".join(told)


main(test)
