"""How the service is run: what it shows of itself, what it takes over while it runs, how it ends, and what floods cost."""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

from platform_under_test import BIN, PINS, Platform, run, wait_until
from station import Refused, Station, Stream, order_id, pb

SOURCE = pathlib.Path(__file__).resolve().parents[2]
METER = 600000


def scrape(where: str, request: bytes = b"GET /metrics HTTP/1.1\r\nHost: kmpd\r\n\r\n") -> tuple[str, str]:
    """Head and body. `where`: the path of a socket, or ADDRESS:PORT."""
    if where.startswith("/"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(where)
    else:
        address, port = where.rsplit(":", 1)
        s = socket.create_connection((address, int(port)))
    with s:
        s.settimeout(60)
        s.sendall(request)
        out = b""
        while piece := s.recv(65536):
            out += piece
    head, _, body = out.decode().partition("\r\n\r\n")
    return head, body


def values(page: str) -> dict[str, float]:
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line and not line.startswith("#")}


class Pipelined(Station):
    """A station with many requests under way: what came back is told by its id."""

    def send_all(self, requests: list[pb.StationRequest]):
        data = b""
        for request in requests:
            self.last += 1
            request.id = self.last
            raw = request.SerializeToString()
            data += struct.pack(">I", len(raw)) + raw
        self.socket.sendall(data)


def an_order(meter: int, amount: int = 100, order: bytes | None = None) -> pb.Order:
    return pb.Order(order_id=order or order_id(), kind=pb.RECHARGE, meter=meter, customer=42, amount_fen=amount, r2=os.urandom(4))


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()

    @classmethod
    def tearDownClass(cls):
        cls.p.__exit__()

    def page(self) -> str:
        head, body = scrape(self.p.socket("metrics.sock"))
        self.assertIn("200 OK", head)
        return body

    def fresh(self) -> dict[str, float]:
        time.sleep(0.3)  # a page is shown again for a moment
        return values(self.page())

    def station(self) -> Station:
        station = Station(self.p.socket("kmp.sock"))
        station.login(self.p.serials["user"], PINS["user"])
        return station

    def test_counts_orders_refusals_sessions_and_commits_exactly(self):
        before = self.fresh()
        station = self.station()
        for i in range(7):
            station.order(METER + i, 100)
        station.ask(order_batch=pb.OrderBatch(orders=[an_order(METER + 20 + i) for i in range(5)]))
        for _ in range(3):
            with self.assertRaises(Refused):
                station.order(METER, 10_000_000)
        station.ask(random=pb.Random(size=16))
        now = self.fresh()

        def more(name: str) -> float:
            return now.get(name, 0) - before.get(name, 0)

        self.assertEqual(more('kmp_orders_total{operation="recharge",outcome="done"}'), 12)
        self.assertEqual(more('kmp_orders_total{operation="recharge",outcome="refused"}'), 3)
        self.assertEqual(more("kmp_order_duration_seconds_count"), 15)
        self.assertEqual(more('kmp_requests_total{operation="order",outcome="done"}'), 7)
        self.assertEqual(more('kmp_requests_total{operation="order",outcome="refused"}'), 3)
        self.assertEqual(more('kmp_requests_total{operation="order_batch",outcome="done"}'), 1)
        self.assertEqual(more('kmp_requests_total{operation="random",outcome="done"}'), 1)
        self.assertEqual(more('kmp_refusals_total{rule="per_order"}'), 3)
        self.assertEqual(more("kmp_sessions_opened_total"), 1)
        self.assertEqual(now["kmp_sessions"], before["kmp_sessions"] + 1)
        self.assertEqual(more('kmp_connections_accepted_total{socket="kmp"}'), 1)
        self.assertGreaterEqual(more("kmp_log_events_total"), 17)
        self.assertEqual(more("kmp_ukey_operation_duration_seconds_count"), 13)
        self.assertEqual(now['kmp_phase{phase="open"}'], 1)
        self.assertEqual(now["kmp_failing"], 0)
        station.close()
        wait_until("the session has gone", lambda: self.fresh()["kmp_sessions"] == before["kmp_sessions"])

    def test_promtool_accepts_the_page_of_a_service_at_work(self):
        done = subprocess.run([SOURCE / "scripts" / "promtool", "check", "metrics"], input=self.page(), capture_output=True, text=True, timeout=300)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_shows_which_ukeys_are_there_and_that_one_was_pulled(self):
        mine = f'kmp_ukey_present{{serial="{self.p.serials["key"]}",kind="key"}}'
        self.assertEqual(self.fresh()[mine], 1)
        self.p.pull("key")
        wait_until("the key UKEY is told as absent", lambda: self.fresh()[mine] == 0)
        self.p.plug_in("key")
        wait_until("and as there again", lambda: self.fresh()[mine] == 1)

    def test_holds_no_secret_no_meter_and_no_text_of_a_client(self):
        station = self.station()
        station.order(METER + 77, 12345, 424242424242)
        for name in ("mallory{x=\"1\"}\n", "no-such-account"):
            with self.assertRaises(Refused):
                station.login_account(name, "s3cret-word")
        page = self.page()
        for word in (*PINS.values(), str(METER + 77), "424242424242", "12345", "mallory", "no-such-account", "s3cret", "holder-of", "station-1"):
            self.assertNotIn(word, page)

    def test_scrapers_that_are_silent_slow_or_many_hold_up_no_order(self):
        path = self.p.socket("metrics.sock")
        idle = []
        for i in range(200):
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            if i % 4 == 1:
                s.sendall(b"GET /metr")
            if i % 4 == 2:
                try:
                    s.sendall(os.urandom(9000))
                except OSError:
                    pass  # closed at once
            idle.append(s)
        stop = threading.Event()

        def hammer():
            while not stop.is_set():
                try:
                    scrape(path)
                except OSError:
                    time.sleep(0.01)

        hammers = [threading.Thread(target=hammer) for _ in range(8)]
        for h in hammers:
            h.start()
        station = self.station()
        for i in range(300):
            self.assertGreater(station.order(METER + 1000 + i, 100).purchase_count, 0)
        stop.set()
        for h in hammers:
            h.join()
        for s in idle:
            s.close()
        wait_until("metrics are shown again", lambda: "kmp_phase" in scrape(path)[1])

    def test_what_is_no_request_for_metrics_gets_its_answer_in_http(self):
        path = self.p.socket("metrics.sock")
        self.assertIn(" 404 ", scrape(path, b"GET /secrets HTTP/1.1\r\n\r\n")[0])
        self.assertIn(" 405 ", scrape(path, b"DELETE /metrics HTTP/1.1\r\n\r\n")[0])
        self.assertIn(" 400 ", scrape(path, b"hello\r\n\r\n")[0])
        self.assertEqual(scrape(path, b"HEAD /metrics HTTP/1.0\r\n\r\n")[1], "")


