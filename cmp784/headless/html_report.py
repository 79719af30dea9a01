"""The report as one HTML page that links to the executed notebooks."""

import html
from collections.abc import Mapping
from urllib.parse import quote

from cmp784.claims import Claim
from cmp784.headless.report import Report
from cmp784.headless.result import Failure, Result

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c1c1c; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem }
th, td { border-bottom: 1px solid #ccc }
td:first-child { min-width: 15rem; max-width: 18rem; overflow-wrap: anywhere }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.good { color: #1a7f37; font-weight: bold } .bad { color: #b00020; font-weight: bold }
ul { margin: 0; padding: 0; list-style: none }
.good, .bad { white-space: nowrap }
li.fails { color: #b00020 }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto; font-size: 14px }
"""


def render(report: Report, links: Mapping[str, str]) -> str:
    """Return the report as an HTML page.

    Parameters
    ----------
    report
        What is to be told.
    links
        The page of each executed notebook, relative to the report.

    Returns
    -------
    str
        The whole page; it needs no network and no script.
    """
    rows = "\n".join(_row(result, links.get(result.notebook)) for result in report.results)
    failures = "\n".join(
        _failure(result, result.failure) for result in report.results if result.failure is not None
    )
    title = f"cmp784 run at {report.scale}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p id="summary">{html.escape(report.summary)}</p>
<table id="notebooks">
<thead><tr><th>notebook<th>status<th>seconds<th>claims<th>measured</tr></thead>
<tbody>
{rows}
</tbody>
</table>
{"<h2>What went wrong</h2>" if failures else ""}
{failures}
<h2>Where it ran</h2>
{_environment(report)}
</body>
</html>
"""


def _row(result: Result, link: str | None) -> str:
    """Return the table row of one notebook."""
    name = html.escape(result.notebook)
    shown = f'<a href="{html.escape(quote(link))}">{name}</a>' if link else name
    kept = " (kept)" if result.kept else ""
    look = "good" if result.passed else "bad"
    mark = "✓" if result.passed else "✗"
    claims = "".join(map(_claim, result.claims))
    return (
        f'<tr data-notebook="{name}" data-status="{result.status}"><td>{shown}</td>'
        f'<td><span class="{look}">{mark} {result.status}</span>{kept}</td>'
        f'<td class="number">{result.seconds:.1f}</td>'
        f'<td class="number">{result.claims_passed}/{len(result.claims)}</td>'
        f"<td>{f'<ul>{claims}</ul>' if claims else ''}</td></tr>"
    )


def _claim(claim: Claim) -> str:
    look = "" if claim.passed else ' class="fails"'
    return f"<li{look}>{html.escape(claim.to_text())}</li>"


def _failure(result: Result, failure: Failure) -> str:
    """Return the section that tells one failure."""
    where = f", cell {failure.cell}" if failure.cell else ""
    parts = [
        f"<h3>{html.escape(result.notebook)}{where}: {result.status}</h3>",
        f"<p>{html.escape(failure.reason)}<br>{html.escape(failure.remedy)}</p>",
    ]
    parts += [
        f"<pre>{html.escape(text)}</pre>" for text in (failure.source, failure.traceback) if text
    ]
    return "\n".join(parts)


def _environment(report: Report) -> str:
    """Return the table of the machine and the versions."""
    told = dict(report.environment)
    told |= told.pop("packages", {})
    told |= {"workers": report.workers, "device": report.device, "started": report.started}
    told |= {f"parameter {name}": repr(value) for name, value in report.parameters.items()}
    rows = (f"<tr><th>{html.escape(str(k))}<td>{html.escape(str(v))}</tr>" for k, v in told.items())
    return f"<table>{''.join(rows)}</table>"
