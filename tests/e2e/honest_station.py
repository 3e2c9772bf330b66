"""A station that keeps to docs/VENDING.md, by raw messages: a desk on the meters' line, and a counter with a card reader."""
import contextlib
import os
import pathlib
import socket
import struct
import subprocess

from household import (NOT_AUTHENTICATED, REPEATED, WRONG_COUNT, WRONG_CUSTOMER, WRONG_MAC, Fate, House, MeterRefuses, Mishap, Sale, Silence, bcd, read_exactly)
from platform_under_test import BIN, PATIENCE, PINS, Platform
from station import Station
from wire import kmp_pb2 as pb

COMMANDS = {pb.OPEN_ACCOUNT: "070101ff", pb.RECHARGE: "070102ff", pb.REFUND: "070104ff", pb.CLEAR: "070105ff"}
PARAMETERS, WALLET, WRITE_BACK = 1, 2, 5
SIZES = {PARAMETERS: 45, WALLET: 8, WRITE_BACK: 49}
KEY_USAGES = (5, 6, 2, 4)


class Died(Mishap):
    """The station's machine went down. Its journal stays."""


class Pulled(Mishap):
    """The card is out of the reader. Whether it has carried out the last command is not known."""


class NotForSale(Mishap):
    """The station does not write on this card."""


class Contradiction(NotForSale):
    """kmpd says that what this card brings back from its meter cannot be. `current`: it is the account's card."""

    def __init__(self, what: str, current: bool):
        super().__init__(what)
        self.current = current


class Desk:
    """A session with kmpd. `between` is called between any two messages: there the world goes on, or the station dies."""

    def __init__(self, platform: Platform, ukey: str, between):
        self.platform, self.ukey, self.between = platform, ukey, between
        self.session: Station | None = None

    def ask(self, **operation):
        if self.session is None:
            self.session = Station(self.platform.socket("kmp.sock"))
            self.session.login(self.platform.serials[self.ukey], PINS["user"])
        return self.session.ask(**operation)

    def leave(self):
        if self.session:
            self.session.close()
        self.session = None

    def order(self, house: House, sale: Sale, **how):
        """Asks kmpd, and holds its answer against the ledger."""
        reply = self.ask(order=pb.Order(order_id=sale.id, kind=sale.kind, meter=house.number, customer=sale.customer, amount_fen=sale.amount, **how))
        assert reply.repeated == (sale.count is not None), f"{sale}: kmpd says repeated {reply.repeated}"
        if not reply.repeated:
            house.charged(sale, reply.purchase_count)
        assert reply.purchase_count == sale.count, f"{sale}: asked again it has count {reply.purchase_count}"
        return reply


def turned(answer: bytes, sizes: tuple[int, ...]) -> list[bytes]:
    """The fields of a meter's answer, most significant byte first."""
    out = []
    for size in sizes:
        out.append(answer[:size][::-1])
        answer = answer[size:]
    return out


