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

    def flood(self, count: int, request, on_reply):
        """`count` requests, at most 250 of them under way: for each reply another one. Those that were answered busy are sent once more."""
        sent = min(250, count)
        self.send_all([request(i) for i in range(sent)])
        done = 0
        while done < count:
            reply = self.receive(pb.StationReply)
            again = reply.failure.code == "busy"
            on_reply(reply)
            done += 0 if again else 1
            if again or sent < count:
                self.send_all([request(sent)])
                sent += 0 if again else 1


def sell(station: Station, meter: int, amount: int = 100):
    return station.ask(order=an_order(meter, amount))


def an_order(meter: int, amount: int = 100, order: bytes | None = None) -> pb.Order:
    """The first one of a meter: each meter gets one."""
    return pb.Order(order_id=order or order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=42, amount_fen=amount, r2=os.urandom(4))


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
            sell(station, METER + i)
        station.ask(order_batch=pb.OrderBatch(orders=[an_order(METER + 20 + i) for i in range(5)]))
        for _ in range(3):
            with self.assertRaises(Refused):
                sell(station, METER + 900, 10_000_000)
        station.ask(random=pb.Random(size=16))
        now = self.fresh()

        def more(name: str) -> float:
            return now.get(name, 0) - before.get(name, 0)

        self.assertEqual(more('kmp_orders_total{operation="open_account",outcome="done"}'), 12)
        self.assertEqual(more('kmp_orders_total{operation="open_account",outcome="refused"}'), 3)
        self.assertEqual(more("kmp_order_duration_seconds_count"), 12, "refusals wait for others in a flood: they are no measure")
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
        station.order(METER + 77, 12345, kind=pb.OPEN_ACCOUNT, customer=424242424242)
        for name in ("mallory{x=\"1\"}\n", "no-such-account"):
            with self.assertRaises(Refused):
                station.login_account(name, "s3cret-word")
        page = " ".join(values(self.page()))  # names and labels
        for word in (*PINS.values(), str(METER + 77), "424242424242", "12345", "mallory", "no-such-account", "s3cret", "holder-of", "station-1"):
            self.assertNotIn(word, page)

    def test_scrapers_that_are_silent_slow_or_many_hold_up_no_order(self):
        path = self.p.socket("metrics.sock")
        idle = []
        for i in range(200):
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            try:
                s.sendall((b"", b"GET /metr", os.urandom(9000), b"\0")[i % 4])
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
            self.assertGreater(sell(station, METER + 1000 + i).purchase_count, 0)
        stop.set()
        for h in hammers:
            h.join()
        for s in idle:
            s.close()

        def shown() -> bool:
            try:
                return "kmp_phase" in scrape(path)[1]
            except OSError:
                return False

        wait_until("metrics are shown again", shown)

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
        return sum(e["json"].get("denials", 1) for e in events)

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
                def count(reply):
                    answered[reply.failure.code] += 1

                flooder.flood(self.COUNT, lambda i: pb.StationRequest(order=an_order(METER + i % 1000, 10_000_000)), count)

            thread = threading.Thread(target=flood)
            thread.start()
            while thread.is_alive():
                sell(other, METER + 100_000 + sold)
                sold += 1
            thread.join()
            events = self.refusals(p)[before:]
            self.assertEqual(answered["refused"], self.COUNT)
            self.assertEqual(self.counted(events), self.COUNT)
            self.assertLess(len(events), 3000, "256 by themselves, one for each 128 of the rest, and one a second")
            self.assertGreater(sold, 0)
            one = next(e for e in events if e["type"] == "denials_coalesced")["json"]
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

            def request(i: int) -> pb.StationRequest:
                nonlocal sent
                sent += 1
                return pb.StationRequest(order=an_order(METER + i % 1000, 10_000_000))

            def count(_):
                nonlocal answered
                answered += 1

            killer = threading.Timer(3, p.daemon.kill)
            killer.start()
            with self.assertRaises(OSError):
                flooder.flood(10 ** 9, request, count)
            killer.join()
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
                sell(station, METER + i)
            with self.assertRaises(Refused):
                sell(station, METER + 900, 10_000_000)
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

    def setUp(self):
        self.toml.write_text("")
        self.p.good_ctl("reload")

    def configurations(self) -> list[dict]:
        return [e["json"] for e in self.p.events() if e["type"] == "configuration"]

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

    def test_what_is_in_force_at_a_start_is_logged_too(self):
        self.toml.write_text("[card]\nvoids = true\n[velocity]\norders = 50\n")
        self.p.restart()
        self.assertEqual(self.configurations()[-1]["note"], "in force: velocity.orders: 50; card.voids: true")
        self.toml.write_text("")
        self.p.restart()
        self.assertEqual(self.configurations()[-1]["note"], "in force: all as by default")

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
        told = [e["text"] for e in self.p.events() if e["type"] == "configuration" and "happened_at" in e["json"]]
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
        logged = {e["json"]["order_id"].replace("-", "") for e in self.p.events() if e["type"] == "order"}
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
            logged = [e["json"]["order_id"].replace("-", "") for e in p.events() if e["type"] == "order"]
            self.assertEqual(len(logged), len(set(logged)))
            self.assertTrue(set(answered) <= set(logged), "answered, and not in the log")
            # What was logged was accepted: all of that was answered before the end.
            self.assertEqual(set(logged) - set(answered), set())
            self.assertGreater(len(answered), 0)
            self.assertEqual(p.verify().code, 0)

    def test_a_clean_stop_leaves_everything_in_the_database_alone(self):
        with Platform() as p:
            (p.folder / "drop").mkdir()
            (p.home / "kmp.toml").write_text(f'[audit]\ndrop = "{p.folder / "drop"}"\n')
            p.initialised()
            self.assertEqual(p.verify().code, 0)
            seen = p.events()
            p.stop()
            log = p.home / "kmp.db-wal"
            self.assertEqual(log.stat().st_size if log.exists() else 0, 0)
            for suffix in ("-wal", "-shm"):
                (p.home / ("kmp.db" + suffix)).unlink(missing_ok=True)
            p.start()
            p.unseal()
            now = p.events()
            self.assertEqual(now[:len(seen)], seen)
            self.assertIn("service_stopped", [e["type"] for e in now[len(seen):]])
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
            self.assertGreater(sell(station, METER).purchase_count, 0)


