#!PYTHON
"""Stands in for podman: runs the command behind bubblewrap, with what its options say."""

import os
import sys


def main(words):
    """Turn podman's options into bubblewrap's."""
    assert words.pop(0) == "run"
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--as-pid-1", "--clearenv"]
    for name in sorted(set(os.listdir("/")) - {"opt", "run", "proc", "dev", "sys", "tmp"}):
        command += ["--ro-bind", f"/{name}", f"/{name}"]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm"]
    while words[0].startswith("--"):
        option = words.pop(0)
        if option in ("--rm", "--read-only"):
            continue
        value = words.pop(0)
        if option == "--volume":
            source, target, _ = value.split(":")
            command += ["--ro-bind", source, target]
        elif option == "--tmpfs":
            command += ["--tmpfs", value.split(":")[0]]
        elif option == "--env":
            command += ["--setenv", *value.split("=", 1)]
    words.pop(0)
    words[0] = sys.executable
    os.execvp("bwrap", [*command, "--", *words])


if __name__ == "__main__":
    main(sys.argv[1:])
