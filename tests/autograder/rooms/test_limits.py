"""What a room's code may use, and what happens when it wants more."""

import pytest

from tests.autograder.rooms.kernels import Kernel, run


def ending(room, source):
    """Return how a kernel ends that runs this."""
    with pytest.raises(Exception, match="died"), Kernel(room) as kernel:
        kernel.run(source)
    return room.ended()


def test_memory_of_one_process_is_limited(walled):
    """A large array is a MemoryError."""
    with walled.open() as room:
        said = run(room, "x = bytearray(2 << 30)")

    assert said.startswith("MemoryError")


def test_memory_of_all_processes_is_limited(walled):
    """Many processes with a little memory each end too."""
    source = """
import os, time
for number in range(10):
    if os.fork() == 0:
        x = os.urandom(1 << 20) * 150
        time.sleep(30)
        os._exit(0)
print([os.WTERMSIG(os.wait()[1]) for number in range(6)])
"""
    with walled.open() as room:
        said = run(room, source)

    assert said == "[9, 9, 9, 9, 9, 9]"


@pytest.mark.parametrize(("folder", "most"), [(".", 32), ("/tmp", 32), ("/dev/shm", 16)])
def test_folder_is_limited(walled, folder, most):
    """A folder in memory fills up."""
    source = f"""
written = 0
try:
    for number in range(100):
        written += open(f'{folder}/{{number}}', 'wb').write(bytes(1 << 20))
except OSError as error:
    print(written >> 20 <= {most}, error.errno)
"""
    with walled.open() as room:
        assert run(room, source) == "True 28"


def test_file_is_limited(rooms):
    """One file cannot grow without end."""
    with rooms.open() as room:
        said = run(room, "open('x', 'wb').write(bytes(20 << 20))")

    assert said.startswith("OSError: [Errno 27]")


def test_number_of_files_is_limited(rooms):
    """Files that are opened and never closed run out."""
    with rooms.open() as room:
        said = run(room, "files = [open('/dev/null') for number in range(300)]")

    assert said.startswith("OSError: [Errno 24]")


def test_number_of_processes_is_limited(walled):
    """A fork bomb ends in an error; the room can still be used and ends at once."""
    source = """
import os, time
try:
    while True:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
except OSError as error:
    print(error.errno)
"""
    with walled.open() as room:
        said = run(room, source)

    assert said == "11"


def test_processor_time_is_limited(walled):
    """A kernel that computes for too long ends, and the words say so."""
    source = "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 22))\nwhile True: pass"
    with walled.open() as room:
        assert "processor time" in ending(room, source)


def test_limits_cannot_be_raised(walled):
    """What is limited stays limited."""
    source = """
import resource
for which in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError) as error:
        print('refused')
"""
    with walled.open() as room:
        assert run(room, source).split() == ["refused"] * 3


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", "it was killed (SIGKILL)"),
        ("import os; os._exit(3)", "it ended itself (exit status 3)"),
        ("import ctypes; ctypes.string_at(0)", "by a signal (SIGSEGV)"),
    ],
    ids=["killed", "exit", "crash"],
)
def test_end_of_a_kernel_is_told(rooms, source, words):
    """Whoever opened the room learns why the kernel is gone."""
    with rooms.open() as room:
        assert words in ending(room, source)
