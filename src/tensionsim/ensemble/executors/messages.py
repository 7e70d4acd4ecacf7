"""Messages between this process and its workers: a length of eight bytes, then so many bytes."""

from __future__ import annotations

from typing import BinaryIO

LENGTH_BYTES = 8


def write(stream: BinaryIO, message: bytes) -> None:
    """Sends a message.

    Raises
    ------
    OSError
        If nobody is there to read it.
    """
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def read(stream: BinaryIO) -> bytes:
    """The next message.

    Raises
    ------
    EOFError
        If the other side has ended before the message did.
    """
    return _exactly(stream, int.from_bytes(_exactly(stream, LENGTH_BYTES), "big"))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise EOFError
    return found
