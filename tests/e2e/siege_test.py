"""Clients and hardware that behave badly while honest stations sell: nobody else's orders suffer beyond a bound, nothing acknowledged is lost.

KMP_PULLS=1000 pulls a UKEY that often (30 otherwise).
"""
import os
import resource
import signal
import socket
import struct
import threading
import time
import unittest

from kill_test import FIRST_METER, Stream
from cases import StationCase
from platform_under_test import BIN, PINS, Platform, wait_until
from station import Refused, Station, order_id, uuid_text
from wire import kmp_pb2 as pb

PULLS = int(os.environ.get("KMP_PULLS", "30"))
STALL = 10  # seconds


class Siege(StationCase):
    CONFIGURATION = ""

    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.initialised()
        (self.p.home / "kmp.toml").write_text(self.CONFIGURATION)  # not before: a ceremony takes longer than what it allows here
        self.p.stop()
        self.p.start()
        self.p.unseal()

    def selling(self) -> Stream:
        stream = Stream(self.p, FIRST_METER)
        stream.start()
        self.goes_on(stream)
        return stream

    def goes_on(self, stream: Stream, orders: int = 20):
        before = len(stream.acknowledged)
        wait_until("selling goes on", lambda: len(stream.acknowledged) > before + orders or stream.trouble)
        self.assertIsNone(stream.trouble)

    def ended_well(self, *streams: Stream):
        for stream in streams:
            stream.stop = True
            stream.join(120)
            self.assertIsNone(stream.trouble)
        logged = {e["json"]["order_id"]: e["json"]["amount"] for e in self.p.events() if e["type"] == "order"}
        for stream in streams:
            for id, amount in stream.acknowledged.items():
                self.assertEqual(logged.get(uuid_text(id)), amount)
        self.assertEqual(self.p.verify().code, 0)


class Clients(Siege):
    CONFIGURATION = "[service]\nmax_connections = 400\nidle_timeout_ms = 2000\n"

    def raw(self) -> socket.socket:
        plain = socket.socket(socket.AF_UNIX)
        self.addCleanup(plain.close)
        plain.settimeout(60)
        plain.connect(self.p.socket("kmp.sock"))
        return plain

    def test_that_send_a_byte_at_a_time_or_half_a_frame_or_nothing_are_dropped_and_hold_up_nobody(self):
        stream = self.selling()
        silent, half, drip = ([self.raw() for _ in range(60)] for _ in range(3))
        message = pb.StationRequest(id=1, hello=pb.Hello(version=1)).SerializeToString()
        frame = struct.pack(">I", len(message)) + message
        for plain in half:
            plain.sendall(frame[:-1])
        stop = threading.Event()

        def trickle():
            at = 0
            while not stop.wait(0.3):
                for plain in drip:
                    try:
                        plain.send(struct.pack(">I", 60000)[at:at + 1] if at < 4 else b"\0")
                    except OSError:
                        pass
                at += 1

        dripping = threading.Thread(target=trickle, daemon=True)
        dripping.start()
        self.goes_on(stream, 100)

        def gone(plain: socket.socket) -> bool:
            try:
                plain.setblocking(False)
                while plain.recv(4096):
                    pass
                return True
            except BlockingIOError:
                return False
            except OSError:
                return True

        wait_until("the silent, the half-hearted and the slow are dropped", lambda: all(map(gone, silent + half + drip)))
        stop.set()
        dripping.join(60)
        for plain in drip:
            plain.close()
        self.ended_well(stream)

    def test_more_connections_than_there_are_descriptors_leave_those_that_are_there_alone(self):
        honest = self.session("user")
        honest.order(FIRST_METER + 100, 100, pb.OPEN_ACCOUNT)
        pid = self.p.daemon.pid
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 10, usual[1]))
        try:
            flood = []
            for _ in range(100):
                plain = socket.socket(socket.AF_UNIX)
                plain.setblocking(False)
                try:
                    plain.connect(self.p.socket("kmp.sock"))
                except OSError:
                    pass
                flood.append(plain)
            for i in range(20):
                honest.order(FIRST_METER + 100, 100)
            for plain in flood:
                plain.close()
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        wait_until("others are let in again", lambda: self.p.ctl("status").code == 0)
        self.session("user").order(FIRST_METER + 100, 100)
        self.assertEqual(self.p.verify().code, 0)


