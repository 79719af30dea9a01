"""``python -m autograder`` is the command line too."""

from autograder.cli import main

main()
