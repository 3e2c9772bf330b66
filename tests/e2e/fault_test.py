"""Officers' jobs when something breaks: a cut at each step, a full disk, a clock that jumps, certificates that are over, the wrong stick."""
import contextlib
import hashlib
import resource
import shutil
import struct
import unittest

from admin import Admin, pb
from platform_under_test import BIN, MASTER, PINS, Platform, wait_until
from station import Refused, Station

SETTLED = ("ukey", "blank", "failed", "foreign")
DAY = 24 * 3600


class WithPlatform(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.prepare()
        self.p.start()
        self.p.ceremony()

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
        """It is consistent, and the auditor thinks so too."""
        self.consistent()
        done = self.p.verify()
        self.assertEqual(done.code, 0, done)

    def consistent(self):
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


class WithClock(WithPlatform):
    """kmpd's clock is the test's (set_clock.c); the one that nobody sets goes on as it is."""

    def prepare(self):
        self.clock = self.p.folder / "clock"
        self.p.environment = {"LD_PRELOAD": str(BIN.parent / "tests" / "libkmp_set_clock.so"), "KMP_TEST_CLOCK": str(self.clock)}
        self.set_clock(0)

    def set_clock(self, seconds: int):
        """Ahead of the true time, or behind."""
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds * 1000))

    def jump(self, seconds: int):
        """The same to a kmpd that is open: waits until it has said so in its log."""
        before = len(self.jumps())
        self.set_clock(seconds)
        wait_until("kmpd says that its clock was set", lambda: len(self.jumps()) > before)

    def jumps(self) -> list[dict]:
        return [e for e in self.p.events() if e["type"] == "clock_jump"]

    def now_there(self) -> float:
        """kmpd's time, by its newest event."""
        return int(self.p.events()[-1]["time_ms"]) / 1000


class Clock(WithClock):
    def test_issuing_suspending_and_revoking_go_on_when_the_clock_is_set_back(self):
        first = self.user("first")
        list_before = self.p.status()["log_size"]
        self.jump(-2 * 3600)
        second = self.user("second")
        self.assertTrue(self.opens(first) and self.opens(second))
        self.p.good_ctl("ukey", "suspend", first, "--reason", "x", pins=MASTER)
        self.assertFalse(self.opens(first))
        self.p.good_ctl("ukey", "revoke", second, "--reason", "x", pins=MASTER)
        self.assertFalse(self.opens(second))
        self.assertGreater(self.p.status()["log_size"], list_before)
        self.jump(0)
        self.p.good_ctl("ukey", "resume", first, pins=MASTER)
        self.assertTrue(self.opens(first))
        self.assertEqual(len(self.jumps()), 2)
        self.sound()

    def test_a_clock_that_was_set_back_while_kmpd_was_off_is_told(self):
        serial = self.user("user")
        self.p.stop()
        self.set_clock(-DAY)
        self.restart("user")
        self.assertEqual(len(self.jumps()), 1)
        self.assertTrue(self.opens(serial))
        self.sound()

    def test_a_revocation_list_is_never_older_than_the_one_before(self):
        serial = self.user("user")
        self.p.good_ctl("ukey", "suspend", serial, "--reason", "x", pins=MASTER)
        before = self.p.good_ctl("--json", "crl", "refresh", pins=MASTER).json()["lists"][0]
        self.jump(-3 * DAY)
        after = self.p.good_ctl("--json", "crl", "refresh", pins=MASTER).json()["lists"][0]
        self.assertEqual(int(after["number"]), int(before["number"]) + 1)
        self.assertGreaterEqual(int(after["next_update_ms"]), int(before["next_update_ms"]))

    def test_a_checkpoint_is_signed_in_time_although_the_clock_was_set_back(self):
        self.p.stop()
        (self.p.home / "kmp.toml").write_text("[audit]\ncheckpoint_interval_ms = 1000\n")
        self.restart()
        self.jump(-DAY)
        size = self.p.status()["last_checkpoint_size"]
        self.user("user")
        wait_until("a checkpoint covers it", lambda: int(self.p.status()["last_checkpoint_size"]) > int(size))

    def test_a_ukey_whose_validity_a_jump_ended_is_renewed(self):
        serial = self.user("user")
        self.jump(366 * DAY)
        wait_until("it has expired", lambda: self.state(serial) == "expired")
        self.assertFalse(self.opens(serial))
        # Time in the log does not go back with the clock: what has expired stays so until an officer renews it.
        self.jump(0)
        self.assertFalse(self.opens(serial))
        self.p.good_ctl("ukey", "renew", serial, pins={**MASTER, "ukey": PINS["user"]})
        self.assertTrue(self.opens(serial))
        self.sound()


