"""Tests of archives of no known platform, which a regular expression explains."""

import pytest

from autograder.collect import CollectError
from tests.autograder.archive_builders import archive, notebook
from tests.autograder.collect_course import NAMES, Course, kinds

A, B = notebook("a"), notebook("b")


@pytest.fixture
def course(root, tmp_path):
    """Give a course whose roster has names only."""
    return Course(root, tmp_path / "course", roster=NAMES)


def test_pattern_gives_owner_time_attempt_and_notebook(course, tmp_path):
    """Groups of nbgrader's own patterns mean the same here."""
    zip_file = archive(
        tmp_path / "x.zip",
        ("ps/sample-01@2024-10-20T12:00:00@practical1.ipynb", A),
        ("ps/sample-01@2024-10-21T12:00:00Z@practical1.ipynb", B),
        ("ps/readme.md", b"hello"),
    )
    pattern = r"(?P<student_id>[^/@]+)@(?P<timestamp>[^@]+)@(?P<file_id>\w+)"

    result = course.collect(zip_file, pattern=pattern)

    assert course.submitted() == {"sample-01/practical1.ipynb": B}
    assert course.times() == {"sample-01": "2024-10-21 12:00:00 UTC"}
    assert course.archived() == {"sample-01/2024-10-20T09-00-00Z/practical1.ipynb": A}
    assert kinds(result) == [("stray-file", "ps/readme.md", "")]


def test_pattern_with_names_and_attempts(course, tmp_path):
    """Parts of a name are put together; attempts order what has no time."""
    zip_file = archive(
        tmp_path / "x.zip",
        ("Örnek Işık, Şule - 1 - practical1.ipynb", A),
        ("Örnek Işık, Şule - 2 - practical1.ipynb", B),
    )
    pattern = r"^(?P<last_name>[^,]+), (?P<first_name>.+?) - (?P<attempt>\d+) - (?P<notebook>.+)$"

    course.collect(zip_file, pattern=pattern)

    assert course.submitted() == {"sample-02/practical1.ipynb": B}
    assert course.archived() == {"sample-02/attempt-1/practical1.ipynb": A}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(?P<student_id>\w+", r"no regular expression at character 1 \(missing \)"),
        (r"(?P<studentid>\w+)", r"unknown group 'studentid'\. Groups are: student_id, login"),
        (r"(?P<timestamp>\w+)", r"no group says whose the file is"),
    ],
    ids=["broken", "unknown group", "no owner"],
)
def test_bad_pattern_is_refused_with_the_known_groups(course, tmp_path, pattern, words):
    """The message shows the pattern, where it breaks and what there is."""
    zip_file = archive(tmp_path / "x.zip", ("sample-01.ipynb", A))

    with pytest.raises(CollectError, match=words):
        course.collect(zip_file, pattern=pattern)


def test_pattern_and_platform_exclude_each_other(course, tmp_path):
    """Nobody can mean both."""
    zip_file = archive(tmp_path / "x.zip", ("sample-01.ipynb", A))

    with pytest.raises(CollectError, match="give one of them"):
        course.collect(zip_file, platform="moodle", pattern=r"(?P<name>.+)")
