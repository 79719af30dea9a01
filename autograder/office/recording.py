"""Record one hand-in that another process examined, such as a step of ``nbgrader autograde``."""

from autograder.grading_record import prepare, read
from autograder.office import entries
from autograder.office.lock import one_writer
from autograder.office.plan import Plan, Task
from autograder.office.structure import read_structure
from autograder.office.worker import Result
from autograder.office.writing import Writer
from autograder.workspace import Workspace


def record_result(
    workspace: Workspace, plan: Plan, task: Task, result: Result, patience: float = 60.0
) -> None:
    """Write the grade and the record of one hand-in, in one transaction; no file is touched.

    Parameters
    ----------
    workspace
        The course.
    plan, task
        As `autograder.office.plan` makes them.
    result
        As `autograder.office.worker.examine_task` gives it.
    patience
        Seconds to wait for another writer.

    Raises
    ------
    LockError
        When another process writes all the while.
    """
    with one_writer(workspace, patience), workspace.gradebook() as gradebook:
        prepare(gradebook.engine)
        with gradebook.engine.begin() as connection:
            entry = read(connection, plan.assignment).get(task.student)
        structure = read_structure(gradebook, plan.assignment)
        before = entries.Before(entry)
        if result.failure:
            graded = entries.failed(plan, task, result, before)
        else:
            graded = entries.graded(plan, structure, task, result, before)
        Writer(workspace, gradebook, structure).write(graded)
