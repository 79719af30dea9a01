"""The page of an executed notebook: one HTML file that can be read without network."""

import copy
import html
from typing import Any

from cmp784.headless.result import Result

#: What only a live kernel can show; a still picture stands beside it.
_LIVE = (
    "application/vnd.jupyter.widget-view+json",
    "application/javascript",
)
_PICTURES = ("image/png", "image/jpeg")


def render(result: Result) -> str:
    """Return the page of an executed notebook.

    Pictures keep their alternative text, widgets give way to their still picture, and no script is
    fetched, but for MathJax: without network a formula is shown as its source.

    Parameters
    ----------
    result
        With its executed notebook.

    Returns
    -------
    str
        A whole HTML page; a short one with the reason when the notebook cannot be drawn.
    """
    import nbformat
    from nbconvert.exporters import HTMLExporter

    plain = copy.deepcopy(result.executed or {})
    try:
        notebook = nbformat.from_dict(plain)
        notebook.metadata.pop("widgets", None)
        notebook.metadata["title"] = result.notebook
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                _still(output)
        exporter = HTMLExporter(template_name="lab", require_js_url="", jquery_url="")
        body, _ = exporter.from_notebook_node(notebook)
    except Exception as error:  # a page must not fail a run
        words = f"This notebook could not be drawn: {type(error).__name__}: {error}"
        title = html.escape(result.notebook)
        return f"<!DOCTYPE html>\n<title>{title}</title>\n<p>{html.escape(words)}\n"
    # Nothing may hold the page up: no empty script, and MathJax only when it comes.
    body = str(body).replace('<script src=""></script>', "")
    return body.replace('<script src="https://cdnjs', '<script defer src="https://cdnjs')


def _still(output: Any) -> None:
    """Put an output into the form that is read: pictures with their words, nothing live."""
    data = output.get("data")
    if data is None:
        return
    shown = [mime for mime in data if mime not in _LIVE]
    if shown:
        for mime in _LIVE:
            data.pop(mime, None)
    for mime in _PICTURES:
        if mime in data:
            told = output.get("metadata", {})
            data["text/html"] = _picture(mime, data.pop(mime), told.get(mime, {}), told)
            return


def _picture(mime: str, content: str, own: Any, told: Any) -> str:
    """Return an image element with its alternative text and width."""
    own = own if isinstance(own, dict) else {}
    alt = html.escape(str(own.get("alt") or told.get("alt") or ""), quote=True)
    width = f' width="{int(own["width"])}"' if isinstance(own.get("width"), int | float) else ""
    data = html.escape("".join(content.split()), quote=True)
    return f'<img alt="{alt}"{width} style="max-width:100%" src="data:{mime};base64,{data}">'
