"""The first breath of a restricted process: `python -I -S confine.py CPU MEMORY FILE PROGRAM ARGUMENT…`.

Sets limits (seconds of processor time, bytes of memory, bytes a file; 0 is none), asks to die with the parent, gives up
new privileges and, where the system lets it, the network, then becomes the program. Uses the standard library only, so
that it starts in a few hundredths of a second.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000


def main(arguments: list[str]) -> None:
    cpu, memory, file = (int(number) for number in arguments[:3])
    parent = os.getppid()
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent died before the work began")
    # A machine that allows neither keeps the other fences: listed protocols, no privileges, limits.
    if system.unshare(CLONE_NEWNET) != 0:
        system.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for which, limit in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file),
    ):
        if limit:
            resource.setrlimit(which, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    os.execv(arguments[3], arguments[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
