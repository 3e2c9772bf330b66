"""Every operation of the wire, done and refused, against the table of docs/AUDIT_EVENTS.md; and what else must leave an event: starts, stops, crashes, floods, strangers."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import time
import unittest

from admin import Admin
from cases import PlatformCase
from cards_test import FakeCard
from network_test import connect_tls
from pki_test import ROOT_PIN, SO_PIN, openssl, script
from platform_under_test import MASTER, PINS, Platform, officer_pin, wait_until
from station import Refused, Station, order_id
from wire import kmp_pb2 as pb

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "AUDIT_EVENTS.md"
METER = 150000000001
CUSTOMER = 42
EVERYTHING = "authenticate,open_account,recharge,relay,write_parameter,check_status,card,sign,verify,encrypt,decrypt,mac,random,certify"
#: what the service does by itself meanwhile
ALONGSIDE = {"checkpoint_signed", "session_closed", "ukey_inserted", "ukey_removed"}
#: what answers whoever asks, and so is never refused
NEVER_REFUSED = {"pin", "status", "close_session", "cancel"}
#: what takes a world of its own to be done
ELSEWHERE = {"restore": "Restored", "audit_archive": "archive_test.py"}
#: events of the service's own, and of nobody's request
OWN = {"checkpoint_signed", "recovery"}


def table(section: str) -> dict[str, tuple[list[str], list[str]]]:
    """Operation to the events of it and what each of them says; no event where it leaves nothing."""
    text = PAGE.read_text()
    part = text[text.index(section):]
    rows = [[c.strip() for c in line.strip("| \n").split(" | ")] for line in part[:part.index("\n## ")].splitlines() if re.match(r"\| [a-z_]+ \|", line)]
    split = lambda cell: [] if cell == "-" else cell.split(", ")  # noqa: E731
    return {op: ([], []) if done == "nothing" else (split(done), split(says)) for op, done, says in rows if op != "operation"}


STATION, PEOPLE = table("## 1. "), table("## 2. ")


def operations(message) -> list[str]:
    return [f.name for f in message.DESCRIPTOR.oneofs_by_name["operation"].fields]


class Rows(unittest.TestCase):
    def test_no_operation_is_without_a_row_and_no_row_without_an_operation(self):
        self.assertEqual(set(operations(pb.StationRequest)), set(STATION))
        self.assertEqual(set(operations(pb.AdminRequest)), set(PEOPLE))

    def test_what_leaves_nothing_says_why(self):
        for line in PAGE.read_text().splitlines():
            cells = [c.strip() for c in line.strip("| ").split(" | ")]
            if len(cells) == 3 and cells[1] == "nothing":
                self.assertGreater(len(cells[2]), 5, line)


class LogCase(PlatformCase):
    """Holds what an operation left in the log against its row."""

    def setUp(self):
        self.seen = self.size()

    def ask(self, pins: dict[str, str] | None = None, **operation):
        """The answer of admin.sock, which may be a failure."""
        with Admin(self.p.socket("admin.sock")) as admin:
            for role, pin in (pins or {}).items():
                admin.pin(role, pin)
            return admin.ask(**operation)

    def good(self, pins: dict[str, str] | None = None, **operation):
        reply = self.ask(pins, **operation)
        self.assertFalse(reply.HasField("failure"), f"{list(operation)}: {reply.failure}")
        return reply

    def size(self) -> int:
        return self.ask(audit_list=pb.AuditList(first=0, limit=1)).audit_list.size

    def fresh(self) -> list[dict]:
        """What was logged since the last look."""
        out = []
        while True:
            page = self.good(audit_list=pb.AuditList(first=self.seen, limit=1000)).audit_list
            out += [json.loads(e.json) for e in page.events]
            self.seen += len(page.events)
            if self.seen >= page.size:
                return out

    def holds(self, operation: str, row: tuple[list[str], list[str]], events: list[dict]):
        wanted, says = row
        found = {e["type"] for e in events}
        if not wanted:
            return self.assertLessEqual(found, ALONGSIDE, f"{operation} leaves nothing, says its row")
        self.assertLessEqual(set(wanted), found, f"{operation}: {found}")
        for event in events:
            if event["type"] not in wanted:
                continue
            self.assertTrue(event["type"] in OWN or "uid" in event or "actor" in event, f"{operation}: nobody did it: {event}")
            for field in says:
                self.assertIn(field, event, f"{operation}: {event}")

    def refused(self, operation: str, events: list[dict], **also):
        no = [e for e in events if e["type"] in ("denied", "order_refused", "session_refused")]
        self.assertEqual(len(no), 1, f"{operation}: {events}")
        self.assertTrue("uid" in no[0] or "actor" in no[0], no)
        self.assertLessEqual({"code", "detail"}, set(no[0]), no)
        for field, value in also.items():
            self.assertEqual(no[0].get(field), value, no)


class Stations(LogCase):
    """By raw messages: what a meter or a card would say is made up, or bytes of no meaning."""

    @classmethod
    def setUpClass(cls):
        cls.initialised()
        cls.p.issue("desk", "user", "--station", "desk-1", "--operations", EVERYTHING, "--classes", "identity,remote,parameter,credit,card", "--per-order", "500", "--per-day", "5000")
        cls.p.issue("engineer", "key", "--operations", "authenticate,download_keys,recover_keys,initialise_wallet,check_status", "--per-order", "100", "--per-day", "1000")

    def done(self, station: Station, operation: str, message, tried: set[str]):
        self.fresh()
        answer = station.ask(**{operation: message})
        fresh = self.fresh()
        if operation == "close_session":  # answered at once: that a session ends waits for nothing
            wait_until("the end of the session is logged", lambda: fresh.extend(self.fresh()) or fresh)
        self.holds(operation, STATION[operation], fresh)
        tried.add(operation)
        return answer

    def test_each_operation_that_is_done_leaves_what_its_row_says(self):
        tried = {"pin"}  # sent with each login
        station, engineer = Station(self.p.socket("kmp.sock")), Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        self.addCleanup(engineer.close)

        def done(operation: str, message):
            return self.done(station, operation, message, tried)

        done("hello", pb.Hello(version=1))
        station.send(pb.StationRequest(pin=pb.PinEntry(role="ukey", pin=PINS["user"].encode())))
        done("open_session", pb.OpenSession(ukey=self.p.serials["desk"]))
        engineer.login(self.p.serials["engineer"], PINS["key"])
        done("authenticate", pb.Authenticate(meter=METER, state=pb.PRODUCTION))
        order = order_id()
        done("order", pb.Order(order_id=order, kind=pb.OPEN_ACCOUNT, meter=METER, customer=CUSTOMER, amount_fen=100, r2=os.urandom(4)))
        done("order_batch", pb.OrderBatch(orders=[pb.Order(order_id=order_id(), kind=pb.RECHARGE, meter=METER, customer=CUSTOMER, amount_fen=100, r2=os.urandom(4))]))
        done("check_status", pb.CheckStatus(meter=METER, r1=bytes(8), balance=bytes(4), balance_mac=bytes(4), count=bytes(4), count_mac=bytes(4), customer=bytes(6), key_info=bytes(4)))
        done("relay", pb.Relay(meter=METER, r2=os.urandom(4), command=0x1A, valid_until=bytes.fromhex(time.strftime("%S%M%H%d%m%y", time.gmtime(time.time() + 1800)))))
        done("set_validity", pb.SetValidity(meter=METER, r2=os.urandom(4), minutes=30))
        done("write_parameter", pb.WriteParameter(meter=METER, r2=os.urandom(4), di=0x04001001, data=bytes(4)))
        done("check_read_back", pb.CheckReadBack(meter=METER, r1=bytes(8), data=bytes(4), mac=bytes(4)))
        self.done(engineer, "download_keys", pb.DownloadKeys(meter=METER + 1, r2=os.urandom(4)), tried)
        self.done(engineer, "keys_loaded", pb.KeysLoaded(meter=METER + 1, done=True), tried)
        card = FakeCard("1122334455667788")
        random = os.urandom(8)
        done("authenticate_card", pb.AuthenticateCard(meter=METER, serial=card.serial, factory=True, random=random, answer=card.answer(random), challenge=os.urandom(8)))
        done("write_card_key", pb.WriteCardKey(meter=METER, serial=card.serial, usage=5, challenge=os.urandom(4)))
        done("write_card", pb.WriteCard(meter=METER, serial=card.serial, file=5, data=bytes(49), challenge=os.urandom(4)))
        done("report_card", pb.ReportCard(meter=METER, serial=card.serial, file=2, random=os.urandom(8), data=bytes(8), mac=bytes(4)))
        newest = order_id()
        station.ask(order=pb.Order(order_id=newest, kind=pb.RECHARGE, meter=METER, customer=CUSTOMER, amount_fen=100, r2=os.urandom(4)))
        done("void_order", pb.VoidOrder(order_id=newest, meter=METER))
        self.good(audit_checkpoint=pb.AuditCheckpoint())
        done("prove", pb.Prove(index=1))
        signature = done("sign", pb.Sign(message=b"m")).signature
        done("verify", pb.Verify(message=b"m", signature=signature))
        done("mac", pb.Mac(message=b"m"))
        sealed = done("encrypt", pb.Encrypt(plaintext=b"m")).sealed
        done("decrypt", pb.Decrypt(sealed=sealed))
        done("random", pb.Random(size=8))
        done("prove_station", pb.ProveStation(content=b" " * 64 + b"TLS 1.3, client CertificateVerify\0" + bytes(32)))
        done("show_keys", pb.ShowKeys())
        done("request_certificate", pb.RequestCertificate())
        done("close_session", pb.CloseSession())
        self.assertEqual(set(operations(pb.StationRequest)) - tried, set(), "tried")
        self.sound()

    def test_each_operation_that_is_refused_is_logged_with_who_what_and_why(self):
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        for operation in set(operations(pb.StationRequest)) - NEVER_REFUSED:
            kind = getattr(pb, "".join(word.capitalize() for word in operation.split("_")))
            message = kind(ukey="US-NONE") if operation == "open_session" else pb.OrderBatch(orders=[pb.Order(order_id=order_id(), meter=METER)]) if operation == "order_batch" else kind()
            self.fresh()
            if operation == "order_batch":
                self.assertTrue(station.ask(order_batch=message).orders[0].HasField("failure"))
            else:
                with self.assertRaises(Refused, msg=operation):
                    station.ask(**{operation: message})
            self.refused(operation, self.fresh())


class People(LogCase):
    @classmethod
    def setUpClass(cls):
        cls.p = p = Platform()
        cls.addClassCleanup(p.__exit__)
        p.home.mkdir(exist_ok=True)
        (p.home / "kmp.toml").write_text('[velocity]\norders = 5\namount = "1000"\nwindow_minutes = 1440\n')
        p.initialised()

    def done(self, operation: str, message, pins: dict[str, str] | None = None):
        self.fresh()
        reply = self.good(pins, **{operation: message})
        self.holds(operation, PEOPLE[operation], self.fresh())
        self.tried.add(operation)
        return reply

    def test_each_operation_that_is_done_leaves_what_its_row_says(self):
        p, done = self.p, self.done
        self.tried = {"pin", "init", "request_list", "request_show", "request_judge", "request_run", "quorum_show", "quorum_change"}  # Officers
        genesis = [json.loads(e.json) for e in self.good(audit_list=pb.AuditList(first=0, limit=20)).audit_list.events]
        self.holds("init", PEOPLE["init"], genesis)
        user = p.serials["user"]
        done("hello", pb.Hello(version=1))
        done("status", pb.Status())
        done("cancel", pb.Cancel(request=4711))
        (p.home / "kmp.toml").write_text((p.home / "kmp.toml").read_text().replace("orders = 5", "orders = 6"))
        done("reload", pb.Reload())
        done("ukey_list", pb.UkeyList())
        done("ukey_show", pb.UkeyShow(serial=user))
        p.plug_in_blank("auditor")
        done("ukey_issue", pb.UkeyIssue(kind="auditor", reader="auditor", holder="Wang", holder_chose_pin=True), {**MASTER, "ukey": PINS["auditor"]})
        done("ukey_change", pb.UkeyChange(serial=user, action="suspend", reason="lent"), MASTER)
        self.good(MASTER, ukey_change=pb.UkeyChange(serial=user, action="resume", reason="back"))
        done("ukey_renew", pb.UkeyRenew(serial=user), {**MASTER, "ukey": PINS["user"]})
        done("keys_rotate", pb.KeysRotate(reason="yearly"), MASTER)
        done("ukey_inject", pb.UkeyInject(serial=user), {**MASTER, "ukey": PINS["user"]})
        self.good({**MASTER, "ukey": PINS["key"]}, ukey_inject=pb.UkeyInject(serial=p.serials["key"]))
        done("keys_list", pb.KeysList())
        done("keys_destroy", pb.KeysDestroy(version=1, reason="old", accept_loss=True), MASTER)
        done("ukey_set_pin", pb.UkeySetPin(serial=user), {"ukey": PINS["user"], "fresh": PINS["user"] + "-2"})
        self.good({"ukey": PINS["user"] + "-2", "fresh": PINS["user"]}, ukey_set_pin=pb.UkeySetPin(serial=user))
        done("ukey_attend", pb.UkeyAttend(serial=user), {"ukey": PINS["user"]})
        done("grant_set", pb.GrantSet(serial=user, terms=pb.GrantTerms(operations=["authenticate", "open_account"], classes=["identity", "credit"], meters=[pb.MeterRange(first=1, last=999999999999)], per_order_fen=500, per_day_fen=5000, per_month_fen=50000,
                                                                       orders_per_minute=100)), MASTER)
        self.meters(done)
        self.accounts(done, user)
        done("audit_list", pb.AuditList(first=0, limit=1))
        done("audit_export", pb.AuditExport())
        done("audit_checkpoint", pb.AuditCheckpoint())
        done("audit_prove", pb.AuditProve(index=1))
        done("audit_verify", pb.AuditVerify())
        done("retention_set", pb.RetentionSet(live_days=400, keep_days=4000, reason="by law"), MASTER)
        self.auditor()
        done("crl", pb.Crl())
        done("crl_refresh", pb.CrlRefresh(), MASTER)
        done("standby_status", pb.StandbyStatus())
        self.root(done)
        done("backup", pb.Backup(folder=str(p.folder / "backup")), MASTER)
        p.plug_in_blank("master-2")
        done("master_add", pb.MasterAdd(reader="master-2", holder="Li", reason="a second"), {**MASTER, "ukey": PINS["master"] + "-2"})
        self.sound()
        self.sealed()
        self.sound()
        left = set(operations(pb.AdminRequest)) - self.tried
        self.assertEqual(left, set(ELSEWHERE), "tried")

    def meters(self, done):
        p = self.p
        engineer = Station(p.socket("kmp.sock"))
        engineer.login(p.serials["key"], PINS["key"])
        engineer.ask(download_keys=pb.DownloadKeys(meter=METER, r2=os.urandom(4)))
        engineer.ask(keys_loaded=pb.KeysLoaded(meter=METER, done=True))
        engineer.close()
        done("meter_show", pb.MeterShow(meter=METER))
        done("meter_list", pb.MeterList())
        done("meter_allow_download", pb.MeterAllowDownload(meter=METER, reason="burnt"), MASTER)
        station = Station(p.socket("kmp.sock"))
        station.login(p.serials["user"], PINS["user"])
        with self.assertRaisesRegex(Refused, "velocity: "):
            for i in range(8):
                station.order(METER + 10 + i, 100, pb.OPEN_ACCOUNT)
        station.close()
        done("station_list", pb.StationList())
        done("station_release", pb.StationRelease(station="station-1", reason="a school began"), MASTER)

    def accounts(self, done, user: str):
        first, second = {"account": "first-password-12"}, {"account": "second-password-34"}
        certificate, key = str(self.p.folder / "shop.pem"), str(self.p.folder / "shop.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=shop")
        done("account_add", pb.AccountAdd(name="shop", ukey=user, holder="Han", holder_chose_password=True), {**MASTER, **first})
        done("account_list", pb.AccountList())
        done("account_show", pb.AccountShow(name="shop"))
        done("account_passwd", pb.AccountPasswd(name="shop"), {**first, "fresh": second["account"]})
        done("account_reset", pb.AccountReset(name="shop", holder_chose_password=True), {**MASTER, **first})
        done("account_bind", pb.AccountBind(name="shop", certificate=pathlib.Path(certificate).read_bytes()), MASTER)
        done("account_disable", pb.AccountDisable(name="shop", reason="closed"), MASTER)
        done("account_enable", pb.AccountEnable(name="shop"), MASTER)

    def auditor(self):
        self.fresh()
        with Admin(self.p.socket("admin.sock")) as auditor:
            auditor.pin("auditor", PINS["auditor"])
            reply = auditor.ask(audit_login=pb.AuditLogin())
            self.assertFalse(reply.HasField("failure"), reply.failure)
            self.holds("audit_login", PEOPLE["audit_login"], self.fresh())
            reply = auditor.ask(audit_logout=pb.AuditLogout())
            self.assertFalse(reply.HasField("failure"), reply.failure)
        events: list[dict] = []
        wait_until("the end of the session is logged", lambda: events.extend(self.fresh()) or any(e["type"] == "session_closed" for e in events))
        self.holds("audit_logout", PEOPLE["audit_logout"], events)
        self.tried |= {"audit_login", "audit_logout"}

    def root(self, done):
        folder = self.p.folder / "root"
        made = script("make-root", "--organisation", "Test Utility", str(folder), pin=ROOT_PIN, so_pin=SO_PIN)
        self.assertEqual(made.code, 0, made)
        request = done("pki_request", pb.PkiRequest(), MASTER).pki_request
        asked, out = self.p.folder / "request.pem", self.p.folder / "issuing.pem"
        asked.write_text(request.request_pem + request.anchor_pem)
        certified = script("certify-issuing", "--ca", str(folder), "--fingerprint", request.anchor_fingerprint, str(asked), str(out), pin=ROOT_PIN)
        self.assertEqual(certified.code, 0, certified)
        done("pki_install", pb.PkiInstall(root_pem=(folder / "root.pem").read_text(), certificate_pem=out.read_text()))
        done("pki_show", pb.PkiShow())

    def sealed(self):
        """Sealing leaves its event in the log that is closed behind it; and while it is sealed every operation is refused."""
        self.fresh()
        self.good(seal=pb.Seal())
        broken = (self.p.home / "kmp.toml").read_text()
        (self.p.home / "kmp.toml").write_text("no such key = 1\n")
        asked = set(operations(pb.AdminRequest)) - NEVER_REFUSED
        with Admin(self.p.socket("admin.sock")) as admin:
            for operation in sorted(asked):
                reply = admin.ask(**{operation: getattr(pb, "".join(word.capitalize() for word in operation.split("_")))()})
                self.assertTrue(reply.HasField("failure"), f"{operation} while sealed: {reply}")
        (self.p.home / "kmp.toml").write_text(broken)
        wait_until("the platform UKEY is ready", lambda: self.p.reader("platform").get("content") == "ukey")
        self.good({"platform": PINS["platform"]}, unseal=pb.Unseal())
        events = self.fresh()
        self.holds("seal", PEOPLE["seal"], events)
        no = {e["request"]: e for e in events if e["type"] in ("denied", "session_refused")}
        self.assertEqual(asked - set(no), set(), "refused while sealed, and not logged")
        for operation, event in no.items():
            self.assertTrue({"code", "detail", "happened_at"} <= set(event) and ("uid" in event or "actor" in event), event)
        self.holds("unseal", PEOPLE["unseal"], events)
        self.tried |= {"seal", "unseal"}


class Refusals(LogCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()

    def test_what_was_asked_for_stands_beside_who_asked_and_why_not(self):
        for also, operation in (({"request": "ukey_change", "ukey": "US-NONE", "reason": "why"}, dict(ukey_change=pb.UkeyChange(serial="US-NONE", action="suspend", reason="why"))),
                                ({"request": "account_disable", "account": "nobody", "reason": "why"}, dict(account_disable=pb.AccountDisable(name="nobody", reason="why"))),
                                ({"request": "station_release", "station": "s-9", "reason": "why"}, dict(station_release=pb.StationRelease(station="s-9", reason="why"))),
                                ({"request": "meter_show", "meter": "000000000009"}, dict(meter_show=pb.MeterShow(meter=9))),
                                ({"request": "request_show", "request_number": 7}, dict(request_show=pb.RequestShow(number=7))),
                                ({"request": "keys_destroy", "key_version": 9}, dict(keys_destroy=pb.KeysDestroy(version=9, reason="why"))),
                                ({"request": "ukey_issue", "reader": "r", "station": "s-1", "holder": "H"},
                                 dict(ukey_issue=pb.UkeyIssue(kind="user", reader="r", holder="H", terms=pb.GrantTerms(station="s-1"))))):
            self.fresh()
            self.assertTrue(self.ask(**operation).HasField("failure"))
            self.refused(also["request"], self.fresh(), **also)

    def test_a_wrong_pin_is_an_event_with_who_and_which_ukey_beside_the_refusal(self):
        self.fresh()
        self.assertTrue(self.ask({"master": "wrong-pin-1234"}, ukey_change=pb.UkeyChange(serial=self.p.serials["user"], action="suspend", reason="x")).HasField("failure"))
        events = self.fresh()
        failed = next(e for e in events if e["type"] == "pin_failed")
        self.assertEqual((failed["ukey"], failed["ukey_kind"], failed["wrong_pins"]), (self.p.serials["master"], "master-control", 1))
        self.assertIn("uid", failed)
        self.refused("ukey_change", events, code="wrong_pin")
        self.good(MASTER, crl_refresh=pb.CrlRefresh())

    def test_a_configuration_that_is_refused_is_logged(self):
        self.fresh()
        (self.p.home / "kmp.toml").write_text("nothing = like this\n")
        self.p.daemon.send_signal(signal.SIGHUP)
        events: list[dict] = []
        wait_until("the refusal is logged", lambda: events.extend(self.fresh()) or any(e["type"] == "denied" for e in events))
        self.refused("reload", events, request="reload", actor="SIGHUP")
        (self.p.home / "kmp.toml").unlink()

    def test_blank_and_foreign_tokens_that_come_and_go_are_told(self):
        self.fresh()
        self.p.plug_in_blank("passing")
        events: list[dict] = []
        wait_until("it is logged", lambda: events.extend(self.fresh()) or any(e["type"] == "ukey_inserted" for e in events))
        self.assertEqual([(e["reader"], e["detail"]) for e in events if e["type"] == "ukey_inserted"], [("passing", "a blank UKEY")])
        shutil.rmtree(self.p.readers / "passing")
        wait_until("it is logged", lambda: events.extend(self.fresh()) or any(e["type"] == "ukey_removed" for e in events))


class Life(LogCase):
    """What happens to the service itself, and to who knocks at its door."""

    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        (self.p.home / "kmp.toml").write_text('[network]\nlisten = "127.0.0.1:0"\n')
        self.p.start()
        self.p.ceremony()
        self.seen = self.size()

    def restarted(self) -> list[dict]:
        self.p.start()
        self.p.unseal()
        return self.fresh()

    @staticmethod
    def crashes(events: list[dict]) -> list[dict]:
        return [e for e in events if e["type"] == "recovery" and e["detail"].startswith("the service had ended without stopping")]

    def test_stops_crashes_and_starts_are_told_apart(self):
        self.p.stop()
        events = self.restarted()
        stopped = [e for e in events if e["type"] == "service_stopped"]
        self.assertEqual([e["detail"] for e in stopped], ["on signal 15, SIGTERM"])
        self.assertEqual([e["type"] for e in events if e["type"] in ("sealed", "service_stopped", "service_started", "unsealed")], ["sealed", "service_stopped", "service_started", "unsealed"])
        self.assertFalse(self.crashes(events), "it had said that it stops")
        self.p.kill()
        events = self.restarted()
        self.assertEqual(len(self.crashes(events)), 1)
        self.good(seal=pb.Seal())
        self.p.stop()
        events = self.restarted()
        self.assertEqual([e["type"] for e in events if e["type"] in ("sealed", "service_stopped", "service_started", "unsealed")],
                         ["sealed", "service_stopped", "service_started", "unsealed"])
        self.assertFalse(self.crashes(events))
        self.assertIn("happened_at", next(e for e in events if e["type"] == "service_stopped"))
        self.sound()

    def test_wrong_pins_of_an_unseal_stand_in_the_log_that_opens_later(self):
        self.good(seal=pb.Seal())
        wait_until("the platform UKEY is ready", lambda: self.p.reader("platform").get("content") == "ukey")
        self.assertTrue(self.ask({"platform": "wrong-pin-1"}, unseal=pb.Unseal()).HasField("failure"))
        self.p.unseal()
        events = self.fresh()
        failed = next(e for e in events if e["type"] == "pin_failed")
        self.assertEqual((failed["ukey"], failed["ukey_kind"]), (self.p.serials["platform"], "platform"))
        self.assertIn("actor", failed)
        self.assertEqual([(e["request"], e["code"]) for e in events if e["type"] == "denied"], [("unseal", "wrong_pin")])
        self.sound()

    def test_a_flood_of_refusals_on_admin_sock_shares_events_and_each_is_counted(self):
        self.fresh()
        count = 600
        with Admin(self.p.socket("admin.sock")) as admin:
            for i in range(count):
                admin.send(pb.AdminRequest(id=i, hello=pb.Hello(version=9)))
            for _ in range(count):
                self.assertEqual(admin.receive(pb.AdminReply).failure.code, "unsupported")
        events = [e for e in self.fresh() if e["type"] in ("denied", "denials_coalesced")]
        self.assertEqual(sum(e.get("denials", 1) for e in events), count)
        self.assertLess(len(events), count)
        self.assertTrue(all(e["request"] == "hello" and e["uid"] == os.getuid() for e in events))

    def test_who_knocks_in_vain_over_the_network_is_counted_in_few_events(self):
        where = self.p.status()["network"]
        host, port = where.rsplit(":", 1)

        def knock():
            with socket.create_connection((host, int(port)), timeout=30) as line:
                line.sendall(b"GET / HTTP/1.1\r\n\r\n")
                try:
                    while line.recv(4096):
                        pass
                except ConnectionError:
                    pass

        self.fresh()
        for _ in range(20):
            knock()
        events: list[dict] = []
        wait_until("the first is told at once", lambda: events.extend(self.fresh()) or any(e["type"] == "turned_away" for e in events))
        told = [e for e in events if e["type"] == "turned_away"]
        self.assertEqual([(e["rule"], e["denials"]) for e in told], [("failed handshakes", 1)])
        self.assertIn("127.0.0.1:", told[0]["detail"])
        connect_tls((host, int(port)), self.p.anchor()).close()
        self.p.stop()
        events = self.restarted()
        self.assertEqual([(e["rule"], e["denials"]) for e in events if e["type"] == "turned_away"], [("failed handshakes", 19)], "the rest, when it ends")
        self.sound()

    def test_who_asks_while_it_is_sealed_is_counted(self):
        self.good(seal=pb.Seal())
        station = Station(self.p.socket("kmp.sock"))
        for _ in range(5):
            with self.assertRaises(Refused):
                station.ask(random=pb.Random(size=8))
        station.close()
        self.p.stop()
        events = self.restarted()
        told = [e for e in events if e["type"] == "turned_away"]
        self.assertEqual([(e["rule"], e["denials"]) for e in told], [("requests while the service was sealed", 1), ("requests while the service was sealed", 4)])
        self.assertTrue(all(f"uid {os.getuid()}" in e["detail"] and "happened_at" in e for e in told))
        self.sound()


class Officers(LogCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.quorum_ceremony(3, 2)

    def done(self, operation: str, message, pins: dict[str, str] | None = None):
        self.fresh()
        reply = self.good(pins, **{operation: message})
        self.holds(operation, PEOPLE[operation], self.fresh())
        return reply

    def test_requests_votes_and_runs_leave_what_their_rows_say_and_what_is_done_names_its_request(self):
        self.done("request_list", pb.RequestList())
        self.done("quorum_show", pb.QuorumShow())
        number = self.good(backup=pb.Backup(folder=str(self.p.folder / "backup"))).request_made.number
        shown = self.done("request_show", pb.RequestShow(number=number)).request_show.request
        for i in (1, 2):
            self.done("request_judge", pb.RequestJudge(number=number, officer=self.p.serials[f"officer-{i}"], agree=True, statement_hash=hashlib.sha256(shown.statement).digest()),
                      {"officer": officer_pin(i)})
        self.done("request_run", pb.RequestRun(number=number))
        self.done("quorum_change", pb.QuorumChange(needed=3, reason="all of us"))
        self.sound()

    def test_what_one_officer_does_alone_is_signed_and_holds(self):
        self.p.issue_by_quorum("user", "user", "--station", "s-1", "--per-order", "500", "--per-day", "5000")
        self.fresh()
        self.good({"officer": officer_pin(1)}, ukey_change=pb.UkeyChange(serial=self.p.serials["user"], action="suspend", reason="lent", officer=self.p.serials["officer-1"]))
        changed = next(e for e in self.fresh() if e["type"] == "ukey_state_changed")
        self.assertEqual(changed["officer"], self.p.serials["officer-1"])
        self.assertEqual(len(changed["signature"]), 128)
        self.sound()


class Restored(LogCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.start()
        cls.p.ceremony()

    def test_another_platform_ukey_leaves_what_its_row_says(self):
        self.good(seal=pb.Seal())
        self.p.plug_in_blank("platform-2")
        wait_until("the master-control UKEY is ready", lambda: self.p.reader("master").get("content") == "ukey")
        self.good({**MASTER, "platform": PINS["platform"] + "-2"}, restore=pb.Restore(platform_reader="platform-2", reason="worn"))
        self.holds("restore", PEOPLE["restore"], self.fresh())
        self.sound()


if __name__ == "__main__":
    unittest.main()
