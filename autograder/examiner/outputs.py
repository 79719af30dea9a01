"""Outputs of a student's cell, taken from the kernel's messages and kept within bounds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MiB = 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """How much a notebook may show.

    Parameters
    ----------
    cell
        Bytes in one cell.
    notebook
        Bytes in all cells together.
    count
        Outputs of one cell; text that follows text counts once.
    messages
        Messages of one cell.
    """

    cell: int = 4 * MiB
    notebook: int = 16 * MiB
    count: int = 200
    messages: int = 20_000


@dataclass
class Spent:
    """What a notebook has shown so far, in bytes."""

    total: int = 0


@dataclass
class CellOutputs:
    """The outputs of one cell while it runs.

    Parameters
    ----------
    bounds
        How much it may show.
    spent
        What the whole notebook has shown.
    """

    bounds: Bounds
    spent: Spent
    outputs: list[dict[str, Any]] = field(default_factory=list)
    flooded: str = ""
    _bytes: int = 0
    _messages: int = 0
    _clear: bool = False

    def take(self, kind: str, content: Mapping[str, Any], size: int) -> None:
        """Add what one message shows; ``size`` is in bytes.

        Sets ``flooded``, in words, once it is too much; nothing is added from then on.
        """
        self._messages += 1
        if self.flooded or kind not in _READERS:
            self._count_messages()
            return
        self._bytes += size
        self.spent.total += size
        self._count_messages()
        if self._bytes > self.bounds.cell:
            self.flooded = f"it shows more than {self.bounds.cell // MiB} MiB"
        elif self.spent.total > self.bounds.notebook:
            self.flooded = f"the notebook shows more than {self.bounds.notebook // MiB} MiB"
        if not self.flooded:
            self._add(kind, content)
        if len(self.outputs) > self.bounds.count:
            self.flooded = f"it shows more than {self.bounds.count} things"

    def _count_messages(self) -> None:
        if self._messages > self.bounds.messages and not self.flooded:
            self.flooded = f"it sends more than {self.bounds.messages} messages"

    def _add(self, kind: str, content: Mapping[str, Any]) -> None:
        if kind == "clear_output":
            self._clear = True
            if not content.get("wait"):
                self._forget()
            return
        output = _READERS[kind](content)
        if output is None:
            return
        if self._clear:
            self._forget()
        if kind == "update_display_data":
            self._update(output, content)
            return
        last = self.outputs[-1] if self.outputs else {}
        if kind == "stream" and last.get("name") == output["name"]:
            last.setdefault("parts", [last["text"]]).append(output["text"])
            return
        name = _display_id(content)
        self.outputs.append({**output, "display_id": name} if name else output)

    def _update(self, output: dict[str, Any], content: Mapping[str, Any]) -> None:
        name = _display_id(content)
        for shown in self.outputs:
            if name and shown.get("display_id") == name:
                shown.update(data=output["data"], metadata=output["metadata"])

    def _forget(self) -> None:
        self.outputs.clear()
        self._clear = False

    def finished(self) -> list[dict[str, Any]]:
        """Return the outputs as they stand in a notebook."""
        found = []
        for output in self.outputs:
            plain = {key: value for key, value in output.items() if key not in _INNER}
            if "parts" in output:
                plain["text"] = "".join(output["parts"])
            found.append(plain)
        return found


_INNER = ("display_id", "parts")


def _display_id(content: Mapping[str, Any]) -> str:
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, Mapping) else None
    return name if isinstance(name, str) else ""


def _stream(content: Mapping[str, Any]) -> dict[str, Any]:
    name = "stderr" if content.get("name") == "stderr" else "stdout"
    return {"output_type": "stream", "name": name, "text": str(content.get("text", ""))}


def _display(content: Mapping[str, Any]) -> dict[str, Any] | None:
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, Mapping):
        return None
    # Forged messages may hold anything: a notebook holds text or JSON by type.
    kept = {
        str(kind): value
        for kind, value in data.items()
        if isinstance(value, str) or str(kind).endswith("json")
    }
    about = dict(metadata) if isinstance(metadata, Mapping) else {}
    return {"output_type": "display_data", "data": kept, "metadata": about}


def _result(content: Mapping[str, Any]) -> dict[str, Any] | None:
    shown = _display(content)
    return shown and {**shown, "output_type": "execute_result", "execution_count": None}


def _error(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = content.get("traceback")
    trace = [str(line) for line in lines] if isinstance(lines, list) else []
    name, value = str(content.get("ename", "")), str(content.get("evalue", ""))
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}


_READERS: dict[str, Any] = {
    "stream": _stream,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _result,
    "error": _error,
    "clear_output": lambda content: None,
}


def error_output(name: str, message: str) -> dict[str, Any]:
    """Return an error in words, as a notebook shows it."""
    line = f"{name}: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}


def size_of(output: Mapping[str, Any]) -> int:
    """Return about how many bytes an output needs in a file."""
    return len(json.dumps(output, default=str))
