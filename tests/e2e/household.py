"""Homes with emulated meters: each on a line that loses frames, with power that fails, and cards. What was sold to them, to the fen."""
import json
import pathlib
import random
import socket
import sys

from platform_under_test import PATIENCE, Platform
from station import order_id
from wire import kmp_pb2 as pb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "meter"))
import suite_by_openssl as suite  # noqa: E402

REPEATED, WRONG_MAC, NOT_AUTHENTICATED, WRONG_CUSTOMER, WRONG_COUNT = 0x02, 0x04, 0x08, 0x10, 0x20
OPERATOR = b"\0\0\0\1"
HOUR = 3600


class Mishap(Exception):
    """What may go wrong between a station and a meter or a card without anybody's fault."""


class Silence(Mishap):
    """No answer came. Whether the meter has had the request is not known."""


class MeterRefuses(Mishap):
    def __init__(self, serr: int):
        super().__init__(f"SERR {serr:02x}")
        self.serr = serr


class Fate:
    """Decides what happens, all from one seed, and remembers it."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.calm = False
        self.steps: list[str] = []
        self.depth = 0

    def happens(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    def note(self, what: str):
        self.steps.append("    " * self.depth + what)


class Sale:
    """A line of a station's journal."""

    def __init__(self, kind: int, amount: int, customer: int, card: pathlib.Path | None = None):
        self.id, self.kind, self.amount, self.customer, self.card = order_id(), kind, amount, customer, card
        self.count: int | None = None  # nothing was charged as long as this is unknown
        self.done = False              # the meter has it; of a replaced card: the card has it

    def __str__(self):
        on = f" on {self.card.name}" if self.card else ""
        return f"{pb.OrderKind.Name(self.kind).lower()} of {self.amount}{on}, count {self.count}{', done' if self.done else ''}"

    def worth(self) -> int:
        return -self.amount if self.takes_out() else self.amount

    def takes_out(self) -> bool:
        return self.kind in (pb.REFUND, pb.CLEAR)


