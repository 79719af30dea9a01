"""Drawing of blocks by signed distance: smooth edges without drawing at a higher resolution.

The unit of length is 1/32 of the picture's side, so that the world looks the same at every side.
Coordinates are in pixels, x to the right and y downwards; pixel (row i, column j) covers
[j, j + 1) x [i, i + 1), its middle lies at (j + 0.5, i + 0.5).
"""

import torch

from cmp784.worlds.vocabulary import BACKGROUND, COLOURS, PALETTE, SHAPES

_SQRT5 = 5**0.5


def palette() -> torch.Tensor:
    """Return the colours as float32 of shape (6, 3), in the order of ``COLOURS``.

    Returns
    -------
    torch.Tensor
        Red, green and blue, 0 to 1.

    Examples
    --------
    >>> palette()[COLOURS.index("yellow")]
    tensor([0.9500, 0.8000, 0.1000])
    """
    return torch.tensor([PALETTE[colour] for colour in COLOURS])


def signed_distance(
    shape: str, x: torch.Tensor, y: torch.Tensor, half: torch.Tensor
) -> torch.Tensor:
    """Return how far points lie outside a shape, in pixels; negative inside.

    All three shapes have a bounding box of 2 half x 2 half; the triangle points upwards. Outside
    the corners it is the distance to the nearest *line* of the outline, which keeps them sharp.

    Parameters
    ----------
    shape : str
        "square", "circle" or "triangle".
    x, y : torch.Tensor
        Places relative to the middle of the bounding box.
    half : torch.Tensor
        Half the width of the bounding box. The three must broadcast.

    Returns
    -------
    torch.Tensor
        Distances, of the broadcast shape.

    Examples
    --------
    >>> signed_distance("circle", torch.tensor(3.0), torch.tensor(4.0), torch.tensor(2.0))
    tensor(3.)
    """
    if shape == "square":
        return torch.maximum(x.abs() - half, y.abs() - half)
    if shape == "circle":
        return (x.square() + y.square()).sqrt() - half
    return torch.maximum((2 * x.abs() - y - half) / _SQRT5, y - half)


def coverage(
    shape: str,
    centre: torch.Tensor,
    half: torch.Tensor,
    side: int,
    first: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return how much of each pixel m blocks of one shape cover.

    Parameters
    ----------
    shape : str
        "square", "circle" or "triangle".
    centre : torch.Tensor
        Middles of the bounding boxes, (m, 2) as (x, y).
    half : torch.Tensor
        Half widths, (m,).
    side : int
        Side of the picture, or of the window to draw.
    first : torch.Tensor, optional
        Left upper corners of the windows, (m, 2) as (x, y); (0, 0) by default.

    Returns
    -------
    torch.Tensor
        Of shape (m, side, side), 0 to 1: 0.5 minus the signed distance of the pixel's middle.

    Examples
    --------
    >>> coverage("square", torch.tensor([[2.0, 2.0]]), torch.tensor([1.25]), 4)[0, 0]
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    middles = torch.arange(side, dtype=centre.dtype) + 0.5
    start = centre if first is None else centre - first
    x = (middles - start[:, :1])[:, None, :]  # (m, 1, side)
    y = (middles - start[:, 1:])[:, :, None]  # (m, side, 1)
    return (0.5 - signed_distance(shape, x, y, half[:, None, None])).clamp(0, 1)


def draw(
    shapes: torch.Tensor,
    colours: torch.Tensor,
    centres: torch.Tensor,
    halves: torch.Tensor,
    side: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw n pictures of k blocks that do not touch.

    Parameters
    ----------
    shapes, colours : torch.Tensor
        Places in ``SHAPES`` and ``COLOURS``, int64 of shape (n, k).
    centres : torch.Tensor
        Middles of the bounding boxes, (n, k, 2) as (x, y) in pixels.
    halves : torch.Tensor
        Half widths in pixels, (n, k).
    side : int
        Side of the pictures.

    Returns
    -------
    images : torch.Tensor
        (n, 3, side, side), 0 to 1.
    masks : torch.Tensor
        bool of shape (n, k, side, side): pixels covered by a half or more, which are those whose
        middle lies inside the shape.
    """
    n, k = shapes.shape
    cover = torch.empty(n, k, side, side, dtype=centres.dtype)
    for index, shape in enumerate(SHAPES):
        where = shapes == index
        cover[where] = coverage(shape, centres[where], halves[where], side)
    # Blocks do not overlap: what each adds to the background can simply be summed.
    inks = palette().to(centres.dtype)[colours] - BACKGROUND  # (n, k, 3)
    images = torch.bmm(inks.transpose(1, 2), cover.reshape(n, k, -1)) + BACKGROUND
    return images.clamp(0, 1).reshape(n, 3, side, side), cover >= 0.5


def boxes_of(masks: torch.Tensor) -> torch.Tensor:
    """Return the extent of each mask in whole pixels.

    Parameters
    ----------
    masks : torch.Tensor
        bool of shape (..., side, side), none of them empty.

    Returns
    -------
    torch.Tensor
        float32 of shape (..., 4): x0, y0, x1, y1, where x1 and y1 are one past the last pixel.

    Examples
    --------
    >>> mask = torch.zeros(8, 8, dtype=torch.bool)
    >>> mask[2:5, 1:7] = True
    >>> boxes_of(mask)
    tensor([1., 2., 7., 5.])
    """
    side = masks.shape[-1]
    columns, rows = masks.any(dim=-2).to(torch.uint8), masks.any(dim=-1).to(torch.uint8)
    corners = (
        columns.argmax(dim=-1),
        rows.argmax(dim=-1),
        side - columns.flip(-1).argmax(dim=-1),
        side - rows.flip(-1).argmax(dim=-1),
    )
    return torch.stack(corners, dim=-1).float()


# Keypoints in half widths from the centre, (x, y), in the order of vocabulary.KEYPOINTS.
_OUTLINES = {
    "square": ((0, 0), (-1, -1), (1, -1), (1, 1), (-1, 1)),
    "circle": ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0)),
    "triangle": ((0, 0), (0, -1), (1, 1), (0, 1), (-1, 1)),
}


def keypoints_of(shapes: torch.Tensor, centres: torch.Tensor, halves: torch.Tensor) -> torch.Tensor:
    """Return five keypoints for each block: its centre and four points of its outline.

    Parameters
    ----------
    shapes : torch.Tensor
        Places in ``SHAPES``, int64 of shape (n, k).
    centres, halves : torch.Tensor
        As in ``draw``.

    Returns
    -------
    torch.Tensor
        (n, k, 5, 2) as (x, y) in pixels, named in ``vocabulary.KEYPOINTS``.
    """
    outlines = torch.tensor([_OUTLINES[shape] for shape in SHAPES], dtype=centres.dtype)
    return centres[:, :, None] + outlines[shapes] * halves[:, :, None, None]
