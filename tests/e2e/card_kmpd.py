"""A kmpd that only knows charging cards, for one meter: every secured byte by the openssl command (docs/SUITE.md 5)."""
import os
import pathlib
import signal
import socket
import struct
import sys
import threading

from wire import kmp_pb2 as pb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "meter"))
import suite_by_openssl as suite  # noqa: E402

METER = "202611220001"
CUSTOMER = "000000004711"
NODE = bytes(range(0x60, 0x70))
CREDIT = bytes(range(0x50, 0x60))  # the meter's key 5
VERSION = 2
MAC, KEY_WRAP, INTERNAL, EXTERNAL = 2, 4, 5, 6
EMPTY_WRITE_BACK = bytes(49)


def card_keys(factory: bool, serial: bytes) -> dict[int, bytes]:
    base, state, version = (suite.factory_master(6), 0, 0) if factory else (NODE, 1, VERSION)
    return {usage: suite.derive(base, 3, 6, usage, state, version, serial) for usage in (MAC, KEY_WRAP, INTERNAL, EXTERNAL)}


def wrapped_file(short_id: int, data: bytes) -> bytes:
    head = bytes([0x68, short_id]) + len(data).to_bytes(2, "big") + data
    return head + bytes([sum(head) & 0xFF, 0x16])


class CardKmpd:
    """Listens on `path` until closed; one station at a time."""

    def __init__(self, path: str):
        self.orders: dict[bytes, tuple[int, int]] = {}  # order id -> purchase count, amount
        self.reports: list = []
        self.requests = 0
        self.kill_at = 0             # at this request of the next station (1 is the first) its process `victim` is killed
        self.kill_on = None          # or at the first request of this operation
        self.kill_after_answer = False
        self.victim = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(4)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(20)

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.requests = 0
            with peer, peer.makefile("rb") as stream:
                while len(head := stream.read(4)) == 4:
                    request = pb.StationRequest.FromString(stream.read(struct.unpack(">I", head)[0]))
                    self.requests += 1
                    doomed = self.requests == self.kill_at or (self.kill_on is not None and request.WhichOneof("operation") == self.kill_on)
                    if doomed and not self.kill_after_answer:
                        os.kill(self.victim().pid, signal.SIGKILL)
                        break
                    reply = pb.StationReply(id=request.id)
                    self._answer(request, reply)
                    raw = reply.SerializeToString()
                    try:
                        peer.sendall(struct.pack(">I", len(raw)) + raw)
                    except OSError:
                        break
                    if doomed:
                        os.kill(self.victim().pid, signal.SIGKILL)
                        break

    def _answer(self, request, reply):
        operation = request.WhichOneof("operation")
        getattr(self, "_" + operation)(getattr(request, operation), getattr(reply, operation))

    def _hello(self, _, out):
        out.version, out.state = 1, "open"

    def _open_session(self, _, out):
        out.ukey = "U-1"

    def _authenticate_card(self, r, out):
        keys = card_keys(r.factory, r.serial)
        out.genuine = suite.mac(keys[INTERNAL], 0x80, bytes.fromhex("00880001"), 0, r.random, b"", 8) == r.answer
        if out.genuine:
            out.response = suite.mac(keys[EXTERNAL], 0, bytes.fromhex("00820002"), 0, r.challenge, b"", 8)

    def _write_card_key(self, r, out):
        old, new = card_keys(not r.erase, r.serial), card_keys(r.erase, r.serial)
        out.wrapped = suite.wrap(old[KEY_WRAP], new[r.usage])
        out.mac = suite.mac(old[MAC], 0, bytes([0x84, 0xD4, 0 if r.erase else 1, r.usage]), 0, r.challenge, out.wrapped)

    def _update_mac(self, serial: bytes, file: int, offset: int, challenge: bytes, data: bytes) -> bytes:
        return suite.mac(card_keys(False, serial)[MAC], 0, bytes([0x04, 0xD6, 0x80 | file, offset]), 0, challenge, data)

    def _order(self, r, out):
        out.repeated = r.order_id in self.orders
        if not out.repeated:
            # A replacement takes no count: it carries the last purchase on.
            last = max(self.orders.values(), default=(0, 0))
            self.orders[r.order_id] = last if r.kind == pb.REPLACE_CARD else (last[0] + 1, r.amount_fen)
        out.order_id = r.order_id
        out.purchase_count, amount = self.orders[r.order_id]
        if r.card.file == pb.CardTarget.WALLET:
            out.card_data = struct.pack(">II", amount, out.purchase_count)
        else:
            p = r.card.parameters
            bcd = lambda value, size: bytes.fromhex(f"{value:0{2 * size}d}")  # noqa: E731
            plain = wrapped_file(1, bytes([0, p.update_flag]) + bytes(4) + (p.tariff_switch or bytes(5)) + bytes(1) + bcd(p.alarm1_fen, 4) + bcd(p.alarm2_fen, 4)
                                 + bcd(p.current_ratio, 3) + bcd(p.voltage_ratio, 3) + bcd(r.meter, 6) + bcd(r.customer, 6)
                                 + bytes([{pb.OPEN_ACCOUNT: 1, pb.RECHARGE: 2, pb.REPLACE_CARD: 3}[r.kind]]))
            out.card_data = suite.sold(CREDIT, r.card.serial, plain, struct.pack(">II", amount, out.purchase_count), r.card.tariffs_now, r.card.tariffs_to_come)
        out.card_mac = self._update_mac(r.card.serial, r.card.file, 0, r.card.challenge, out.card_data)

    def _write_card(self, r, out):
        out.mac = self._update_mac(r.serial, r.file, r.offset, r.challenge, r.data)

    def _report_card(self, r, out):
        mac = suite.mac(card_keys(False, r.serial)[MAC], 0x80, bytes([0x04, 0xB0, 0x80 | r.file, 0]), 0, r.random, r.data)
        out.genuine = mac == r.mac
        out.known_count = len(self.orders)
        self.reports.append((r.file, r.data))
