"""What a client remembers of a service's log, in the file that wire/known_log.h writes too: docs/STATION.md says what it is for."""
from __future__ import annotations

import base64
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from . import kmp_pb2 as pb
from .errors import KmpError

HEAD = "kmp/known-log@v1\n"
MAX_FILE = 32768  #: bytes
MAX_NOTE = 16384
_DASH = "\u2014 "
_ED25519, _ECDSA = 1, 2  # C2SP signed-note, signature types


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes


class KnownLog:
    """The key that signs a log's checkpoints, and the newest checkpoint that this client saw. At each hello the service must prove that its log of today holds all that the log of that
    checkpoint did (RFC 9162 2.1.4): what was set back shows, and so does another log at the same address. Signatures are checked with Debian's python3-cryptography.

    The key is the one of the first contact, or the one that is given; another one is refused. When the proof fails the file stays as it was: it is the evidence.
    Several clients may use one file at once.

    KmpError malformed: the file is damaged, or the key is none; unsupported: python3-cryptography is not installed; denied, io_failed.
    """

    def __init__(self, file: str | os.PathLike[str], key: str = ""):
        self.file = str(file)
        self.key, self.checkpoint, self.size = "", b"", 0
        self._given = key
        if key:
            verifier_of(key)
        self._stored = self._read()
        if self._stored:
            self.key, self.checkpoint, kept = self._parse(self._stored)
            self.size = kept.size
            if key and key.split("+")[0] != kept.origin:
                raise KmpError("conflict", f"the key that was given is of the log {key.split('+')[0]}, and {self.file} keeps a checkpoint of another: name another file, or have it put aside after the auditor's word")

    def meet(self, hello: pb.HelloReply) -> None:
        """Holds what an open service answered to Hello against what is kept, and keeps its checkpoint. KmpError tampered: it does not go on from that; tell the auditor."""
        if hello.state != "open":
            text = "no ceremony has been held here; begin with 'kmpctl init'" if hello.state == "uninitialised" else "the service is sealed; open it with 'kmpctl unseal'"
            raise KmpError("uninitialised" if hello.state == "uninitialised" else "sealed", text)
        if not hello.checkpoint:
            if self.checkpoint:
                raise self._set_back("the service gives none")
            return
        if not hello.key:
            raise KmpError("unsupported", "the service does not name the key of its log: install matching versions")
        believed = self._given or self.key or hello.key
        if hello.key != believed:
            raise KmpError("tampered", f"the checkpoints of the service's log are signed by another key than the one that is known: {hello.key} in the place of {believed}; tell the auditor, "
                                       "who knows whether the platform UKEY was replaced: then give the new key")
        try:
            now = verify_checkpoint(hello.checkpoint, believed)
        except ValueError as error:
            raise KmpError("tampered", f"the service gives a checkpoint of its log that is not good: {error}; tell the auditor") from None
        if self.checkpoint:
            before = read_checkpoint(self.checkpoint)
            if before.origin != now.origin:
                raise self._set_back(f"the service has another log, {now.origin}")
            if before.size > now.size:
                raise self._set_back(f"the service's newest is over {now.size} events")
            if not is_consistent(before, now, list(hello.consistency)):
                raise self._set_back(f"the service does not prove that its log of {now.size} events goes on from that")
        self.key, self.checkpoint, self.size = believed, hello.checkpoint, now.size
        self._keep(now)

    def refused(self, error: KmpError) -> KmpError:
        """Why a Hello that carried our checkpoint was refused, in words for whoever kept it."""
        why = error.message.removeprefix("checkpoint: ").removesuffix("; tell the auditor")
        if not self.checkpoint or error.code not in ("tampered", "key_invalid", "invalid_argument", "malformed"):
            return error
        if error.code == "tampered" and error.message.startswith("checkpoint: "):
            return self._set_back(f"the service says: {why}")
        if error.code == "tampered":  # what it would show lies on a page that was changed
            return KmpError("tampered", f"the service cannot show that its log goes on from the checkpoint in {self.file}: {why}; tell the auditor, and keep that file")
        return KmpError("tampered", f"the service has another log than the one whose checkpoint {self.file} keeps: {why}; tell the auditor, and keep that file")

    # ---- the file

    def _read(self) -> bytes:
        try:
            with open(self.file, "rb") as file:
                text = file.read(MAX_FILE + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._io(error) from None
        if not text or len(text) > MAX_FILE:
            raise self._damaged("it is empty" if not text else "it is too long")
        return text

    def _parse(self, content: bytes) -> tuple[str, bytes, Checkpoint]:
        head, blank, note = content.partition(b"\n\n")
        try:
            if not blank or not head.startswith(HEAD.encode()):
                raise ValueError("it is no file of a known log")
            key = head.decode()[len(HEAD):]
            return key, note, verify_checkpoint(note, key)
        except (ValueError, KmpError) as error:
            if isinstance(error, KmpError) and error.code == "unsupported":
                raise
            raise self._damaged(str(error)) from None

    def _keep(self, now: Checkpoint) -> None:
        content = f"{HEAD}{self.key}\n\n".encode() + self.checkpoint
        if content == self._stored:
            return
        try:
            with self._locked():
                there = self._read()
                if there == self._stored or not there:  # put aside meanwhile: this is the first contact after it
                    _write(self.file, content)
                    self._stored = content
                    return
        except OSError as error:
            raise self._io(error) from None
        # Another client wrote meanwhile. What it keeps was proved to it and not to us: it stays, and is what the next hello is held against.
        key, _, other = self._parse(there)
        if other.origin != now.origin or (key != self.key and not self._given) or (other.size == now.size and other.root != now.root):
            raise KmpError("tampered", f"the service showed another log to another client at the same time: {self.file} keeps its checkpoint over {other.size} events; tell the auditor")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        pathlib.Path(self.file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self.file + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _set_back(self, why: str) -> KmpError:
        return KmpError("tampered", f"the log of the service was set back: {self.file} keeps a checkpoint over {self.size} events, and {why}; tell the auditor, and keep that file")

    def _damaged(self, why: str) -> KmpError:
        return KmpError("malformed", f"what is known of the service's log is damaged: {self.file}: {why}; tell the auditor, and have it put aside after that word")

    def _io(self, error: OSError) -> KmpError:
        return KmpError("denied" if isinstance(error, PermissionError) else "io_failed", f"cannot keep the log's checkpoint in {self.file}: {error.strerror}")


def _write(file: str, content: bytes) -> None:
    """Old or new, never half."""
    part = file + ".part"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, file)
    folder = os.open(os.path.dirname(os.path.abspath(file)), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# ---- what is verified. ValueError says why not.


def verifier_of(key: str) -> tuple[str, bytes, int, bytes]:
    """Name, key id, type and bytes of a C2SP signed-note verifier key. KmpError malformed."""
    name, _, rest = key.partition("+")
    number, _, text = rest.partition("+")
    try:
        raw = base64.b64decode(text, validate=True)
        kind, material = raw[0], raw[1:]
        if kind == _ED25519 and len(material) == 32:
            identity = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        elif kind == _ECDSA:
            identity = hashlib.sha256(material).digest()[:4]
        else:
            raise ValueError
        if f"{name}+{identity.hex()}+{base64.b64encode(raw).decode()}" != key or not name:
            raise ValueError
    except (ValueError, IndexError):
        raise KmpError("malformed", "not a verifier key: it is a name, a key id and a key, with '+' between, as 'kmpctl audit checkpoint --key' prints it") from None
    return name, identity, kind, material


def _parts(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The body that is signed, and each signature with its name; the bytes begin with the key id."""
    body, blank, lines = note.rpartition(b"\n\n")
    if len(note) > MAX_NOTE or not blank or not lines.endswith(b"\n"):
        raise ValueError("it is no signed note")
    signatures = []
    for line in lines.decode()[:-1].split("\n"):
        name, space, text = line.removeprefix(_DASH).partition(" ")
        value = base64.b64decode(text, validate=True)
        if not line.startswith(_DASH) or not space or not name or len(value) < 5 or base64.b64encode(value).decode() != text:
            raise ValueError("a signature line that is none")
        signatures.append((name, value))
    return body + b"\n", signatures


def read_checkpoint(note: bytes) -> Checkpoint:
    """A checkpoint without judging its signatures."""
    lines = _parts(note)[0].decode("ascii").split("\n")
    if len(lines) != 4 or lines[3] or not re.fullmatch(r"[!-*,-~]{1,128}", lines[0]) or not re.fullmatch(r"0|[1-9][0-9]{0,19}", lines[1]):
        raise ValueError("it has not the three lines of a checkpoint")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2] or int(lines[1]) >= 1 << 64:
        raise ValueError("its size or its root is none")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_checkpoint(note: bytes, key: str) -> Checkpoint:
    """The checkpoint of a note that this key has signed. Signatures of others (witnesses) are passed over; one that names this key must hold."""
    name, identity, kind, material = verifier_of(key)
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != name:
        raise ValueError(f"it is of the log {checkpoint.origin}, the key of {name}")
    body, signatures = _parts(note)
    ours = [value[4:] for signer, value in signatures if signer == name and value[:4] == identity]
    if not ours:
        raise ValueError("it is not signed by the expected key")
    for signature in ours:
        _check_signature(kind, material, signature, body)
    return checkpoint


def _check_signature(kind: int, material: bytes, signature: bytes, body: bytes) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    except ImportError:
        raise KmpError("unsupported", "a known log needs Debian's package python3-cryptography, to check signatures with") from None
    try:
        if kind == _ED25519:
            ed25519.Ed25519PublicKey.from_public_bytes(material).verify(signature, body)
            return
        public = serialization.load_der_public_key(material)
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise ValueError("the key is not on the curve P-256")
        public.verify(signature, body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ValueError("its signature does not hold") from None


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_consistent(before: Checkpoint, now: Checkpoint, proof: list[bytes]) -> bool:
    """RFC 9162 2.1.4.2; for a log of no events, an empty proof."""
    if before.size > now.size or any(len(p) != 32 for p in proof):
        return False
    if before.size == 0:
        return not proof and before.root == hashlib.sha256(b"").digest()
    if before.size == now.size:
        return not proof and before.root == now.root
    first, last = before.size - 1, now.size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    # A power of two as the old size: its root begins the path, and the proof leaves it out.
    path = list(proof) if before.size & (before.size - 1) else [before.root, *proof]
    if not path:
        return False
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = _node(sibling, old), _node(sibling, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = _node(new, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old == before.root and new == now.root
