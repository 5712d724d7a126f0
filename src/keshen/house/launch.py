"""Start a program as a child that cannot outlive its parent, and give up root where asked.

Run as a file, `python -I -S launch.py [options] -- program arguments…`, so that it needs nothing but the standard
library and replaces itself with the program. Linux only for the parent-death signal; elsewhere that step is left out.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def held_capability() -> int | None:
    """The weakest capability of this process that opens folders closed to others; None if it has none."""
    header = _CapHeader(CAPABILITY_VERSION_3, 0)
    data = (_CapData * 2)()
    _check(_libc().capget(ctypes.byref(header), ctypes.byref(data)), "capget")
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if data[0].permitted & (1 << capability):
            return capability
    return None


def become(uid: int, gid: int, *, traverse: bool) -> None:
    """Give up root for a user. With `traverse`, keep only the right to walk through closed folders (such as /root).

    Raises OSError when the kernel refuses.
    """
    capability = held_capability() if traverse else None
    libc = _libc()
    if capability is not None:
        _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep capabilities")
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capability is not None:
        bit = 1 << capability
        header = _CapHeader(CAPABILITY_VERSION_3, 0)
        data = (_CapData * 2)()
        data[0].effective = data[0].permitted = data[0].inheritable = bit
        _check(libc.capset(ctypes.byref(header), ctypes.byref(data)), "set capabilities")
        _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0), "raise ambient capability")


def die_with(parent: int, number: signal.Signals) -> None:
    """Ask the kernel to send this process `number` when its parent ends, however it ends."""
    if not sys.platform.startswith("linux"):
        return
    _check(_libc().prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0), "set parent-death signal")
    if os.getppid() != parent:
        os._exit(1)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, help="process id whose end ends this one")
    parser.add_argument("--death-signal", default="SIGTERM")
    parser.add_argument("--user", help="UID:GID to become")
    parser.add_argument("--traverse", action="store_true", help="keep the right to walk through closed folders")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("program", nargs="+")
    options = parser.parse_args(argv)
    if options.nice:
        os.nice(options.nice)
    if options.user:
        uid, gid = (int(part) for part in options.user.split(":"))
        become(uid, gid, traverse=options.traverse)
    if options.parent:
        die_with(options.parent, signal.Signals[options.death_signal])
    os.execv(options.program[0], options.program)


if __name__ == "__main__":
    main(sys.argv[1:])
