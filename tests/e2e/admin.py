"""An officer's program on admin.sock, frame by frame: what kmpctl does, with a hand on every step."""
import socket
import struct

from wire import kmp_pb2 as pb


class Admin:
    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(120)
        self.socket.connect(path)
        self.next = 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _send(self, message):
        body = message.SerializeToString()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def _exactly(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            piece = self.socket.recv(count - len(out))
            if not piece:
                raise ConnectionError("kmpd closed the connection")
            out += piece
        return out

    def pin(self, role: str, pin: str):
        self._send(pb.AdminRequest(pin=pb.PinEntry(role=role, pin=pin.encode())))

    def ask(self, on_progress=None, **operation):
        """The last reply; every progress message goes to `on_progress`."""
        request = pb.AdminRequest(id=self.next, **operation)
        self.next += 1
        self._send(request)
        while True:
            reply = pb.AdminReply()
            reply.ParseFromString(self._exactly(struct.unpack(">I", self._exactly(4))[0]))
            if not reply.more:
                return reply
            if on_progress and reply.HasField("progress"):
                on_progress(reply.progress)