class ClockWithOfficers(WithClock):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.prepare()
        self.p.quorum_ceremony(3, 2)
        self.p.plug_in_blank("desk")

    def ask_to_issue(self) -> int:
        return self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "desk", "--holder", "Han", "--station", "s-1", "--holder-present").json()["number"]

    def show(self, number: int) -> dict:
        return self.p.good_ctl("--json", "request", "show", str(number)).json()

    def test_a_request_is_over_when_the_clock_says_so_and_does_not_come_back(self):
        number = self.ask_to_issue()
        self.p.approve(number, 1, 2)
        self.jump(8 * DAY)
        for verdict in (self.p.vote(number, 3), self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})):
            self.assertEqual(verdict.code, 1)
            self.assertIn("make a new one", verdict.err)
        self.jump(0)
        self.assertEqual(self.show(number)["state"], "expired", "a clock set back does not bring an approval back")
        self.assertEqual(self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]}).code, 1)
        self.assertEqual(self.p.reader("desk")["content"], "blank")
        again = self.ask_to_issue()
        self.p.approve(again, 1, 2)
        self.p.good_ctl("request", "run", str(again), pins={"ukey": PINS["user"]})
        self.sound()

    def test_a_clock_set_back_between_approving_and_running_gives_no_more_time(self):
        number = self.ask_to_issue()
        self.p.approve(number, 1)
        expires = self.show(number)["expires_ms"]
        self.jump(-5 * DAY)
        self.assertEqual(self.show(number)["expires_ms"], expires)
        self.p.approve(number, 2)
        self.p.good_ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.sound()


class Over(WithClock):
    """Certificates whose validity is over: the UKEYs' after ten years, the trust anchor's after twenty."""

    YEAR = 365 * DAY

    def test_near_its_end_the_master_issues_nothing_that_would_outlive_it_and_still_revokes(self):
        serial = self.user("user")
        self.jump(20 * self.YEAR - 30 * DAY)
        wait_until("it has expired", lambda: self.state(serial) == "expired")
        self.p.plug_in_blank("late")
        late = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", "late", "--holder", "H", "--station", "s", pins={**MASTER, "ukey": PINS["user"]})
        self.assertEqual(late.code, 1, late)
        self.assertIn("the master-control UKEY's certificate ends before that", late.err)
        self.assertEqual(self.p.reader("late")["content"], "blank")
        self.p.good_ctl("ukey", "revoke", serial, "--reason", "over", pins=MASTER)
        self.consistent()

    def test_after_its_end_the_master_issues_renews_and_grants_nothing_and_still_revokes(self):
        serial = self.user("user")
        other = self.user("other")
        self.jump(20 * self.YEAR + DAY)
        wait_until("they have expired", lambda: self.state(serial) == self.state(other) == "expired")
        self.p.plug_in_blank("late")
        for words in (("ukey", "issue", "--kind", "user", "--reader", "late", "--holder", "H", "--station", "s"), ("ukey", "renew", serial)):
            done = self.p.ctl(*words, pins={**MASTER, "ukey": PINS["user"]})
            self.assertEqual(done.code, 1, done)
            self.assertIn("the master-control UKEY's certificate ends before that", done.err)
        done = self.p.ctl("grant", "set", serial, "--per-order", "1", pins=MASTER)
        self.assertEqual(done.code, 1)
        self.assertIn("is expired", done.err)
        for action in ("report-lost", "revoke"):
            self.p.good_ctl("ukey", action, serial, "--reason", "over", pins=MASTER)
        self.assertEqual(self.state(serial), "revoked")
        # The auditor believes no checkpoint that was signed after the end of the key's certificate.
        self.consistent()
        self.assertEqual(self.p.verify().code, 1)

    def test_a_service_whose_certificates_are_over_stays_sealed_and_says_what_to_do(self):
        self.user("user")
        for years, whose in ((11, "platform"), (21, "master-control")):
            with self.subTest(years=years):
                self.p.stop()
                self.set_clock(years * self.YEAR)
                self.p.start()
                self.ready("platform", "master")
                done = self.p.ctl("unseal", pins={"platform": PINS["platform"]})
                self.assertEqual(done.code, 1, done)
                for part in (whose, "expired at", "set this machine's clock right if it is wrong, otherwise the platform UKEY must be replaced"):
                    self.assertIn(part, done.err)
        self.p.stop()
        self.set_clock(0)
        self.restart("user")
        self.sound()


