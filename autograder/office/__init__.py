"""The office: the one process that writes the gradebook, and what it gives to workers.

A hand-in leaves as a `Task` of plain bytes and comes back as a `Result`; nothing else of the course
leaves the office, and only the office writes. See `autograder.grading.grade`.
"""
