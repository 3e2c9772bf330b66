"""The network encryption machine and stations that prove themselves by a key: of a UKEY, which the shop's own kmpd speaks for, or of a file, with the openssl tool."""
import datetime
import hashlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from cases import ProgramCase
from platform_under_test import MASTER, PINS, Platform, run, wait_until
from station import Refused, Station, Stream
from wire import kmp_pb2 as pb

CUSTOMER = "000000000042"
PASSWORD = "pw-of-shop-9-meadow"
CONFIGURATION = """
[network]
listen = "127.0.0.1:0"
handshake_timeout_ms = 8000
"""
WRONG_KEY = "account: the name is wrong, or it is not the account of this certificate's key"
WRONG_PASSWORD = "account: the name or the password is wrong"


def openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def key_id(certificate: str) -> str:
    """As docs/OFFICER.md tells an officer to compute it."""
    spki = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=openssl("x509", "-in", certificate, "-noout", "-pubkey"), check=True, capture_output=True).stdout
    return hashlib.sha256(spki).hexdigest()


def make_certificate(folder: pathlib.Path, name: str, *algorithm: str) -> tuple[str, str]:
    """A key and a certificate for it that its owner signed: (certificate, key)."""
    certificate, key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
    openssl("req", "-x509", "-newkey", *(algorithm or ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")), "-nodes", "-keyout", key, "-out", certificate, "-days", "30", "-subj", f"/CN={name}")
    return certificate, key


def expired_certificate(folder: pathlib.Path, name: str, key: str) -> str:
    """Another certificate for the same key, which was over yesterday."""
    with tempfile.TemporaryDirectory() as ca:
        (pathlib.Path(ca) / "index.txt").touch()
        (pathlib.Path(ca) / "serial").write_text("01\n")
        (pathlib.Path(ca) / "ca.conf").write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={ca}/index.txt\nserial={ca}/serial\nnew_certs_dir={ca}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", f"{ca}/request.pem")
        out = str(folder / f"{name}-expired.pem")
        day = datetime.datetime.now(datetime.timezone.utc)
        times = [(day - datetime.timedelta(days=n)).strftime("%Y%m%d%H%M%SZ") for n in (3, 1)]
        openssl("ca", "-batch", "-selfsign", "-config", f"{ca}/ca.conf", "-keyfile", key, "-in", f"{ca}/request.pem", "-out", out, "-notext", "-startdate", times[0], "-enddate", times[1])
        return out


class WithMachine(ProgramCase):
    """A machine that listens to the network."""

    p: Platform

    @classmethod
    def set_up_machine(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        (cls.p.home / "kmp.toml").write_text(CONFIGURATION)
        cls.p.initialised()
        cls.p.issue("shop", "user", "--station", "shop-7", "--operations", "authenticate,open_account,recharge,check_status,random", "--per-order", "500", "--per-day", "900000", "--per-month",
                    "9000000", "--orders-per-minute", "100000")
        cls.p.good_ctl("ukey", "attend", cls.p.serials["shop"], pins={"ukey": PINS["user"]})
        cls.certificate, cls.key = make_certificate(cls.p.folder, "tool")
        cls.stranger = make_certificate(cls.p.folder, "stranger")

    @classmethod
    def add(cls, name: str, certificate: str, *words: str, pins: dict | None = None) -> dict:
        return cls.p.good_ctl("--json", "account", "add", name, "--ukey", cls.p.serials["shop"], "--holder", "Han Meimei", "--certificate", certificate, *words,
                              pins=MASTER | (pins or {})).json()["account"]

    def address(self) -> tuple[str, int]:
        host, port = self.p.status()["network"].rsplit(":", 1)
        return host, int(port)

    def where(self) -> str:
        return "{}:{}".format(*self.address())

    def tls(self, certificate: str | None = None, key: str | None = None) -> Station:
        """With Python's TLS and a key in a file."""
        context = ssl.create_default_context(cafile=self.p.anchor())
        context.check_hostname = False
        if certificate:
            context.load_cert_chain(certificate, key)
        station = Station(context.wrap_socket(socket.create_connection(self.address(), timeout=60)))
        self.addCleanup(station.close)
        return station

    def open(self, account: str, certificate: str | None = None, key: str | None = None) -> Station:
        station = self.tls(certificate or self.certificate, key or self.key)
        station.ask(open_session=pb.OpenSession(account=account))
        return station

    def refusal(self, action) -> str:
        with self.assertRaises(Refused) as refused:
            action()
        return str(refused.exception)

    def refused_ctl(self, *words: str, pins=None) -> str:
        done = self.p.ctl(*words, pins=pins)
        self.assertEqual((done.code, len(done.err.strip().splitlines())), (1, 1), done)
        return done.err

    def account(self, name: str) -> dict:
        return self.p.good_ctl("--json", "account", "show", name).json()["account"]

    def events(self, kind: str, platform: Platform | None = None) -> list[dict]:
        return [e["json"] for e in (platform or self.p).events() if e["type"] == kind]


class OpensslTool(WithMachine):
    """An mTLS session with the openssl tool as its transport."""

    @classmethod
    def setUpClass(cls):
        cls.set_up_machine()
        cls.add("tool", cls.certificate)

    def tool(self, *words: str) -> Station:
        here, there = socket.socketpair()
        process = subprocess.Popen(["openssl", "s_client", "-connect", self.where(), "-CAfile", self.p.anchor(), "-verify_return_error", "-quiet", *words], stdin=there, stdout=there,
                                   stderr=subprocess.DEVNULL)
        there.close()
        station = Station(here)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.addCleanup(station.close)
        return station

    def session(self, account: str, *words: str) -> Station:
        station = self.tool(*words)
        station.ask(open_session=pb.OpenSession(account=account))
        return station

    def test_a_station_with_a_key_in_a_file_opens_a_session_and_sells(self):
        station = self.session("tool", "-cert", self.certificate, "-key", self.key)
        self.assertEqual(len(station.ask(authenticate=pb.Authenticate(meter=77, state=pb.PRODUCTION)).k1), 8)
        self.assertEqual(station.order(500000000077, 1250, pb.OPEN_ACCOUNT).purchase_count, 1)
        opened = self.events("session_opened")[-1]
        self.assertEqual((opened["account"], opened["proven_by"], opened["proven_key"]), ("tool", "key", key_id(self.certificate)))
        self.assertIn("; proved by key " + key_id(self.certificate), self.p.good_ctl("audit", "list").out)
        self.assertEqual(self.p.verify().code, 0)

    def test_p_384_and_rsa_keys_prove_a_station_too(self):
        for name, algorithm in (("p384", ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")), ("rsa", ("rsa:2048",))):
            certificate, key = make_certificate(self.p.folder, name, *algorithm)
            self.assertEqual(self.add(name, certificate)["key"], key_id(certificate))
            self.assertEqual(len(self.session(name, "-cert", certificate, "-key", key).ask(random=pb.Random(size=8)).data), 8)

    def test_another_key_an_expired_certificate_none_and_tls_1_2_are_refused(self):
        certificate, key = self.stranger
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.session("tool", "-cert", certificate, "-key", key)))
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.session("nobody", "-cert", self.certificate, "-key", self.key)), "in the same words")
        self.assertIn("needs its password; enter it before OpenSession, or prove the key of its certificate", self.refusal(lambda: self.session("tool")))
        with self.assertRaises(OSError):
            self.session("tool", "-cert", expired_certificate(self.p.folder, "tool", self.key), "-key", self.key)
        with self.assertRaises(OSError):
            self.session("tool", "-cert", self.certificate, "-key", self.key, "-tls1_2")
        self.assertIn("its certificate does not hold: certificate has expired", self.p.log_text())
        refused = self.events("session_refused")
        self.assertIn(key_id(certificate), [r.get("proven_key") for r in refused], "an officer sees which key it was")

    def test_keys_of_another_kind_or_too_weak_prove_nothing(self):
        weak = make_certificate(self.p.folder, "weak", "rsa:1024")
        self.assertIn("its key is none of P-256, P-384 and RSA of 2048 to 4096 bits", self.refused_ctl("account", "add", "weak", "--ukey", self.p.serials["shop"], "--holder", "H", "--certificate",
                                                                                             weak[0], pins=MASTER))
        edwards = make_certificate(self.p.folder, "edwards", "ed25519")
        # A client that is told which signatures are taken keeps a certificate of another kind to itself.
        self.assertIn("or prove the key of its certificate", self.refusal(lambda: self.session("tool", "-cert", edwards[0], "-key", edwards[1])))


class Binding(WithMachine):
    """What an officer binds an account to, and what ends with it."""

    @classmethod
    def setUpClass(cls):
        cls.set_up_machine()

    def other(self, name: str) -> tuple[str, str]:
        return make_certificate(self.p.folder, name)

    def login(self, account: str, password: str, *certificate: str):
        return self.tls(*certificate).login_account(account, password)

    def bind(self, name: str, *words: str) -> dict:
        return self.p.good_ctl("--json", "account", "certificate", name, *words, pins=MASTER).json()["account"]

    def test_show_and_list_say_how_an_account_is_used(self):
        added = self.add("by-key", self.certificate)
        self.assertEqual((added["password"], added["key"], added["number"]), (False, key_id(self.certificate), 1))
        both = self.add("by-both", self.certificate, "--with-password", "--holder-present", pins={"account": PASSWORD})
        self.assertEqual((both["password"], both["key"]), (True, key_id(self.certificate)))
        self.assertIn(key_id(self.certificate), self.p.good_ctl("account", "show", "by-key").out)
        lines = {line.split()[0]: line for line in self.p.good_ctl("account", "list").out.splitlines()}
        self.assertIn("certificate or password", lines["by-both"])
        self.assertRegex(lines["by-key"], r"active +certificate +US-")
        self.assertTrue(self.events("account_set")[-1]["account_statement"].endswith("01" + key_id(self.certificate)), "the key is in what was signed")
        self.assertEqual(self.p.verify().code, 0)

    def test_what_is_no_good_certificate_is_refused_and_leaves_no_account(self):
        def add(file: str) -> str:
            return self.refused_ctl("account", "add", "none", "--ukey", self.p.serials["shop"], "--holder", "H", "--certificate", file, pins=MASTER)

        rubbish = self.p.folder / "rubbish.pem"
        rubbish.write_text("no certificate")
        self.assertIn("it is no X.509 certificate", add(str(rubbish)))
        rubbish.write_bytes(b"")
        self.assertIn("is empty", add(str(rubbish)))
        rubbish.write_text(pathlib.Path(self.certificate).read_text() + pathlib.Path(self.key).read_text())
        self.assertIn("holds a private key", add(str(rubbish)))
        self.assertIn("its validity is over", add(expired_certificate(self.p.folder, "old", self.key)))
        self.assertIn("none.pem", add(str(self.p.folder / "none.pem")))
        self.assertNotIn("none", [a["name"] for a in self.p.good_ctl("--json", "account", "list").json()["accounts"]])
        self.assertEqual(self.p.ctl("account", "certificate", "x", pins=MASTER).code, 2)
        self.assertEqual(self.p.ctl("account", "add", "x", "--ukey", "U", "--holder", "H", "--with-password", pins=MASTER).code, 2)

    def test_a_password_opens_no_account_without_one_and_locks_none(self):
        self.add("keyed", self.certificate)
        for _ in range(2):
            self.assertIn(WRONG_PASSWORD, self.refusal(lambda: self.login("keyed", PASSWORD)))
        self.assertIn(WRONG_PASSWORD, self.refusal(lambda: self.login("keyed", PASSWORD, self.certificate, self.key)), "a password was given, so it is what counts")
        for _ in range(4):
            station = self.tls()
            for _ in range(3):
                self.refusal(lambda: station.login_account("keyed", "guess-after-guess"))
        self.assertEqual((self.account("keyed")["state"], self.account("keyed")["wrong_passwords"]), ("active", 0))
        self.assertIn(WRONG_PASSWORD, self.refused_ctl("account", "passwd", "keyed", pins={"account": PASSWORD, "fresh": "fresh-" + PASSWORD}))
        self.assertIn("is to have no password", self.refused_ctl("account", "reset", "keyed", pins=MASTER | {"account": PASSWORD}))
        self.open("keyed")

    def test_a_wrong_key_locks_nobody_and_a_locked_password_leaves_the_key(self):
        self.add("both", self.certificate, "--with-password", "--holder-present", pins={"account": PASSWORD})
        for _ in range(4):
            station = self.tls(*self.stranger)
            for _ in range(3):
                self.assertIn(WRONG_KEY, self.refusal(lambda: station.ask(open_session=pb.OpenSession(account="both"))))
        self.assertEqual((self.account("both")["state"], self.account("both")["wrong_passwords"]), ("active", 0))
        self.login("both", PASSWORD)
        for _ in range(4):
            station = self.tls()
            for _ in range(3):
                self.refusal(lambda: station.login_account("both", "guess-after-guess"))
        self.assertEqual(self.account("both")["state"], "locked")
        self.assertIn(WRONG_PASSWORD, self.refusal(lambda: self.login("both", PASSWORD)))
        self.open("both")

    def test_a_password_account_is_not_opened_by_any_key(self):
        self.p.good_ctl("account", "add", "worded", "--ukey", self.p.serials["shop"], "--holder", "H", "--holder-present", pins=MASTER | {"account": PASSWORD})
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.open("worded")))
        self.assertEqual(self.account("worded")["key"], "")

    def test_another_certificate_ends_the_former_at_once_and_in_open_sessions(self):
        self.add("changed", self.certificate)
        station = self.open("changed")
        second = self.other("second")
        self.assertEqual(self.bind("changed", "--certificate", second[0])["number"], 2)
        self.assertIn("session", self.refusal(lambda: station.ask(random=pb.Random(size=8))))
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.open("changed")))
        self.open("changed", *second)
        self.assertIn("has this key already", self.refused_ctl("account", "certificate", "changed", "--certificate", second[0], pins=MASTER))
        self.assertIn("has no password, so it needs one", self.refused_ctl("account", "certificate", "changed", "--end", pins=MASTER))
        self.assertIn("wrong PIN for master-control UKEY", self.refused_ctl("account", "certificate", "changed", "--certificate", self.certificate, pins={"master": "not-the-pin"}))
        self.open("changed", *second)
        self.assertEqual(self.p.verify().code, 0)

    def test_an_account_goes_from_password_to_certificate_and_back(self):
        self.p.good_ctl("account", "add", "moved", "--ukey", self.p.serials["shop"], "--holder", "H", "--holder-present", pins=MASTER | {"account": PASSWORD})
        self.bind("moved", "--certificate", self.certificate)
        self.open("moved")
        self.login("moved", PASSWORD)
        self.bind("moved", "--end")
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.open("moved")))
        self.login("moved", PASSWORD)
        self.bind("moved", "--certificate", self.certificate, "--end-password")
        self.assertIn(WRONG_PASSWORD, self.refusal(lambda: self.login("moved", PASSWORD)))
        self.open("moved")
        self.p.restart()
        self.assertIn(WRONG_PASSWORD, self.refusal(lambda: self.login("moved", PASSWORD)), "after a restart too")
        self.open("moved")
        self.assertEqual(self.p.verify().code, 0)

    def test_disabling_and_suspending_end_a_session_that_is_open(self):
        self.add("ended", self.certificate)
        station = self.open("ended")
        station.ask(random=pb.Random(size=8))
        self.p.good_ctl("account", "disable", "ended", "--reason", "as a test", pins=MASTER)
        self.assertIn("denied: state: account ended is disabled", self.refusal(lambda: station.ask(random=pb.Random(size=8))))
        self.assertIn("is disabled", self.refusal(lambda: self.open("ended")))
        self.assertIn("is disabled; enable it first", self.refused_ctl("account", "certificate", "ended", "--certificate", self.stranger[0], pins=MASTER))
        self.p.good_ctl("account", "enable", "ended", pins=MASTER)
        station = self.open("ended")
        self.p.good_ctl("ukey", "suspend", self.p.serials["shop"], "--reason", "as a test", pins=MASTER)
        self.refusal(lambda: station.ask(random=pb.Random(size=8)))
        self.assertIn("is suspended", self.refusal(lambda: self.open("ended")))
        self.p.good_ctl("ukey", "resume", self.p.serials["shop"], pins=MASTER)
        self.p.good_ctl("ukey", "attend", self.p.serials["shop"], pins={"ukey": PINS["user"]})
        self.open("ended")


