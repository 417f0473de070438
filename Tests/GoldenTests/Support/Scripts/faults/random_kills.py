"""Kills a larger run at random moments: KILLS times, alternating between two inputs. The input has RECORDS records, which
are read in chunks of CHUNK_BYTES where that is given: a smaller input in smaller chunks takes as many steps."""
from bench import *

if "CHUNK_BYTES" in os.environ:
    ENVIRONMENT["VEIL_CHUNK_BYTES"] = os.environ["CHUNK_BYTES"]


def test():
    kills = int(os.environ.get("KILLS", "200"))
    rng = random.Random(int(os.environ.get("SEED", "7")))
    story = Story(count=int(os.environ.get("RECORDS", "20000")))
    with story.folder:
        story.folder.write("in.csv", story.inputs[1])
        started = time.monotonic()
        expect(story.folder.run().returncode == 0, "a clean run failed")
        usual = time.monotonic() - started
        done, survived, replaced = 0, 0, 0
        while done < kills:
            expect(survived < 5 * kills, "the run is too short to be killed")
            story.folder.write("in.csv", story.inputs[done % 2])
            process = story.folder.start()
            # Publishing is at the end: half of the kills go there.
            time.sleep(usual * (rng.uniform(0, 1.1) if done % 2 else rng.uniform(0.7, 1.1)))
            process.kill()
            if process.wait() == 0:
                survived += 1
                usual *= 0.97
                continue
            done += 1
            seen = story.check_files(f"random kill {done}")
            replaced += seen["lab.csv"] == (done - 1) % 2
            if done % 20 == 0:
                story.folder.write("in.csv", story.inputs[1])
                story.check_rerun(f"random kill {done}")
    return f"killed {kills} times at random ({survived} runs were faster)"


main(test)
