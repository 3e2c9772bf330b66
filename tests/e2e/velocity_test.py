"""An unusual burst of sales holds a station until an officer releases it."""
import unittest

from cases import StationCase
from platform_under_test import MASTER, Platform, wait_until
from station import order_id
from wire import kmp_pb2 as pb


class Velocity(StationCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        (cls.p.home / "kmp.toml").write_text('[velocity]\norders = 5\namount = "1000"\nwindow_minutes = 1440\n')
        cls.p.initialised()
        for name in ("many", "much", "calm", "last"):
            cls.p.issue(name, "user", "--station", f"s-{name}", "--operations", "authenticate,open_account,recharge,refund", "--per-order", "900", "--per-day", "90000")

    def held(self) -> dict:
        return {h["station"]: h for h in self.p.good_ctl("--json", "station", "list").json().get("held", [])}

    def test_too_many_orders_hold_the_station_and_nobody_else(self):
        many, calm = self.session("many"), self.session("calm")
        orders = [order_id() for _ in range(5)]
        for i, order in enumerate(orders):
            many.order(130000000001 + i, 100, pb.OPEN_ACCOUNT, order=order)
        with self.refused("refused", "velocity: station s-many is held", "6 orders of 6.00 yuan within 1440 minutes", "kmpctl station release s-many"):
            many.order(130000000009, 100, pb.OPEN_ACCOUNT)
        with self.refused("refused", "velocity: station s-many is held"):
            self.session("many").order(130000000001, 100)
        self.assertTrue(many.order(130000000001, 100, pb.OPEN_ACCOUNT, order=orders[0]).repeated, "what was accepted is finished")
        many.order(130000000001, 50, pb.REFUND)
        calm.order(130000000020, 100, pb.OPEN_ACCOUNT)
        self.assertEqual(self.held()["s-many"]["orders"], 6)
        self.assertTrue(any("s-many is held" in w for w in self.p.status()["warnings"]))

        self.p.kill()
        self.p.start()
        self.p.unseal()
        wait_until("the UKEY is there", lambda: self.p.reader("many").get("content") == "ukey")
        with self.refused("refused", "velocity: station s-many is held"):
            self.session("many").order(130000000009, 100, pb.OPEN_ACCOUNT)
        self.assertEqual(self.p.ctl("station", "release", "s-many", "--reason", "asked", pins={"master": "not-the-pin"}).code, 1)
        self.assertNotEqual(self.p.ctl("station", "release", "s-many", "--reason", "", pins=MASTER).code, 0)
        self.assertEqual(self.p.ctl("station", "release", "s-calm", "--reason", "asked", pins=MASTER).code, 1)
        self.assertIn("s-many may sell again", self.p.good_ctl("station", "release", "s-many", "--reason", "a school began", pins=MASTER).out)
        self.assertNotIn("s-many", self.held())
        self.session("many").order(130000000009, 100, pb.OPEN_ACCOUNT)
        types = [e["type"] for e in self.p.events()]
        self.assertIn("station_held", types)
        self.assertIn("station_released", types)
        self.assertEqual(self.p.verify().code, 0)

    def test_who_is_logged_in_is_told_with_what_was_ordered_and_the_caps_count_the_month(self):
        listed = lambda: {s["ukey"]: s for s in self.p.good_ctl("--json", "station", "sessions").json().get("sessions", [])}
        last = self.p.serials["last"]
        self.assertNotIn(last, listed())
        station = self.session("last")
        self.assertEqual([], self.p.good_ctl("--json", "station", "list").json()["sessions"], "nobody asked for them")
        station.order(150000000001, 100, pb.OPEN_ACCOUNT)
        with self.refused("refused"):
            station.order(150000000001, 99900)
        session = listed()[last]
        self.assertEqual((session["station"], session["proven_by"], session["orders"], session.get("account", "")), ("s-last", "pin", 2, ""))
        self.assertIn("uid ", session["from"])
        self.assertIn("s-last", self.p.good_ctl("station", "sessions").out)
        ukey = self.p.good_ctl("--json", "ukey", "show", last).json()["ukey"]
        self.assertEqual((ukey["spent_today_fen"], ukey["spent_this_month_fen"], ukey["orders_this_minute"] > 0), (100, 100, True))
        self.assertIn("spent this month", self.p.good_ctl("ukey", "show", last).out)
        station.close()
        wait_until("the session has gone", lambda: last not in listed())

    def test_a_batch_that_is_refused_at_length_tells_what_was_made(self):
        name = "counter-0001-of-the-main-hall-of-the-utility"
        self.p.issue("wordy", "user", "--station", name, "--operations", "authenticate,open_account", "--per-order", "900", "--per-day", "90000", "--orders-per-minute", "1000")
        wordy = self.session("wordy")
        orders = [pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=140000000001 + i, customer=42, amount_fen=100, r2=b"abcd") for i in range(256)]
        replies = wordy.ask(order_batch=pb.OrderBatch(orders=orders)).orders
        made = [r for r in replies if not r.HasField("failure")]
        self.assertEqual([(r.order_id, r.purchase_count, len(r.mac1)) for r in made], [(o.order_id, 1, 4) for o in orders[:5]])
        refused = [r.failure for r in replies[5:]]
        self.assertEqual({(f.code, len(f.message), f.message[:len("velocity: station counter-0001")], f.message[-2:]) for f in refused}, {("refused", 160, "velocity: station counter-0001", "..")})
        with self.refused("refused", f"'kmpctl station release {name}'"):
            wordy.order(140000000300, 100, pb.OPEN_ACCOUNT)

    def test_too_much_money_holds_it_too_and_what_came_to_nothing_does_not_count(self):
        much = self.session("much")
        much.order(130000000031, 90000, pb.OPEN_ACCOUNT)
        for _ in range(3):
            with self.refused("refused", "per_order"):
                much.order(130000000032, 90001, pb.OPEN_ACCOUNT)
        much.order(130000000033, 10000, pb.OPEN_ACCOUNT)
        with self.refused("refused", "velocity: station s-much", "1000.01 yuan"):
            much.order(130000000033, 1)
        self.p.good_ctl("station", "release", "s-much", "--reason", "asked", pins=MASTER)
        much.order(130000000033, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