class LineDesk(Desk):
    def authenticate(self, house: House) -> tuple[bytes, bytes]:
        """R1 and R2."""
        for _ in range(2):
            proof = self.ask(authenticate=pb.Authenticate(meter=house.number, state=pb.PRODUCTION))
            self.between(house)
            try:
                answer = house.command("070000ff", proof.k1, proof.r1, proof.factor)
                return proof.r1, answer[:4][::-1]
            except MeterRefuses as no:
                assert no.serr == NOT_AUTHENTICATED, no
                house.wait_an_hour()  # too many frames were sent to it again: it listens to nobody meanwhile
        raise AssertionError(f"meter {house.text} does not know the platform any more")

    def status(self, house: House) -> tuple[int, int, int]:
        """Balance and count as the meter says and kmpd believes; the count that kmpd gave out last."""
        for _ in range(3):
            r1, _ = self.authenticate(house)
            self.between(house)
            try:
                answer = house.command("078102ff")
            except MeterRefuses as no:
                assert no.serr == NOT_AUTHENTICATED, no
                continue
            balance, balance_mac, count, count_mac, customer, key_info = turned(answer, (4, 4, 4, 4, 6, 4))
            self.between(house)
            said = self.ask(check_status=pb.CheckStatus(meter=house.number, r1=r1, balance=balance, balance_mac=balance_mac, count=count, count_mac=count_mac, customer=customer,
                                                        key_info=key_info))
            if said.genuine:
                house.seen(int.from_bytes(count, "big"))
                return int.from_bytes(balance, "big", signed=True), int.from_bytes(count, "big"), said.known_count
        raise Silence("others are on the line")

    def carry_out(self, house: House, sale: Sale):
        """Asks for the order and sends it, until the meter has it or its count tells that it must wait."""
        for _ in range(2):
            _, r2 = self.authenticate(house)
            self.between(house)
            reply = self.order(house, sale, r2=r2)
            self.between(house)
            if self._send(house, sale, reply):
                sale.done = True
                return
        self.status(house)

    @staticmethod
    def _send(house: House, sale: Sale, reply) -> bool:
        """Whether the meter says that it has it."""
        try:
            house.command(COMMANDS[sale.kind], sale.amount.to_bytes(4, "big"), reply.purchase_count.to_bytes(4, "big"), reply.mac1, bcd(sale.customer, 6), reply.mac2)
            return True
        except Silence:
            return False
        except MeterRefuses as no:
            # Its account is not open yet while the opening is on its way; other counts come before or have come after.
            assert no.serr in (REPEATED, WRONG_MAC, NOT_AUTHENTICATED, WRONG_CUSTOMER, WRONG_COUNT), f"{sale}: {no}"
            return no.serr == REPEATED


class InsertedCard:
    """A card in the station's reader: this side is what vsmartcard's vpcd is to `kmp-meter card run`."""

    def __init__(self, stream: socket.socket, pull_at: int, carried_out: bool):
        self.stream, self.pull_at, self.carried_out, self.commands = stream, pull_at, carried_out, 0

    def send(self, head: str, data: bytes = b"", le: int | None = None) -> bytes:
        self.commands += 1
        pulled = self.commands == self.pull_at
        if pulled and not self.carried_out:
            raise Pulled(f"the card is pulled before command {self.commands}")
        apdu = bytes.fromhex(head) + (bytes([len(data)]) + data if data else b"") + (bytes([le]) if le is not None else b"")
        self.stream.sendall(struct.pack(">H", len(apdu)) + apdu)
        answer = read_exactly(self.stream, struct.unpack(">H", read_exactly(self.stream, 2))[0])
        if pulled:
            raise Pulled(f"the card is pulled after command {self.commands}")
        assert answer[-2:] == b"\x90\x00", f"the card refuses {head} with {answer[-2:].hex()}"
        return answer[:-2]

    def challenge(self, size: int) -> bytes:
        return self.send("00840000", le=size)

    def read(self, file: int) -> tuple[bytes, bytes, bytes]:
        """Random, data, MAC."""
        random = os.urandom(8)
        answer = self.send(f"04b0{0x80 | file:02x}00", random, SIZES[file])
        return random, answer[:-4], answer[-4:]

    def update(self, file: int, data: bytes, mac: bytes):
        self.send(f"04d6{0x80 | file:02x}00", data + mac)


