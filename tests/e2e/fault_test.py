"""Officers' jobs when something breaks: a cut at each step, a full disk, a clock that jumps, certificates that are over, the wrong stick."""
import contextlib
import hashlib
import os
import pathlib
import resource
import shutil
import time
import unittest

from admin import Admin, pb
from platform_under_test import PINS, Platform, officer_pin, wait_until
from station import Refused, Station

MASTER = {"master": PINS["master"]}
SETTLED = ("ukey", "blank", "failed", "foreign")
DAY = 24 * 3600
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


class WithPlatform(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.prepare()
        self.p.start()
        answer = self.p.ceremony()
        pathlib.Path(self.p.anchor()).write_text(answer["trust_anchor_pem"])

    def prepare(self):
        """Before kmpd is started."""

    def user(self, name: str, *terms: str) -> str:
        return self.p.issue(name, "user", "--station", "s-1", "--per-order", "500", *terms)

    def record(self, serial: str) -> dict:
        return self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]

    def state(self, serial: str) -> str:
        return self.record(serial)["state"]

    def opens(self, serial: str, pin: str = PINS["user"]) -> bool:
        station = Station(self.p.socket("kmp.sock"))
        try:
            station.login(serial, pin)
            return True
        except Refused:
            return False
        finally:
            station.close()

    def ready(self, *readers: str):
        for reader in readers:
            wait_until(f"the UKEY in {reader} is ready", lambda r=reader: self.p.reader(r).get("content") == "ukey")

    def restart(self, *readers: str):
        self.p.start()
        self.ready("master", *readers)
        self.p.unseal()

    def ask(self, pins: dict[str, str], at_step=None, **operation):
        """The last reply; None when kmpd was gone. `at_step(number)` is called with each step that kmpd tells of."""
        try:
            with Admin(self.p.socket("admin.sock")) as admin:
                for role, pin in pins.items():
                    admin.pin(role, pin)
                return admin.ask(lambda progress: at_step and at_step(progress.done), **operation)
        except ConnectionError:
            return None

    def sound(self):
        """Every intent has its conclusion, once, and what the log says is what the registry says."""
        events = self.p.events()
        opened = [e["index"] for e in events if e["type"] == "intent_opened"]
        concluded = [e["json"]["intent"] for e in events if e["type"] == "intent_concluded"]
        self.assertEqual(sorted(map(int, concluded)), sorted(map(int, opened)))
        times = [e["time_ms"] for e in events]
        self.assertEqual([int(t) for t in times], sorted(int(t) for t in times), "time goes back in the log")
        states = {}
        for e in events:
            if e["type"] == "ukey_initialised":
                states[e["json"]["ukey"]] = "initialised"
            if e["type"] == "ukey_issued":
                states[e["json"]["ukey"]] = "issued"
            if e["type"] == "ukey_state_changed":
                states[e["json"]["ukey"]] = e["json"]["state_to"]
        listed = {u["serial"]: u["state"] for u in self.p.good_ctl("--json", "ukey", "list").json()["ukeys"]}
        self.assertEqual({s: state for s, state in listed.items() if s in states}, states)
        done = self.p.verify()
        self.assertEqual(done.code, 0, done)

    def conclusions(self) -> list[str]:
        return [e["json"]["outcome"] for e in self.p.events() if e["type"] == "intent_concluded"]


