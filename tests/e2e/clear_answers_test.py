"""What people and station writers are told: true, complete, and in the place where they look."""
import os
import stat
import struct
import subprocess
import time
import unittest

from admin import Admin
from platform_under_test import PINS, Platform, run, wait_until
from station import Refused, Station, Stream, order_id, pb

METER = 700000
YEAR = time.gmtime().tm_year % 100


def bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def valid_until(year: int = YEAR + 1, month: int = 6, day: int = 30, hour: int = 23, minute: int = 59, second: int = 59) -> bytes:
    return bytes(bcd(n) for n in (second, minute, hour, day, month, year))


class Stations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()

    @classmethod
    def tearDownClass(cls):
        cls.p.__exit__()

    def setUp(self):
        self.station = Station(self.p.socket("kmp.sock"))

    def tearDown(self):
        self.station.close()

    def login(self, kind: str = "user") -> Station:
        self.station.login(self.p.serials[kind], PINS[kind])
        return self.station

    def refused(self, code: str, **operation):
        with self.assertRaises(Refused, msg=operation) as no:
            self.station.ask(**operation)
        self.assertEqual(no.exception.code, code, f"{operation}: {no.exception}")
        return no.exception.message

    def order(self, **fields):
        return pb.Order(**{"order_id": order_id(), "kind": pb.OPEN_ACCOUNT, "meter": METER, "customer": 42, "amount_fen": 100, "r2": b"1234"} | fields)

    def test_a_meter_or_customer_that_is_left_out_is_refused_everywhere(self):
        self.login()
        self.assertIn("000000000000", self.refused("invalid_argument", order=self.order(meter=0)))
        self.assertIn("000000000000", self.refused("invalid_argument", order=self.order(customer=0)))
        self.refused("invalid_argument", authenticate=pb.Authenticate(meter=0, state=pb.PRODUCTION))
        self.refused("invalid_argument", relay=pb.Relay(meter=0, r2=b"1234", command=0x1A, valid_until=valid_until()))
        self.refused("invalid_argument", check_status=pb.CheckStatus(meter=0, r1=b"12345678", balance=b"1234", balance_mac=b"1234", count=b"1234", count_mac=b"1234",
                                                                      customer=b"123456", key_info=b"1234"))
        batch = self.station.ask(order_batch=pb.OrderBatch(orders=[self.order(meter=0)])).orders
        self.assertEqual(batch[0].failure.code, "invalid_argument")
        self.login("key")
        self.refused("invalid_argument", download_keys=pb.DownloadKeys(meter=0, r2=b"1234"))
        self.refused("invalid_argument", keys_loaded=pb.KeysLoaded(meter=0, done=True))

    def test_a_wrong_order_id_is_a_wrong_argument_like_any_other(self):
        self.login()
        for wrong in (b"", b"short", b"\0" * 16, os.urandom(17)):
            self.assertTrue(self.refused("invalid_argument", order=self.order(order_id=wrong)).startswith("order_id: "))
        old = bytearray(order_id())
        old[:6] = int((time.time() - 8 * 86400) * 1000).to_bytes(6, "big")
        self.assertTrue(self.refused("refused", order=self.order(order_id=bytes(old))).startswith("order_window: "))

    def test_a_relay_command_needs_a_time_that_is_one_and_neither_past_nor_far_ahead(self):
        self.login()
        relay = lambda until: dict(relay=pb.Relay(meter=METER + 1, r2=b"1234", command=0x1A, valid_until=until))
        for wrong in (b"\xff" * 6, valid_until(month=13), valid_until(month=0), valid_until(day=0), valid_until(month=2, day=30), valid_until(hour=24),
                      valid_until(minute=60), valid_until(second=60), valid_until(year=20), b"\x00\x00\x00\x1a\x06" + bytes([bcd(YEAR + 1)])):
            self.assertIn("valid_until", self.refused("invalid_argument", **relay(wrong)), wrong.hex())
        # The meter's clock may be up to 12 hours behind UTC: what is past by less may still lie ahead there.
        for hours, fine in ((-11, ""), (-13, "past"), (37, ""), (39, "more than a day ahead")):
            t = time.gmtime(time.time() + hours * 3600)
            until = valid_until(t.tm_year % 100, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec)
            if not fine:
                self.assertEqual(len(self.station.ask(**relay(until)).mac), 4)
            else:
                self.assertIn(fine, self.refused("invalid_argument", **relay(until)))

    def test_orders_for_one_meter_in_a_batch_follow_each_other(self):
        self.login()
        meter = METER + 10
        opening = self.order(meter=meter)
        orders = [opening] + [self.order(meter=meter, kind=pb.RECHARGE, amount_fen=fen) for fen in (100, 50001, 300)] + [opening, self.order(meter=meter + 1)]
        orders.append(self.order(meter=meter, kind=pb.RECHARGE, customer=43))
        replies = self.station.ask(order_batch=pb.OrderBatch(orders=orders)).orders
        self.assertEqual([r.order_id for r in replies], [o.order_id for o in orders])
        self.assertEqual([r.purchase_count for r in replies], [1, 2, 0, 3, 1, 1, 0])
        self.assertEqual([r.repeated for r in replies], [False, False, False, False, True, False, False])
        self.assertTrue(replies[2].failure.message.startswith("per_order: "), replies[2])
        self.assertTrue(replies[6].failure.message.startswith("account: "), replies[6])

    def test_a_connection_says_hello_once_and_a_refused_one_counts_and_is_logged(self):
        before = len([e for e in self.p.events() if e["type"] == "denied"])
        self.refused("malformed", hello=pb.Hello(version=1, checkpoint=b"junk"))
        self.assertIn("once", self.refused("refused", hello=pb.Hello(version=1)))
        self.assertIn("once", self.refused("refused", hello=pb.Hello(version=1, checkpoint=b"junk")))
        other = Station(self.p.socket("kmp.sock"))
        self.addCleanup(other.close)
        with self.assertRaises(Refused) as no:
            other.ask(hello=pb.Hello(version=2))
        self.assertEqual(no.exception.code, "unsupported")
        denied = [e["json"] for e in self.p.events() if e["type"] == "denied"][before:]
        self.assertEqual([(e["request"], e["code"]) for e in denied], [("hello", "malformed"), ("hello", "refused"), ("hello", "refused"), ("hello", "unsupported")])

    def broken_by(self, *frames) -> pb.StationReply:
        stream = Stream(self.p.socket("kmp.sock"), timeout=20)
        # In one piece: kmpd hangs up at the first one that it does not take.
        messages = [frame.SerializeToString() for frame in frames]
        stream.send_raw(b"".join(struct.pack(">I", len(m)) + m for m in messages))
        reply = stream.receive(pb.StationReply)
        with self.assertRaises(ConnectionError):
            stream.receive(pb.StationReply)
        stream.close()
        return reply

    def test_two_pins_of_one_role_or_one_that_is_no_utf8_are_refused(self):
        pin = lambda text: pb.StationRequest(pin=pb.PinEntry(role="ukey", pin=text))
        session = pb.StationRequest(id=1, open_session=pb.OpenSession(ukey=self.p.serials["user"]))
        right = PINS["user"].encode()
        self.assertEqual(self.broken_by(pin(right), pin(b"another-pin"), session).failure.code, "malformed")
        for wrong in (b"abc\xff\xfe1", b"\xc0\xaf12345", b"\xed\xa0\x80123", b"12345\xe4"):
            self.assertEqual(self.broken_by(pin(wrong), session).failure.code, "malformed")
        self.assertEqual(self.p.good_ctl("--json", "ukey", "show", self.p.serials["user"]).json()["ukey"]["wrong_pins"], 0)
        self.login()  # after all that the right one is still taken

    def test_advice_at_a_meter_can_be_followed(self):
        p, number = self.p, "000000710001"
        meter = p.meter(number)
        at = ("--line", meter.line, "--meter", number)
        p.good_vend("keys", "download", *at, kind="key")
        no_customer = p.vend("remote", "recharge", *at, "--amount", "5")
        self.assertEqual((no_customer.code, "open an account on it first" in no_customer.err), (1, True), no_customer.err)
        p.good_vend("remote", "open", *at, "--customer", "000000000042", "--amount", "50")
        p.good_vend("remote", "keep-power", "on", *at)
        tripped = p.vend("remote", "trip", *at)
        self.assertEqual(tripped.code, 1)
        self.assertIn("keep-power off", tripped.err)
        p.good_vend("remote", "keep-power", "off", *at)
        p.good_vend("remote", "trip", *at)
        self.assertIn("no private keys again", p.good_vend("keys", "recover", *at, kind="key").out)
        for command in (("remote", "status"), ("remote", "trip")):
            done = p.vend(*command, *at)
            self.assertEqual(done.code, 1)
            self.assertIn("one whose keys were put back gets none again", done.err)
        self.assertEqual(p.vend("keys", "download", *at, kind="key").code, 1)