class WrongStick(WithPlatform):
    """Another stick than the job waits for: in its reader, of another platform, or a copy."""

    def tree(self, reader: str) -> dict[str, str]:
        """What lies on a stick, to the byte. Locks and generation counters of SoftHSM2 change by being looked at."""
        folder = self.p.readers / reader
        return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.rglob("*"))
                if f.is_file() and f.suffix not in (".lock",) and f.name != "generation"}

    def swap(self, reader: str, other: str):
        """Pulls what is in the reader and puts the other stick there, as fast as a hand never is."""
        self.p.pull(reader)
        (self.p.away / other).rename(self.p.readers / reader)

    def test_a_blank_that_takes_the_place_of_the_one_being_issued_ends_the_job_and_can_be_used(self):
        self.p.plug_in_blank("desk")
        (self.p.away / "other").mkdir()
        reply = self.ask({**MASTER, "ukey": PINS["user"]}, lambda number: number == 1 and self.swap("desk", "other"),
                         ukey_issue=pb.UkeyIssue(kind="auditor", reader="desk", holder="Han", holder_chose_pin=True))
        self.assertTrue(reply.HasField("failure"), reply)
        wait_until("the other one was looked at", lambda: self.p.reader("desk").get("content") in SETTLED)
        self.consistent()
        # A folder is known by its path until the reader is looked at again: what was begun on it is known, and undone as ever.
        seen = self.p.reader("desk")
        if seen["content"] != "blank":
            self.p.good_ctl("ukey", "destroy", seen["ukey"], pins=MASTER)
            wait_until("it is blank", lambda: self.p.reader("desk").get("content") == "blank")
        self.p.good_ctl("ukey", "issue", "--kind", "auditor", "--reader", "desk", "--holder", "Han", pins={**MASTER, "ukey": PINS["auditor"]})

    def test_a_ukey_that_takes_the_place_of_a_blank_being_issued_is_not_touched(self):
        other = self.user("other")
        self.p.pull("other")
        wait_until("it is gone", lambda: not self.p.reader("other"))
        self.p.plug_in_blank("desk")
        before = []

        def swap(number: int):
            if number == 1:
                self.swap("desk", "other")
                before.append(self.tree("desk"))

        reply = self.ask({**MASTER, "ukey": PINS["user"]}, swap, ukey_issue=pb.UkeyIssue(kind="auditor", reader="desk", holder="Han", holder_chose_pin=True))
        self.assertTrue(reply.HasField("failure"), reply)
        wait_until("the other one is there", lambda: self.p.reader("desk").get("ukey") == other)
        self.assertEqual(self.tree("desk"), before[0])
        self.assertTrue(self.opens(other))
        self.sound()

    def test_a_ukey_that_takes_the_place_of_the_one_being_renewed_is_not_touched(self):
        wanted, other = self.user("wanted"), self.user("other")
        self.p.pull("other")
        wait_until("it is gone", lambda: not self.p.reader("other"))
        for step in (0, 1):
            with self.subTest(step=step):
                reply = self.ask({**MASTER, "ukey": PINS["user"]}, lambda number, step=step: number == step and self.swap("wanted", "other"), ukey_renew=pb.UkeyRenew(serial=wanted))
                wait_until("the other one is there", lambda: self.p.reader("wanted").get("ukey") == other)
                before = self.tree("wanted")
                again = self.p.ctl("ukey", "renew", wanted, pins={**MASTER, "ukey": PINS["user"]})
                self.assertEqual(again.code, 1, again)
                self.assertIn(f"UKEY {wanted} must be plugged in", again.err)
                self.assertEqual(self.tree("wanted"), before)
                self.assertEqual(self.record(other)["wrong_pins"], 0)
                (self.p.readers / "wanted").rename(self.p.away / "other")
                self.p.plug_in("wanted")
                wait_until("the right one is back", lambda: self.p.reader("wanted").get("ukey") == wanted)
                self.assertIsNotNone(reply)
                self.p.good_ctl("ukey", "renew", wanted, pins={**MASTER, "ukey": PINS["user"]})
        self.assertTrue(self.opens(wanted))
        self.sound()

    def test_a_stick_of_another_utility_is_told_apart_and_does_nothing(self):
        own = self.user("own")
        with Platform() as stranger:
            stranger.start()
            stranger.ceremony()
            foreign = stranger.issue("theirs", "user", "--station", "s-1")
            for reader in ("theirs", "master"):
                stranger.pull(reader)
                self.p.plug_in_copy(stranger.away / reader, f"foreign-{reader}")
            foreign_master = stranger.serials["master"]
        self.ready("foreign-theirs", "foreign-master")
        before = self.tree("foreign-theirs")
        self.assertIn("not issued by this platform", self.p.reader("foreign-theirs")["problem"])
        self.assertFalse(self.opens(foreign))
        for words in (("revoke", foreign), ("destroy", foreign), ("renew", foreign), ("destroy", foreign_master)):
            extra = () if words[0] == "renew" else ("--reason", "x")
            done = self.p.ctl("ukey", *words, *extra, pins={**MASTER, "ukey": PINS["user"]})
            self.assertEqual(done.code, 1, done)
            self.assertIn("was not issued by this platform", done.err)
        done = self.p.ctl("ukey", "issue", "--kind", "auditor", "--reader", "foreign-theirs", "--holder", "H", pins={**MASTER, "ukey": PINS["auditor"]})
        self.assertEqual(done.code, 1, done)
        self.assertIn("was not issued by this platform; use a blank one", done.err)
        self.assertEqual(self.tree("foreign-theirs"), before)
        # Their master-control UKEY is no key to this platform, not even with the same PIN, when ours is in the safe.
        self.p.pull("master")
        wait_until("ours is gone", lambda: not self.p.reader("master"))
        done = self.p.ctl("ukey", "revoke", own, "--reason", "x", pins=MASTER)
        self.assertEqual(done.code, 1, done)
        self.assertIn(f"the master-control UKEY {self.p.serials['master']} is needed", done.err)
        self.assertEqual(self.state(own), "issued")
        self.sound()

    def test_a_clone_of_the_master_makes_both_useless_until_one_is_gone(self):
        own = self.user("own")
        self.p.plug_in_copy(self.p.readers / "master", "clone")
        wait_until("both are refused", lambda: all(self.p.reader(r).get("content") == "failed" for r in ("master", "clone")))
        done = self.p.ctl("ukey", "revoke", own, "--reason", "x", pins=MASTER)
        self.assertEqual(done.code, 1, done)
        self.assertEqual(len(done.err.strip().splitlines()), 1)
        self.assertEqual(self.state(own), "issued")
        shutil.rmtree(self.p.readers / "clone")
        self.ready("master")
        self.p.good_ctl("ukey", "revoke", own, "--reason", "x", pins=MASTER)
        self.sound()


if __name__ == "__main__":
    unittest.main()
