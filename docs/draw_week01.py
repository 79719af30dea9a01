"""Draw ``images/week01.png``: the figure that each notebook of Week 1 names as its thumbnail.

Run it after ``make run``, from the top of the repository: ``.venv/bin/python docs/draw_week01.py``.
"""

import base64
from io import BytesIO
from pathlib import Path

import PIL.Image

from cmp784 import outputs

RUN = Path("build/run/laptop/notebooks/lectures/week01_introduction")
PICTURE = Path("docs/images/week01.png")
COLUMNS, WIDTH, GAP = 2, 620, 24


def thumbnail(path: Path) -> PIL.Image.Image:
    """Return the picture in the cell that an executed notebook names as its thumbnail."""
    notebook = outputs.open_notebook(path)
    (cell,) = (one for one in notebook.cells if one["id"] == notebook.metadata.course.thumbnail)
    (encoded,) = (
        out.data["image/png"] for out in cell.outputs if "image/png" in out.get("data", {})
    )
    picture = PIL.Image.open(BytesIO(base64.b64decode(encoded))).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)))


def columns(pictures: list[PIL.Image.Image]) -> PIL.Image.Image:
    """Return pictures one under the other, each in the column that is shortest so far."""
    ends, places = [GAP] * COLUMNS, []
    for picture in pictures:
        column = ends.index(min(ends))
        places.append((GAP + column * (WIDTH + GAP), ends[column]))
        ends[column] += picture.height + GAP
    sheet = PIL.Image.new("RGB", (GAP + COLUMNS * (WIDTH + GAP), max(ends)), "white")
    for picture, place in zip(pictures, places, strict=True):
        sheet.paste(picture, place)
    return sheet


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    sheet = columns([thumbnail(path) for path in sorted(RUN.glob("*.ipynb"))])
    sheet.quantize(128).save(PICTURE, optimize=True)
    print(f"{PICTURE}: {sheet.width} x {sheet.height} pixels, {PICTURE.stat().st_size:,} bytes")
