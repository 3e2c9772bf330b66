"""The Python package kmp_client against a service that a test writes as one function. No kmpd is needed; docs/STATION.md says what is promised."""
import contextlib
import os
import pathlib
import random
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

from kmp_client import REPEATABLE, Habits, KmpError, Lost, Pin, Refused, Station, new_order, order_id, order_text, pb

QUICK = dict(reconnect_pause=0.001)
HANG_UP = object()


def recharge(amount: int = 100, meter: int = 202611220001) -> pb.Order:
    return new_order(pb.RECHARGE, meter, 42, amount, r2=b"r2r2")


def good(request: pb.StationRequest) -> pb.StationReply:
    """What a good service answers."""
    reply = pb.StationReply(id=request.id)
    operation = request.WhichOneof("operation")
    getattr(reply, operation).SetInParent()
    if operation == "hello":
        reply.hello.version = 1
    elif operation == "open_session":
        reply.open_session.ukey = request.open_session.ukey
    elif operation == "random":
        reply.random.data = b"r" * request.random.size
    elif operation == "order":
        reply.order.order_id = request.order.order_id
    elif operation == "order_batch":
        for order in request.order_batch.orders:
            reply.order_batch.orders.add(order_id=order.order_id, purchase_count=order.amount_fen)
    return reply


def failure(request: pb.StationRequest, code: str, message: str = "why", retry_after_ms: int = 0) -> pb.StationReply:
    return pb.StationReply(id=request.id, failure=pb.Failure(code=code, message=message, retry_after_ms=retry_after_ms))


def framed(reply: pb.StationReply) -> bytes:
    message = reply.SerializeToString()
    return struct.pack(">I", len(message)) + message


