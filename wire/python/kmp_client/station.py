"""A vending station's session with kmpd."""
from __future__ import annotations

import base64
import dataclasses
import itertools
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import DecodeError

from . import kmp_pb2 as pb
from .errors import KmpError, Lost, error_of
from .known_log import KnownLog
from .line import MAX_FRAME, Line, connect_tls, connect_unix
from .pin import Pin, _wipe

VERSION = 1  #: of the protocol
MAX_IN_FLIGHT = 256  #: requests; kmpd's own default bound for a connection
MAX_BATCH_ORDERS = 256
_USUAL_PAUSE, _LONGEST_PAUSE, _LONGEST_RECONNECT_PAUSE, _LONGEST_LOGIN_PAUSE = 0.2, 15.0, 5.0, 3.0  # seconds
_BATCH_OVERHEAD, _ORDER_OVERHEAD = 64, 8  # bytes of a batch's frame beyond its orders, and of each order in it


def order_id() -> bytes:
    """A new order id: a UUID version 7 (RFC 9562) of now. Write it down before the order is asked for."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6], raw[8] = 0x70 | raw[6] & 0x0F, 0x80 | raw[8] & 0x3F
    return bytes(raw)


def order_text(order: pb.Order | pb.OrderReply) -> str:
    """The order id as people read it, "01a2024f-976c-7b7a-9bbb-69a2c9080928"."""
    return str(uuid.UUID(bytes=order.order_id))


def new_order(kind: int, meter: int, customer: int, amount_fen: int, r2: bytes = b"", card: pb.CardTarget | None = None) -> pb.Order:
    """An order with an id of its own. Whatever breaks, the same order is asked for again under this id: it is charged once.

    kind        pb.OPEN_ACCOUNT, pb.RECHARGE, pb.REFUND ..
    meter, customer  the numbers that their 12 digits make
    amount_fen  0.01 yuan
    r2          4 bytes, of the meter's last authentication; for a card `card` instead
    """
    return pb.Order(order_id=order_id(), kind=kind, meter=meter, customer=customer, amount_fen=amount_fen, r2=r2, card=card)


def tlog_proof(index: int, proved: pb.ProveReply) -> str:
    """What Station.prove answered, as a file that anybody with the key of the log's checkpoints can check (`kmp-audit verify-proof`): C2SP tlog-proof, its `extra` is the leaf hash."""
    lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(proved.leaf_hash).decode(), f"index {index}", *(base64.b64encode(h).decode() for h in proved.proof)]
    return "\n".join(lines) + "\n\n" + proved.checkpoint.decode()


@dataclasses.dataclass
class Habits:
    """How long a Station waits and how often it tries. Times are in seconds."""

    program: str = "station"  #: how it calls itself in the service's log
    timeout: float = 60.0  #: for a reply; when it has passed the connection counts as lost
    known_log: str = ""  #: a file that keeps what is known of the service's log, of one service only: a log that was set back is refused (docs/STATION.md); empty: nothing is kept
    log_key: str = ""  #: with it: the key of its checkpoints, as the auditor gave it; empty: the one of the first contact
    reconnects: int = 3  #: how often a lost connection is made anew for what was asked on it; 0: never, the caller decides
    reconnect_pause: float = 0.2  #: before the first of them, twice as long before each further one
    busy_tries: int = 8  #: how often a request or a login that is answered "busy" is sent in all
    tell: Callable[[str], None] = lambda line: None  #: hears of lost connections and of waiting, one line each


@dataclasses.dataclass
class _Flight:
    """One request, from start() until its caller has the reply."""

    operation: str
    request: pb.StationRequest
    outcome: Any = None  # the reply's message, or a KmpError
    due: float | None = 0.0  # when it is to be sent; None: it has been
    sent_at: float = 0.0
    sent: int = 0  # on how many connections
    busy: int = 0  # how often it was answered "busy"


class Pending:
    """A reply that is to come."""

    def __init__(self, station: "Station", flight: _Flight):
        self._station, self._flight = station, flight

    def done(self) -> bool:
        """True once result() need not wait. Does not look at the line by itself: other calls of the Station bring replies in."""
        return self._flight.outcome is not None

    def result(self) -> Any:
        """Waits, and gives the reply's message; raises the KmpError that it was answered with."""
        while self._flight.outcome is None:
            self._station._step()
        if isinstance(self._flight.outcome, KmpError):
            raise self._flight.outcome
        return self._flight.outcome