class WhereMetricsAre(unittest.TestCase):
    def test_on_a_loopback_port_or_nowhere_and_never_on_the_network(self):
        with Platform() as p:
            toml = p.home / "kmp.toml"
            toml.write_text('[metrics]\nlisten = "0.0.0.0:9450"\n')
            done = run("kmpd", "--home", str(p.home))
            self.assertEqual(done.code, 1)
            self.assertEqual(len(done.err.splitlines()), 1, done.err)
            self.assertIn("metrics.listen: 0.0.0.0:9450 can be reached from other machines", done.err)
            toml.write_text('[metrics]\nlisten = "127.0.0.1:0"\n')
            p.start()
            self.assertIn('kmp_phase{phase="uninitialised"} 1', scrape(p.status()["metrics"])[1])
            p.stop()
            toml.write_text('[metrics]\nlisten = ""\n')
            p.start()
            self.assertEqual(p.status()["metrics"], "")
            self.assertFalse(os.path.exists(p.socket("metrics.sock")))


class DeniedFlood(unittest.TestCase):
    """100,000 refusals of one client: a bounded number of events, whose counts are exactly the refusals that were answered."""

    COUNT = 100_000

    def refusals(self, p: Platform) -> list[dict]:
        return [e for e in p.events() if e["type"] in ("denied", "order_refused", "denials_coalesced")]

    @staticmethod
    def counted(events: list[dict]) -> int:
        return sum(json.loads(e["json"]).get("denials", 1) for e in events)

    def test_is_coalesced_and_counted_and_another_station_goes_on(self):
        with Platform() as p:
            p.initialised()
            p.issue("other", "user", "--station", "station-2", "--per-day", "2000000", "--orders-per-minute", "1000000")
            flooder = Pipelined(p.socket("kmp.sock"), timeout=300)
            flooder.login(p.serials["user"], PINS["user"])
            other = Station(p.socket("kmp.sock"), timeout=120)
            other.login(p.serials["other"], PINS["user"])
            before = len(self.refusals(p))
            answered = {"refused": 0, "busy": 0}
            sold = 0

            def flood():
                left = self.COUNT
                while left > 0:
                    batch = min(200, left)
                    flooder.send_all([pb.StationRequest(order=an_order(METER + i, 10_000_000)) for i in range(batch)])
                    for _ in range(batch):
                        answered[flooder.receive(pb.StationReply).failure.code] += 1
                    left = self.COUNT - answered["refused"]

            thread = threading.Thread(target=flood)
            thread.start()
            while thread.is_alive():
                other.order(METER + sold, 100)
                sold += 1
            thread.join()
            events = self.refusals(p)[before:]
            self.assertEqual(answered["refused"], self.COUNT)
            self.assertEqual(self.counted(events), self.COUNT)
            self.assertLess(len(events), 3000, "256 by themselves, one for each 128 of the rest, and one a second")
            self.assertGreater(sold, 0)
            one = json.loads(next(e for e in events if e["type"] == "denials_coalesced")["json"])
            self.assertEqual((one["ukey"], one["rule"], one["code"], one["station"]), (p.serials["user"], "per_order", "refused", "station-1"))
            self.assertLessEqual(one["first_at"], one["last_at"])
            self.assertEqual(p.verify().code, 0)

    def test_a_service_that_is_killed_in_it_has_counted_every_refusal_that_was_answered(self):
        with Platform() as p:
            p.initialised()
            flooder = Pipelined(p.socket("kmp.sock"), timeout=60)
            flooder.login(p.serials["user"], PINS["user"])
            before = len(self.refusals(p))
            answered = sent = 0
            threading.Timer(3, p.daemon.kill).start()
            try:
                while True:
                    flooder.send_all([pb.StationRequest(order=an_order(METER + i, 10_000_000)) for i in range(200)])
                    sent += 200
                    for _ in range(200):
                        flooder.receive(pb.StationReply)
                        answered += 1
            except OSError:
                pass
            p.daemon.wait()
            self.assertGreater(answered, 300, "the flood was one")
            p.start()
            p.unseal()
            counted = self.counted(self.refusals(p)[before:])
            self.assertGreaterEqual(counted, answered)
            self.assertLessEqual(counted, sent)
            self.assertEqual(p.verify().code, 0)

    def test_what_waits_is_written_when_the_client_goes_and_when_the_service_is_sealed(self):
        with Platform() as p:
            p.initialised()
            for end in ("close", "seal"):
                before = len(self.refusals(p))
                flooder = Pipelined(p.socket("kmp.sock"), timeout=60)
                flooder.login(p.serials["user"], PINS["user"])

                def ask(count: int):
                    flooder.send_all([pb.StationRequest(order=an_order(METER + i, 10_000_000)) for i in range(count)])

                ask(250)
                for _ in range(250):
                    flooder.receive(pb.StationReply)
                ask(200)  # most of these share an event, and some wait for others
                for _ in range(100):
                    flooder.receive(pb.StationReply)
                if end == "close":
                    flooder.close()
                else:
                    p.good_ctl("seal")
                    for _ in range(100):
                        self.assertEqual(flooder.receive(pb.StationReply).failure.code, "refused")
                    p.unseal()
                wait_until(f"all 450 are counted after {end}", lambda: self.counted(self.refusals(p)[before:]) == 450)