class Counter(Desk):
    def __init__(self, platform: Platform, ukey: str, between, fate: Fate):
        super().__init__(platform, ukey, between)
        self.fate = fate
        self.reader = socket.create_server(("127.0.0.1", 0))
        self.reader.settimeout(PATIENCE)
        self.inside: set[pathlib.Path] = set()

    @contextlib.contextmanager
    def insert(self, card: pathlib.Path):
        """The card is pulled when this is over, or before."""
        pull_at = self.fate.random.randint(1, 45) if self.fate.happens(0.4) else 0
        carried_out = self.fate.happens(0.5)
        process = subprocess.Popen([str(BIN / "kmp-meter"), "card", "run", str(card), "--vpcd", f"127.0.0.1:{self.reader.getsockname()[1]}"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.inside.add(card)
        try:
            stream, _ = self.reader.accept()
            with stream:
                stream.settimeout(PATIENCE)
                yield InsertedCard(stream, pull_at, carried_out)
        finally:
            process.wait(PATIENCE)
            self.inside.remove(card)

    # ---- what kmp-vend does with a card

    def authenticate(self, house: House, card: InsertedCard, serial: bytes) -> bool:
        """Whether it is blank. NotForSale: it is another meter's."""
        random = os.urandom(8)
        answer = card.send("00880001", random)
        challenge = card.challenge(8)
        for blank in (True, False):
            said = self.ask(authenticate_card=pb.AuthenticateCard(meter=house.number, serial=serial, factory=blank, random=random, answer=answer, challenge=challenge))
            if said.genuine:
                card.send("00820002", said.response)
                return blank
        raise NotForSale("it is another meter's card")

    def personalise(self, house: House, card: InsertedCard, serial: bytes):
        for usage in KEY_USAGES:
            challenge = card.challenge(4)
            sent = self.ask(write_card_key=pb.WriteCardKey(meter=house.number, serial=serial, usage=usage, challenge=challenge))
            card.send(f"84d401{usage:02x}", sent.wrapped + sent.mac)

    def open(self, house: House, card: InsertedCard) -> bytes:
        """Its serial; it is this meter's card from here on."""
        card.send("00a40000", b"\x3f\x00")
        serial = card.send("00b09901", le=8)
        card.send("00a40000", b"\xdf\x01")
        if self.authenticate(house, card, serial):
            self.personalise(house, card, serial)
            self.between(house)
            assert not self.authenticate(house, card, serial), "the card is still blank"
        return serial

    def read(self, house: House, card: InsertedCard, serial: bytes, file: int):
        """The file, and what kmpd said to it; nothing where it is empty."""
        random, data, mac = card.read(file)
        if not any(data):
            return data, None
        self.between(house)
        said = self.ask(report_card=pb.ReportCard(meter=house.number, serial=serial, file=file, random=random, data=data, mac=mac))
        assert said.genuine
        return data, said

    def empty(self, house: House, card: InsertedCard, serial: bytes, file: int):
        challenge = card.challenge(4)
        sent = self.ask(write_card=pb.WriteCard(meter=house.number, serial=serial, file=file, data=bytes(SIZES[file]), challenge=challenge))
        card.update(file, bytes(SIZES[file]), sent.mac)

    def ask_for_file(self, house: House, card: InsertedCard, serial: bytes, sale: Sale, file: int):
        target = pb.CardTarget(serial=serial, file=file, challenge=card.challenge(4))
        if file == PARAMETERS:
            target.parameters.CopyFrom(pb.CardParameters(update_flag=0x80, alarm1_fen=2000, alarm2_fen=1000, current_ratio=1, voltage_ratio=1))
        return self.order(house, sale, card=target)

    def write(self, house: House, sale: Sale):
        """Brings the sale onto its card, unless the meter has it already."""
        with self.insert(sale.card) as card:
            serial = self.open(house, card)
            wallet, _ = self.read(house, card, serial, WALLET)
            write_back, said = self.read(house, card, serial, WRITE_BACK)
            if said and said.contradiction:
                raise Contradiction(said.contradiction, sale.card == house.card)
            taken_count = int.from_bytes(write_back[27:31], "big")
            house.seen(taken_count)
            self.check_stock(sale, wallet, taken_count)
            self.between(house)
            reply = self.ask_for_file(house, card, serial, sale, PARAMETERS)
            if said and taken_count >= sale.count and sale.kind != pb.REPLACE_CARD:
                return
            self.check_stock(sale, wallet, taken_count)
            if said:
                self.empty(house, card, serial, WALLET)
                self.between(house)
                self.empty(house, card, serial, WRITE_BACK)
                reply = self.ask_for_file(house, card, serial, sale, PARAMETERS)
            card.update(PARAMETERS, reply.card_data, reply.card_mac)
            self.between(house)
            reply = self.ask_for_file(house, card, serial, sale, WALLET)
            card.update(WALLET, reply.card_data, reply.card_mac)
            sale.done = sale.done or sale.kind == pb.REPLACE_CARD

    @staticmethod
    def check_stock(sale: Sale, wallet: bytes, taken_count: int):
        """A purchase that no meter has taken stays on its card; only the order with this very count is written again."""
        count = int.from_bytes(wallet[4:], "big")
        if any(wallet) and count not in (taken_count, sale.count):
            raise NotForSale(f"it holds a purchase with count {count} that no meter has taken")
