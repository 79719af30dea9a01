"""What the blocks world is made of: the tables that all integer labels point into."""

SHAPES = ("square", "circle", "triangle")
COLOURS = ("red", "green", "blue", "yellow", "purple", "black")
SIZES = ("small", "large")
RELATIONS = ("left of", "right of", "above", "below")

INVERSE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
"""The relation of B to A, when A stands in the key's relation to B."""

PALETTE = {
    "red": (0.85, 0.15, 0.15),
    "green": (0.15, 0.65, 0.20),
    "blue": (0.15, 0.30, 0.85),
    "yellow": (0.95, 0.80, 0.10),
    "purple": (0.58, 0.18, 0.70),
    "black": (0.08, 0.08, 0.08),
}
"""Red, green and blue of each colour, from 0 to 1."""

BACKGROUND = 0.96
"""The light grey behind the blocks, in all three channels."""

KEYPOINTS = {
    "square": ("centre", "top left", "top right", "bottom right", "bottom left"),
    "circle": ("centre", "top", "right", "bottom", "left"),
    "triangle": ("centre", "apex", "bottom right", "bottom middle", "bottom left"),
}
"""The five keypoints of each shape; the centre is that of the bounding box, the others lie on
the outline, clockwise."""