class Shop(WithMachine):
    """Two kmpds: the machine's, and the shop's with a UKEY of another utility."""

    @classmethod
    def setUpClass(cls):
        cls.set_up_machine()
        cls.shop = Platform()
        cls.addClassCleanup(cls.shop.__exit__)
        cls.shop.initialised()
        cls.shop.issue("mute", "user", "--operations", "random")
        cls.other = cls.shop.issue("other", "user")
        cls.ukey = cls.shop.serials["user"]
        cls.identity = str(cls.shop.folder / "identity.pem")
        pathlib.Path(cls.identity).write_text(cls.shop.good_ctl("ukey", "certificate", cls.ukey).out)
        cls.add("shop-7", cls.identity)
        cls.add("tool", cls.certificate)

    def vend(self, *words: str, account: str = "shop-7", ukey: str | None = None, pin: str = PINS["user"], local: tuple[str, ...] | None = None):
        return run("kmp-vend", *(local or ("--home", str(self.shop.home))), "--connect", self.where(), "--trust", self.p.anchor(), "--account", account, "--ukey", ukey or self.ukey, *words,
                   pins={"ukey": pin})

    def sold(self, *words: str, **more) -> dict:
        done = self.vend("--json", *words, **more)
        self.assertEqual(done.code, 0, f"{done}\n{self.p.log_text()[-1500:]}")
        return done.json()

    def meter(self, number: str):
        meter = self.p.meter(number, line="tcp")
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        return "--line", meter.line, "--meter", number

    def status_of_a_meter(self):
        meter = self.p.meter("000000410009", line="tcp")
        self.addCleanup(meter.stop)
        return "remote", "status", "--line", meter.line, "--meter", meter.number

    # ---- selling

    def test_a_shop_sells_to_a_meter_and_its_own_kmpd_proves_it(self):
        at = self.meter("000000410001")
        self.assertEqual(self.sold("remote", "open", *at, "--customer", CUSTOMER, "--amount", "50")["purchase_count"], 1)
        self.assertEqual(self.sold("remote", "recharge", *at, "--amount", "12.50")["purchase_count"], 2)
        self.assertEqual(self.sold("remote", "status", *at)["balance_fen"], 6250)
        self.refused(self.vend("remote", "recharge", *at, "--amount", "500.01"), "per_order")
        orders = [e for e in self.events("order") if e["meter"] == "000000410001"]
        self.assertEqual([(e["account"], e["ukey"], e["station"]) for e in orders], [("shop-7", self.p.serials["shop"], "shop-7")] * 2)
        opened = [e for e in self.events("session_opened") if e.get("account") == "shop-7"][-1]
        self.assertEqual((opened["proven_by"], opened["proven_key"]), ("key", key_id(self.identity)))
        self.assertTrue(opened["actor"].endswith(" over TLS"))
        proved = self.events("station_proved", self.shop)
        self.assertGreaterEqual(len(proved), 4, "one for each connection")
        self.assertEqual({e["ukey"] for e in proved}, {self.ukey})
        for platform in (self.p, self.shop):
            self.assertEqual(platform.verify().code, 0)

    def test_the_ukeys_pin_is_wanted_and_the_machine_is_the_one_that_is_trusted(self):
        status = self.status_of_a_meter()
        self.refused(self.vend(*status, pin="wrong-" + PINS["user"]), "wrong PIN")
        self.sold(*self.meter_status("000000410002"))  # the count begins anew
        self.refused(run("kmp-vend", "--home", str(self.shop.home), "--connect", self.where(), "--trust", self.shop.anchor(), "--account", "shop-7", "--ukey", self.ukey, *status,
                         pins={"ukey": PINS["user"]}), "its certificate does not hold")
        for words in (("--account", "a", "--ukey", "U-1"), ("--account", "a", "--connect", "h:1", "--trust", "t", "--socket", "s")):
            done = run("kmp-vend", *words, *status)
            self.assertEqual((done.code, len(done.err.strip().splitlines())), (2, 1), done)
            self.assertIn("excludes", done.err)

    def meter_status(self, number: str):
        return ("remote", "status", *self.meter(number))

    def test_another_ukey_of_the_shop_is_not_the_accounts(self):
        status = self.status_of_a_meter()
        self.refused(self.vend(*status, ukey=self.other), WRONG_KEY)
        self.refused(self.vend(*status, ukey=self.shop.serials["mute"]), "may not authenticate")
        self.refused(self.vend(*status, account="nobody"), WRONG_KEY)

    # ---- what a thief may try

    def test_a_stolen_certificate_without_its_key_opens_nothing(self):
        status = self.status_of_a_meter()
        stolen = ssl.PEM_cert_to_DER_cert(pathlib.Path(self.identity).read_text())
        before = len(self.events("session_opened"))

        def swap(reply: pb.StationReply):
            if reply.HasField("open_session"):
                reply.open_session.certificate = stolen

        with Between(self.shop.socket("kmp.sock"), on_reply=swap) as path:
            self.refused(self.vend(*status, ukey=self.other, local=("--socket", path)), "it may not have taken the certificate")
        self.assertEqual(len(self.events("session_opened")), before)

    def test_a_proof_that_was_overheard_opens_nothing_a_second_time(self):
        status = self.meter_status("000000410003")
        heard: list[tuple[bytes, bytes]] = []
        asked: list[bytes] = []

        def hear(request: pb.StationRequest):
            if request.HasField("prove_station"):
                asked.append(request.prove_station.content)

        def keep(reply: pb.StationReply):
            if reply.HasField("prove_station"):
                heard.append((asked[-1], reply.prove_station.signature))

        with Between(self.shop.socket("kmp.sock"), on_request=hear, on_reply=keep) as path:
            self.assertEqual(self.vend(*status, local=("--socket", path)).code, 0)
        content, signature = heard[0]
        self.assertTrue(content.startswith(b" " * 64 + b"TLS 1.3, client CertificateVerify\0"))

        def replay_content(request: pb.StationRequest):
            if request.HasField("prove_station"):
                self.assertNotEqual(request.prove_station.content, content)
                request.prove_station.content = content

        def replay_signature(reply: pb.StationReply):
            if reply.HasField("prove_station"):
                reply.prove_station.signature = signature

        for way in ({"on_request": replay_content}, {"on_reply": replay_signature}):
            with Between(self.shop.socket("kmp.sock"), **way) as path:
                self.refused(self.vend(*status, local=("--socket", path)), "it may not have taken the certificate")

    def test_only_the_ukeys_own_local_session_proves_a_station_and_only_as_a_client(self):
        head, zero, digest = b" " * 64, b"\0", bytes(32)
        good = head + b"TLS 1.3, client CertificateVerify" + zero + digest
        station = Station(self.shop.socket("kmp.sock"))
        self.addCleanup(station.close)

        def prove(content: bytes, by: Station | None = None) -> str:
            return self.refusal(lambda: (by or station).ask(prove_station=pb.ProveStation(content=content)))

        self.assertIn("no session is open", prove(good))
        opened = station.login(self.ukey, PINS["user"])
        self.assertEqual(ssl.DER_cert_to_PEM_cert(opened.certificate).split(), pathlib.Path(self.identity).read_text().split())
        self.assertTrue(station.ask(prove_station=pb.ProveStation(content=good)).signature)
        for bad in (b"", b"x", head + b"TLS 1.3, server CertificateVerify" + zero + digest, good[1:], good + b"x", good + bytes(17), b"kmp/v1/session\0" + good):
            self.assertRegex(prove(bad), "refused|invalid_argument")
        station.login(self.shop.serials["key"], PINS["key"])
        self.assertIn("a station is proved by its user UKEY", prove(good))
        station.login(self.shop.serials["mute"], PINS["user"])
        self.assertIn("may not authenticate", prove(good))
        self.shop.good_ctl("account", "add", "inside", "--ukey", self.ukey, "--holder", "H", "--holder-present", pins=MASTER | {"account": PASSWORD})
        self.shop.good_ctl("ukey", "attend", self.ukey, pins={"ukey": PINS["user"]})
        self.assertEqual(station.login_account("inside", PASSWORD).certificate, b"")
        self.assertIn("an account proves no UKEY", prove(good))
        self.assertIn("never over the network", prove(good, self.open("tool")))
        self.assertEqual(self.events("denied", self.shop)[-1]["request"], "prove_station")

    # ---- while things go wrong

    def test_disabling_the_account_ends_what_the_shop_does(self):
        self.add("passing", self.identity)
        at = self.meter("000000410004")
        self.sold("remote", "open", *at, "--customer", CUSTOMER, "--amount", "5", account="passing")
        relay = Midway(self.address())
        self.addCleanup(relay.close)
        done: list = []
        vend = threading.Thread(target=lambda: done.append(run("kmp-vend", "--home", str(self.shop.home), "--connect", relay.where, "--trust", self.p.anchor(), "--account", "passing", "--ukey",
                                                               self.ukey, "remote", "recharge", *at, "--amount", "1", pins={"ukey": PINS["user"]})))
        # Held up once its session is open, and let go when the account is disabled.
        before = len(self.opened_by("passing"))
        relay.hold_after = lambda: len(self.opened_by("passing")) > before
        vend.start()
        wait_until("the session is open", lambda: relay.held.is_set())
        self.p.good_ctl("account", "disable", "passing", "--reason", "as a test", pins=MASTER)
        relay.let_go.set()
        vend.join()
        self.refused(done[0], "account passing is disabled")
        self.refused(self.vend("remote", "recharge", *at, "--amount", "1", account="passing"), "is disabled")
        self.assertEqual(self.sold("remote", "status", *at)["balance_fen"], 500)

    def opened_by(self, account: str) -> list[dict]:
        return [e for e in self.events("session_opened") if e.get("account") == account]

    def test_either_kmpd_may_be_restarted(self):
        at = self.meter("000000410005")
        self.sold("remote", "open", *at, "--customer", CUSTOMER, "--amount", "5")
        for platform in (self.shop, self.p):
            platform.stop()
            platform.start()
            if platform is self.shop:
                self.refused(self.vend("remote", "status", *at), "sealed")
            platform.unseal()
            names = ("user",) if platform is self.shop else ("shop",)
            wait_until("its UKEYs are ready", lambda: all(platform.reader(n).get("content") == "ukey" for n in names))
            self.sold("remote", "recharge", *at, "--amount", "1")
        self.assertEqual(self.sold("remote", "status", *at)["balance_fen"], 700)

    def test_a_ukey_that_was_pulled_out_proves_nobody(self):
        status = self.status_of_a_meter()
        self.shop.pull("other")
        self.addCleanup(wait_until, "it is back", lambda: self.shop.reader("other").get("content") == "ukey")
        self.addCleanup(self.shop.plug_in, "other")
        wait_until("it is gone", lambda: not self.shop.reader("other"))
        self.refused(self.vend(*status, ukey=self.other), self.other)

    def test_a_slow_kmpd_of_a_shop_holds_up_nobody_else(self):
        status = self.status_of_a_meter()
        others = self.open("tool")
        stalled = threading.Event()

        def stall(request: pb.StationRequest):
            if request.HasField("prove_station"):
                os.kill(self.shop.tokenhost_of("other"), signal.SIGSTOP)
                stalled.set()

        with Between(self.shop.socket("kmp.sock"), on_request=stall) as path:
            done: list = []
            vend = threading.Thread(target=lambda: done.append(self.vend(*status, ukey=self.other, local=("--socket", path))))
            vend.start()
            try:
                self.assertTrue(stalled.wait(60))
                for _ in range(20):
                    self.assertEqual(len(others.ask(random=pb.Random(size=8)).data), 8)
                    self.open("tool").close()
            finally:
                os.kill(self.shop.tokenhost_of("other"), signal.SIGCONT)
            vend.join()
        # It had its time or not; a key that nobody bound opens nothing either way.
        self.refused(done[0])


