"""Settings of nbgrader: every stock `nbgrader` command and formgrader find the course here.

Instructors write `solutions/<name>/`, students open `practicals/<name>/`, which nbgrader makes.
What a running course leaves behind lies under `gradebook/`, which git ignores.
"""

import os
import sys

c = get_config()  # noqa: F821 - nbgrader defines it

root = os.path.dirname(os.path.abspath(__file__))
gradebook = os.path.join(root, "gradebook")
# SQLite makes its file, but not the folder around it.
os.makedirs(gradebook, exist_ok=True)

# nbgrader calls the program `alembic`, which lies beside this Python, activated or not.
programs = os.path.dirname(sys.executable)
if programs not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = programs + os.pathsep + os.environ.get("PATH", "")

c.CourseDirectory.course_id = "cmp784"
c.CourseDirectory.root = root
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "practicals"
c.CourseDirectory.submitted_directory = os.path.join("gradebook", "submitted")
c.CourseDirectory.autograded_directory = os.path.join("gradebook", "autograded")
c.CourseDirectory.feedback_directory = os.path.join("gradebook", "feedback")
c.CourseDirectory.solution_directory = os.path.join("gradebook", "solution")
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(gradebook, "gradebook.db")
c.ExportPlugin.to = os.path.join(gradebook, "grades.csv")
