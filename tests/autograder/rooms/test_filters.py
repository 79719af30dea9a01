"""The filter of system calls, as a program."""

import struct

import pytest

from autograder.rooms.inside import filters

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS, EAFNOSUPPORT = 0x50001, 0x50026, 0x50061


def answer(machine, number, arguments=(0, 0), architecture=None):
    """Run the filter on one call, as Linux does."""
    code = list(struct.iter_unpack("=HBBI", filters.program(machine)))
    architecture = architecture or filters.ARCHITECTURES[machine][1]
    data = {0: number, 4: architecture, 16: arguments[0], 24: arguments[1]}
    value, position = 0, 0
    while True:
        operation, yes, no, constant = code[position]
        position += 1
        if operation == 0x06:
            return constant
        if operation == 0x20:
            value = data[constant]
        else:
            hit = {0x15: value == constant, 0x35: value >= constant, 0x45: value & constant}
            position += yes if hit[operation] else no


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_listed_call_is_refused(machine):
    """And by its own number."""
    column = filters.ARCHITECTURES[machine][0]
    refused = {n[column] for n in filters.REFUSED.values()} - {None}
    missing = {n[column] for n in filters.MISSING.values()} - {None}

    assert {answer(machine, number) for number in refused} == {EPERM}
    assert {answer(machine, number) for number in missing} == {ENOSYS}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_other_calls_are_allowed(machine):
    """All that are not named."""
    column = filters.ARCHITECTURES[machine][0]
    special = (filters.CLONE, filters.SOCKET, filters.IOCTL)
    named = {n[column] for n in (*filters.REFUSED.values(), *filters.MISSING.values(), *special)}

    assert {answer(machine, number) for number in range(500) if number not in named} == {ALLOW}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("flags", "expected"), [(17, ALLOW), (0x3D0F00, ALLOW), (0x10000011, EPERM), (0x20011, EPERM)]
)
def test_clone_is_refused_by_its_flags(machine, flags, expected):
    """Threads and forks are allowed, namespaces are not."""
    number = filters.CLONE[filters.ARCHITECTURES[machine][0]]

    assert answer(machine, number, (flags, 0)) == expected


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_sockets_are_allowed_by_their_family(machine):
    """Unix, IPv4, IPv6 and netlink."""
    number = filters.SOCKET[filters.ARCHITECTURES[machine][0]]
    allowed = {family for family in range(46) if answer(machine, number, (family, 0)) == ALLOW}

    assert allowed == {1, 2, 10, 16}
    assert answer(machine, number, (40, 0)) == EAFNOSUPPORT


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_typing_into_a_terminal_is_refused(machine):
    """Other requests to devices are allowed."""
    number = filters.IOCTL[filters.ARCHITECTURES[machine][0]]

    assert [answer(machine, number, (0, n)) for n in (0x5412, 0x541C, 0x5401)] == [
        EPERM,
        EPERM,
        ALLOW,
    ]


def test_other_machine_is_deadly():
    """Numbers of another kind mean other calls."""
    assert answer("x86_64", 1, architecture=0x40000003) == KILL
    assert answer("x86_64", 0x40000000 + 1) == KILL


def test_unknown_machine_is_an_error():
    """A filter with the wrong numbers would be worse than none."""
    with pytest.raises(OSError, match="no filter of system calls is known for 'riscv64'"):
        filters.program("riscv64")