class Status(unittest.TestCase):
    def test_says_in_one_word_how_the_service_is_and_then_everything(self):
        with Platform() as p:
            p.start()
            self.assertEqual(p.status()["health"], "sealed", "before the ceremony")
            p.stop()
            p.initialised()
            station = Station(p.socket("kmp.sock"))
            station.login(p.serials["user"], PINS["user"])
            for i in range(20):
                station.order(METER + i, 100)
            with self.assertRaises(Refused):
                station.order(METER, 10_000_000)
            s = p.status()
            self.assertIn(s["health"], ("healthy", "attention"))
            self.assertEqual((s["orders_last_minute"], s["refused_last_minute"]), (21, 1))
            self.assertGreater(s["p50_us"], 0)
            self.assertLessEqual(s["p50_us"], s["p99_us"])
            self.assertEqual((s["connections"], s["sessions"], s["under_way"]), (1, 1, 0))
            self.assertGreater(s["disk_total_bytes"], s["disk_free_bytes"])
            self.assertGreaterEqual(s["checkpoint_age_ms"], 0)
            self.assertGreater(s["platform_not_after_ms"], time.time() * 1000)
            self.assertLessEqual(s["up_since_ms"], time.time() * 1000)
            text = p.good_ctl("status").out
            self.assertEqual(text.splitlines()[0], s["health"])
            self.assertIn("21 in the last minute, 1 of them refused; half within ", text)
            # A reader whose UKEY cannot be used wants attention.
            (p.readers / "broken.toml").write_text('kind = "pkcs11"\nmodule = "/no/such/module.so"\n')
            wait_until("the reader is told as failed", lambda: p.reader("broken").get("content") == "failed")
            self.assertEqual(p.status()["health"], "attention")
            p.good_ctl("seal")
            self.assertEqual(p.status()["health"], "sealed")


