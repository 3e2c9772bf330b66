#!/usr/bin/env python3
"""A vending station in Python: recharges one meter over TCP or a serial line. docs/STATION.md explains it step by step.

    station.py --socket /run/kmp/kmp.sock --line tcp:192.0.2.7:4001 --meter 202611220001 --customer 42 --amount 50 --journal orders.txt
    station.py --connect machine.example:7450 --trust anchor.pem --account shop-7 ...            from afar; asks for the account's password
    station.py --socket .. --line .. --order ID                                                  carries an order of the journal on after a crash
    station.py --socket /run/kmp/kmp.sock --batch tcp:192.0.2.7:4001,202611220001,42,5 tcp:192.0.2.8:4001,202611220002,43,7.50     many meters, one request

The PIN or password is asked for, or read from a descriptor: --pin-fd ukey=3 3<file. Every order is written to the journal before kmpd is asked. examples/station.cpp takes the same words.
"""
import argparse
import decimal
import os
import select
import socket
import sys
import termios
import uuid

from kmp_client import Habits, KmpError, Pin, Station, new_order, order_text, pb

REPEATED_RECHARGE = 0x02  # of SERR, why a meter refuses (docs/METERS.md)


class MeterSilent(Exception):
    """No answer came: the meter may have heard the command, or not."""


class MeterRefused(Exception):
    def __init__(self, serr: int):
        super().__init__(f"the meter says no, SERR {serr:#06x}")
        self.serr = serr


