#!PYTHON
"""Stands in for podman: runs the command behind bubblewrap, with what its options say."""

import os
import sys

words = sys.argv[1:]
with open(os.environ["FAKE_PODMAN_LOG"], "a") as log:
    print(*words, file=log)
assert words.pop(0) == "run"
command = ["bwrap", "--unshare-all", "--die-with-parent", "--as-pid-1", "--ro-bind", "/", "/"]
command += ["--tmpfs", "/opt", "--tmpfs", "/run", "--proc", "/proc", "--dev", "/dev"]
command += ["--tmpfs", "/dev/shm", "--clearenv"]
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