class People(unittest.TestCase):
    def test_before_the_ceremony_and_while_sealed_nothing_is_said_that_is_not_known(self):
        with Platform() as p:
            p.start()
            for command in (("seal",), ("audit", "checkpoint"), ("audit", "list"), ("anchor",)):
                done = p.ctl(*command)
                self.assertEqual(done.code, 1, command)
                self.assertIn("no ceremony has been held", done.err, command)
            self.assertNotIn("kmp.toml", p.ctl("status").out)
            ceremony = p.ceremony()
            self.assertEqual(p.good_ctl("anchor").out, ceremony["trust_anchor_pem"])
            self.assertTrue(p.reader("platform")["logged_in"], "the platform UKEY works for as long as the service is open")
            self.assertFalse(p.reader("master")["logged_in"])
            p.good_ctl("seal")
            sealed = p.status()
            for field in ("utility", "log_size", "last_checkpoint_size", "last_checkpoint_ms"):
                self.assertIsNone(sealed[field], field)
            text = p.good_ctl("status").out
            self.assertIn("unknown while sealed", text)
            self.assertNotIn("0 events", text)

            wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
            self.assertEqual(p.ctl("unseal", pins={"platform": "a-wrong-pin"}).code, 1)
            time.sleep(1.5)
            p.unseal()
            failed = [e for e in p.events() if e["type"] == "pin_failed"]
            self.assertEqual(len(failed), 1)
            self.assertIn(f"by uid {os.geteuid()}", failed[0]["text"])
            self.assertIn("it happened at 20", failed[0]["text"])

    def test_a_reader_that_was_just_plugged_in_is_waited_for(self):
        with Platform() as p:
            p.start()
            for _ in range(3):
                for name in ("platform", "master"):
                    (p.readers / name).mkdir()
                done = p.ctl("--json", "init", "--utility", "Test Utility", "--platform-reader", "platform", "--master-reader", "absent",
                             pins={"platform": PINS["platform"], "master": PINS["master"]})
                self.assertIn("there is no reader 'absent'", done.err)
                for name in ("platform", "master"):
                    (p.readers / name).rmdir()
                wait_until("the readers are gone", lambda: not p.status()["readers"])
            for name in ("platform", "master"):
                (p.readers / name).mkdir()
            p.good_ctl("init", "--utility", "Test Utility", "--platform-reader", "platform", "--master-reader", "master",
                       pins={"platform": PINS["platform"], "master": PINS["master"]})

    def test_progress_is_for_a_terminal_and_a_failure_is_one_line(self):
        with Platform() as p:
            p.start()
            p.ceremony()
            p.plug_in_blank("station")
            done = p.ctl("ukey", "issue", "--kind", "user", "--reader", "station", "--holder", "shop-7", pins={"master": "a-wrong-pin", "ukey": PINS["user"]})
            self.assertEqual(done.code, 1)
            self.assertEqual(done.err.count("\n"), 1, done.err)

    def test_minutes_are_written_once_for_their_owner_and_stand_in_the_log(self):
        with Platform() as p:
            p.start()
            p.plug_in_blank("platform")
            p.plug_in_blank("master")
            file = p.folder / "minutes.txt"
            words = ("init", "--utility", "Test Utility", "--platform-reader", "platform", "--master-reader", "master", "--minutes", str(file))
            file.write_text("kept")
            pins = {"platform": PINS["platform"], "master": PINS["master"]}
            refused = p.ctl(*words, pins=pins)
            self.assertEqual((refused.code, file.read_text(), p.status()["state"]), (1, "kept", "uninitialised"), refused)
            file.unlink()
            answer = p.good_ctl("--json", *words, pins=pins).json()
            self.assertEqual(file.read_text(), answer["minutes"])
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            self.assertEqual(p.good_ctl("audit", "minutes").out, answer["minutes"])
            with Admin(p.socket("admin.sock")) as admin:
                for wrong in (pb.AuditList(limit=10, filter=pb.AuditFilter(types=["no_such_type"])), pb.AuditList(limit=0)):
                    self.assertEqual(admin.ask(audit_list=wrong).failure.code, "invalid_argument")
                found = admin.ask(audit_list=pb.AuditList(limit=1, filter=pb.AuditFilter(types=["ukey_issued"]))).audit_list
                self.assertEqual([e.type for e in found.events], ["ukey_issued"])
                rest = admin.ask(audit_list=pb.AuditList(limit=10, filter=pb.AuditFilter(types=["ukey_issued"]), first=found.events[0].index + 1)).audit_list
                self.assertEqual([e.type for e in rest.events], ["ukey_issued"], "the platform's and the master-control UKEY's")

    def test_a_long_list_comes_in_pages(self):
        with Platform() as p:
            p.start()
            p.ceremony()
            # 64 ranges of meters each, so that the words of their grants do not fit one frame.
            ranges = ",".join(f"{i * 1000:012}-{i * 1000 + 999:012}" for i in range(1, 65))
            serials = [p.issue(f"r{i}", "user", "--station", "s", "--meters", ranges) for i in range(36)]
            listed = p.good_ctl("--json", "ukey", "list").json()["ukeys"]
            self.assertGreater(sum(len(u["grant"]) for u in listed), 65536)
            self.assertEqual({u["serial"] for u in listed}, set(serials) | {p.serials["platform"], p.serials["master"]})
            # And the newest events are the ones that are shown, however many were asked for.
            for limit in (1000, 100):
                page = p.good_ctl("--json", "audit", "list", "--limit", str(limit)).json()
                indices = [e["index"] for e in page["events"]]
                self.assertEqual(indices, list(range(max(0, page["size"] - limit), page["size"])))
            stream = Stream(p.socket("admin.sock"))
            stream.send(pb.AdminRequest(id=1, audit_list=pb.AuditList(limit=1000, newest=True)))
            newest = stream.receive(pb.AdminReply).audit_list
            stream.close()
            self.assertEqual(newest.events[-1].index, newest.size - 1)
            self.assertLess(len(newest.events), newest.size, "the log is longer than a frame")


