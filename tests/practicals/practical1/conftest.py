"""The alternatives are cells of a notebook, not modules: nothing here can be imported."""

collect_ignore_glob = ["alternatives/*", "quick_answers.py"]
