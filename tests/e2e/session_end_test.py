"""What a session's end means: its reason is told, nothing goes on in it or under another, and a connection asks for no more sessions than it is worth."""
import os
import unittest

from cases import StationCase
from network_test import connect_tls
from platform_under_test import MASTER, PINS, Platform, wait_until
from station import Station, order_id
from wire import kmp_pb2 as pb

PASSWORD = "pw-of-%s-meadow"
METER = 160000000001


def several(station: Station, *requests: pb.StationRequest) -> list[pb.StationReply]:
    """Asked in one piece; the replies as they come."""
    frames = [r.SerializeToString() for r in requests]
    station.send_raw(b"".join(len(f).to_bytes(4, "big") + f for f in frames))
    return [station.receive(pb.StationReply) for _ in frames]


class SessionEnds(StationCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        (cls.p.home / "kmp.toml").write_text('[network]\nlisten = "127.0.0.1:0"\n')
        cls.p.initialised()
        for name in ("first", "second"):
            cls.p.issue(name, "user", "--station", f"s-{name}", "--operations", "authenticate,open_account,recharge", "--per-order", "500", "--per-day", "90000",
                        "--orders-per-minute", "100000", "--uid", str(os.getuid()))
            cls.p.good_ctl("account", "add", name, "--ukey", cls.p.serials[name], "--holder", f"Han of {name}", "--holder-present", pins=MASTER | {"account": PASSWORD % name})
            cls.p.good_ctl("ukey", "attend", cls.p.serials[name], pins={"ukey": PINS["user"]})

    def far(self, account: str | None = None) -> Station:
        host, _, port = self.p.status()["network"].partition(" ")[0].rpartition(":")
        station = Station(connect_tls((host, int(port)), self.p.anchor()))
        self.addCleanup(station.close)
        if account:
            station.login_account(account, PASSWORD % account)
        return station

    @staticmethod
    def use(station: Station):
        return station.ask(authenticate=pb.Authenticate(meter=77, state=pb.PRODUCTION))

    # ---- the reason

    def test_a_ukey_that_was_pulled_out_is_said_to_be_and_the_connection_opens_another_session(self):
        near, far = self.session("first"), self.far("first")
        for station in (near, far):
            self.use(station)
        self.p.pull("first")
        wait_until("the reader is empty", lambda: self.p.reader("first").get("content") in (None, "empty"))
        for station in (near, far):
            with self.refused("token_removed", f"UKEY {self.p.serials['first']} was pulled out; plug it in and open a session again"):
                self.use(station)
        with self.refused("denied", "no session is open"):
            self.use(near)
        self.p.plug_in("first")
        wait_until("the UKEY is there", lambda: self.p.reader("first").get("content") == "ukey")
        far.login_account("first", PASSWORD % "first")
        self.use(far)
        near.login(self.p.serials["first"], PINS["user"])
        self.use(near)
        self.sound()

    def test_a_suspended_ukey_is_said_to_be_in_every_session_and_once_over_the_network(self):
        near, batch, far = self.session("second"), self.session("second"), self.far("second")
        self.p.good_ctl("ukey", "suspend", self.p.serials["second"], "--reason", "a look into it", pins=MASTER)
        why = f"state: UKEY {self.p.serials['second']} is suspended; ask the officer"
        try:
            for station in (near, far):
                with self.refused("denied", why):
                    self.use(station)
            orders = [pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=METER + 900 + i, customer=42, amount_fen=1, r2=b"abcd") for i in range(2)]
            self.assertEqual([(o.failure.code, o.failure.message) for o in batch.ask(order_batch=pb.OrderBatch(orders=orders)).orders], [("denied", why)] * 2)
            with self.refused("denied", "over the network a session comes first; this connection ends"):
                self.use(far)
            with self.assertRaises(OSError):
                self.use(far)
        finally:
            self.p.good_ctl("ukey", "resume", self.p.serials["second"], "--reason", "all is well", pins=MASTER)

    # ---- what goes on

    def test_a_batch_goes_on_in_the_session_that_it_began_in_or_not_at_all(self):
        for number, (after, why) in enumerate(((pb.StationRequest(id=2, open_session=pb.OpenSession(ukey=self.p.serials["second"])), "another session was opened"),
                                               (pb.StationRequest(id=2, close_session=pb.CloseSession()), "the client closed it"))):
            self.session("second")  # its UKEY is open, so that this user needs no PIN
            station = self.session("first")
            meter = METER + number  # each waits for the one before it
            orders = [pb.Order(order_id=order_id(), kind=pb.RECHARGE if i else pb.OPEN_ACCOUNT, meter=meter, customer=42, amount_fen=1, r2=b"abcd") for i in range(256)]
            replies = {r.id: r for r in several(station, pb.StationRequest(id=1, order_batch=pb.OrderBatch(orders=orders)), after)}
            self.assertFalse(replies[2].HasField("failure"), replies[2])
            told = replies[1].order_batch.orders
            made = [o for o in told if not o.HasField("failure")]
            self.assertLess(len(made), 256)
            self.assertEqual({(o.failure.code, o.failure.message) for o in told[len(made):]}, {("denied", f"session: it is over, {why}; send OpenSession again")})
            logged = [e["json"] for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == meter]
            self.assertEqual([(e["ukey"], e["station"]) for e in logged], [(self.p.serials["first"], "s-first")] * len(made))
        self.sound()

    # ---- how many are asked for

    def test_a_connection_with_a_session_tries_no_more_passwords_than_one_without(self):
        far = self.far("first")
        for i in range(3):
            with self.refused("wrong_pin"):
                far.login_account("second", f"no-such-password-{i}")
        self.use(far)
        with self.refused("denied", "session: asked for 3 times in vain; this connection ends"):
            far.login_account("second", PASSWORD % "second")
        with self.assertRaises(OSError):
            self.use(far)
        last = [e["json"] for e in self.p.events() if e["type"] == "denied"][-1]
        self.assertTrue(last["actor"].endswith(" over TLS"), last)
        again = self.far("first")
        for _ in range(5):
            again.login_account("first", PASSWORD % "first")
        self.use(again)
        with self.refused("wrong_pin"):
            again.login_account("second", "no-such-password")
        for name in ("first", "second", "first"):
            again.login_account(name, PASSWORD % name)
        self.use(again)


if __name__ == "__main__":
    unittest.main()
