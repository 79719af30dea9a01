"""The corpus: each module takes its cases into `tests.hostile.cases.CASES` as it is imported."""
