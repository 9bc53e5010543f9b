"""What our processes ask of the libraries they load."""

from collections.abc import MutableMapping

_ENVIRONMENT = {
    # Threads that spin while they wait starve worker, server and browser: four times slower on two cores.
    "OMP_WAIT_POLICY": "passive",
    "KMP_BLOCKTIME": "0",
    # torch's buffers from 2 MB in huge pages, where the kernel leaves the choice to programs: new ones are then cheap.
    "THP_MEM_ALLOC_ENABLE": "1",
}


def settle(environment: MutableMapping[str, str]) -> None:
    """Ask the libraries for quiet threads and large pages, unless the person asked for something else.

    They read this as they load: call it before the first of them is imported, or for a process to be started.
    """
    for name, value in _ENVIRONMENT.items():
        environment.setdefault(name, value)
