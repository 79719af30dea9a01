"""What runs inside a room's walls: the zygote, and in each room init, kernel or examiner.

Nothing here imports nbgrader, and nothing here holds a secret: a student's code can read it all.
"""
