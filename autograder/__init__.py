"""What an instructor runs: the command line `autograder`, and the plugins of nbgrader it rests on.

No notebook imports this package, and `cmp784` does not either. Each command is one function:
`release.release`, `collect.collect`, `grading.grade`, `feedback.write_feedback`,
`final_marks.final_marks`, `exports.export`, `status.status`, all over a `workspace.Workspace`.
"""

from autograder.quick_imports import postpone_grammar

# Before any module imports nbformat or nbgrader.
postpone_grammar()
