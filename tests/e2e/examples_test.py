"""What a station's author gets: both client libraries installed elsewhere, the examples built on them outside of the tree, selling to emulated meters through a real kmpd."""
import contextlib
import importlib
import os
import pathlib
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import types
import unittest

from platform_under_test import BIN, PATIENCE, PINS, Ended, Platform, run, wait_until
from wire import kmp_pb2 as pb

TOP = pathlib.Path(__file__).resolve().parents[2]
HANDBOOK = (TOP / "docs" / "STATION.md").read_text()
PASSWORD = "pw-of-shop-7-river"
CUSTOMER = "000000000042"
RECHARGE_ANSWERED = bytes((b + 0x33) & 0xFF for b in bytes.fromhex("ff020107"))  # on the line, behind 83 04


class Relay:
    """A line in between, which loses what it is told to lose. `judge(data, from_far)` gives what goes on, or None: then both ends are closed."""

    def __init__(self, listener: socket.socket, reach, judge):
        self.listener, self.reach, self.judge = listener, reach, judge
        self.stop, self.stopped = socket.socketpair()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def close(self):
        self.stop.close()
        self.thread.join()
        self.listener.close()
        self.stopped.close()

    def run(self):
        while self.stopped not in (ready := select.select([self.listener, self.stopped], [], [])[0]) and ready:
            near, _ = self.listener.accept()
            with near, self.reach() as far, contextlib.suppress(OSError):
                if not self.carry(near, far):
                    return

    def carry(self, near: socket.socket, far: socket.socket) -> bool:
        while True:
            for end in select.select([near, far, self.stopped], [], [])[0]:
                if end is self.stopped:
                    return False
                data = end.recv(65536)
                passed = self.judge(data, end is far) if data else None
                if passed is None:
                    return True
                (near if end is far else far).sendall(passed)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        (cls.p.home / "kmp.toml").write_text('[network]\nlisten = "127.0.0.1:0"\n')
        cls.p.initialised()
        cls.p.good_ctl("account", "add", "shop-7", "--ukey", cls.p.serials["user"], "--holder", "Han Meimei", "--holder-present", pins={"master": PINS["master"], "account": PASSWORD})
        cls.prefix = cls.p.folder / "prefix"
        cls.do("cmake", "--install", str(BIN.parent), "--component", "client", "--prefix", str(cls.prefix))
        sanitize = os.environ.get("KMP_SANITIZE")
        flags = f"-Wall -Wextra{f' -fsanitize={sanitize}' if sanitize else ''}"
        by_cmake, by_pkg_config = cls.p.folder / "by-cmake", cls.p.folder / "by-pkg-config"
        cls.examples = cls.prefix / "share" / "doc" / "kmp" / "examples"
        cls.do("cmake", "-S", str(cls.examples), "-B", str(by_cmake), f"-DCMAKE_PREFIX_PATH={cls.prefix}", f"-DCMAKE_CXX_FLAGS={flags}")
        cls.do("cmake", "--build", str(by_cmake))
        cls.environment = {**os.environ, "PKG_CONFIG_PATH": str(cls.prefix / "lib" / "pkgconfig")}
        (cls.p.folder / "station.cpp").write_text((cls.examples / "station.cpp").read_text())
        cls.do("sh", "-c", f"c++ -std=c++20 {flags} station.cpp -o {by_pkg_config} $(pkg-config --cflags --libs kmp-wire)")
        (cls.packages,) = cls.prefix.glob("lib/python3*/dist-packages")
        cls.environment["PYTHONPATH"] = str(cls.packages)
        cls.stations = {"C++": [str(by_cmake / "station")], "C++ by pkg-config": [str(by_pkg_config)], "Python": ["/usr/bin/python3", str(cls.examples / "station.py")]}
        cls.meters = 0

    @classmethod
    def do(cls, *words: str) -> str:
        done = subprocess.run(words, cwd=cls.p.folder, env=getattr(cls, "environment", None), capture_output=True, text=True, timeout=PATIENCE * 10)
        if done.returncode != 0:
            raise AssertionError(f"{words}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def station(self, language: str, *words: str, secret: str = PINS["user"], account: bool = False) -> Ended:
        read, write = os.pipe()
        os.write(write, secret.encode() + b"\n")
        os.close(write)
        try:
            done = subprocess.run([*self.stations[language], "--pin-fd", f"{'account' if account else 'ukey'}={read}", *words], cwd=self.p.folder, env=self.environment, capture_output=True, text=True,
                                  pass_fds=[read], stdin=subprocess.DEVNULL, timeout=PATIENCE * 2)
        finally:
            os.close(read)
        return Ended(done.returncode, done.stdout, done.stderr)

    def local(self, language: str, *words: str, **more) -> Ended:
        return self.station(language, "--socket", more.pop("socket", self.p.socket("kmp.sock")), "--ukey", self.p.serials["user"], *words, **more)

    def meter(self):
        """A meter under its private keys, on TCP."""
        type(self).meters += 1
        meter = self.p.meter(f"{700000 + self.meters:012d}", line="tcp")
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", meter.number, kind="key")
        return meter

    @staticmethod
    def where(meter, line: str | None = None) -> list[str]:
        return ["--line", line or meter.line, "--meter", meter.number, "--customer", CUSTOMER]

    def opened(self, language: str):
        meter = self.meter()
        self.good(self.local(language, *self.where(meter), "--amount", "50", "--open"))
        return meter

    def good(self, done: Ended, *patterns: str) -> str:
        self.assertEqual(done.code, 0, done)
        for pattern in patterns:
            self.assertRegex(done.out, pattern)
        return re.search(r"order ([0-9a-f-]{36}),", done.out).group(1)

    def refused(self, done: Ended, pattern: str):
        self.assertEqual((done.code, len(done.err.strip().splitlines())), (1, 1), done)
        self.assertRegex(done.err, pattern)

    def event(self, index: int) -> dict:
        (event,) = self.p.good_ctl("--json", "audit", "list", "--first", str(index), "--limit", "1").json()["events"]
        return event

    def charges(self, meter) -> list[str]:
        """The order ids that were charged for a meter, each as often as it was."""
        return [e["json"]["order_id"] for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == int(meter.number)]

    # ---- selling

    def test_they_open_an_account_and_recharge_and_print_a_receipt_that_the_log_has(self):
        for language in self.stations:
            with self.subTest(language):
                meter = self.opened(language)
                done = self.local(language, *self.where(meter), "--amount", "12.50")
                order = self.good(done, r"Session with UKEY US-\w+ of holder-of-user, station station-1\.", "12.50 yuan for meter .*, purchase count 2; order", "balance 62.50 yuan, purchase count 2 of 2; genuine")
                self.assertEqual((meter.show()["balance_fen"], done.err), (6250, ""))
                index = int(re.search(r"receipt (\d+) [0-9a-f]{64}\n", done.out).group(1))
                self.assertEqual(self.event(index)["json"]["order_id"], order)

    def test_an_order_of_the_journal_is_carried_on_and_neither_charged_nor_credited_twice(self):
        for language in ("C++", "Python"):
            with self.subTest(language):
                meter = self.opened(language)
                order = self.good(self.local(language, *self.where(meter), "--amount", "20"))
                again = self.good(self.local(language, *self.where(meter), "--order", order), "20.00 yuan .* purchase count 2, answered before", "balance 70.00 yuan, purchase count 2 of 2; genuine")
                self.assertEqual((again, self.charges(meter).count(order), meter.show()["balance_fen"]), (order, 1, 7000))
                self.refused(self.local(language, *self.where(meter), "--order", "019a9f2c-7c00-7001-8002-000000000003"), "not_found: order .* does not stand in orders.txt")

    def test_refusals_are_one_line_with_their_code(self):
        for language in ("C++", "Python"):
            with self.subTest(language):
                meter = self.opened(language)
                self.refused(self.local(language, *self.where(meter), "--amount", "500.01"), r"refused: per_order: 500\.01 yuan asked")
                self.refused(self.local(language, *self.where(meter), "--amount", "5", secret="not-the-pin"), "wrong_pin: .*")
                self.refused(self.local(language, *self.where(meter), "--amount", "5", socket="/tmp/no-kmpd-here.sock"), "not_found: kmpd is not running at")
                self.assertEqual(meter.show()["balance_fen"], 5000)
                self.good(self.local(language, *self.where(meter), "--amount", "5"))  # and the right PIN counts anew

    def asked(self, language: str, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([*self.stations[language], *words], capture_output=True, text=True, env=self.environment, stdin=subprocess.DEVNULL)

    def test_both_examples_take_the_same_words_and_explain_them(self):
        words = {}
        for language in ("C++", "Python"):
            told = self.asked(language, "--help")
            self.assertEqual((told.returncode, told.stderr), (0, ""))
            words[language] = set(re.findall(r"^  (--[a-z-]+(?: [A-Z]+(?:=N|:PORT)?)?)(?=  |$)", told.stdout.replace("-h, --help", "--help"), re.MULTILINE))
            self.assertIn("--pin-fd ukey=3 3<file", told.stdout)
        self.assertEqual(words["Python"], words["C++"])
        self.assertIn("--pin-fd ROLE=N", words["C++"])

    def test_words_that_do_not_make_a_sale_are_wrong_usage(self):
        meter = ("--line", "tcp:127.0.0.1:1", "--meter", "1", "--customer", "42")
        sale = (*meter, "--amount", "5")
        for language in ("C++", "Python"):
            for words in (("--pin", "1234"), ("--socket",), ("--socket", "s", *meter), sale, ("--connect", "h:1", "--account", "a", *sale)):
                with self.subTest(language, words=words):
                    wrong = self.asked(language, *words)
                    self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
        self.assertEqual(self.asked("Python", "--socket", "s", "--pin-fd", "account=3", *sale).returncode, 2)
        self.refused(Ended(1, "", self.asked("C++", "--socket", "s", "--pin-fd", "3", *sale).stderr), "invalid_argument: .*ROLE=N")

    def test_they_sell_over_a_serial_line(self):
        for number, language in enumerate(("C++", "Python"), 790001):
            with self.subTest(language):
                meter = self.p.meter(f"{number:012d}")
                self.p.good_vend("keys", "download", "--line", meter.line, "--meter", meter.number, kind="key")
                self.assertTrue(meter.line.startswith("serial:"))
                self.good(self.local(language, *self.where(meter), "--amount", "50", "--open"), "balance 50.00 yuan, purchase count 1 of 1; genuine")

    # ---- several counters

    def at_once(self, jobs: list) -> list:
        """What each of the jobs gives, all begun together."""
        done, together = [None] * len(jobs), threading.Barrier(len(jobs))

        def run_one(i: int):
            together.wait()
            try:
                done[i] = jobs[i]()
            except Exception as error:  # shown by whoever compares
                done[i] = error

        threads = [threading.Thread(target=run_one, args=[i]) for i in range(len(jobs))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return done

    def test_four_counters_open_together_on_one_ukey_and_on_one_account(self):
        kmp = self.kmp_client()
        machine = self.p.status()["network"]
        local = lambda: kmp.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], kmp.Pin(PINS["user"]))
        afar = lambda: kmp.Station.remote(machine, self.p.anchor(), "shop-7", kmp.Pin(PASSWORD))
        for login in (local, afar):
            counters = self.at_once([login] * 4)
            for counter in counters:
                self.assertIsInstance(counter, kmp.Station, counter)
                self.addCleanup(counter.close)
            self.assertEqual([len(counter.random(8)) for counter in counters], [8] * 4)
        meters = [self.meter() for _ in range(4)]
        sold = self.at_once([lambda meter=meter: self.local("C++", *self.where(meter), "--amount", "50", "--open") for meter in meters])
        for done in sold:
            self.good(done, "balance 50.00 yuan, purchase count 1 of 1; genuine")

    # ---- lost answers

    def test_the_meters_answer_is_lost_and_the_same_order_goes_out_again(self):
        for language in ("C++", "Python"):
            with self.subTest(language):
                meter = self.opened(language)
                lost = []

                def judge(data: bytes, from_far: bool) -> bytes:
                    if from_far and not lost and RECHARGE_ANSWERED in data:
                        lost.append(data)
                        return b""
                    return data

                host, port = meter.line.removeprefix("tcp:").rsplit(":", 1)
                relay = Relay(socket.create_server(("127.0.0.1", 0)), lambda: socket.create_connection((host, int(port))), judge)
                self.addCleanup(relay.close)
                line = f"tcp:127.0.0.1:{relay.listener.getsockname()[1]}"
                done = self.local(language, *self.where(meter, line), "--amount", "20")
                order = self.good(done, "purchase count 2, answered before", "balance 70.00 yuan, purchase count 2 of 2; genuine")
                self.assertIn(order, done.err)
                self.assertEqual(self.event(int(re.search(r"receipt (\d+) ", done.out).group(1)))["type"], "order", "the receipt is of the charge, not of the answer given again")
                self.assertEqual((len(lost), self.charges(meter).count(order), meter.show()["balance_fen"]), (1, 1, 7000))

    def test_kmpd_closes_after_it_has_charged_and_is_asked_for_the_same_order_again(self):
        for language in ("C++", "Python"):
            with self.subTest(language):
                meter = self.opened(language)
                ids: list[bytes] = []
                cut: list[bytes] = []

                def judge(data: bytes, from_far: bool) -> bytes | None:
                    if not from_far and len(data) > 4 and (request := pb.StationRequest.FromString(data[4:4 + struct.unpack(">I", data[:4])[0]])).HasField("order"):
                        ids.append(request.order.order_id)
                    if from_far and ids and not cut:
                        cut.append(data)  # the order's first answer: it is charged by now
                        return None
                    return data

                listener = socket.socket(socket.AF_UNIX)
                path = str(self.p.folder / f"relay-{len(language)}.sock")
                listener.bind(path)
                listener.listen(4)

                def reach() -> socket.socket:
                    far = socket.socket(socket.AF_UNIX)
                    far.connect(self.p.socket("kmp.sock"))
                    return far

                relay = Relay(listener, reach, judge)
                self.addCleanup(relay.close)
                done = self.local(language, *self.where(meter), "--amount", "20", socket=path)
                order = self.good(done, "purchase count 2, answered before", "balance 70.00 yuan, purchase count 2 of 2; genuine")
                self.assertIn("the connection to kmpd is lost", done.err)
                self.assertEqual((len(ids), len(set(ids)), self.charges(meter).count(order), meter.show()["balance_fen"]), (2, 1, 1, 7000))

    def test_a_session_goes_on_when_kmpd_was_restarted_and_unsealed(self):
        kmp = self.kmp_client()
        meter = self.opened("Python")
        with kmp.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], kmp.Pin(PINS["user"]), habits=kmp.Habits(reconnects=60, reconnect_pause=0.2)) as station:
            order = kmp.new_order(kmp.pb.RECHARGE, int(meter.number), int(CUSTOMER), 1000, r2=b"r2r2")
            first = station.order(order)
            self.p.stop()
            self.p.start()
            back = threading.Thread(target=self.p.unseal)  # while the station asks again and again
            back.start()
            again = station.order(order)
            back.join()
        self.assertEqual((first.repeated, again.repeated, first.purchase_count, again.purchase_count), (False, True, 2, 2))
        self.assertEqual(self.charges(meter).count(kmp.order_text(order)), 1)

    def test_a_pulled_ukey_is_said_and_the_station_logs_in_again_when_it_is_back(self):
        kmp = self.kmp_client()
        with kmp.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], kmp.Pin(PINS["user"])) as station:
            self.p.pull("user")
            wait_until("the UKEY is gone", lambda: not self.p.reader("user"))
            with self.assertRaises(kmp.KmpError) as caught:
                station.random(1)
            self.assertIn(caught.exception.code, ("token_removed", "denied"))
            self.p.plug_in("user")
            wait_until("the UKEY is back", lambda: self.p.reader("user").get("content") == "ukey")
            station.log_in()
            self.assertEqual(len(station.random(1)), 1)

    # ---- from afar

    def test_over_tls_with_an_account_and_not_where_another_anchor_is_trusted(self):
        machine = self.p.status()["network"]
        self.do("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Another Utility", "-keyout", "other.key", "-out", "other.pem")
        for language in ("C++", "Python"):
            with self.subTest(language):
                meter = self.opened(language)
                sale = ("--account", "shop-7", *self.where(meter), "--amount", "7.50")
                self.good(self.station(language, "--connect", machine, "--trust", self.p.anchor(), *sale, secret=PASSWORD, account=True), "balance 57.50 yuan, purchase count 2 of 2; genuine")
                self.refused(self.station(language, "--connect", machine, "--trust", "other.pem", *sale, secret=PASSWORD, account=True), "denied: ")
                self.refused(self.station(language, "--connect", machine, "--trust", self.p.anchor(), *sale, secret="not-the-password", account=True), "wrong_pin: ")
                self.assertEqual(meter.show()["balance_fen"], 5750)

    def test_over_tls_proved_by_a_ukey_or_by_files_without_a_password(self):
        kmp = self.kmp_client()
        machine, anchor, user = self.p.status()["network"], self.p.anchor(), self.p.serials["user"]
        self.do("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=shop 9", "-keyout", "shop-9.key", "-out", "shop-9.pem")
        (self.p.folder / "ukey.pem").write_text(self.p.good_ctl("--json", "ukey", "show", user).json()["ukey"]["certificate_pem"])
        for account, certificate in (("by-ukey", "ukey.pem"), ("by-files", "shop-9.pem")):
            self.p.good_ctl("account", "add", account, "--ukey", user, "--holder", "Han Meimei", "--certificate", str(self.p.folder / certificate), pins={"master": PINS["master"]})
        meter = self.opened("C++")
        proved = ("--socket", self.p.socket("kmp.sock"), "--ukey", user, "--connect", machine, "--trust", anchor)
        self.good(self.station("C++", *proved, "--account", "by-ukey", *self.where(meter), "--amount", "7.50"), "balance 57.50 yuan, purchase count 2 of 2; genuine")
        self.refused(self.station("C++", *proved, "--account", "by-files", *self.where(meter), "--amount", "7.50"), "wrong_pin: |denied: ")
        files = {"certificate": str(self.p.folder / "shop-9.pem"), "key": str(self.p.folder / "shop-9.key")}
        with kmp.Station.remote(machine, anchor, "by-files", **files) as station:
            self.assertEqual((station.session.account, len(station.random(4))), ("by-files", 4))
        for account, how in (("by-ukey", files), ("by-files", {}), ("by-files", {"certificate": anchor})):
            with self.subTest(account, **how), self.assertRaises(kmp.KmpError) as caught:
                kmp.Station.remote(machine, anchor, account, **how)
            self.assertIn(caught.exception.code, ("wrong_pin", "denied", "invalid_argument"))

    # ---- many

    def test_a_batch_credits_each_meter_and_says_which_was_refused(self):
        meters = [self.opened("Python") for _ in range(3)]
        amounts = ("5", "500.01", "7.50")
        done = self.local("Python", "--batch", *(f"{m.line},{m.number},{int(CUSTOMER)},{a}" for m, a in zip(meters, amounts)))
        self.assertEqual((done.code, done.out.count("purchase count 2; order")), (1, 2), done)
        self.assertEqual(done.err.splitlines(), [f"meter {meters[1].number}: refused: per_order: 500.01 yuan asked, 500.00 of 500.00 left"])
        self.assertEqual([m.show()["balance_fen"] for m in meters], [5500, 5000, 5750])

    # ---- receipts

    def test_a_receipt_is_proved_to_who_has_only_the_key_of_the_checkpoints(self):
        kmp = self.kmp_client()
        with kmp.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], kmp.Pin(PINS["user"])) as station:
            receipt = station.ask(random={"size": 8}).receipt
            proved = station.prove(receipt.index)
            self.assertEqual(proved.leaf_hash, receipt.leaf_hash)
            file = self.p.folder / "receipt.proof"
            file.write_text(kmp.tlog_proof(receipt.index, proved))
        key = self.p.folder / "log.key"
        key.write_text(self.p.good_ctl("audit", "checkpoint", "--key").out)
        check = ("kmp-audit", "verify-proof", str(file), "--key", str(key), "--leaf-hash")
        self.assertEqual(run(*check, receipt.leaf_hash.hex()).code, 0)
        self.assertEqual(run(*check, (bytes(31) + b"x").hex()).code, 1)

    # ---- what the grant has beside selling

    def test_data_is_signed_and_sealed_with_typed_calls(self):
        kmp = self.kmp_client()
        serial = self.p.issue("office", "user", "--station", "office-1", "--operations", "sign,verify,mac,encrypt,decrypt")
        with kmp.Station.local(self.p.socket("kmp.sock"), serial, kmp.Pin(PINS["user"])) as station:
            signature = station.sign(b"a day's totals")
            self.assertTrue(station.verify(b"a day's totals", signature))
            self.assertFalse(station.verify(b"another day's", signature))
            sealed = station.encrypt(b"a customer's name", b"row 7")
            self.assertEqual(station.decrypt(sealed, b"row 7"), b"a customer's name")
            with self.assertRaises(kmp.KmpError):
                station.decrypt(sealed, b"row 8")
            self.assertEqual(station.mac(b"m"), station.mac(b"m"))
            page = {}
            exec(self.block("python", 1), page)
            sealed, tag = page["keep"](station)
            self.assertEqual((station.decrypt(sealed, b"customer 42")[:9], len(tag)), (b"Han Meime", 16))

    # ---- the handbook and the package

    def block(self, language: str, which: int = 0) -> str:
        return re.findall(rf"```{language}\n(.*?)```", HANDBOOK, re.DOTALL)[which]

    def kmp_client(self):
        sys.path.insert(0, str(self.packages))
        self.addCleanup(sys.path.remove, str(self.packages))
        return importlib.import_module("kmp_client")

    def example(self) -> types.ModuleType:
        """The example in Python, to call parts of it."""
        example = types.ModuleType("example")
        sys.modules["example"] = example  # where its dataclasses and argparse look
        self.addCleanup(sys.modules.pop, "example")
        exec((self.examples / "station.py").read_text(), example.__dict__)
        return example

    def test_an_order_that_its_meter_never_got_is_given_up_as_the_handbook_says(self):
        kmp, example = self.kmp_client(), self.example()
        emulated = self.opened("Python")
        with kmp.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], kmp.Pin(PINS["user"])) as station:
            order = kmp.new_order(kmp.pb.RECHARGE, int(emulated.number), int(CUSTOMER), 1000, r2=b"r2r2")
            self.assertEqual(station.order(order).purchase_count, 2)
            first = station.void_order(order.order_id, order.meter)
            self.assertEqual((first.voided, bool(first.missing)), (False, True))
            meter = example.Meter(example.open_line(emulated.line), order.meter)
            self.addCleanup(os.close, meter.line)
            example.show_status(station, meter)
            self.assertTrue(station.void_order(order.order_id, order.meter).voided)
            for again, code in ((lambda: station.void_order(order.order_id, order.meter), "already_exists"), (lambda: station.order(order), "refused")):
                with self.assertRaises(kmp.KmpError) as caught:
                    again()
                self.assertEqual(caught.exception.code, code)
        self.good(self.local("Python", *self.where(emulated), "--amount", "5"), "purchase count 2; order", "balance 55.00 yuan")

    def test_the_handbooks_python_sells(self):
        self.kmp_client()
        example, page = self.example(), types.ModuleType("page")
        exec(self.block("python"), page.__dict__)

        class Meter(example.Meter):
            heard = 0

            def authenticate(self, k1: bytes, r1: bytes, factor: bytes) -> bytes:
                return self.secure(0x070000FF, k1, r1, factor)[:4][::-1]

            def recharge(self, order, answer) -> bool:
                self.heard += 1
                example.deliver(self, order, answer)
                return self.heard > 1  # the first time as if the answer were lost

        emulated = self.opened("Python")
        written = []
        journal = types.SimpleNamespace(write_down=written.append)
        with page.Station.local(self.p.socket("kmp.sock"), self.p.serials["user"], page.Pin(PINS["user"])) as station:
            meter = Meter(example.open_line(emulated.line), int(emulated.number))
            self.addCleanup(os.close, meter.line)
            answer = page.recharge(station, meter, journal, int(CUSTOMER), 1000)
            self.assertTrue(answer.repeated)
            self.assertEqual((len(written), answer.order_id, emulated.show()["balance_fen"]), (1, written[0].order_id, 6000))
            self.assertEqual(len(station.random(32)), 32)
            self.assertEqual(len(station.sign(b"a day's totals")), 64)

    def test_the_handbooks_cpp_stands_in_the_example(self):
        self.assertIn(self.block("cpp"), (TOP / "examples" / "station.cpp").read_text())

    def test_the_installed_files_name_no_folder_of_the_build(self):
        tree = (str(TOP), str(BIN.parent))
        for file in self.prefix.rglob("*"):
            if file.is_file() and file.suffix != ".a":  # archives carry the debugger's paths
                self.assertFalse(any(place in file.read_text() for place in tree), file)
        self.assertEqual(self.do("pkg-config", "--modversion", "kmp-wire"), re.search(r"project\(kmp VERSION (\S+)", (TOP / "CMakeLists.txt").read_text()).group(1) + "\n")

    def test_what_is_installed_is_enough_for_whoever_has_no_checkout(self):
        documents = self.prefix / "share" / "doc" / "kmp"
        pages = {page.name: page.read_text() for page in documents.glob("*.md")}
        for name in ("STATION.md", "PROTOCOL.md"):
            self.assertEqual(pages[name], (TOP / "docs" / name).read_text())
        for page in re.findall(r"\]\((\w+\.md)", pages["STATION.md"]):
            self.assertIn(page, pages)
        self.do("protoc", "-I", str(self.prefix / "share" / "kmp"), f"--python_out={self.p.folder}", "wire/kmp.proto")
        self.do("/usr/bin/python3", "-c", "from wire import kmp_pb2; assert kmp_pb2.StationRequest(id=1).id == 1")
        self.assertEqual({file.name for file in self.examples.iterdir()}, {"CMakeLists.txt", "station.cpp", "station.py"})

    def test_cmake_takes_no_version_that_this_is_not(self):
        folder = self.p.folder / "newer"
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\nfind_package(kmp 99.0 CONFIG REQUIRED)\n")
        done = subprocess.run(["cmake", "-S", str(folder), "-B", str(folder / "build"), f"-DCMAKE_PREFIX_PATH={self.prefix}"], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('version "99.0"', done.stderr)


if __name__ == "__main__":
    unittest.main()
