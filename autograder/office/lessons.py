"""What a reference solution has taught, kept between runs until the source changes."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.office.plan import Lesson, Plan, pack
from autograder.office.worker import learn_here
from autograder.workspace import Workspace


def lessons_of(workspace: Workspace, plan: Plan, call: Callable[..., Any]) -> Mapping[str, Lesson]:
    """Give what is known of a plan's tests; the reference solution shows it, once a source.

    Parameters
    ----------
    call
        Calls a function with its arguments where rooms are.

    Raises
    ------
    AutograderError
        When the reference solution could not be run.
    """
    known = read_lessons(workspace, plan)
    if known is None:
        known = call(learn_here, pack(plan))
        write_lessons(workspace, plan, known)
    return known


def read_lessons(workspace: Workspace, plan: Plan) -> dict[str, Lesson] | None:
    """Read what is known of a plan's tests; None where nothing of this source is."""
    try:
        plain = json.loads(_path(workspace, plan).read_text("utf-8"))
        if plain["digest"] != plan.digest:
            return None
        return {
            name: Lesson(frozenset(one["in_room"]), frozenset(one["changing"]))
            for name, one in plain["notebooks"].items()
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_lessons(workspace: Workspace, plan: Plan, lessons: Mapping[str, Lesson]) -> None:
    """Keep what is known of a plan's tests, whole or not at all."""
    plain = {
        name: {"in_room": sorted(one.in_room), "changing": sorted(one.changing)}
        for name, one in lessons.items()
    }
    path = _path(workspace, plan)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"digest": plan.digest, "notebooks": plain}) + "\n", "utf-8")
    os.replace(new, path)


def _path(workspace: Workspace, plan: Plan) -> Path:
    return workspace.run_time / "lessons" / f"{plan.assignment}.json"
