"""The papermill engine of the course, under the name ``cmp784``.

It can be named to papermill as well: ``papermill --engine cmp784 in.ipynb out.ipynb``.

Papermill loads every engine while it is itself being imported. So this module imports nothing of
papermill, and the work is done in ``guard``.
"""

from typing import Any

#: The name under which papermill knows the engine.
NAME = "cmp784"


class CourseEngine:
    """Run a notebook in a kernel of this Python, watched; papermill calls all three methods."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **settings: Any) -> Any:
        """Execute a notebook and return it; called once a notebook.

        Parameters
        ----------
        nb
            The notebook, with its parameters.
        kernel_name
            Name of the kernel.
        **settings
            What papermill passes on; ``guard`` is ours.
        """
        from cmp784.headless.guard import GuardedEngine

        return GuardedEngine.execute_notebook(nb, kernel_name, **settings)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the kernel's name; called before the parameters are written."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the notebook's language; called before the parameters are written."""
        from papermill.utils import nb_language

        return nb_language(nb, language)


def register() -> None:
    """Make the engine known to papermill in this process, installed anew or not."""
    from papermill.engines import papermill_engines

    papermill_engines.register(NAME, CourseEngine)