class Systemd:
    """What systemd does for a service: it holds its sockets, hears what it says, and tells it how long it may be silent."""

    def __init__(self, platform: Platform):
        self.p = platform
        self.notify_path = str(platform.folder / "notify")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.notify_path)
        self.said: list[str] = []
        self.process: subprocess.Popen | None = None

    def hear(self, seconds: float = 0.0) -> list[str]:
        end = time.monotonic() + seconds
        while True:
            self.notify.settimeout(max(end - time.monotonic(), 0.001))
            try:
                self.said += self.notify.recv(65536).decode().splitlines()
            except (TimeoutError, BlockingIOError):
                return self.said

    def said_line(self, start: str) -> bool:
        return any(line.startswith(start) for line in self.hear())

    def start(self, sockets: dict[str, socket.socket], *options: str, environment: dict[str, str] | None = None):
        """The sockets become descriptors 3, 4 .. of kmpd, by a shell that then is kmpd."""
        descriptors = [s.fileno() for s in sockets.values()]
        # Above the places that they are going to take.
        held = [os.dup2(fd, 100 + i, inheritable=True) for i, fd in enumerate(descriptors)]
        moves = " ".join(f"{3 + i}<&{fd} {fd}<&-" for i, fd in enumerate(held))
        variables = {"NOTIFY_SOCKET": self.notify_path, "LISTEN_FDS": str(len(held)), "LISTEN_FDNAMES": ":".join(sockets), **(environment or {})}
        command = f'export LISTEN_PID=$$; exec "$@" {moves}' if held else 'exec "$@"'
        try:
            with open(self.p.folder / "kmpd.log", "ab") as log:
                self.process = subprocess.Popen(["bash", "-c", command, "bash", str(BIN / "kmpd"), "--home", str(self.p.home), *options], stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL, pass_fds=held, start_new_session=True, env={**os.environ, **variables})
        finally:
            for fd in held:
                os.close(fd)
        self.p.daemon = self.process
        return self

    def close(self):
        self.notify.close()


def listening(path: str, mode: int) -> socket.socket:
    if os.path.exists(path):
        os.unlink(path)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, mode)
    s.listen(64)
    return s