class Homes(unittest.TestCase):
    def mode(self, path) -> int:
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_a_home_lets_stations_to_their_socket_and_nobody_to_its_secrets(self):
        with Platform() as p:
            p.home.chmod(0o700)
            p.start()
            p.ceremony()
            self.assertEqual(self.mode(p.home), 0o711)
            self.assertEqual(self.mode(p.readers), 0o700)
            self.assertEqual(self.mode(p.home / "checkpoint"), 0o644)
            for secret in ("kmp.db", "kmp.db-wal", "kmp.db-shm", "platform.toml", "sealed.log"):
                self.assertEqual(self.mode(p.home / secret), 0o600, secret)
            self.assertEqual(self.mode(p.socket("kmp.sock")), 0o660)
            self.assertEqual(self.mode(p.socket("admin.sock")), 0o600)
            # What an older version left open, relying on the folder, is closed.
            p.stop()
            (p.home / "kmp.db").chmod(0o644)
            p.start()
            self.assertEqual(self.mode(p.home / "kmp.db"), 0o600)
            if os.geteuid() == 0:  # only root can be somebody else
                p.folder.chmod(0o711)
                connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
                as_member = lambda path, group: subprocess.run(["/usr/bin/python3", "-c", connect, path], user=65534, group=group, extra_groups=[], capture_output=True, cwd="/").returncode
                self.assertEqual(as_member(p.socket("kmp.sock"), os.getegid()), 0, "kmpd's group may vend")
                self.assertNotEqual(as_member(p.socket("kmp.sock"), 65534), 0)
                self.assertNotEqual(as_member(p.socket("admin.sock"), os.getegid()), 0)

    def test_a_home_that_is_made_is_told_of(self):
        with Platform() as p:
            p.start()
            self.assertNotIn("is a new home", p.log_text())
            p.stop()
            p.home = p.folder / "slip"
            p.start()
            self.assertIn(f"{p.home} is a new home", p.log_text())

    def test_wrong_usage_is_one_line_of_every_program(self):
        for program in ("kmpd", "kmpctl", "kmp-vend", "kmp-meter", "kmp-audit"):
            for words in (("--nonsense",), ("nonsense",)):
                done = run(program, *words)
                self.assertEqual(done.code, 2, (program, words))
                self.assertEqual(done.err.count("\n"), 1, done.err)
                self.assertTrue(done.err.startswith(f"{program}: "), done.err)
            self.assertEqual(run(program, "--version").out, "kmp 0.1.0\n")
        for words in (("kmpd", "--home", ""), ("kmpd", "--tokenhost", ""), ("kmp-meter", "show", "--state", ""), ("kmp-vend", "--home", "", "keys", "download")):
            done = run(*words)
            self.assertEqual((done.code, done.err.count("\n")), (2, 1), words)

    def test_every_program_says_where_the_home_is_when_none_is_given(self):
        for program in ("kmpd", "kmpctl", "kmp-vend"):
            self.assertIn("/var/lib/kmp", run(program, "--help").out, program)