class Station:
    """A session with kmpd: calls, one by one or many in flight at once. A context manager.

        with Station.local("/run/kmp/kmp.sock", ukey="US-3PKXVCGC", pin=Pin.from_fd(3)) as station:
            proof = station.authenticate(202611220001)            # -> k1, r1, factor; the meter answers R2
            order = new_order(pb.RECHARGE, 202611220001, 42, 5000, r2=r2)
            answer = station.order(order)                         # -> purchase_count, mac1, mac2, charge (its receipt)

    Lost answers: when the connection is lost, or a reply does not come in time, everything in flight is asked again, as it was, on a new connection. That is safe for all that kmp.sock
    offers: an order is charged once, by its id, and all else says or computes once more what it did before (void_order: already_exists). When it stays lost `Lost` is raised, and what was asked may have happened: an order is
    then asked for again with the same id, now or after a restart, for seven days.

    A request that kmpd is too busy for is sent again after the pause that kmpd names, and so is a login (kmpd checks one PIN of a UKEY at a time; that counts none). A login that was refused is never tried a second time by itself: wrong PINs are counted, and the
    tenth blocks the UKEY. One thread at a time; no thread runs in here.
    """

    def __init__(self, connect: Callable[[], Any], name: str, ukey: str = "", kind: str = "", account: str = "", pin: Pin | None = None, habits: Habits | None = None):
        """Station.local and Station.remote are what you want. `connect` gives a connected stream each time it is called; `name` is how errors call the other end."""
        self._connect, self._name = connect, name
        self._login = pb.OpenSession(ukey=ukey, kind=kind, account=account)
        self._pin, self._role = pin, "account" if account else "ukey"
        self._habits = habits or Habits()
        self._line: Line | None = None
        self._refused: KmpError | None = None  # why the login was refused
        self._last_id = 0
        self._flights: dict[int, _Flight] = {}  # without an outcome, by the id they have on any connection
        self.hello = pb.HelloReply()  #: what kmpd said at the last hello: its version, its newest checkpoint
        self.session = pb.OpenSessionReply()  #: whose session it is, what its grant says
        self._open()

    @classmethod
    def local(cls, socket_path: str, ukey: str = "", pin: Pin | None = None, *, kind: str = "", account: str = "", habits: Habits | None = None) -> "Station":
        """A session over kmp.sock, with a UKEY (empty: the only one that is plugged in) or a network account. No pin: the grant admits this unix user.

        Raises KmpError: wrong_pin, pin_locked, denied, not_found, expired, token_removed, sealed (docs/PROTOCOL.md, open_session).
        """
        return cls(lambda: connect_unix(socket_path), socket_path, ukey, kind, account, pin, habits)

    @classmethod
    def remote(cls, machine: str, trust: str, account: str, password: Pin | None = None, *, certificate: str = "", key: str = "", habits: Habits | None = None) -> "Station":
        """A session with the network encryption machine at "HOST:PORT"; `trust` is a PEM file with the platform's anchor. By the account's password, or by the key of the certificate
        that it is bound to (PEM files). Raises as local, and as connect_tls."""
        return cls(lambda: connect_tls(machine, trust, certificate, key), machine, "", "", account, password, habits)

    def __enter__(self) -> "Station":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session and wipes the PIN. What is in flight may have happened."""
        if self._line:
            self._line.close()
        self._line = None
        if self._pin:
            self._pin.wipe()
        self._refused = KmpError("io_failed", "this station was closed")

    def log_in(self, pin: Pin | None = None) -> None:
        """Opens the session anew, as after token_removed when the UKEY is back; with a new PIN after wrong_pin. Nothing may be in flight."""
        if pin:
            self._pin = pin
        self._refused = None
        self._open()

    # ---- asking

    def ask(self, **operation: Any) -> Any:
        """Asks and waits: ask(sign=pb.Sign(message=b"..")) or ask(sign={"message": b".."}) gives a pb.SignReply. Every operation of StationRequest can be asked so.

        Raises KmpError with kmpd's code; Lost; KmpError malformed (no reply of this protocol), refused (the request does not fit a frame).
        """
        return self.start(**operation).result()

    def start(self, **operation: Any) -> Pending:
        """The same without waiting: up to MAX_IN_FLIGHT may be in flight, one more waits for room. Replies come in the order in which they are ready; errors come with them."""
        if len(operation) != 1:
            raise TypeError("a request has exactly one operation")
        while len(self._flights) >= MAX_IN_FLIGHT:
            self._step()
        self._last_id += 1
        (name,) = operation
        flight = _Flight(name, pb.StationRequest(id=self._last_id, **operation))
        self._flights[self._last_id] = flight
        if self._line:
            self._send_what_is_due()
        return Pending(self, flight)

    def wait(self) -> None:
        """Until all that was started has been answered."""
        while self._flights:
            self._step()

    # ---- typed wrappers; whatever has none is asked by ask()

    def authenticate(self, meter: int, factory: bool = False, key_version: int = 0) -> pb.AuthenticateReply:
        """K1, R1 and the factor of an identity authentication; the meter answers R2."""
        return self.ask(authenticate=pb.Authenticate(meter=meter, state=pb.FACTORY if factory else pb.PRODUCTION, key_version=key_version))

    def order(self, order: pb.Order) -> pb.OrderReply:
        """One order. The same order, with the same id, may be asked again and again: `repeated` says that nothing was charged now."""
        return self.ask(order=order)

    def orders(self, orders: Iterable[pb.Order]) -> list[pb.OrderReply | KmpError]:
        """Any number of orders, in batches of as many as a frame takes; each gets its own result, in the order given. Orders of one meter are taken one after the other, as they stand.
        Those that kmpd was too busy for are asked for again."""
        asked = list(orders)
        results: list[Any] = [None] * len(asked)
        left = list(range(len(asked)))
        tries = 0
        while left:
            tries += 1
            busy, pause = [], 0.0
            for part in _batches(asked, left):
                try:
                    outcomes = self._batch([asked[i] for i in part])
                except KmpError as error:  # of the batch as a whole: what could be tried has been
                    for i in part:
                        results[i] = error
                    continue
                for i, outcome in zip(part, outcomes):
                    results[i] = outcome
                    if isinstance(outcome, KmpError) and outcome.code == "busy" and tries < self._habits.busy_tries:
                        busy.append(i)
                        pause = max(pause, _pause_of(outcome))
            left = busy
            if left:
                self._habits.tell(f"kmpd is busy with {len(left)} orders; trying them again in {pause:g} s")
                time.sleep(pause)
        return results

    def _batch(self, orders: list[pb.Order]) -> list[pb.OrderReply | KmpError]:
        replies = self.ask(order_batch=pb.OrderBatch(orders=orders)).orders
        if [r.order_id for r in replies] != [o.order_id for o in orders]:
            raise KmpError("malformed", "kmpd answered other orders than those asked")
        return [_error_in(r.failure) if r.HasField("failure") else r for r in replies]

    def check_status(self, meter: int, r1: bytes, balance: bytes, balance_mac: bytes, count: bytes, count_mac: bytes, customer: bytes, key_info: bytes) -> pb.CheckStatusReply:
        """Whether a meter's answer to the status query is genuine; all fields most significant byte first, r1 that of the authentication it was asked under."""
        return self.ask(check_status=pb.CheckStatus(meter=meter, r1=r1, balance=balance, balance_mac=balance_mac, count=count, count_mac=count_mac, customer=customer,
                                                    key_info=key_info))

    def void_order(self, order_id: bytes, meter: int) -> pb.VoidOrderReply:
        """Gives an order up that no meter has credited; `missing` says what must be shown first. KmpError already_exists: it was voided before."""
        return self.ask(void_order=pb.VoidOrder(order_id=order_id, meter=meter))

    def relay(self, meter: int, r2: bytes, command: int, valid_until: bytes) -> pb.RelayReply:
        """A relay command for 1CH: 0x1A trip, 0x1B close allowed, 0x1C direct close .."""
        return self.ask(relay=pb.Relay(meter=meter, r2=r2, command=command, valid_until=valid_until))

    def sign(self, message: bytes) -> bytes:
        """A P-256 signature of the user UKEY's signing key, r || s."""
        return self.ask(sign=pb.Sign(message=message)).signature

    def verify(self, message: bytes, signature: bytes, ukey: str = "") -> bool:
        """Whether a signature is of the signing key of a UKEY of this platform; empty: of this session's."""
        return self.ask(verify=pb.Verify(message=message, signature=signature, ukey=ukey)).genuine

    def mac(self, message: bytes) -> bytes:
        """16 bytes, under the user UKEY's data key."""
        return self.ask(mac=pb.Mac(message=message)).mac

    def encrypt(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        """Under the user UKEY's data key: IV, ciphertext and tag. `associated` is covered and not contained."""
        return self.ask(encrypt=pb.Encrypt(plaintext=plaintext, associated=associated)).sealed

    def decrypt(self, sealed: bytes, associated: bytes = b"") -> bytes:
        """What encrypt made. KmpError key_invalid: it was changed, or is another UKEY's."""
        return self.ask(decrypt=pb.Decrypt(sealed=sealed, associated=associated)).plaintext

    def prove(self, index: int) -> pb.ProveReply:
        """Proof that the record of a receipt is in the log, under a signed checkpoint (docs/PROTOCOL.md, prove)."""
        return self.ask(prove=pb.Prove(index=index))

    def random(self, size: int) -> bytes:
        """1 to 1024 random bytes drawn inside the UKEY."""
        return self.ask(random=pb.Random(size=size)).data

    # ---- the line

    def _open(self) -> None:
        """A connection with its session. Counters that open together find kmpd busy with each other's PIN: tried again on a connection of its own."""
        pause = _USUAL_PAUSE
        for tries in itertools.count(1):
            try:
                return self._open_once()
            except KmpError as error:
                if error.code != "busy" or tries >= self._habits.busy_tries:
                    raise
                wait = max(pause, _pause_of(error)) * random.uniform(0.5, 1)  # never in step with the others that wait
                self._habits.tell(f"kmpd is busy ({error.message}); logging in again in {wait:.3g} s")
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_LOGIN_PAUSE)

    def _open_once(self) -> None:
        if self._refused:
            raise self._refused
        if self._line:
            self._line.close()
        self._line = None
        line = Line(self._connect(), self._name, self._habits.timeout)
        try:
            self._greet(line)
            if self._pin:
                frame = self._pin.frame(self._role)
                try:
                    line.send_frame(frame)
                finally:
                    _wipe(frame)
            try:
                self.session = self._at_once(line, "open_session", pb.StationRequest(id=2, open_session=self._login))
            except KmpError as error:
                if not error.repeatable:
                    self._refused = error
                raise
        except BaseException:
            line.close()
            raise
        self._line = line

    def _greet(self, line: Line) -> None:
        # Read anew each time: other counters of the station may keep theirs in the same file.
        log = KnownLog(self._habits.known_log, self._habits.log_key) if self._habits.known_log else None
        hello = pb.Hello(version=VERSION, client=self._habits.program[:64], checkpoint=log.checkpoint if log else b"")
        try:
            try:
                self.hello = self._at_once(line, "hello", pb.StationRequest(id=1, hello=hello))
            except KmpError as error:
                raise (log.refused(error) if log else error) from None
            if self.hello.version != VERSION:
                raise KmpError("unsupported", f"kmpd at {self._name} speaks version {self.hello.version} of the protocol, this program version {VERSION}")
            if log:
                log.meet(self.hello)
        except KmpError as error:
            if log and error.code == "tampered":  # it stays so, however often it is asked
                self._refused = error
            raise

    def _at_once(self, line: Line, operation: str, request: pb.StationRequest) -> Any:
        line.send(request.SerializeToString())
        outcome = self._read(operation, request, _parse(line.receive(self._habits.timeout)))
        if isinstance(outcome, KmpError):
            raise outcome
        return outcome

    def _read(self, operation: str, request: pb.StationRequest, reply: pb.StationReply) -> Any:
        """What a reply says to a request: its message, or the error it stands for."""
        if reply.HasField("failure"):
            return _error_in(reply.failure)
        if reply.id != request.id or reply.WhichOneof("result") != operation:
            return KmpError("malformed", f"kmpd answered {operation} with something else")
        if operation == "order" and reply.order.order_id != request.order.order_id:
            return KmpError("malformed", "kmpd answered another order than the one asked")
        return getattr(reply, operation)

    def _reconnect(self) -> None:
        pause, tries = self._habits.reconnect_pause, max(1, self._habits.reconnects)
        for i in range(tries):
            if self._habits.reconnects:
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_RECONNECT_PAUSE)
            try:
                return self._open()
            except KmpError as error:
                if not self._refused:
                    self._habits.tell(f"cannot reach kmpd again: {error.message}")
                if i + 1 == tries or self._refused or not (error.repeatable or error.code == "not_found"):
                    raise

    def _step(self) -> None:
        """Brings what is in flight one step on."""
        if not self._line:
            try:
                self._reconnect()
            except KmpError as error:
                for number in list(self._flights):
                    self._finish(number, error)
                return
        self._send_what_is_due()
        if not self._line:
            return
        asked = [f for f in self._flights.values() if f.due is None]
        if asked:
            self._take_reply(min(f.sent_at for f in asked))
        elif self._flights:
            time.sleep(max(0.0, min(f.due for f in self._flights.values() if f.due is not None) - time.monotonic()))

    def _send_what_is_due(self) -> None:
        now = time.monotonic()
        for number, flight in list(self._flights.items()):
            if flight.due is None or flight.due > now:
                continue
            try:
                self._line.send(flight.request.SerializeToString())
                flight.due, flight.sent_at, flight.sent = None, now, flight.sent + 1
            except Lost as error:
                flight.due, flight.sent = None, flight.sent + 1
                return self._lost(error)
            except KmpError as error:  # it does not fit a frame; the connection is as before
                self._finish(number, error)

    def _take_reply(self, oldest: float) -> None:
        try:
            reply = _parse(self._line.receive(max(0.001, oldest + self._habits.timeout - time.monotonic())))
        except KmpError as error:
            return self._lost(error)
        flight = self._flights.get(reply.id)
        if flight is None or flight.due is not None:
            # A service that cannot read a frame answers with id 0 and hangs up.
            about_a_frame = reply.id == 0 and reply.HasField("failure")
            return self._lost(_error_in(reply.failure) if about_a_frame else KmpError("malformed", f"kmpd answered what nobody asked (id {reply.id})"))
        outcome = self._read(flight.operation, flight.request, reply)
        if isinstance(outcome, KmpError) and outcome.code == "busy":
            flight.busy += 1
            if flight.busy < self._habits.busy_tries:
                pause = _pause_of(outcome)
                self._habits.tell(f"kmpd is busy ({outcome.message}); trying again in {pause:g} s")
                flight.due = time.monotonic() + pause
                return
        self._finish(reply.id, outcome)

    def _lost(self, error: KmpError) -> None:
        """The connection is gone. What may still be tried is due at once; the rest learns why."""
        if self._line:
            self._line.close()
        self._line = None
        for number, flight in list(self._flights.items()):
            if flight.due is not None:
                continue
            if flight.sent > self._habits.reconnects:
                self._finish(number, error)
            else:
                flight.due = 0.0
        if self._flights:
            self._habits.tell(f"the connection to kmpd is lost ({error.message}); asking again")

    def _finish(self, number: int, outcome: Any) -> None:
        self._flights.pop(number).outcome = outcome


def _parse(message: bytes) -> pb.StationReply:
    try:
        return pb.StationReply.FromString(message)
    except DecodeError:
        raise KmpError("malformed", "kmpd sent a message that is no reply") from None


def _error_in(failure: pb.Failure) -> KmpError:
    return error_of(failure.code, failure.message, failure.retry_after_ms)


def _pause_of(busy: KmpError) -> float:
    return min(max(busy.retry_after or _USUAL_PAUSE, 0.001), _LONGEST_PAUSE)


def _batches(orders: list[pb.Order], indices: list[int]) -> Iterable[list[int]]:
    """The indices in pieces whose orders fit a frame."""
    part, size = [], _BATCH_OVERHEAD
    for i in indices:
        more = orders[i].ByteSize() + _ORDER_OVERHEAD
        if part and (len(part) == MAX_BATCH_ORDERS or size + more > MAX_FRAME):
            yield part
            part, size = [], _BATCH_OVERHEAD
        part.append(i)
        size += more
    if part:
        yield part