class Reload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()
        cls.toml = cls.p.home / "kmp.toml"

    @classmethod
    def tearDownClass(cls):
        cls.p.__exit__()

    def configurations(self) -> list[dict]:
        return [json.loads(e["json"]) for e in self.p.events() if e["type"] == "configuration"]

    def test_takes_over_what_can_change_and_names_what_cannot(self):
        self.toml.write_text('[service]\nmax_in_flight = 33\n[network]\nlisten = "127.0.0.1:0"\n')
        answer = self.p.good_ctl("--json", "reload").json()
        self.assertEqual(answer["changed"], ["service.max_in_flight: 256 -> 33"])
        self.assertEqual(answer["kept"], ['network.listen: "" -> "127.0.0.1:0"'])
        newest = self.configurations()[-1]
        self.assertEqual(newest["note"], "service.max_in_flight: 256 -> 33")
        self.assertTrue(newest["actor"].startswith(f"uid {os.getuid()} "))
        self.assertEqual(self.p.status()["network"], "")
        client = Pipelined(self.p.socket("kmp.sock"))
        client.login(self.p.serials["user"], PINS["user"])
        client.send_all([pb.StationRequest(random=pb.Random(size=1)) for _ in range(60)])
        codes = [client.receive(pb.StationReply).failure.code for _ in range(60)]
        self.assertIn("busy", codes, "the new limit holds in open connections too")
        client.close()
        self.toml.write_text("")
        self.assertEqual(self.p.good_ctl("--json", "reload").json()["changed"], ["service.max_in_flight: 33 -> 256"])
        self.assertEqual(self.p.good_ctl("--json", "reload").json()["changed"], [])

    def test_a_broken_file_changes_nothing_and_says_why(self):
        before = len(self.configurations())
        for text, why in (("[service]\nmax_in_flight = 0\n", "max_in_flight"), ("[service\n", "line 1"), ("[service]\nspeed = 1\nmax_queue = 7\n", "service.speed")):
            self.toml.write_text(text)
            done = self.p.ctl("reload")
            self.assertEqual(done.code, 1)
            self.assertIn(why, done.err)
        self.toml.write_text("")
        self.assertEqual(self.p.good_ctl("--json", "reload").json()["changed"], [])
        self.assertEqual(len(self.configurations()), before)

    def test_while_sealed_it_is_told_when_the_log_is_open_again(self):
        self.p.good_ctl("seal")
        self.toml.write_text("[audit]\ncheckpoint_events = 77\n")
        self.assertEqual(self.p.good_ctl("--json", "reload").json()["changed"], ["audit.checkpoint_events: 10000 -> 77"])
        self.toml.write_text("")
        self.p.good_ctl("reload")
        self.p.unseal()
        told = [e["text"] for e in self.p.events() if e["type"] == "recovery"]
        self.assertIn("audit.checkpoint_events: 10000 -> 77", " ".join(told))

    def test_again_and_again_in_the_middle_of_batches_drops_no_order(self):
        clients, sold, lost = [], [], []
        for n in range(4):
            c = Pipelined(self.p.socket("kmp.sock"), timeout=120)
            c.login(self.p.serials["user"], PINS["user"])
            clients.append(c)
        stop = threading.Event()

        def sell(n: int, client: Pipelined):
            at = METER + 10_000 * (n + 1)
            while not stop.is_set():
                reply = client.ask(order_batch=pb.OrderBatch(orders=[an_order(at + i) for i in range(64)]))
                at += 64
                for o in reply.orders:
                    (lost if o.HasField("failure") else sold).append(o.order_id.hex())

        threads = [threading.Thread(target=sell, args=(n, c)) for n, c in enumerate(clients)]
        for t in threads:
            t.start()
        for i in range(30):
            self.toml.write_text(f"[service]\nmax_queue = {4000 + i}\nidle_timeout_ms = {100_000 + i}\ntoken_timeout_ms = {4000 + i}\n[audit]\ncheckpoint_events = {50 + i}\n")
            if i % 2:
                self.p.daemon.send_signal(signal.SIGHUP)
                wait_until("it was read anew", lambda: f"max_queue: {3999 + i} -> {4000 + i}" in self.p.log_text() or f"-> {4000 + i}" in self.p.log_text())
            else:
                self.p.good_ctl("reload")
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(lost, [])
        logged = {json.loads(e["json"])["order_id"].replace("-", "") for e in self.p.events() if e["type"] == "order"}
        self.assertTrue(set(sold) <= logged)
        self.toml.write_text("")
        self.p.good_ctl("reload")
        self.assertGreaterEqual(len([c for c in self.configurations() if "service.max_queue" in c["note"]]), 30)


