"""Kills a run at every call that changes a file, and looks at what is left; then runs it again."""
from bench import *

KINDS = {"write", "fsync", "renameat", "rename", "renameat2", "linkat", "unlinkat", "ftruncate", "fchmod", "openat", "flock"}


def test():
    stride = kill_stride()
    story = Story()
    kills = 0
    before_any, after_all, mixed = 0, 0, 0
    with story.folder:
        for previous in [True, False]:
            story.reset(previous)
            calls = calls_of(story.folder, KINDS)
            for kind, (begun, most) in sorted(calls.items()):
                # Opening files for reading changes nothing, so every fourth is enough where all others are killed at.
                step = stride * (4 if kind in ("openat", "flock", "fchmod") else 1)
                for n in range(begun + 1, most + 2, step):
                    where = f"killed at {kind} {n}" + ("" if previous else ", nothing published before")
                    story.reset(previous)
                    outcome = story.folder.run(
                        before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + kind,
                                "-e", f"inject={kind}:signal=KILL:when={n}"])
                    if outcome.returncode == 0:
                        story.check_files(where, versions=(1,), exact=True)
                        continue
                    expect(outcome.returncode in (-9, 137), where, "- ended with", outcome.returncode, outcome.stderr.decode())
                    seen = story.check_files(where, may_be_missing=not previous)
                    kills += 1
                    versions = set(seen.values())
                    before_any += versions in ({0}, set())
                    after_all += versions == {1} and len(seen) == len(DATA)
                    mixed += len(versions) > 1
                    story.check_rerun(where)
    # A test that never meets the interesting moments proves nothing.
    if stride == 1:
        expect(before_any > 20 and after_all > 5 and mixed > 0, "the kills missed a phase:", before_any, after_all, mixed)
    return f"killed {kills} times ({before_any} before publishing, {mixed} between renames, {after_all} after)"


main(test)