class ByQuorum(WithMachine):
    """Where officers must agree."""

    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        (cls.p.home / "kmp.toml").write_text(CONFIGURATION)
        cls.p.quorum_ceremony(3, 2)
        cls.p.issue_by_quorum("shop", "user", "--station", "shop-7")
        cls.p.good_ctl("ukey", "attend", cls.p.serials["shop"], pins={"ukey": PINS["user"]})
        cls.certificate, cls.key = make_certificate(cls.p.folder, "tool")
        cls.stranger = make_certificate(cls.p.folder, "stranger")

    def request(self, *words: str) -> int:
        return self.p.good_ctl("--json", *words).json()["number"]

    def agreed(self, number: int, pins: dict | None = None):
        self.p.approve(number, 1, 2)
        self.p.good_ctl("request", "run", str(number), pins=pins)

    def test_officers_agree_to_the_key_that_they_are_shown(self):
        number = self.request("account", "add", "shop-7", "--ukey", self.p.serials["shop"], "--holder", "Han Meimei", "--certificate", self.certificate)
        shown = self.p.good_ctl("request", "show", str(number)).out
        self.assertIn(key_id(self.certificate), shown)
        self.assertIn("none: by its certificate alone", shown)
        self.agreed(number)
        station = self.open("shop-7")
        number = self.request("account", "certificate", "shop-7", "--certificate", self.stranger[0])
        station.ask(random=pb.Random(size=8))
        self.assertIn(key_id(self.stranger[0]), self.p.good_ctl("request", "show", str(number)).out)
        self.agreed(number)
        self.refusal(lambda: station.ask(random=pb.Random(size=8)))
        self.assertIn(WRONG_KEY, self.refusal(lambda: self.open("shop-7")))
        self.open("shop-7", *self.stranger)
        number = self.request("account", "add", "both", "--ukey", self.p.serials["shop"], "--holder", "H", "--certificate", self.certificate, "--with-password", "--holder-present")
        self.agreed(number, {"account": PASSWORD})
        self.open("both")
        self.tls().login_account("both", PASSWORD)
        self.assertEqual(self.p.verify().code, 0)