class Ending(unittest.TestCase):
    def test_a_stop_answers_all_that_was_accepted_and_logs_all_that_was_answered(self):
        with Platform() as p:
            p.initialised()
            clients = []
            for n in range(64):
                c = Pipelined(p.socket("kmp.sock"), timeout=120)
                c.login(p.serials["user"], PINS["user"])
                clients.append(c)
            answered, unanswered = [], []
            started = threading.Barrier(65)

            def sell(n: int, client: Pipelined):
                ids = [order_id() for _ in range(200)]
                client.send_all([pb.StationRequest(order=an_order(METER + 1000 * n + i, 100, ids[i])) for i in range(len(ids))])
                started.wait()
                got = 0
                try:
                    for _ in ids:
                        reply = client.receive(pb.StationReply)
                        got += 1
                        if reply.HasField("order"):
                            answered.append(reply.order.order_id.hex())
                except ConnectionError:
                    pass
                unanswered.append(len(ids) - got)

            threads = [threading.Thread(target=sell, args=(n, c)) for n, c in enumerate(clients)]
            for t in threads:
                t.start()
            started.wait()
            p.stop()
            for t in threads:
                t.join()
            p.start()
            p.unseal()
            logged = [json.loads(e["json"])["order_id"].replace("-", "") for e in p.events() if e["type"] == "order"]
            self.assertEqual(len(logged), len(set(logged)))
            self.assertTrue(set(answered) <= set(logged), "answered, and not in the log")
            # What was logged was accepted: all of that was answered before the end.
            self.assertEqual(set(logged) - set(answered), set())
            self.assertGreater(len(answered), 0)
            self.assertEqual(p.verify().code, 0)

    def test_a_client_that_never_reads_its_replies_is_cut_off_and_costs_little(self):
        with Platform() as p:
            p.initialised()

            def rss() -> int:
                return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{p.daemon.pid}/status").read_text()).group(1))

            before = rss()
            lazy = []
            for _ in range(8):
                c = Pipelined(p.socket("kmp.sock"), timeout=2)
                c.login(p.serials["user"], PINS["user"])
                lazy.append(c)
            gone = 0
            for c in lazy:
                try:
                    while True:
                        c.send_all([pb.StationRequest(random=pb.Random(size=1024)) for _ in range(64)])
                except TimeoutError:
                    self.fail("the service neither read nor cut off")
                except OSError:
                    gone += 1
            self.assertEqual(gone, len(lazy))
            wait_until("all of them are gone", lambda: p.status()["connections"] == 0)
            self.assertEqual(values(scrape(p.socket("metrics.sock"))[1])['kmp_connections_ended_total{socket="kmp",reason="unread"}'], 8)
            self.assertLess(rss() - before, 100_000, "KiB, for eight of them")
            station = Station(p.socket("kmp.sock"))
            station.login(p.serials["user"], PINS["user"])
            self.assertGreater(station.order(METER, 100).purchase_count, 0)