class Service:
    """Listens on a unix socket; `handler` gives for each request a list of replies, bytes to be sent as they are, or HANG_UP."""

    def __init__(self, path: str, handler, greet: bool = True):
        self.handler, self.greet = handler, greet
        self.requests: list[pb.StationRequest] = []
        self.pins: list[str] = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def run(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                self.serve(peer)

    def serve(self, peer: socket.socket):
        with peer.makefile("rb") as stream:
            while head := stream.read(4):
                request = pb.StationRequest.FromString(stream.read(struct.unpack(">I", head)[0]))
                if request.HasField("pin"):
                    self.pins.append(f"{request.pin.role}:{request.pin.pin.decode()}")
                    continue
                greeting = request.WhichOneof("operation") in ("hello", "open_session")
                if not greeting:
                    self.requests.append(request)
                answer = [good(request)] if greeting and self.greet else self.handler(request)
                for piece in answer if isinstance(answer, list) else [answer]:
                    if piece is HANG_UP:
                        return
                    peer.sendall(piece if isinstance(piece, bytes) else framed(piece))


class WithService(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kmp-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / "kmp.sock")

    def serve(self, handler=lambda r: [good(r)], **more) -> Service:
        service = Service(self.path, handler, **more)
        self.addCleanup(service.close)
        return service

    def station(self, pin: str | None = "246810", **habits) -> Station:
        station = Station.local(self.path, "US-1", Pin(pin) if pin else None, habits=Habits(**(QUICK | habits)))
        self.addCleanup(station.close)  # before the service, which waits for its client
        return station

    def assert_code(self, code: str, call, *words, **named) -> KmpError:
        with self.assertRaises(KmpError) as caught:
            call(*words, **named)
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertEqual(len(str(caught.exception).splitlines()), 1)
        return caught.exception


class Asking(WithService):
    def test_it_logs_in_with_a_pin_and_asks_with_types(self):
        service = self.serve()
        with self.station() as s:
            self.assertEqual((s.session.ukey, service.pins), ("US-1", ["ukey:246810"]))
            self.assertEqual(s.random(12), b"r" * 12)
            order = recharge()
            self.assertEqual(s.order(order).order_id, order.order_id)
            self.assertEqual(s.ask(random={"size": 3}).data, b"rrr")

    def test_every_operation_of_the_schema_can_be_asked_by_its_name(self):
        self.serve()
        s = self.station()
        for field in pb.StationRequest.DESCRIPTOR.oneofs_by_name["operation"].fields:
            if field.name not in ("pin", "hello", "open_session"):
                reply = s.ask(**{field.name: {}})
                self.assertEqual(reply.DESCRIPTOR, pb.StationReply.DESCRIPTOR.fields_by_name[field.name].message_type)

    def test_a_request_has_one_operation_that_the_schema_knows(self):
        self.serve()
        s = self.station()
        self.assertRaises(TypeError, s.ask)
        self.assertRaises(TypeError, s.ask, random={"size": 1}, sign={"message": b"m"})
        self.assertRaises(ValueError, s.ask, no_such_operation={})

    def test_replies_in_another_order_reach_their_own_requests(self):
        held = []

        def handler(request):
            held.append(good(request))
            return held[::-1] if len(held) == 3 else []

        self.serve(handler)
        s = self.station()
        pending = [s.start(random={"size": n}) for n in (1, 2, 3)]
        self.assertEqual([len(p.result().data) for p in pending], [1, 2, 3])
        self.assertTrue(all(p.done() for p in pending))
        self.assertEqual(len(pending[0].result().data), 1)

    def test_many_more_than_may_be_in_flight_at_once(self):
        self.serve()
        s = self.station()
        pending = [s.start(random={"size": 1 + n % 50}) for n in range(700)]
        s.wait()
        self.assertEqual([len(p.result().data) for p in pending], [1 + n % 50 for n in range(700)])

    def test_order_ids_are_uuids_of_version_7_that_rise_with_time(self):
        first = order_id()
        self.assertEqual((len(first), first[6] >> 4, first[8] >> 6), (16, 7, 2))
        self.assertLessEqual(first[:6], order_id()[:6])
        self.assertRegex(order_text(recharge()), "^[0-9a-f-]{36}$")


class Failing(WithService):
    def test_a_refusal_carries_code_message_and_rule_and_is_not_repeated(self):
        service = self.serve(lambda r: failure(r, "refused", "per_order: 500.01 yuan asked"))
        error = self.assert_code("refused", self.station().order, recharge(50001))
        self.assertEqual((type(error), error.rule, error.message, error.repeatable, len(service.requests)), (Refused, "per_order", "per_order: 500.01 yuan asked", False, 1))

    def test_nobody_listens_or_the_path_is_too_long(self):
        self.assertIn("kmpd is not running at", str(self.assert_code("not_found", self.station)))
        self.path = "/" + "x" * 200
        self.assert_code("io_failed", self.station)

    def test_a_service_of_another_version_is_refused(self):
        self.serve(lambda r: pb.StationReply(id=r.id, hello=pb.HelloReply(version=2)), greet=False)
        self.assert_code("unsupported", self.station)

    def test_a_refused_login_is_never_tried_a_second_time(self):
        sessions = []

        def handler(request):
            if request.HasField("open_session"):
                sessions.append(request)
                if len(sessions) == 2:
                    return failure(request, "wrong_pin", "wrong PIN; 9 tries are left")
            return HANG_UP if request.HasField("random") and len(sessions) == 1 else good(request)

        service = self.serve(handler, greet=False)
        s = self.station()
        for _ in range(3):
            self.assert_code("wrong_pin", s.random, 1)
        self.assertEqual(len(service.pins), 2)
        s.log_in(Pin("135791"))
        self.assertEqual((s.random(1), service.pins[-1]), (b"r", "ukey:135791"))

    def test_a_busy_service_is_given_the_time_it_asks_for(self):
        seen = []

        def handler(request):
            seen.append(request)
            return failure(request, "busy", "under way", 5) if len(seen) < 4 else good(request)

        self.serve(handler)
        self.assertEqual(self.station().random(2), b"rr")
        self.assertEqual(len(seen), 4)

    def test_busy_is_handed_on_when_it_was_tried_often_enough(self):
        service = self.serve(lambda r: failure(r, "busy", "under way", 1))
        error = self.assert_code("busy", self.station(busy_tries=3).random, 1)
        self.assertEqual((error.retry_after, error.repeatable, len(service.requests)), (0.001, True, 3))

    def test_a_login_that_kmpd_is_too_busy_for_is_tried_again_each_time_on_a_connection_of_its_own(self):
        opened, told = [], []

        def handler(request):
            if request.HasField("open_session"):
                opened.append(request)
                if len(opened) in (1, 2, 4):
                    return failure(request, "busy", "another PIN is being checked", 1)
            return HANG_UP if request.HasField("random") and len(opened) == 3 else good(request)

        service = self.serve(handler, greet=False)
        station = self.station(tell=told.append)
        self.assertEqual((len(opened), len(told)), (3, 2))
        self.assertEqual(station.random(1), b"r")  # it was lost, and what logs in again for it waits its turn as well
        self.assertEqual((len(opened), service.pins), (5, ["ukey:246810"] * 5))

    def test_a_login_is_handed_back_as_busy_when_it_was_tried_often_enough_and_can_be_tried_later(self):
        busy = [True]
        service = self.serve(lambda r: failure(r, "busy", "another PIN is being checked") if busy and r.HasField("open_session") else good(r), greet=False)
        error = self.assert_code("busy", self.station, busy_tries=2)
        self.assertEqual((error.repeatable, len(service.pins)), (True, 2))
        busy.clear()
        self.assertEqual(self.station().random(1), b"r")

    def test_a_request_larger_than_a_frame_is_refused_and_the_session_goes_on(self):
        service = self.serve()
        s = self.station()
        self.assert_code("refused", s.sign, b"m" * 65536)
        self.assertEqual((s.random(1), len(service.requests)), (b"r", 1))

    def test_what_is_no_frame_no_reply_or_no_answer_to_this_is_refused(self):
        stranger = pb.StationReply(id=4711, random=pb.RandomReply(data=b"r"))
        other_order = pb.StationReply(order=pb.OrderReply(order_id=order_id()))
        for name, answer in (("empty frame", bytes(4)), ("too large a frame", b"\0\x01\0\x01"), ("no message", b"\0\0\0\x01\xff"), ("nobody asked", framed(stranger)),
                             ("another operation", lambda r: pb.StationReply(id=r.id, sign=pb.SignReply())), ("nothing in it", lambda r: pb.StationReply(id=r.id))):
            with self.subTest(name):
                self.path = str(self.folder / name)
                self.serve(answer if callable(answer) else lambda r: [answer])
                self.assert_code("malformed", self.station(reconnects=0).random, 1)
        self.path = str(self.folder / "another order")

        def handler(request):
            other_order.id = request.id
            return other_order

        self.serve(handler)
        self.assert_code("malformed", self.station(reconnects=0).order, recharge())

    def test_a_frame_that_the_service_could_not_read_brings_its_reason(self):
        self.serve(lambda r: [pb.StationReply(failure=pb.Failure(code="malformed", message="a frame of length 0")), HANG_UP])
        self.assertIn("a frame of length 0", str(self.assert_code("malformed", self.station(reconnects=0).random, 1)))

    def test_a_closed_station_answers_nothing_and_keeps_no_pin(self):
        self.serve()
        pin = Pin("246810")
        with Station.local(self.path, pin=pin) as s:
            pass
        self.assert_code("io_failed", s.random, 1)
        self.assertEqual(bytes(pin._bytes), bytes(6))


class LosingAnswers(WithService):
    def test_the_same_order_is_asked_again_when_the_service_closes_in_the_middle(self):
        service = self.serve(lambda r: HANG_UP if len(service.requests) == 1 else [good(r)])
        told = []
        order = recharge()
        self.station(tell=told.append).order(order)
        self.assertEqual([r.order for r in service.requests], [order, order])
        self.assertEqual(service.pins, ["ukey:246810"] * 2)
        self.assertEqual(len(told), 1)

    def test_half_an_answer_is_none(self):
        service = self.serve(lambda r: [framed(good(r))[:-1], HANG_UP] if len(service.requests) == 1 else good(r))
        self.assertEqual(self.station().random(9), b"r" * 9)

    def test_an_answer_that_does_not_come_in_time_is_lost_and_asked_for_again(self):
        service = self.serve(lambda r: [] if len(service.requests) == 1 else [good(r)])
        order = recharge()
        self.station(timeout=1.0).order(order)
        self.assertEqual([r.order.order_id for r in service.requests], [order.order_id] * 2)

    def test_without_reconnects_the_caller_hears_that_it_may_have_happened_and_repeats_it(self):
        service = self.serve(lambda r: HANG_UP if len(service.requests) == 1 else [good(r)])
        s, order = self.station(reconnects=0), recharge()
        error = self.assert_code("io_failed", s.order, order)
        self.assertIsInstance(error, Lost)
        self.assertTrue(error.repeatable)
        s.order(order)
        self.assertEqual([r.order for r in service.requests], [order, order])

    def test_it_gives_up_after_the_reconnects_it_was_allowed(self):
        service = self.serve(lambda r: HANG_UP)
        self.assert_code("io_failed", self.station(reconnects=2).random, 1)
        self.assertEqual(len(service.requests), 3)

    def test_each_order_is_charged_once_whatever_breaks(self):
        chance, charged = random.Random(20261122), set()

        def handler(request):
            luck = chance.randrange(16)
            if luck == 0:
                return HANG_UP  # before it was charged
            if luck == 1:
                return failure(request, "busy", "too many", 1)
            charged.add(request.order.SerializeToString())
            return {2: HANG_UP, 3: [bytes(4)], 4: [framed(good(request))[:9], HANG_UP]}.get(luck) or good(request)

        self.serve(handler)
        s = self.station(reconnects=1000, busy_tries=1000)
        pending = [s.start(order=recharge(n + 1)) for n in range(200)]
        for p in pending:
            p.result()
        self.assertEqual(len(charged), 200)


class ManyOrders(WithService):
    def test_they_go_in_batches_and_each_has_its_own_result(self):
        def handler(request):
            reply = good(request)
            for one in reply.order_batch.orders:
                if one.purchase_count == 300:
                    one.failure.code, one.failure.message = "refused", "per_order: too much"
            return reply

        service = self.serve(handler)
        results = self.station().orders(recharge(n) for n in range(1, 601))
        self.assertEqual((len(results), len(service.requests)), (600, 3))
        self.assertIsInstance(results[299], Refused)
        self.assertEqual([r.purchase_count for r in results if not isinstance(r, KmpError)], [n for n in range(1, 601) if n != 300])

    def test_large_ones_are_cut_to_fit_a_frame(self):
        service = self.serve()
        orders = [recharge() for _ in range(200)]
        for order in orders:
            order.card.tariffs_now, order.card.tariffs_to_come = bytes(264), bytes(264)
        self.assertFalse(any(isinstance(r, KmpError) for r in self.station().orders(orders)))
        self.assertEqual(len(service.requests), 2)

    def test_busy_ones_are_asked_again(self):
        def handler(request):
            reply = good(request)
            if len(service.requests) == 1:
                reply.order_batch.orders[1].failure.code = "busy"
            return reply

        service = self.serve(handler)
        orders = [recharge(n) for n in (1, 2, 3)]
        self.assertFalse(any(isinstance(r, KmpError) for r in self.station().orders(orders)))
        self.assertEqual([o.order_id for o in service.requests[1].order_batch.orders], [orders[1].order_id])

    def test_a_batch_that_is_lost_is_lost_for_each_of_them(self):
        self.serve(lambda r: HANG_UP)
        self.assertEqual([type(r) for r in self.station(reconnects=0).orders([recharge(), recharge()])], [Lost, Lost])


class Pins(unittest.TestCase):
    def test_the_frame_is_what_protobuf_makes(self):
        for pin in ("1", "246810", "电" * 42):
            entered = pb.StationRequest(pin=pb.PinEntry(role="ukey", pin=pin.encode())).SerializeToString()
            self.assertEqual(bytes(Pin(pin).frame("ukey")), struct.pack(">I", len(entered)) + entered)

    def test_it_is_read_from_a_descriptor_line_by_line(self):
        read, write = os.pipe()
        os.write(write, b"first\r\nsecond\n")
        os.close(write)
        self.assertEqual([bytes(Pin.from_fd(read)._bytes), bytes(Pin.from_fd(read)._bytes)], [b"first", b"second"])
        with self.assertRaises(KmpError):
            Pin.from_fd(read)
        os.close(read)

    def test_without_a_terminal_nothing_is_asked_for(self):
        program = "from kmp_client import KmpError, Pin\ntry:\n    Pin.prompt()\nexcept KmpError as e:\n    print(e.code)"
        done = subprocess.run([sys.executable, "-c", program], input="246810\n", capture_output=True, text=True, start_new_session=True)
        self.assertEqual((done.stdout, done.stderr), ("not_found\n", ""))

    def test_one_that_cannot_be_is_refused_and_none_is_ever_shown(self):
        for wrong in (b"", b"x" * 129, b"\xff\xfe"):
            with self.assertRaises(KmpError) as caught:
                Pin(wrong)
            self.assertEqual(caught.exception.code, "invalid_argument")
        self.assertNotIn("246810", repr(Pin("246810")) + str(Pin("246810")))
        with self.assertRaises(KmpError):
            Pin.from_fd(987)


class OverTls(unittest.TestCase):
    """Who answers must be certified by the anchor, for a server, and speak TLS 1.3."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmp-", dir="/tmp"))
        cls.addClassCleanup(lambda: [f.unlink() for f in cls.folder.iterdir()] and cls.folder.rmdir())
        cls.certify("anchor", "CA:TRUE")
        cls.certify("stranger", "CA:TRUE")
        cls.certify("server", "CA:FALSE", "anchor", "serverAuth")
        cls.certify("client", "CA:FALSE", "anchor", "clientAuth")
        cls.certify("impostor", "CA:FALSE", "stranger", "serverAuth")

    @classmethod
    def certify(cls, name: str, basic: str, issuer: str = "", purpose: str = ""):
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-days", "2", "-addext", f"basicConstraints=critical,{basic}",
                 "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        words += ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []
        words += ["-addext", f"extendedKeyUsage={purpose}"] if purpose else []
        subprocess.run(words, cwd=cls.folder, check=True, capture_output=True)

    def serve(self, certificate: str, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{certificate}.pem", self.folder / f"{certificate}.key")
        context.maximum_version = newest
        listener = socket.create_server(("127.0.0.1", 0))

        def run():
            with contextlib.suppress(OSError), listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as peer:
                service = Service.__new__(Service)
                service.greet, service.requests, service.pins, service.handler = True, [], self.pins, lambda r: [good(r)]
                service.serve(peer)

        self.pins: list[str] = []
        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(lambda: (listener.close(), thread.join()))
        return f"127.0.0.1:{listener.getsockname()[1]}"

    def connect(self, machine: str, trust: str = "anchor.pem") -> Station:
        return Station.remote(machine, str(self.folder / trust), "shop-7", Pin("pw-of-shop-7"))

    def test_the_right_one_gets_the_password(self):
        with self.connect(self.serve("server")) as s:
            self.assertEqual(s.random(3), b"rrr")
        self.assertEqual(self.pins, ["account:pw-of-shop-7"])

    def test_a_wrong_certificate_is_denied_before_any_password_is_sent(self):
        for certificate in ("impostor", "client", "stranger"):
            with self.subTest(certificate), self.assertRaises(KmpError) as caught:
                self.connect(self.serve(certificate))
            self.assertEqual((caught.exception.code, self.pins), ("denied", []))

    def test_an_older_tls_is_not_spoken(self):
        with self.assertRaises(KmpError) as caught:
            self.connect(self.serve("server", ssl.TLSVersion.TLSv1_2))
        self.assertEqual((caught.exception.code, self.pins), ("io_failed", []))

    def test_without_an_anchor_nobody_is_trusted_not_even_whom_the_system_trusts(self):
        machine = self.serve("server")
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            self.addCleanup(os.environ.__setitem__ if name in os.environ else os.environ.pop, name, os.environ.get(name))
        os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"] = str(self.folder / "anchor.pem"), str(self.folder)  # the system's own authorities, as far as OpenSSL goes
        for trust in ("", None, str(self.folder / "missing.pem"), str(self.folder)):
            with self.subTest(trust=trust), self.assertRaises(KmpError) as caught:
                Station.remote(machine, trust, "shop-7", Pin("pw-of-shop-7"))
            self.assertEqual((caught.exception.code, self.pins), ("invalid_argument", []))
        with self.assertRaises(KmpError) as caught:
            self.connect(machine, "stranger.pem")
        self.assertEqual((caught.exception.code, self.pins), ("denied", []))

    def test_a_place_or_a_trust_file_that_is_none_is_said(self):
        for machine, trust, code in (("127.0.0.1", "anchor.pem", "invalid_argument"), ("127.0.0.1:x", "anchor.pem", "invalid_argument"), ("127.0.0.1:1", "anchor.pem", "not_found"),
                                     ("127.0.0.1:1", "missing.pem", "invalid_argument"), ("127.0.0.1:1", "server.key", "invalid_argument")):
            with self.subTest(machine=machine, trust=trust), self.assertRaises(KmpError) as caught:
                self.connect(machine, trust)
            self.assertEqual(caught.exception.code, code)


class Handbook(unittest.TestCase):
    def test_it_says_of_every_error_code_what_the_package_says(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "STATION.md").read_text()
        rows = {line.split("`")[1]: line.split("|")[2].strip() for line in text.splitlines() if line.startswith("| `") and line.split("|")[2].strip() in ("yes", "no")}
        self.assertEqual({code for code, same in rows.items() if same == "yes"}, REPEATABLE)
        self.assertGreater(len(rows), 25)


if __name__ == "__main__":
    unittest.main()
