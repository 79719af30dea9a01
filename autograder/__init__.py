"""What an instructor runs: plugins of nbgrader, named in `nbgrader_config.py`.

No notebook imports this package, and `cmp784` does not either. It holds nothing yet.
"""