class Cuts(WithPlatform):
    """Every job that changes a token but issuing (cut_test): the UKEY is pulled, or kmpd is killed, at each step."""

    def cut(self, how: str, reader: str, step: int, pins: dict[str, str], **operation):
        """Begins a job, cuts it at a step, and puts everything back. The reply; None after a kill."""
        done = []

        def at_step(number: int):
            if number == step and not done:
                done.append(number)
                if how == "killed":
                    self.p.kill()
                else:
                    self.p.pull(reader)

        reply = self.ask(pins, at_step, **operation)
        self.assertEqual(done, [step], "kmpd never told of this step")
        if how == "killed":
            self.restart()
            wait_until("the reader has settled", lambda: self.p.reader(reader).get("content") in SETTLED)
        else:
            self.assertIsNotNone(reply, "kmpd lives on")
            wait_until("kmpd has seen it", lambda: not self.p.reader(reader))
            self.p.plug_in(reader)
            wait_until("the reader has settled", lambda: self.p.reader(reader).get("content") in SETTLED)
        return reply

    def rounds(self, steps: int, one):
        """`one` cuts its job in this way at this step, and does what an officer does then."""
        for how in ("pulled", "killed"):
            for step in range(steps):
                with self.subTest(how=how, step=step):
                    one(how, step)
                    self.sound()

    def test_renewing(self):
        serial = self.user("user")

        def one(how: str, step: int):
            self.cut(how, "user", step, {**MASTER, "ukey": PINS["user"]}, ukey_renew=pb.UkeyRenew(serial=serial))
            done = self.p.ctl("ukey", "renew", serial, pins={**MASTER, "ukey": PINS["user"]})
            self.assertEqual(done.code, 0, done)
            self.assertTrue(self.opens(serial))

        self.rounds(3, one)

    def test_giving_masters(self):
        serial = self.user("user")

        def one(how: str, step: int):
            self.p.good_ctl("keys", "rotate", "--reason", "next", pins=MASTER)
            version = len(self.p.good_ctl("--json", "keys", "list").json()["versions"])
            self.cut(how, "user", step, {**MASTER, "ukey": PINS["user"]}, ukey_inject=pb.UkeyInject(serial=serial))
            done = self.p.ctl("ukey", "inject", serial, pins={**MASTER, "ukey": PINS["user"]})
            self.assertTrue(done.code == 0 or "holds every master" in done.err, done)
            self.assertIn(f"credit {version}", self.record(serial)["masters"])
            self.assertTrue(self.opens(serial))

        self.rounds(3, one)

    def test_a_new_pin(self):
        serial = self.user("user")
        present = PINS["user"]

        def one(how: str, step: int):
            nonlocal present
            fresh = f"fresh-{how}-{step}-pin"
            self.cut(how, "user", step, {"ukey": present, "fresh": fresh}, ukey_set_pin=pb.UkeySetPin(serial=serial))
            # The advice in the log: with the new one if the old one is wrong.
            done = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": present, "fresh": fresh + "-again"})
            if done.code != 0:
                self.assertIn("wrong PIN", done.err)
                done = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": fresh, "fresh": fresh + "-again"})
            self.assertEqual(done.code, 0, done)
            present = fresh + "-again"
            self.assertTrue(self.opens(serial, present))

        self.rounds(2, one)

    def test_unblocking(self):
        serial = self.user("user")

        def one(how: str, step: int):
            for _ in range(10):
                self.assertFalse(self.opens(serial, "wrong-pin-entirely"))
            self.assertEqual(self.state(serial), "blocked")
            self.cut(how, "user", step, {**MASTER, "ukey": "after-the-blocking"}, ukey_change=pb.UkeyChange(serial=serial, action="unblock"))
            if self.state(serial) == "blocked":
                done = self.p.ctl("ukey", "unblock", serial, pins={**MASTER, "ukey": "after-the-blocking"})
                self.assertEqual(done.code, 0, done)
            done = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": "after-the-blocking", "fresh": PINS["user"]})
            self.assertEqual(done.code, 0, done)
            self.assertTrue(self.opens(serial))

        self.rounds(2, one)

    def test_destroying(self):
        def one(how: str, step: int):
            reader = f"d-{how}-{step}"
            serial = self.user(reader)
            self.p.good_ctl("ukey", "revoke", serial, "--reason", "over", pins=MASTER)
            self.cut(how, reader, step, MASTER, ukey_change=pb.UkeyChange(serial=serial, action="destroy"))
            if self.p.reader(reader)["content"] != "blank":
                self.assertEqual(self.p.reader(reader)["ukey"], serial)
                done = self.p.ctl("ukey", "destroy", serial, pins=MASTER)
                self.assertEqual(done.code, 0, done)
                wait_until("it is blank", lambda: self.p.reader(reader).get("content") == "blank")
            self.assertIn(self.state(serial), ("revoked", "destroyed"))
            self.p.ctl("ukey", "issue", "--kind", "auditor", "--reader", reader, "--holder", "Next", pins={**MASTER, "ukey": PINS["auditor"]})

        self.rounds(2, one)

    def test_rotating(self):
        def one(how: str, step: int):
            before = len(self.p.good_ctl("--json", "keys", "list").json()["versions"])
            self.cut(how, "master", step, MASTER, keys_rotate=pb.KeysRotate(reason="next"))
            versions = self.p.good_ctl("--json", "keys", "list").json()["versions"]
            if len(versions) == before:
                done = self.p.ctl("keys", "rotate", "--reason", "again", pins=MASTER)
                self.assertEqual(done.code, 0, done)

        self.rounds(2, one)
        # The newest masters are whole: a new UKEY gets them.
        serial = self.user("late")
        self.assertIn(f"credit {len(self.p.good_ctl('--json', 'keys', 'list').json()['versions'])}", self.record(serial)["masters"])


