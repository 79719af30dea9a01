"""A filter of system calls: what a room has no business with, Linux refuses.

The program is classic BPF, as seccomp(2) takes it, put together here by hand. Numbers are those of
Linux's ``unistd.h`` for x86_64 and for arm64.
"""

import ctypes
import errno
import platform
import struct

from autograder.rooms.inside import system

# Name: its numbers on x86_64 and on aarch64; None where there is no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}
# Programs do without these when Linux seems not to have them. A filter cannot see the flags of
# clone3; memory of the others belongs to no process, so that nobody would count it.
MISSING: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "msgget": (68, 186),
    "shmget": (29, 194),
}
CLONE, SOCKET, IOCTL = (56, 220), (41, 198), (16, 29)
# Unix, IPv4, IPv6 and netlink: all of them end at the room's walls. AF_VSOCK, for one, does not.
FAMILIES = (1, 2, 10, 16)
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into somebody's terminal
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_SECCOMP = (317, 277)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_NAMESPACES = (
    system.CLONE_NEWNS
    | system.CLONE_NEWUTS
    | system.CLONE_NEWIPC
    | system.CLONE_NEWUSER
    | system.CLONE_NEWPID
    | system.CLONE_NEWNET
    | system.CLONE_NEWCGROUP
)

Instruction = tuple[int, int, int, int]


def program(machine: str) -> bytes:
    """Assemble the filter for a machine, ``x86_64`` or ``aarch64``.

    Raises
    ------
    OSError
        For another machine, whose numbers are not known here.
    """
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no filter of system calls is known for {machine!r}")
    column, architecture = ARCHITECTURES[machine]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        # The same calls once more, by the numbers of x32.
        code += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _KILL)]
    code += _answer(REFUSED, column, errno.EPERM) + _answer(MISSING, column, errno.ENOSYS)
    code += _flags(CLONE[column]) + _families(SOCKET[column]) + _terminals(IOCTL[column])
    code += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _answer(
    calls: dict[str, tuple[int | None, int | None]], column: int, error: int
) -> list[Instruction]:
    """Let calls fail with an error's number."""
    code: list[Instruction] = []
    for numbers in calls.values():
        if (number := numbers[column]) is not None:
            code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | error)]
    return code


def _flags(clone: int) -> list[Instruction]:
    """Refuse clone with any flag that asks for a namespace."""
    return [
        (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, _FIRST),
        (_ANY_BIT, 0, 1, _NAMESPACES),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _families(socket: int) -> list[Instruction]:
    """Refuse sockets of all but a few families."""
    checks: list[Instruction] = [
        (_EQUAL, len(FAMILIES) - position, 0, family) for position, family in enumerate(FAMILIES)
    ]
    return [
        (_EQUAL, 0, len(FAMILIES) + 3, socket),
        (_LOAD, 0, 0, _FIRST),
        *checks,
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _terminals(ioctl: int) -> list[Instruction]:
    """Refuse to type into a terminal."""
    checks: list[Instruction] = [
        (_EQUAL, len(TERMINAL_INPUT) - position, 0, request)
        for position, request in enumerate(TERMINAL_INPUT)
    ]
    return [
        (_EQUAL, 0, len(TERMINAL_INPUT) + 3, ioctl),
        (_LOAD, 0, 0, _SECOND),
        *checks,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]


def install() -> None:
    """Filter the calls of this process, all its threads, and all that it starts; for good."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    machine = platform.machine()
    code = program(machine)
    system.forbid_new_privileges()
    whole = Program(len(code) // 8, code)
    number = _SECCOMP[ARCHITECTURES[machine][0]]
    system.call(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(whole))
