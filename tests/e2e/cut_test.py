"""Issuing is cut at every step: the UKEY is pulled, or kmpd is killed. Afterwards the state is what the log says, and the officer can finish or undo it."""
import unittest

from admin import Admin, pb
from platform_under_test import MASTER, PINS, Platform, wait_until

STEPS = 6


class Cut(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.start()
        self.p.ceremony()

    def issue_and(self, reader: str, step: int, cut):
        """Asks for a UKEY and calls `cut` when kmpd tells of this step. The reply, or None when kmpd was gone."""
        done = []

        def on_progress(progress):
            if progress.done == step and not done:
                done.append(True)
                cut()

        try:
            with Admin(self.p.socket("admin.sock")) as admin:
                admin.pin("master", PINS["master"])
                admin.pin("ukey", PINS["user"])
                terms = pb.GrantTerms(station="s-1", operations=["recharge"], classes=["credit"], meters=[pb.MeterRange(first=1, last=9)], per_order_fen=100, per_day_fen=100,
                                      per_month_fen=100, orders_per_minute=1)
                return admin.ask(on_progress, ukey_issue=pb.UkeyIssue(kind="user", reader=reader, holder="Han", terms=terms, holder_chose_pin=True))
        except ConnectionError:
            return None
        finally:
            self.assertTrue(done, f"kmpd never told of step {step}")

    def begun(self, known: set[str]) -> list[dict]:
        """The user UKEYs that this round has brought into the registry."""
        return [u for u in self.p.good_ctl("--json", "ukey", "list").json()["ukeys"] if u["kind"] == "user" and u["serial"] not in known]

    def finish(self, reader: str, known: set[str]):
        """What an officer does after a cut: looks, and either has an issued UKEY, or destroys what was begun and issues again."""
        wait_until("the reader has settled", lambda: self.p.reader(reader).get("content") in ("blank", "ukey", "foreign", "failed"))
        begun = self.begun(known)
        self.assertLessEqual(len(begun), 1, begun)
        state = begun[0]["state"] if begun else "none"
        seen = self.p.reader(reader)
        if state == "issued":
            self.assertEqual((seen["content"], seen["ukey"]), ("ukey", begun[0]["serial"]))
            return
        self.assertIn(state, ("none", "initialised"), begun)
        if seen["content"] != "blank":
            self.assertEqual((state, seen["ukey"]), ("initialised", begun[0]["serial"] if begun else ""), f"a half-made UKEY is known by its serial: {seen}")
            done = self.p.ctl("ukey", "destroy", begun[0]["serial"], pins=MASTER)
            self.assertEqual(done.code, 0, done)
            wait_until("it is blank again", lambda: self.p.reader(reader).get("content") == "blank")
        done = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", reader, "--holder", "Han", "--station", "s-1", "--holder-present", pins={**MASTER, "ukey": PINS["user"]})
        self.assertEqual(done.code, 0, done)

    def rounds(self, name: str, cut):
        for step in range(STEPS):
            with self.subTest(step=step):
                reader = f"{name}-{step}"
                self.p.plug_in_blank(reader)
                known = {u["serial"] for u in self.begun(set())}
                cut(reader, step)
                self.finish(reader, known)

    def test_the_ukey_is_pulled_at_each_step(self):
        def cut(reader: str, step: int):
            reply = self.issue_and(reader, step, lambda: self.p.pull(reader))
            self.assertIsNotNone(reply, "kmpd lives on")
            wait_until("kmpd has seen it", lambda: not self.p.reader(reader))
            self.p.plug_in(reader)

        self.rounds("pulled", cut)
        self.assertEqual(self.p.verify().code, 0)

    def test_kmpd_is_killed_at_each_step(self):
        def cut(reader: str, step: int):
            self.issue_and(reader, step, self.p.kill)
            self.p.start()
            wait_until("the master-control UKEY is ready", lambda: self.p.reader("master").get("content") == "ukey")
            self.p.unseal()

        self.rounds("killed", cut)
        self.assertEqual(self.p.verify().code, 0)


if __name__ == "__main__":
    unittest.main()