def open_line(name: str) -> int:
    """tcp:HOST:PORT, or serial:DEVICE. Gives a descriptor; a line may have many meters on it."""
    kind, _, where = name.partition(":")
    if kind == "tcp":
        host, _, port = where.rpartition(":")
        return socket.create_connection((host, int(port)), 3).detach()
    fd = os.open(where, os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(fd)
    settings[0] = settings[1] = settings[3] = 0  # every byte as it is
    settings[2] = termios.CS8 | termios.PARENB | termios.CREAD | termios.CLOCAL  # even parity
    settings[4] = settings[5] = termios.B2400
    termios.tcsetattr(fd, termios.TCSANOW, settings)
    return fd


class Meter:
    """One meter on a DL/T 645-2007 line. Fields are most significant byte first here, and turned round on the line, where each byte also has 33H added."""

    def __init__(self, line: int, number: int, timeout: float = 3.0):
        self.line, self.number, self.timeout = line, number, timeout
        self.address = bytes.fromhex(f"{number:012d}")[::-1]

    def secure(self, command: int, *fields: bytes) -> bytes:
        """Control code 03H: data identifier, operator code, fields. Gives the answer's data behind the identifier."""
        data = command.to_bytes(4, "little") + bytes(4) + b"".join(f[::-1] for f in fields)
        frame = b"\x68" + self.address + b"\x68\x03" + bytes([len(data)]) + bytes((b + 0x33) & 0xFF for b in data)
        os.write(self.line, b"\xfe\xfe\xfe\xfe" + frame + bytes([sum(frame) & 0xFF, 0x16]))
        while True:
            control, answer = self.hear()
            if control == 0xC3:
                raise MeterRefused(int.from_bytes(answer, "little"))
            if control == 0x83 and answer[:4] == command.to_bytes(4, "little"):
                return answer[4:]

    def hear(self) -> tuple[int, bytes]:
        """The next frame of this meter: control code and data. What does not add up is passed over."""
        while True:
            while self.read(1) != b"\x68":
                pass
            head = self.read(9)
            data = self.read(head[8])
            check, end = self.read(2)
            if head[:6] == self.address and head[6] == 0x68 and end == 0x16 and check == (0x68 + sum(head) + sum(data)) & 0xFF:
                return head[7], bytes((b - 0x33) & 0xFF for b in data)

    def read(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            if not select.select([self.line], [], [], self.timeout)[0]:
                raise MeterSilent("the meter does not answer")
            piece = os.read(self.line, count - len(out))
            if not piece:
                raise MeterSilent("the line is closed")
            out += piece
        return out


def authenticate(station: Station, meter: Meter) -> tuple[bytes, bytes]:
    """Platform and meter prove themselves to each other. Gives R1 and R2, under which everything that follows is made."""
    proof = station.authenticate(meter.number)
    answer = meter.secure(0x070000FF, proof.k1, proof.r1, proof.factor)
    return proof.r1, answer[:4][::-1]


def deliver(meter: Meter, order: pb.Order, answer: pb.OrderReply) -> None:
    """kmpd's answer, into the meter. "Repeated recharge" means that the meter has taken it already: its answer was lost the first time."""
    command = 0x070101FF if order.kind == pb.OPEN_ACCOUNT else 0x070102FF
    customer = bytes.fromhex(f"{order.customer:012d}")
    try:
        meter.secure(command, order.amount_fen.to_bytes(4, "big"), answer.purchase_count.to_bytes(4, "big"), answer.mac1, customer, answer.mac2)
    except MeterRefused as refusal:
        if not refusal.serr & REPEATED_RECHARGE:
            raise


def credit(station: Station, meter: Meter, order: pb.Order) -> pb.OrderReply:
    """One order, from kmpd into the meter. Where the meter's answer is lost the same order goes out again, under a new authentication: kmpd charges it once, the meter takes it once."""
    for _ in range(3):
        try:
            _, order.r2 = authenticate(station, meter)
            answer = station.order(order)
            deliver(meter, order, answer)
            return answer
        except MeterSilent as silence:
            print(f"{silence}: asking again for order {order_text(order)}", file=sys.stderr)
    raise MeterSilent(f"meter {meter.number:012d} stays silent; it may have been credited: carry the order on with --order {order_text(order)}")


def show_status(station: Station, meter: Meter) -> None:
    """Asks the meter for its wallet, and kmpd whether what it says is genuine."""
    r1, _ = authenticate(station, meter)
    said, fields = meter.secure(0x078102FF), []
    for size in (4, 4, 4, 4, 6, 4):  # balance, its MAC, count, its MAC, customer, key info
        fields.append(said[:size][::-1])
        said = said[size:]
    checked = station.check_status(meter.number, r1, *fields)
    if not checked.genuine:
        raise KmpError("tampered", f"the status of meter {meter.number:012d} is not genuine: somebody else answered")
    balance, count = int.from_bytes(fields[0], "big", signed=True), int.from_bytes(fields[2], "big")
    print(f"Meter {meter.number:012d}: balance {balance / 100:.2f} yuan, purchase count {count} of {checked.known_count}; genuine.")


def write_down(journal: str, order: pb.Order) -> None:
    """The order stands on the disk before kmpd hears of it: after a crash it is known what to ask for again."""
    with open(journal, "a") as file:
        file.write(f"{order_text(order)} {pb.OrderKind.Name(order.kind)} {order.meter:012d} {order.customer:012d} {order.amount_fen}\n")
        file.flush()
        os.fsync(file.fileno())


def carry_on(journal: str, order: str) -> pb.Order:
    """An order of the journal, word for word."""
    with open(journal) as file:
        for line in file:
            known, kind, meter, customer, fen = line.split()
            if known == order:
                return pb.Order(order_id=uuid.UUID(known).bytes, kind=pb.OrderKind.Value(kind), meter=int(meter), customer=int(customer), amount_fen=int(fen))
    raise KmpError("not_found", f"order {order} does not stand in {journal}")


def fen(yuan: str) -> int:
    amount = decimal.Decimal(yuan) * 100
    if amount != int(amount):
        raise argparse.ArgumentTypeError("an amount has two decimals at most")
    return int(amount)


def batch_order(text: str) -> tuple[str, pb.Order]:
    line, meter, customer, yuan = text.split(",")
    return line, new_order(pb.RECHARGE, int(meter), int(customer), fen(yuan))


def receipt(order: pb.Order, answer: pb.OrderReply) -> str:
    again = ", answered before" if answer.repeated else ""
    return (f"{order.amount_fen / 100:.2f} yuan for meter {order.meter:012d}, purchase count {answer.purchase_count}{again}; order {order_text(order)}, "
            f"receipt {answer.charge.index} {answer.charge.leaf_hash.hex()}")


def sell(station: Station, a: argparse.Namespace) -> int:
    order = carry_on(a.journal, a.order) if a.order else new_order(pb.OPEN_ACCOUNT if a.open else pb.RECHARGE, a.meter, a.customer, a.amount)
    meter = Meter(open_line(a.line), order.meter)
    show_status(station, meter)  # also tells kmpd what the meter has taken by card meanwhile: until it knows, it sells nothing more to this meter
    if not a.order:
        write_down(a.journal, order)
    print(receipt(order, credit(station, meter, order)))
    show_status(station, meter)
    return 0


def sell_many(station: Station, a: argparse.Namespace) -> int:
    """Orders for many meters, asked for in one request: each meter authenticates first, and gets its MACs at the end. One that is refused holds up no other."""
    lines = {name: open_line(name) for name, _ in a.batch}
    meters = [Meter(lines[name], order.meter) for name, order in a.batch]
    orders = [order for _, order in a.batch]
    for meter, order in zip(meters, orders):
        _, order.r2 = authenticate(station, meter)
        write_down(a.journal, order)
    failed = 0
    for meter, order, outcome in zip(meters, orders, station.orders(orders)):
        try:
            if isinstance(outcome, KmpError):
                raise outcome
            try:
                deliver(meter, order, outcome)
            except MeterSilent:
                credit(station, meter, order)
            print(receipt(order, outcome))
        except PROBLEMS as error:
            failed = 1
            print(f"meter {meter.number:012d}: {one_line(error)}", file=sys.stderr)
    return failed


PROBLEMS = (KmpError, MeterRefused, MeterSilent, OSError)


def one_line(error: Exception) -> str:
    return f"{error.code}: {error.message}" if isinstance(error, KmpError) else str(error)


def descriptor(text: str) -> tuple[str, int]:
    role, _, number = text.partition("=")
    if role not in ("ukey", "account") or not number.isdecimal():
        raise argparse.ArgumentTypeError("takes ukey=N or account=N")
    return role, int(number)


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--socket", metavar="PATH", help="kmpd's kmp.sock")
    p.add_argument("--connect", metavar="HOST:PORT", help="the network encryption machine, with --trust and --account")
    p.add_argument("--trust", metavar="FILE", help="PEM file with the platform's anchor")
    p.add_argument("--account", default="", metavar="NAME", help="network account")
    p.add_argument("--ukey", default="", metavar="SERIAL", help="of the user UKEY; the only one where there is one")
    p.add_argument("--pin-fd", type=descriptor, metavar="ROLE=N", help="descriptor to read from: ukey=N the UKEY's PIN, account=N the account's password")
    p.add_argument("--line", help="tcp:HOST:PORT, or serial:DEVICE (2400 baud, even parity)")
    p.add_argument("--meter", type=int, metavar="NUMBER")
    p.add_argument("--customer", type=int, metavar="NUMBER")
    p.add_argument("--amount", type=fen, metavar="YUAN")
    p.add_argument("--open", action="store_true", help="opens the customer's account")
    p.add_argument("--order", metavar="ID", help="carries an order of the journal on")
    p.add_argument("--journal", default="orders.txt", metavar="FILE", help="orders.txt")
    p.add_argument("--batch", nargs="+", type=batch_order, metavar="LINE,METER,CUSTOMER,YUAN", help="recharges many meters by one request")
    a = p.parse_args()
    if not a.batch and (not a.line or not (a.order or (a.meter and a.customer and a.amount))):
        p.error("give --line and --meter, --customer, --amount (or --order); or --batch")
    if bool(a.socket) == bool(a.connect and a.trust and a.account):
        p.error("give --socket, or --connect with --trust and --account")
    role = "account" if a.account else "ukey"
    if a.pin_fd and a.pin_fd[0] != role:
        p.error(f"this login takes --pin-fd {role}=N")
    try:
        pin = Pin.from_fd(a.pin_fd[1]) if a.pin_fd else Pin.prompt(f"Password of account {a.account}" if a.account else "PIN of the UKEY")
        habits = Habits(program="examples/station.py", tell=lambda line: print(line, file=sys.stderr))
        station = Station.remote(a.connect, a.trust, a.account, pin, habits=habits) if a.connect else Station.local(a.socket, a.ukey, pin, kind="user", habits=habits)
        with station:
            print(f"Session with UKEY {station.session.ukey} of {station.session.holder}, station {station.session.station}.")
            return sell_many(station, a) if a.batch else sell(station, a)
    except PROBLEMS as error:
        print(f"station.py: {one_line(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
