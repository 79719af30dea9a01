"""Kill a batch of 40 at fifty random moments, and tell what became of the marks.

Run it with ``python -m tests.kill.moments``; it takes about half a minute a moment. The exit status
is 1 when something was lost, graded twice, or half, or when a run whose office lived did not end as
one in peace.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.kill import batch


def main() -> None:
    """Run the moments that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--hand-ins", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="seed of the first moment")
    asked = parser.parse_args()

    victims: Counter[str] = Counter()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="kill-") as place:
        fresh = batch.make(Path(place), asked.hand_ins)
        whole_course = Path(place) / "whole"
        shutil.copytree(fresh, whole_course)
        seconds, whole = batch.undisturbed(whole_course)
        print(f"undisturbed: {asked.hand_ins} hand-ins in {seconds:.1f} s", flush=True)
        for seed in range(asked.first, asked.first + asked.moments):
            moment, course = batch.Moment(seed), Path(place) / f"moment-{seed}"
            begin = time.monotonic()
            killed = batch.disturbed(fresh, course, moment, seconds)
            faults = batch.faults(killed, whole)
            bad += bool(faults)
            victims["office" if killed.office else "another" if killed.who else "nobody"] += 1
            print(
                f"{seed:3}: at {moment.seconds(seconds):5.1f} s, ended with {killed.statuses}, "
                f"{len(killed.between.records)} recorded, {time.monotonic() - begin:5.1f} s: "
                f"{'; '.join(faults) or 'good'}   [{killed.who or 'it had ended'}]",
                flush=True,
            )
            if not faults:
                shutil.rmtree(course)
    killed_whom = ", ".join(f"{who} {count}" for who, count in victims.items())
    print(f"{asked.moments} moments ({killed_whom}): {asked.moments - bad} good, {bad} bad")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
