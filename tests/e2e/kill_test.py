"""kmpd and its tokenhosts are killed at random moments of a stream of orders: nothing acknowledged is lost, nothing counts twice."""
import random
import threading
import time
import unittest

from platform_under_test import PINS, Platform, wait_until
from station import Refused, Station, order_id, pb, uuid_text

KILLS = 50
FIRST_METER = 300000


class Stream(threading.Thread):
    """One station that sells as fast as it can, and remembers what it asked for and what was acknowledged."""

    def __init__(self, platform: Platform, meter: int):
        super().__init__(daemon=True)
        self.platform, self.meter = platform, meter
        self.acknowledged: dict[bytes, int] = {}
        self.open_order: tuple[bytes, int, int] | None = None  # asked, not answered
        self.opened = False
        self.stop = False
        self.trouble: Exception | None = None

    def run(self):
        while not self.stop:
            try:
                station = Station(self.platform.socket("kmp.sock"), timeout=20)
                station.login(self.platform.serials["user"], PINS["user"])
                while not self.stop:
                    self.sell(station)
                station.close()
            except Refused as no:
                if no.code not in ("sealed", "busy", "token_removed", "token_failed", "denied", "timeout", "storage_failed"):
                    self.trouble = no
                    return
                time.sleep(0.02)
            except OSError:
                time.sleep(0.02)

    def sell(self, station: Station):
        if self.open_order is None:
            self.open_order = (order_id(), pb.RECHARGE if self.opened else pb.OPEN_ACCOUNT, random.randint(1, 5000))
        id, kind, amount = self.open_order
        # Whatever became of it last time: the same id again, until it is answered.
        reply = station.order(self.meter, amount, kind, order=id)
        self.acknowledged[id] = amount
        self.opened = True
        self.open_order = None
        assert reply.purchase_count > 0


class Killed(unittest.TestCase):
    def test_every_acknowledged_order_stands_in_the_log_exactly_once(self):
        with Platform() as p:
            p.initialised()
            streams = [Stream(p, FIRST_METER + i) for i in range(4)]
            for s in streams:
                s.start()
            unacknowledged: set[bytes] = set()
            for _ in range(KILLS):
                time.sleep(random.uniform(0.05, 0.4))
                p.kill()
                unacknowledged |= {s.open_order[0] for s in streams if s.open_order}
                p.start()
                p.unseal()
            time.sleep(1)
            for s in streams:
                s.stop = True
            for s in streams:
                s.join(60)
                self.assertIsNone(s.trouble)
                self.assertFalse(s.is_alive())
            logged = [e["json"] for e in p.events() if e["type"] == "order"]
            ids = [e["order_id"] for e in logged]
            self.assertEqual(len(ids), len(set(ids)), "an order stands in the log twice")
            amounts = {e["order_id"]: e["amount"] for e in logged}
            acknowledged = {uuid_text(id): amount for s in streams for id, amount in s.acknowledged.items()}
            self.assertGreater(len(acknowledged), KILLS)
            for id, amount in acknowledged.items():
                self.assertEqual(amounts.get(id), amount, f"acknowledged order {id} is not in the log")
            # What the log has beyond the acknowledged ones was on its way when kmpd died; the stations still hold its id.
            asked = acknowledged.keys() | {uuid_text(s.open_order[0]) for s in streams if s.open_order}
            self.assertEqual(set(amounts) - asked, set())
            shown = p.good_ctl("--json", "ukey", "show", p.serials["user"]).json()
            self.assertEqual(shown["ukey"]["spent_today_fen"], sum(amounts.values()))
            for s in streams:
                counts = [e["count"] for e in logged if int(e["meter"]) == s.meter]
                self.assertEqual(counts, list(range(1, len(counts) + 1)), "purchase counts have a gap or a repetition")
            verdict = p.verify()
            self.assertEqual(verdict.code, 0, repr(verdict))


class Pulled(unittest.TestCase):
    def test_a_killed_tokenhost_is_replaced_and_nothing_is_lost(self):
        import os
        import signal
        with Platform() as p:
            p.initialised()
            stream = Stream(p, FIRST_METER)
            stream.start()
            wait_until("orders are made", lambda: len(stream.acknowledged) > 20)
            for _ in range(3):
                before = len(stream.acknowledged)
                os.kill(p.tokenhost_of("user"), signal.SIGKILL)
                wait_until("selling goes on", lambda: len(stream.acknowledged) > before + 20)
            stream.stop = True
            stream.join(60)
            self.assertIsNone(stream.trouble)
            self.check(p, [stream])

    def test_a_hanging_tokenhost_is_replaced(self):
        import os
        import signal
        with Platform() as p:
            (p.home / "kmp.toml").write_text("[service]\ntoken_timeout_ms = 500\n")
            p.initialised()
            stream = Stream(p, FIRST_METER)
            stream.start()
            wait_until("orders are made", lambda: len(stream.acknowledged) > 20)
            before = len(stream.acknowledged)
            os.kill(p.tokenhost_of("user"), signal.SIGSTOP)
            wait_until("selling goes on", lambda: len(stream.acknowledged) > before + 20)
            stream.stop = True
            stream.join(60)
            self.assertIsNone(stream.trouble)
            self.check(p, [stream])

    def test_a_ukey_pulled_and_plugged_in_again_refuses_heals_and_loses_nothing(self):
        with Platform() as p:
            p.initialised()
            stream = Stream(p, FIRST_METER)
            stream.start()
            for _ in range(3):
                before = len(stream.acknowledged)
                wait_until("orders are made", lambda: len(stream.acknowledged) > before + 20)
                p.pull("user")
                wait_until("the reader is empty", lambda: p.reader("user").get("content") in (None, "empty"))
                station = Station(p.socket("kmp.sock"))
                with self.assertRaises(Refused) as no:
                    station.login(p.serials["user"], PINS["user"])
                self.assertEqual(no.exception.code, "token_removed")
                p.plug_in("user")
            before = len(stream.acknowledged)
            wait_until("selling goes on", lambda: len(stream.acknowledged) > before + 20)
            stream.stop = True
            stream.join(60)
            self.assertIsNone(stream.trouble)
            self.check(p, [stream])

    def check(self, p: Platform, streams: list[Stream]):
        logged = {e["json"]["order_id"]: e["json"]["amount"] for e in p.events() if e["type"] == "order"}
        for s in streams:
            for id, amount in s.acknowledged.items():
                self.assertEqual(logged.get(uuid_text(id)), amount)
        shown = p.good_ctl("--json", "ukey", "show", p.serials["user"]).json()
        self.assertEqual(shown["ukey"]["spent_today_fen"], sum(logged.values()))
        self.assertEqual(p.verify().code, 0)


if __name__ == "__main__":
    unittest.main()
