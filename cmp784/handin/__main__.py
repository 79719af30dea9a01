"""Check a practical from a terminal: ``python -m cmp784.handin practical1.ipynb``."""

import sys

from cmp784.handin import HandinError, check


def main(words: list[str]) -> int:
    """Print the report; return 0 when all is well, 1 when not, 2 for wrong usage."""
    if len(words) != 1:
        print("usage: python -m cmp784.handin practical1.ipynb", file=sys.stderr)
        return 2
    try:
        report = check(words[0])
    except HandinError as error:
        print(error, file=sys.stderr)
        return 2
    print(report)
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
