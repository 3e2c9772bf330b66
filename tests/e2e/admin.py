"""An officer's program on admin.sock, frame by frame: what kmpctl does, with a hand on every step."""
from station import Stream
from wire import kmp_pb2 as pb


class Admin(Stream):
    def __init__(self, path: str):
        super().__init__(path, 120)
        self.next = 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def pin(self, role: str, pin: str):
        self.send(pb.AdminRequest(pin=pb.PinEntry(role=role, pin=pin.encode())))

    def ask(self, on_progress=None, **operation):
        """The last reply; every progress message goes to `on_progress`."""
        self.send(pb.AdminRequest(id=self.next, **operation))
        self.next += 1
        while True:
            reply = self.receive(pb.AdminReply)
            if not reply.more:
                return reply
            if on_progress and reply.HasField("progress"):
                on_progress(reply.progress)
