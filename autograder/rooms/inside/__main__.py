"""Start a zygote: ``python -m autograder.rooms.inside SETTINGS``, from `autograder.rooms` only."""

import json
import socket
import sys

from autograder.rooms.inside.zygote import serve

if __name__ == "__main__":
    # The folder that Python was started in is no place for modules; a room adds its own.
    sys.path.pop(0)
    given = json.loads(sys.argv[1])
    if isinstance(given["control"], int):
        control = socket.socket(fileno=given["control"])
    else:
        # A container gets no open files: it calls.
        control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        control.connect(given["control"])
    serve(control, given)