class House:
    """A meter and its customer, as they are: stations see of this only what reaches them."""

    def __init__(self, platform: Platform, number: int, grade: str, fate: Fate):
        self.number, self.text, self.fate = number, f"{number:012}", fate
        self.control = str(platform.folder / f"c{number % 1000}")
        self.meter = platform.meter(self.text, "--grade", grade, "--control", self.control, line="tcp")
        self.line: socket.socket | None = None
        self.heard: list[tuple[int, bytes]] = []  # frames that the meter has had: whoever listens can send them again
        self.lost: list[tuple[int, bytes]] = []   # frames that it never had, as far as anybody knows
        self.customer = number % 1000
        self.open = False                         # the account, as kmpd sees it
        self.card: pathlib.Path | None = None     # the account's card, likewise
        self.cards: list[pathlib.Path] = []       # all that there ever were, copies too
        self.journal: list[Sale] = []
        self.worth: dict[int, int] = {}           # purchase count -> what the meter is due for it, in fen
        self.count = 0                            # that the meter was seen with
        self.giving_back = False

    # ---- the line

    def command(self, identifier: str, *fields: bytes) -> bytes:
        """The answer's fields, as the line carries them. Silence, MeterRefuses."""
        data = suite.payload(bytes.fromhex(identifier), OPERATOR, *fields)
        control, answer = self._exchange(0x03, data)
        if control == 0xC3:
            raise MeterRefuses(int.from_bytes(answer, "little"))
        assert control == 0x83 and answer[:4] == data[:4], (hex(control), answer.hex())
        return answer[4:]

    def _exchange(self, control: int, data: bytes) -> tuple[int, bytes]:
        if self.fate.happens(0.06):
            self.lost.append((control, data))
            raise Silence("the frame is lost before the meter")
        if self.fate.happens(0.02):
            self.lost.append((control, data))
            self._write(control, data)
            self.cut_power()
            raise Silence("the power fails while the meter has the frame")
        answer = self.ask(control, data)
        if self.fate.happens(0.06):
            raise Silence("the meter's answer is lost")
        if self.fate.happens(0.02):
            self.cut_power()
            raise Silence("the power fails before the answer is out")
        return answer

    def ask(self, control: int, data: bytes) -> tuple[int, bytes]:
        """Control code and data of the answer, on a line without faults."""
        self._write(control, data)
        self.heard.append((control, data))
        while self._read(1) != b"\x68":
            pass
        head = b"\x68" + self._read(9)
        rest = self._read(head[9] + 2)
        body = head + rest[:-2]
        assert rest[-1] == 0x16 and sum(body) & 0xFF == rest[-2], (head + rest).hex()
        return head[8], bytes((b - 0x33) & 0xFF for b in rest[:-2])

    def _write(self, control: int, data: bytes):
        if self.line is None:
            host, _, port = self.meter.line.removeprefix("tcp:").rpartition(":")
            self.line = socket.create_connection((host, int(port)), PATIENCE)
        self.line.sendall(b"\xfe\xfe" + suite.frame(self.text, control, data))

    def _read(self, size: int) -> bytes:
        return read_exactly(self.line, size)

    def hang_up(self):
        if self.line:
            self.line.close()
        self.line = None

    # ---- the meter

    def cut_power(self):
        self.hang_up()
        self.meter.kill()
        self.meter.start()

    def do(self, command: str, **what) -> dict:
        with self._at_control(command, **what) as desk, desk.makefile() as answers:
            return json.loads(answers.readline())

    def _at_control(self, command: str, **what) -> socket.socket:
        desk = socket.socket(socket.AF_UNIX)
        desk.settimeout(PATIENCE)
        desk.connect(self.control)
        desk.sendall(json.dumps({"command": command, **what}).encode() + b"\n")
        return desk

    def show(self) -> dict:
        return self.do("show")["meter"]

    def standing(self) -> tuple:
        """All that money hangs on."""
        seen = self.show()
        return tuple(seen[what] for what in ("balance_fen", "debited_fen", "count", "customer", "account_open", "card_serial", "keys", "staged"))

    def use_energy(self, watts: int, seconds: int):
        self.do("load", watts=watts)
        self.do("advance", seconds=seconds)
        self.do("load", watts=0)

    def wait_an_hour(self):
        self.do("advance", seconds=HOUR + 1)

    def insert(self, card: pathlib.Path, **pull: int) -> str:
        """What the meter says to it; `pull_at` or `pull_after`: at which command it is pulled."""
        answer = self.do("insert", card=str(card), **pull)
        return answer["insertion"] if answer["ok"] else "not taken: " + answer["error"]

    def insert_and_cut_power(self, card: pathlib.Path):
        with self._at_control("insert", card=str(card)):
            self.cut_power()

    # ---- the ledger

    def unfinished(self) -> list[Sale]:
        """Money that the stations do not know to have reached the meter."""
        return [s for s in self.journal if not s.done and s.kind != pb.REPLACE_CARD]

    def guarded(self) -> bool:
        """A refund or a clear is under way, and nothing else may touch the balance that it was made for."""
        return self.giving_back or any(s.takes_out() for s in self.unfinished())

    def seen(self, count: int):
        """A station has learnt that the meter has this purchase count, and so everything before."""
        for sale in self.unfinished():
            sale.done = sale.count is not None and sale.count <= count

    def charged(self, sale: Sale, count: int):
        """kmpd has answered this order for the first time."""
        sale.count = count
        if sale.kind != pb.REPLACE_CARD:
            assert count == len(self.worth) + 1, f"meter {self.text}: kmpd gave out purchase count {count} after {len(self.worth)}"
            self.worth[count] = sale.worth()
        if sale.kind in (pb.OPEN_ACCOUNT, pb.CLEAR):
            self.open = sale.kind == pb.OPEN_ACCOUNT
            self.card = None
        if sale.kind == pb.CLEAR:
            self.customer += 1000  # somebody else moves in
        self.card = sale.card or self.card

    def check(self):
        """The meter took each purchase up to its count once, and nothing else; what it has it keeps."""
        seen = self.show()
        assert seen["count"] >= self.count, f"meter {self.text} went back from purchase count {self.count} to {seen['count']}"
        self.count = seen["count"]
        assert seen["count"] <= len(self.worth), f"meter {self.text} has purchase count {seen['count']}, sold were {len(self.worth)}"
        due = sum(self.worth[count] for count in range(1, seen["count"] + 1))
        has = seen["balance_fen"] + seen["debited_fen"]
        assert has == due, f"meter {self.text} has had {has} fen; with purchase count {seen['count']} it is due {due}"


def read_exactly(stream: socket.socket, size: int) -> bytes:
    out = b""
    while len(out) < size:
        piece = stream.recv(size - len(out))
        assert piece, "the other end is gone"
        out += piece
    return out


def bcd(number: int, size: int) -> bytes:
    return bytes.fromhex(f"{number:0{2 * size}d}")
