"""A station in a page of Python: frames, PIN, session, orders (docs/PROTOCOL.md)."""
import os
import secrets
import socket
import struct
import time
import uuid

from wire import kmp_pb2 as pb


def order_id() -> bytes:
    """A UUID version 7 (RFC 9562)."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


def uuid_text(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw))


class Refused(Exception):
    def __init__(self, failure):
        super().__init__(f"{failure.code}: {failure.message}")
        self.code, self.message = failure.code, failure.message


class Stream:
    """Raw frames on a unix socket, or on any connected one."""

    def __init__(self, where: str | socket.socket, timeout: float = 60):
        self.socket = socket.socket(socket.AF_UNIX) if isinstance(where, str) else where
        self.socket.settimeout(timeout)
        if isinstance(where, str):
            self.socket.connect(where)

    def close(self):
        self.socket.close()

    def send_raw(self, data: bytes):
        self.socket.sendall(data)

    def send(self, message):
        data = message.SerializeToString()
        self.socket.sendall(struct.pack(">I", len(data)) + data)

    def read(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            piece = self.socket.recv(count - len(out))
            if not piece:
                raise ConnectionError("kmpd closed the connection")
            out += piece
        return out

    def receive(self, kind):
        (length,) = struct.unpack(">I", self.read(4))
        return kind.FromString(self.read(length))


class Station(Stream):
    """A client of kmp.sock."""

    def __init__(self, where: str | socket.socket, timeout: float = 60):
        super().__init__(where, timeout)
        self.last = 0

    def ask(self, **operation):
        self.last += 1
        self.send(pb.StationRequest(id=self.last, **operation))
        reply = self.receive(pb.StationReply)
        assert reply.id == self.last, (reply.id, self.last)
        if reply.HasField("failure"):
            raise Refused(reply.failure)
        return getattr(reply, reply.WhichOneof("result"))

    def login(self, ukey: str, pin: str):
        self.send(pb.StationRequest(pin=pb.PinEntry(role="ukey", pin=pin.encode())))
        return self.ask(open_session=pb.OpenSession(ukey=ukey))

    def login_account(self, account: str, password: str):
        self.send(pb.StationRequest(pin=pb.PinEntry(role="account", pin=password.encode())))
        return self.ask(open_session=pb.OpenSession(account=account))

    def order(self, meter: int, amount: int, kind=pb.RECHARGE, customer: int = 42, order: bytes | None = None, r2: bytes | None = None):
        return self.ask(order=pb.Order(order_id=order or order_id(), kind=kind, meter=meter, customer=customer, amount_fen=amount, r2=r2 or os.urandom(4)))
