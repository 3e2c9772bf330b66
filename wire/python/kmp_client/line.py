"""The way to kmpd: frames over a unix socket, or over TLS 1.3."""
from __future__ import annotations

import socket
import ssl
import time

from .errors import KmpError, Lost

MAX_FRAME = 65536  #: bytes of a message
CONNECT_TIMEOUT = 3.0  #: seconds


def connect_unix(path: str) -> socket.socket:
    """Connects to kmp.sock. KmpError not_found: nobody listens there; denied: its permissions say no."""
    stream = socket.socket(socket.AF_UNIX)
    try:
        stream.settimeout(CONNECT_TIMEOUT)
        stream.connect(path)
        return stream
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        problem = KmpError("not_found", f"kmpd is not running at {path}: start it with kmpd --home DIR")
    except PermissionError:
        problem = KmpError("denied", f"this user may not use {path}: its permissions say who may")
    except OSError as error:
        problem = KmpError("io_failed", f"cannot connect to kmpd at {path}: {error}")
    stream.close()
    raise problem


def connect_tls(machine: str, trust: str, certificate: str = "", key: str = "") -> ssl.SSLSocket:
    """Connects to "HOST:PORT" over TLS 1.3. `trust` is a PEM file with the platform's anchor; who it certified a server for is right, names are not compared.
    `certificate` and `key` are PEM files of a station that proves itself by them.

    KmpError invalid_argument: no HOST:PORT, no such file or no certificate in it; not_found: nobody listens there; denied: another service's certificate; io_failed.
    """
    host, colon, port = machine.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise KmpError("invalid_argument", f"'{machine}' is no HOST:PORT, as kmp.example:7450")
    if not trust:  # Python would take the authorities that the system trusts, any of which may certify anybody
        raise KmpError("invalid_argument", f"no anchor to trust was given for {machine}: name the PEM file that 'kmpctl anchor' there printed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody yet
    context.check_hostname = False  # a utility's own authority certifies its own services only
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(cafile=trust)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise KmpError("invalid_argument", f"{trust} holds no certificate to trust: {error}") from None
    if certificate:
        try:
            context.load_cert_chain(certificate, key or None)
        except (OSError, ssl.SSLError) as error:
            raise KmpError("invalid_argument", f"{certificate} and {key or certificate} are no certificate with its key: {error}") from None
    try:
        plain = socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT)
    except (OSError, OverflowError) as error:
        raise KmpError("not_found", f"kmpd does not answer at {machine} ({error}): is it running, with network.listen in its kmp.toml?") from None
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(plain)
    except ssl.SSLCertVerificationError as error:
        problem = KmpError("denied", f"what answers at {machine} is not this platform: {error.verify_message}; is {trust} its anchor ('kmpctl anchor' there prints it)?")
    except OSError as error:
        problem = Lost("io_failed", f"kmpd at {machine} closed the connection before it proved itself ({error}): perhaps it is sealed, or has no room")
    plain.close()
    raise problem


class Line:
    """Whole messages on a connected stream. Once a call has failed it is closed, and every later call fails. One thread at a time."""

    def __init__(self, stream: socket.socket, name: str, timeout: float):
        self._stream, self._name, self._timeout = stream, name, timeout
        self._buffer = bytearray()
        self.is_open = True

    def send(self, message: bytes) -> None:
        """Sends one message as a frame. KmpError refused: it does not fit one, and nothing was sent; Lost."""
        if not 1 <= len(message) <= MAX_FRAME:
            raise KmpError("refused", f"a message of {len(message)} bytes does not fit a frame, which holds 1 to {MAX_FRAME}")
        self.send_frame(len(message).to_bytes(4, "big") + message)

    def send_frame(self, frame: bytes | bytearray) -> None:
        """Sends bytes that are a frame already."""
        self._check()
        try:
            self._stream.settimeout(self._timeout)
            self._stream.sendall(frame)
        except TimeoutError:
            raise self._lost("timeout", f"kmpd at {self._name} took nothing for {self._timeout:g} s") from None
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have said why it hangs up: that is what the caller should read, at the next receive
        except OSError as error:
            raise self._lost("io_failed", f"cannot send to kmpd at {self._name}: {error}") from None

    def receive(self, patience: float) -> bytes:
        """The next message; Lost "timeout" when it does not come within `patience` seconds. KmpError malformed: what came is no frame."""
        end = time.monotonic() + patience
        while True:
            if len(self._buffer) >= 4:
                length = int.from_bytes(self._buffer[:4], "big")
                if not 1 <= length <= MAX_FRAME:
                    self.close()
                    raise KmpError("malformed", f"kmpd at {self._name} sent a frame of length {length}; frames hold 1 to {MAX_FRAME} bytes")
                if len(self._buffer) >= 4 + length:
                    message = bytes(self._buffer[4:4 + length])
                    del self._buffer[:4 + length]
                    return message
            self._check()
            try:
                self._stream.settimeout(max(0.001, end - time.monotonic()))
                piece = self._stream.recv(MAX_FRAME)
            except TimeoutError:
                raise self._lost("timeout", f"kmpd at {self._name} did not answer within {patience:g} s; what was asked may have happened") from None
            except OSError as error:
                raise self._lost("io_failed", f"cannot read from kmpd at {self._name}: {error}") from None
            if not piece:
                raise self._lost("io_failed", f"kmpd at {self._name} closed the connection")
            self._buffer += piece

    def close(self) -> None:
        self.is_open = False
        self._stream.close()

    def _check(self) -> None:
        if not self.is_open:
            raise Lost("io_failed", f"the connection to kmpd at {self._name} is closed")

    def _lost(self, code: str, message: str) -> Lost:
        self.close()
        return Lost(code, message)
