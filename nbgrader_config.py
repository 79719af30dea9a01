"""Settings of nbgrader: every stock `nbgrader` command and formgrader find the course here.

Instructors write `solutions/<name>/`, students open `practicals/<name>/`, which nbgrader makes.
What a running course leaves behind lies under `gradebook/`, which git ignores. Dates and the time
zone stand in `course.toml`; a mistake there is named here, and stops only what needs the syllabus.
"""

import os
import sys

c = get_config()  # noqa: F821 - nbgrader defines it

root = os.path.dirname(os.path.abspath(__file__))
gradebook = os.path.join(root, "gradebook")
# SQLite makes its file, but not the folder around it.
os.makedirs(gradebook, exist_ok=True)

# The plugins named below lie in `autograder/`; formgrader may run in another folder than this one.
if root not in sys.path:
    sys.path.insert(0, root)

from autograder import settings  # noqa: E402 - found by the line above

settings.put_programs_on_the_path()

# --- Folders --------------------------------------------------------------------------------------

c.CourseDirectory.course_id = "cmp784"
c.CourseDirectory.root = root
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "practicals"
c.CourseDirectory.submitted_directory = os.path.join("gradebook", "submitted")
c.CourseDirectory.autograded_directory = os.path.join("gradebook", "autograded")
c.CourseDirectory.feedback_directory = os.path.join("gradebook", "feedback")
c.CourseDirectory.solution_directory = os.path.join("gradebook", "solution")
c.CourseDirectory.source_with_tests_directory = os.path.join("gradebook", "source_with_tests")
# Another database, for example PostgreSQL: its address holds a password, so it comes from outside.
sqlite = "sqlite:///" + os.path.join(gradebook, "gradebook.db")
c.CourseDirectory.db_url = os.environ.get("CMP784_DB_URL") or sqlite
# What editors, systems and tools leave beside a notebook is not copied to students.
c.CourseDirectory.ignore = [
    *(".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"),  # nbgrader's own
    *(".DS_Store", "Thumbs.db", "desktop.ini", "*~", ".*.swp"),
    *(".git*", ".ruff_cache", ".mypy_cache", ".pytest_cache", ".virtual_documents"),
]
# `solutions/lectures` holds no practical: formgrader must not list it.
settings.hide_other_folders()

# Without JupyterHub nobody shares an exchange; `nbgrader list` and its like then find one here.
exchange = "/usr/local/share/nbgrader/exchange"
c.Exchange.root = exchange if os.path.isdir(exchange) else settings.exchange(gradebook)

# --- Release --------------------------------------------------------------------------------------

# nbgrader's own steps in their order, and three of the course.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "autograder.release_steps.PrepareNotebook",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "autograder.release_steps.SaveCellsAndDueDates",  # in the place of SaveCells
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "autograder.release_steps.DropUnusedAttachments",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# --- Collect --------------------------------------------------------------------------------------

# `nbgrader zip_collect`: archives lie in gradebook/downloaded/<assignment>/archive/. A student's
# folder, or a zip file of one student, has the student's id as its name.
c.ZipCollectApp.downloaded_directory = os.path.join("gradebook", "downloaded")
c.FileNameCollectorPlugin.named_regexp = r".*[/\\](?P<student_id>[^/\\]+)[/\\](?P<file_id>[^/\\]+)$"

# --- Grade ----------------------------------------------------------------------------------------

# The same rooms as `autograder grade`, for `nbgrader autograde` and formgrader's button.
c.Autograde.exporter_class = "autograder.plugins.HandInExporter"
c.Autograde.sanitize_preprocessors = [
    "autograder.plugins.RebuildNotebook",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.plugins.GradeInRooms",  # in the place of Execute
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "autograder.plugins.SaveRecord",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Execute.timeout = 300  # seconds a cell: students train networks
c.AssignLatePenalties.plugin_class = "autograder.late_submission.SlipDayPlugin"
c.NbGraderAPI.timezone = settings.time_zone(root)  # in which formgrader shows due dates

# --- Feedback and export --------------------------------------------------------------------------

c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.hidden_tests.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.ExportPlugin.to = os.path.join(gradebook, "grades.csv")
