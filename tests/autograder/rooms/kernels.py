"""Run cells in a room's kernel, as the examiner does."""

import contextlib

import nbformat
from nbclient import NotebookClient

# Answers questions by evaluating them: what the crossing does, without its rules.
ANSWERING = b"""
def serve(sock, names):
    while data := sock.recv(65536):
        try:
            result = repr(eval(data.decode(), names))
        except Exception as error:
            result = repr(error)
        sock.sendall(result.encode())
"""


class Kernel:
    """The kernel of a room, with its client connected while the context lasts."""

    def __init__(self, room, **settings):
        self.room = room
        self.notebook = nbformat.v4.new_notebook()
        settings = {"allow_errors": True, "timeout": 60, **settings}
        self.client = NotebookClient(self.notebook, km=room.manager, **settings)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(self.client.setup_kernel(cleanup_kc=False))
        return self

    def __exit__(self, *error):
        self.client.kc.stop_channels()
        self.stack.close()

    def run(self, source):
        """Run one cell; return its text, or the class and message of its error."""
        cell = nbformat.v4.new_code_cell(source)
        self.notebook.cells.append(cell)
        self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        return "".join(map(_text, cell.outputs)).strip()

    def snapshot(self, number):
        """Keep the kernel as it is."""
        message = self.client.kc.execute(self.room.snapshot_code(number), silent=True)
        self.client.wait_for_reply(message)


def run(room, source, **settings):
    """Run one cell in a new room and return its text."""
    with Kernel(room, **settings) as kernel:
        return kernel.run(source)


def ask(room, number, question):
    """Return what a fork of a snapshot answers."""
    with room.ask(number, 5) as sock:
        sock.settimeout(5)
        sock.sendall(question.encode())
        return sock.recv(65536).decode()


def _text(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return output.data.get("text/plain", "")
