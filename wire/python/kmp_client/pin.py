"""PINs and passwords: read from a descriptor or at a prompt, never from an argument or the environment."""
from __future__ import annotations

import getpass
import os
import warnings

from .errors import KmpError

MAX_PIN = 128  #: bytes


class Pin:
    """A PIN in memory of its own, overwritten by wipe(). It is never printed.

    Python promises less than C++ here: a prompt hands out a string, of which the interpreter may keep a copy until it uses the memory again, and nothing keeps these bytes out of a
    swap file. A PIN from a descriptor is read into this memory only.
    """

    def __init__(self, value: bytes | bytearray | str):
        self._bytes = bytearray(value.encode() if isinstance(value, str) else value)
        problem = "is empty" if not self._bytes else f"has more than {MAX_PIN} bytes" if len(self._bytes) > MAX_PIN else ""
        try:
            self._bytes.decode()
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        if problem:
            self.wipe()
            # `from None`: what was wrong may quote what was read.
            raise KmpError("invalid_argument", f"the PIN {problem}") from None

    @classmethod
    def from_fd(cls, fd: int) -> "Pin":
        """One line from an open descriptor, as the programs' --pin-fd takes it: byte by byte, so that a second PIN may follow on the same one."""
        line, one = bytearray(), bytearray(1)
        try:
            while len(line) <= MAX_PIN and os.readv(fd, [one]) == 1 and one != b"\n":
                line += one
        except OSError as error:
            raise KmpError("io_failed", f"cannot read a PIN from descriptor {fd}: {error.strerror}") from None
        if line.endswith(b"\r"):
            del line[-1:]
        try:
            return cls(line)
        finally:
            _wipe(line)

    @classmethod
    def prompt(cls, what: str = "PIN of the UKEY") -> "Pin":
        """Asks at the terminal, without echo. KmpError not_found: there is none; nothing is read from anywhere else."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)  # what it does before it would echo
                return cls(getpass.getpass(f"{what}: "))
        except (getpass.GetPassWarning, EOFError):
            raise KmpError("not_found", f"{what} is needed and there is no terminal to ask at: give a descriptor to read it from") from None

    def frame(self, role: str) -> bytearray:
        """The frame that enters it (docs/PROTOCOL.md 1.3). Whoever sends it wipes it."""
        entry = bytearray(bytes([0x0A, len(role)]) + role.encode() + bytes([0x12]) + _varint(len(self._bytes)))
        entry += self._bytes
        message = bytearray(b"\x1a" + _varint(len(entry)))
        frame = bytearray(4 + len(message) + len(entry))  # of its final size: growing would leave copies behind
        frame[:4] = (len(message) + len(entry)).to_bytes(4, "big")
        frame[4:4 + len(message)] = message
        frame[4 + len(message):] = entry
        _wipe(entry)
        return frame

    def wipe(self) -> None:
        _wipe(self._bytes)

    def __repr__(self) -> str:
        return "Pin(..)"


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])


def _wipe(memory: bytearray) -> None:
    for i in range(len(memory)):
        memory[i] = 0