class Between:
    """A socket in the place of kmpd's, which hands frames on both ways and may change them."""

    def __init__(self, target: str, on_request=lambda _: None, on_reply=lambda _: None):
        self.target, self.on_request, self.on_reply = target, on_request, on_reply
        self.folder = tempfile.TemporaryDirectory(prefix="kmp-b-", dir="/tmp")

    def __enter__(self) -> str:
        path = self.folder.name + "/s"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()
        return path

    def __exit__(self, *_):
        self.listener.close()
        self.folder.cleanup()

    def serve(self):
        while True:
            try:
                client = Stream(self.listener.accept()[0])
            except OSError:
                return
            kmpd = Stream(self.target)
            for source, sink, kind, change in ((client, kmpd, pb.StationRequest, self.on_request), (kmpd, client, pb.StationReply, self.on_reply)):
                threading.Thread(target=self.carry, args=(source, sink, kind, change), daemon=True).start()

    @staticmethod
    def carry(source: Stream, sink: Stream, kind, change):
        try:
            while True:
                message = source.receive(kind)
                change(message)
                sink.send(message)
        except OSError:
            for end in (source, sink):
                try:
                    end.socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Midway:
    """A TCP relay that stops handing on what the client says once a condition holds, until it is let go."""

    def __init__(self, target: tuple[str, int]):
        self.target = target
        self.hold_after = lambda: False
        self.held, self.let_go = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = "127.0.0.1:{}".format(self.listener.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.let_go.set()
        self.listener.close()

    def serve(self):
        try:
            client = self.listener.accept()[0]
        except OSError:
            return
        kmpd = socket.create_connection(self.target)
        threading.Thread(target=self.carry, args=(kmpd, client, False), daemon=True).start()
        self.carry(client, kmpd, True)

    def carry(self, source: socket.socket, sink: socket.socket, may_hold: bool):
        try:
            while data := source.recv(65536):
                if may_hold and not self.held.is_set() and self.hold_after():
                    self.held.set()
                    self.let_go.wait(60)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


if __name__ == "__main__":
    unittest.main()