class Hardware(Siege):
    CONFIGURATION = f"[service]\ntoken_timeout_ms = {STALL * 3 * 1000}\n"

    def test_a_ukey_that_stalls_holds_up_its_own_station_only(self):
        self.p.issue("other", "user", "--station", "s-other", "--operations", "authenticate,open_account,recharge", "--per-order", "500", "--per-day", "500000", "--orders-per-minute", "1000000")
        stalled, other = self.session("user"), self.session("other")
        stalled.order(FIRST_METER + 1, 100, pb.OPEN_ACCOUNT)
        other.order(FIRST_METER + 2, 100, pb.OPEN_ACCOUNT)
        host = self.p.tokenhost_of("user")
        os.kill(host, signal.SIGSTOP)
        try:
            last = order_id()
            stalled.send(pb.StationRequest(id=777, order=pb.Order(order_id=last, kind=pb.RECHARGE, meter=FIRST_METER + 1, customer=42, amount_fen=100, r2=os.urandom(4))))
            end = time.monotonic() + STALL
            sold = 0
            while time.monotonic() < end:
                other.order(FIRST_METER + 2, 100)
                sold += 1
            self.assertGreater(sold, STALL, "the other one sold all the time")
        finally:
            os.kill(host, signal.SIGCONT)
        reply = stalled.receive(pb.StationReply)
        self.assertEqual((reply.id, reply.order.order_id), (777, last))
        self.assertEqual(self.p.verify().code, 0)

    def test_a_ukey_that_is_pulled_again_and_again_leaves_nothing_behind(self):
        self.p.issue("other", "user", "--station", "s-other", "--operations", "authenticate,open_account,recharge", "--per-order", "500", "--per-day", "500000", "--orders-per-minute", "1000000")
        other = self.session("other")
        other.order(FIRST_METER + 2, 100, pb.OPEN_ACCOUNT)
        descriptors = len(os.listdir(f"/proc/{self.p.daemon.pid}/fd"))
        for i in range(PULLS):
            self.p.pull("user")
            wait_until("the reader is empty", lambda: self.p.reader("user").get("content") in (None, "empty"))
            other.order(FIRST_METER + 2, 100)
            self.p.plug_in("user")
            if i % 5 == 4:  # in between also before its host is ready
                wait_until("it is back", lambda: self.p.reader("user").get("content") == "ukey")
                station = self.session("user")
                station.order(FIRST_METER + 10 + i, 100, pb.OPEN_ACCOUNT)
                station.close()  # or its descriptor would be counted below
        wait_until("it is back", lambda: self.p.reader("user").get("content") == "ukey")
        self.session("user").order(FIRST_METER + 9, 100, pb.OPEN_ACCOUNT)
        self.assertLess(len(os.listdir(f"/proc/{self.p.daemon.pid}/fd")), descriptors + 40)
        self.assertEqual(self.p.verify().code, 0)


class Disk(unittest.TestCase):
    def test_a_disk_that_fails_refuses_everything_says_why_and_loses_nothing(self):
        with Platform() as p:
            p.initialised()
            p.stop()
            broken = p.folder / "broken"
            p.environment = {"LD_PRELOAD": str(BIN.parent / "tests" / "libkmp_stuck_disk.so"), "KMP_STUCK_FILE": str(broken)}
            p.start()
            p.unseal()
            station = Station(p.socket("kmp.sock"))
            station.login(p.serials["user"], PINS["user"])
            made = [station.order(FIRST_METER, 100, pb.OPEN_ACCOUNT).purchase_count]
            broken.write_text("EIO")
            last = order_id()
            for _ in range(5):
                with self.assertRaises(Refused) as no:
                    station.order(FIRST_METER, 100, order=last)
                self.assertEqual(no.exception.code, "storage_failed", no.exception.message)
                self.assertIn("nothing is signed", no.exception.message)
            self.assertEqual(p.status()["state"], "failing")
            broken.unlink()
            wait_until("it goes on by itself", lambda: p.status()["state"] == "open")
            made.append(station.order(FIRST_METER, 100, order=last).purchase_count)
            self.assertEqual(made, [1, 2], "what failed was not charged")
            station.close()
            p.kill()
            p.start()
            p.unseal()
            orders = [e["json"]["count"] for e in p.events() if e["type"] == "order"]
            self.assertEqual(orders, made)
            self.assertEqual(p.verify().code, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
