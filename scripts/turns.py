"""One at a time, also between processes: the second waits and says so. Standard library only: it runs before set-up."""

from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from progress import step


@contextmanager
def turn(lock: Path, waiting: str) -> Iterator[None]:
    """Hold the lock of a file (made if it is missing) while the block runs; `waiting` is shown while another has it."""
    import fcntl  # not on Windows, where set-up has already said so

    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step(waiting):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