class Units(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        (self.p.home / "run").mkdir()
        self.systemd = Systemd(self.p)
        self.sockets: dict[str, socket.socket] = {}

    def tearDown(self):
        self.systemd.close()
        for s in self.sockets.values():
            s.close()
        self.p.__exit__()

    def usual(self) -> dict[str, socket.socket]:
        self.sockets = {"kmp.sock": listening(self.p.socket("kmp.sock"), 0o660), "admin.sock": listening(self.p.socket("admin.sock"), 0o600)}
        return self.sockets

    def test_clients_wait_in_the_sockets_before_the_service_is_there_and_over_a_restart(self):
        sockets = self.usual()
        early = Station(self.p.socket("kmp.sock"))
        early.send(pb.StationRequest(id=1, hello=pb.Hello(version=1)))
        self.systemd.start(sockets)
        self.assertEqual(early.receive(pb.StationReply).hello.state, "uninitialised")
        wait_until("kmpd is ready", lambda: self.systemd.said_line("READY=1"))
        self.assertEqual(self.p.status()["state"], "uninitialised")
        self.p.stop()
        self.assertTrue(self.systemd.said_line("STOPPING=1"))
        self.assertTrue(os.path.exists(self.p.socket("kmp.sock")), "the socket is systemd's")
        late = Station(self.p.socket("kmp.sock"))
        late.send(pb.StationRequest(id=1, hello=pb.Hello(version=1)))
        self.systemd.start(sockets)
        self.assertEqual(late.receive(pb.StationReply).hello.state, "uninitialised")

    def refused(self, sockets: dict[str, socket.socket], why: str):
        before = len(self.p.log_text()) if (self.p.folder / "kmpd.log").exists() else 0
        self.systemd.start(sockets)
        self.assertEqual(self.systemd.process.wait(60), 1)
        said = self.p.log_text()[before:]
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertIn(why, said)

    def test_what_is_passed_is_taken_only_when_it_is_what_it_should_be(self):
        run_folder = self.p.home / "run"
        good = self.usual()
        other = listening(str(run_folder / "other.sock"), 0o660)
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        tcp = socket.create_server(("127.0.0.1", 0))
        try:
            self.refused({"kmp.sock": other}, "ListenStream=" + self.p.socket("kmp.sock"))
            self.refused({"kmp.sock": datagram}, "is not a listening stream socket")
            self.refused({"kmp.sock": tcp}, "is not a listening stream socket")
            self.refused({"strange": good["kmp.sock"]}, "FileDescriptorName= is kmp.sock, admin.sock or network")
            self.refused({"network": tcp}, "kmp.toml has no network.listen")
            (self.p.home / "kmp.toml").write_text('[network]\nlisten = "127.0.0.1:1"\n')
            self.refused({"network": tcp}, "does not listen on 127.0.0.1:1")
            (self.p.home / "kmp.toml").write_text("")
            os.chmod(self.p.socket("admin.sock"), 0o660)
            self.refused({"admin.sock": good["admin.sock"]}, "SocketMode=0600")
            (self.p.home / "kmp.toml").write_text('[audit]\ngroup = "nogroup"\n')
            self.refused({"admin.sock": good["admin.sock"]}, "SocketGroup=nogroup")
            os.chmod(self.p.socket("admin.sock"), 0o662)
            self.refused({"admin.sock": good["admin.sock"]}, "SocketMode=0660")
            (self.p.home / "kmp.toml").write_text("")
            os.chmod(self.p.socket("kmp.sock"), 0o666)
            self.refused({"kmp.sock": good["kmp.sock"]}, "SocketMode=0660")
        finally:
            for s in (other, datagram, tcp):
                s.close()

    def test_the_port_of_the_network_can_be_passed(self):
        with socket.create_server(("127.0.0.1", 0)) as tcp:
            where = "127.0.0.1:%d" % tcp.getsockname()[1]
            (self.p.home / "kmp.toml").write_text(f'[network]\nlisten = "{where}"\n')
            self.systemd.start({**self.usual(), "network": tcp})
            wait_until("kmpd is ready", lambda: self.systemd.said_line("READY=1"))
            self.assertEqual(self.p.status()["network"], where)

    def test_the_watchdog_is_fed_and_not_while_the_writer_of_the_log_hangs(self):
        stuck = self.p.folder / "stuck"
        library = BIN.parent / "tests" / "libkmp_stuck_disk.so"
        self.p.initialised()
        self.p.stop()
        self.systemd.start({}, environment={"WATCHDOG_USEC": "400000", "LD_PRELOAD": str(library), "KMP_STUCK_FILE": str(stuck)})
        wait_until("kmpd is ready", lambda: self.systemd.said_line("READY=1"))
        self.p.unseal()
        fed = self.systemd.hear().count("WATCHDOG=1")
        wait_until("the watchdog is fed", lambda: self.systemd.hear().count("WATCHDOG=1") > fed + 5)
        wait_until("the status line says so", lambda: self.systemd.said_line("STATUS=open: "))
        stuck.touch()
        station = Station(self.p.socket("kmp.sock"), timeout=120)
        station.send(pb.StationRequest(id=1, random=pb.Random(size=1)))  # refused, and its refusal must be logged
        # Once the writer is in its commit no food comes any more; the I/O thread lives on.
        def starved() -> bool:
            before = self.systemd.hear().count("WATCHDOG=1")
            return self.systemd.hear(2).count("WATCHDOG=1") == before

        wait_until("no food comes while the writer hangs", starved)
        self.assertEqual(self.p.status()["state"], "open")
        stuck.unlink()
        self.assertEqual(station.receive(pb.StationReply).failure.code, "denied")
        fed = self.systemd.hear().count("WATCHDOG=1")
        wait_until("it is fed again", lambda: self.systemd.hear().count("WATCHDOG=1") > fed)

    def test_a_credential_unseals_at_the_start_and_a_wrong_one_is_tried_once(self):
        self.p.initialised()
        self.p.stop()
        credentials = self.p.folder / "credentials"
        credentials.mkdir()
        pin = credentials / "kmp.pin.platform"
        pin.write_text(PINS["platform"] + "\n")
        environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
        self.p.pull("platform")
        self.systemd.start({}, environment=environment)
        wait_until("it waits for the UKEY", lambda: "the service unseals itself when the platform UKEY is there" in self.p.log_text())
        self.assertEqual(self.p.status()["state"], "sealed")
        self.p.plug_in("platform")
        wait_until("the service is open", lambda: self.p.status()["state"] == "open")
        self.p.good_ctl("seal")
        time.sleep(3)
        self.assertEqual(self.p.status()["state"], "sealed", "what was sealed on purpose stays sealed")
        self.p.stop()
        pin.write_text("wrong-pin-0000\n")
        self.systemd.start({}, environment=environment)
        wait_until("it was refused", lambda: "does not unseal the service: wrong PIN" in self.p.log_text())
        time.sleep(3)
        self.p.unseal()
        wrong = [e["json"] for e in self.p.events() if e["type"] == "pin_failed"]
        self.assertEqual([w["wrong_pins"] for w in wrong], [1])
        self.assertNotIn(PINS["platform"], self.p.log_text())
        self.assertNotIn("wrong-pin-0000", self.p.log_text())

    def test_a_reload_is_told(self):
        self.systemd.start({})
        wait_until("kmpd is ready", lambda: self.systemd.said_line("READY=1"))
        self.systemd.process.send_signal(signal.SIGHUP)
        wait_until("it reloads", lambda: self.systemd.said_line("RELOADING=1"))
        wait_until("and is ready again", lambda: self.systemd.hear().count("READY=1") == 2)

    def test_units_are_installed_where_debian_looks_and_systemd_finds_nothing_wrong_with_them(self):
        stage = self.p.folder / "stage"
        done = subprocess.run(["cmake", "--install", str(BIN.parent), "--prefix", "/usr", "--component", "service"], env={**os.environ, "DESTDIR": str(stage)}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for path in ("usr/sbin/kmpd", "usr/libexec/kmp/kmp-tokenhost", "usr/bin/kmpctl", "usr/bin/kmp-audit", "usr/bin/kmp-vend", "usr/lib/sysusers.d/kmp.conf",
                     "usr/lib/tmpfiles.d/kmp.conf", "usr/share/doc/kmp/OPERATION.md"):
            self.assertTrue((stage / path).exists(), path)
        units = stage / "usr/lib/systemd/system"
        names = sorted(u.name for u in units.iterdir())
        self.assertEqual(names, ["kmpd-admin.socket", "kmpd-network.socket", "kmpd.service", "kmpd.socket"])
        # Its programs lie in the stage: systemd-analyze wants to see them.
        text = (units / "kmpd.service").read_text()
        for program in ("/usr/sbin/kmpd", "/usr/libexec/kmp/kmp-tokenhost"):
            self.assertIn(program, text)
        (units / "kmpd.service").write_text(text.replace("ExecStart=/usr/sbin/kmpd", f"ExecStart={stage}/usr/sbin/kmpd").replace("file:/usr", f"file:{stage}/usr"))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(str(units / n) for n in names)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        for tool, option, name in (("systemd-sysusers", "--dry-run", "sysusers.d"), ("systemd-tmpfiles", "--dry-run", "tmpfiles.d")):
            self.assertIn("kmp", (stage / "usr/lib" / name / "kmp.conf").read_text(), (tool, option))


    def test_the_window_is_installed_apart_from_the_service_with_what_it_starts(self):
        stage = self.p.folder / "console"
        done = subprocess.run(["cmake", "--install", str(BIN.parent), "--prefix", "/usr", "--component", "console"], env={**os.environ, "DESTDIR": str(stage)}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(f.name for f in (stage / "usr/bin").iterdir()), ["kmp-audit", "kmp-console", "kmpctl"])
        entry = (stage / "usr/share/applications/kmp-console.desktop").read_text()
        self.assertIn("Exec=kmp-console\n", entry)
        self.assertTrue((stage / "usr/share/icons/hicolor/scalable/apps" / (re.search("^Icon=(.*)$", entry, re.MULTILINE).group(1) + ".svg")).exists())
        self.assertFalse((stage / "usr/sbin").exists())


class Logs(unittest.TestCase):
    def test_json_is_an_object_a_line(self):
        with Platform() as p:
            done = subprocess.Popen([str(BIN / "kmpd"), "--home", str(p.home), "--log-format", "json"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True)
            wait_until("kmpd listens", lambda: p.ctl("status").code == 0)
            done.send_signal(signal.SIGTERM)
            said = done.communicate(timeout=60)[1].splitlines()
            self.assertGreaterEqual(len(said), 2)
            for line in said:
                self.assertEqual(list(json.loads(line)), ["time", "level", "message"])
            self.assertIn("stopping on signal 15", json.loads(said[-1])["message"])

    def test_the_journal_is_taken_only_where_stderr_leads_there(self):
        with Platform() as p:
            read_end, write_end = os.pipe()
            at = os.fstat(write_end)
            for stream, to_stderr in ((f"{at.st_dev}:{at.st_ino}", False), (f"{at.st_dev}:{at.st_ino + 1}", True)):
                done = subprocess.Popen([str(BIN / "kmpd"), "--home", str(p.home)], stderr=write_end, stdin=subprocess.DEVNULL, env={**os.environ, "JOURNAL_STREAM": stream})
                wait_until("kmpd listens", lambda: p.ctl("status").code == 0)
                done.send_signal(signal.SIGTERM)
                done.wait(60)
                os.set_blocking(read_end, False)
                try:
                    said = os.read(read_end, 65536)
                except BlockingIOError:
                    said = b""
                self.assertEqual(b"serves" in said, to_stderr, said)
            os.close(read_end)
            os.close(write_end)

    def test_a_flood_of_clients_that_are_turned_away_writes_two_lines_with_the_exact_count(self):
        with Platform() as p:
            (p.home / "kmp.toml").write_text('[service]\nmax_connections = 4\n')
            p.start()
            held = [Station(p.socket("kmp.sock")) for _ in range(4)]
            for h in held:
                h.ask(hello=pb.Hello(version=1))
            for _ in range(2500):
                s = socket.socket(socket.AF_UNIX)
                s.connect(p.socket("kmp.sock"))
                self.assertEqual(s.recv(1), b"")
                s.close()
            page = values(scrape(p.socket("metrics.sock"))[1])
            self.assertEqual(page['kmp_connections_ended_total{socket="kmp",reason="full"}'], 2500)
            for h in held:
                h.close()
            wait_until("there is room again", lambda: p.status()["connections"] == 0)
            for _ in range(1000):
                broken = Stream(p.socket("kmp.sock"), timeout=20)
                broken.send_raw(b"\0\0\0\0")
                self.assertEqual(broken.receive(pb.StationReply).failure.code, "malformed")
                broken.close()
            p.stop()
            log = p.log_text()
            self.assertEqual(log.count("was turned away"), 1, log)
            self.assertIn("clients beyond max_connections: and 2499 more", log)
            self.assertEqual(log.count("a client on kmp.sock"), 1)
            self.assertIn("broken streams of stations: and 999 more", log)