class FullDisk(WithPlatform):
    """kmpd's files cannot grow: as on a full disk, for as long as the test wants, and without a disk of its own."""

    def limit(self, bytes_: int):
        resource.prlimit(self.p.daemon.pid, resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))

    def full(self):
        self.limit(0)

    def free(self):
        self.limit(resource.RLIM_INFINITY)
        wait_until("the log can be written again", lambda: self.p.status()["state"] == "open")

    @contextlib.contextmanager
    def full_disk(self):
        self.full()
        try:
            yield
        finally:
            self.free()

    def why(self, done):
        self.assertEqual(done.code, 1, done)
        self.assertIn("cannot be written, so nothing is signed", done.err)
        self.assertEqual(len(done.err.strip().splitlines()), 1, done.err)

    def fill_at(self, step: int, pins: dict[str, str], **operation):
        """The reply to a job during which the disk is full from this step on, until after its end."""
        self.addCleanup(self.limit_if_alive)
        reply = self.ask(pins, lambda number: number == step and self.full(), **operation)
        self.free()
        return reply

    def limit_if_alive(self):
        if self.p.daemon and self.p.daemon.poll() is None:
            self.limit(resource.RLIM_INFINITY)

    def test_issuing_is_refused_or_undone_and_the_same_command_finishes(self):
        terms = pb.GrantTerms(station="s-1", operations=["recharge"], classes=["credit"], meters=[pb.MeterRange(first=1, last=9)], per_order_fen=100, per_day_fen=100,
                              per_month_fen=100, orders_per_minute=1)
        for step in (0, 1, 4):
            with self.subTest(step=step):
                reader = f"full-{step}"
                self.p.plug_in_blank(reader)
                reply = self.fill_at(step, {**MASTER, "ukey": PINS["user"]},
                                     ukey_issue=pb.UkeyIssue(kind="user", reader=reader, holder="Han", terms=terms, holder_chose_pin=True))
                if reply.HasField("failure"):  # at the last step it may have been faster than the disk was full
                    self.assertIn("cannot be written, so nothing is signed", reply.failure.message)
                self.sound()
                seen = self.p.reader(reader)
                if seen["content"] == "ukey" and self.state(seen["ukey"]) != "issued":
                    self.assertEqual(self.state(seen["ukey"]), "initialised")
                    self.p.good_ctl("ukey", "destroy", seen["ukey"], pins=MASTER)
                    wait_until("it is blank", lambda: self.p.reader(reader).get("content") == "blank")
                if self.p.reader(reader)["content"] == "blank":
                    self.p.good_ctl("ukey", "issue", "--kind", "user", "--reader", reader, "--holder", "Han", "--station", "s-1", pins={**MASTER, "ukey": PINS["user"]})
        self.sound()

    def test_a_change_of_state_is_refused_and_changes_nothing(self):
        serial = self.user("user")
        size = self.p.status()["log_size"]
        with self.full_disk():
            for action in ("suspend", "report-lost", "revoke"):
                self.why(self.p.ctl("ukey", action, serial, "--reason", "x", pins=MASTER))
            self.assertEqual(self.p.status()["log_size"], size)
        self.assertEqual(self.state(serial), "issued")
        self.assertTrue(self.opens(serial))
        self.p.good_ctl("ukey", "suspend", serial, "--reason", "x", pins=MASTER)
        self.assertEqual(self.state(serial), "suspended")
        self.sound()

    def test_what_a_token_did_and_nobody_could_note_is_concluded_as_unknown(self):
        serial = self.user("user")
        jobs = {"renew": ({**MASTER, "ukey": PINS["user"]}, {"ukey_renew": pb.UkeyRenew(serial=serial)}, 1),
                "rotate": (MASTER, {"keys_rotate": pb.KeysRotate(reason="next")}, 0),
                "inject": ({**MASTER, "ukey": PINS["user"]}, {"ukey_inject": pb.UkeyInject(serial=serial)}, 1)}
        for name, (pins, operation, step) in jobs.items():
            with self.subTest(name):
                reply = self.fill_at(step, pins, **operation)
                if reply.HasField("failure"):
                    self.assertIn("cannot be written, so nothing is signed", reply.failure.message)
                    self.assertEqual(self.conclusions()[-1], "unknown")
                    again = self.ask(pins, **operation)
                    self.assertFalse(again.HasField("failure"), again)
                self.sound()
        self.assertEqual(len(self.p.good_ctl("--json", "keys", "list").json()["versions"]), 2)
        self.assertIn("credit 2", self.record(serial)["masters"])

    def test_what_was_owed_when_kmpd_died_is_concluded_when_it_is_back(self):
        serial = self.user("user")
        reply = self.ask(MASTER, lambda number: number == 0 and self.full(), keys_rotate=pb.KeysRotate(reason="next"))
        self.p.kill()
        self.restart("user")
        if reply.HasField("failure"):
            self.assertEqual(self.conclusions()[-1], "unknown")
        self.sound()
        self.assertTrue(self.opens(serial))


class FullDiskWithOfficers(FullDisk):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.quorum_ceremony(3, 2)

    # Those of one person's platform.
    test_issuing_is_refused_or_undone_and_the_same_command_finishes = None
    test_a_change_of_state_is_refused_and_changes_nothing = None
    test_what_a_token_did_and_nobody_could_note_is_concluded_as_unknown = None
    test_what_was_owed_when_kmpd_died_is_concluded_when_it_is_back = None

    def show(self, number: int) -> dict:
        return self.p.good_ctl("--json", "request", "show", str(number)).json()

    def test_requests_are_made_approved_and_run_when_there_is_space_again(self):
        ask = ("--json", "ukey", "issue", "--kind", "user", "--reader", "desk", "--holder", "Han", "--station", "s-1", "--holder-present")
        self.p.plug_in_blank("desk")
        with self.full_disk():
            self.why(self.p.ctl(*ask))
        self.assertEqual(self.p.good_ctl("--json", "request", "list").json().get("requests", []), [])
        number = self.p.good_ctl(*ask).json()["number"]
        with self.full_disk():
            self.why(self.p.vote(number, 1))
        self.assertEqual(self.show(number)["agreeing"], 0)
        self.p.approve(number, 1, 2)
        with self.full_disk():
            self.why(self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]}))
        self.assertEqual(self.p.reader("desk")["content"], "blank")
        self.assertEqual(self.show(number)["state"], "approved")
        self.p.approve(number, 1, 2)  # the shares were used up
        done = self.p.good_ctl("--json", "request", "run", str(number), pins={"ukey": PINS["user"]}).json()
        self.assertEqual(done["ukey"]["state"], "issued")
        self.assertEqual(self.show(number)["state"], "done")
        self.sound()


if __name__ == "__main__":
    unittest.main()
