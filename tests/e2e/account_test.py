"""Network accounts: a name and a password that use a user UKEY which lives at the encryption machine."""
import datetime
import pathlib
import time
import unittest

from platform_under_test import MASTER, PINS, Platform, officer_pin, run, wait_until
from station import Refused, Station
from wire import kmp_pb2 as pb

PASSWORD = "ac-word-5512-willow"
WRONG = "account: the name or the password is wrong, or 10 wrong passwords have locked the account; ask the officer to reset it"


def utc_in(seconds: float) -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class WithAccounts(unittest.TestCase):
    p: Platform

    def station(self) -> Station:
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        return station

    def login(self, name: str, password: str = PASSWORD) -> Station:
        station = self.station()
        station.login_account(name, password)
        return station

    def use(self, station: Station):
        return station.ask(authenticate=pb.Authenticate(meter=77, state=pb.PRODUCTION))

    def refusal(self, action, *arguments) -> str:
        with self.assertRaises(Refused) as refused:
            action(*arguments)
        return str(refused.exception)

    def account(self, name: str) -> dict:
        return self.p.good_ctl("--json", "account", "show", name).json()["account"]

    def refused_ctl(self, *arguments: str, pins=None) -> str:
        done = self.p.ctl(*arguments, pins=pins)
        self.assertEqual(done.code, 1, done)
        self.assertEqual(len(done.err.strip().splitlines()), 1, done)
        return done.err.strip().removeprefix("kmpctl: ")

    def settled(self, *readers: str):
        wait_until("the readers are ready", lambda: all(self.p.reader(r).get("content") == "ukey" for r in readers))


class Accounts(WithAccounts):
    """Where one person holds the master-control UKEY."""

    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()
        cls.addClassCleanup(cls.p.__exit__)
        cls.attend("user")

    @classmethod
    def attend(cls, name: str):
        cls.p.good_ctl("ukey", "attend", cls.p.serials[name], pins={"ukey": PINS["user"]})

    def another_ukey(self, name: str, *terms: str) -> str:
        return self.p.issue(name, "user", "--station", f"station-{name}", *terms)

    def add(self, name: str, *more: str, ukey: str = "user", present: bool = True) -> dict:
        words = ("--holder-present", *more) if present else more
        return self.p.good_ctl("--json", "account", "add", name, "--ukey", self.p.serials[ukey], "--holder", f"holder of {name}", *words,
                               pins={**MASTER, "account": PASSWORD}).json()["account"]

    def vend(self, name: str, *arguments: str, password: str = PASSWORD):
        return run("kmp-vend", "--home", str(self.p.home), "--account", name, *arguments, pins={"account": password})

    def suspended(self, serial: str):
        self.p.good_ctl("ukey", "suspend", serial, "--reason", "as a test", pins=MASTER)

    def resumed(self, serial: str):
        self.p.good_ctl("ukey", "resume", serial, pins=MASTER)

    # ---- the main job

    def test_an_account_sells_with_the_grant_of_its_ukey_and_the_log_names_it(self):
        self.add("seller")
        number = "000000200001"
        meter = self.p.meter(number)
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        done = self.vend("seller", "remote", "open", "--line", meter.line, "--meter", number, "--customer", "000000000042", "--amount", "50")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(meter.show()["balance_fen"], 5000)
        over = self.vend("seller", "remote", "recharge", "--line", meter.line, "--meter", number, "--customer", "000000000042", "--amount", "500.01")
        self.assertEqual(over.code, 1, over)
        self.assertIn("per_order", over.err)
        order = next(e["json"] for e in self.p.events() if e["type"] == "order" and e["json"]["meter"] == number)
        self.assertEqual((order["account"], order["ukey"], order["station"]), ("seller", self.p.serials["user"], "station-1"))

    def test_the_session_says_whose_it_is(self):
        self.add("named")
        station = self.station()
        opened = station.login_account("named", PASSWORD)
        self.assertEqual((opened.account, opened.ukey, opened.station, opened.holder), ("named", self.p.serials["user"], "station-1", "holder of named"))
        self.assertEqual(self.account("named")["sessions"], 1)

    def test_list_and_show_tell_what_there_is(self):
        self.add("shown", "--until", "2026-12-31")
        shown = self.account("shown")
        self.assertEqual((shown["ukey"], shown["holder"], shown["state"], shown["number"]), (self.p.serials["user"], "holder of shown", "active", 1))
        self.assertIn("shown", [a["name"] for a in self.p.good_ctl("--json", "account", "list").json()["accounts"]])
        self.assertIn("2026-12-31 23:59:59Z", self.p.good_ctl("account", "list").out)
        self.assertEqual(self.refused_ctl("account", "show", "nobody"), "there is no account nobody; see 'kmpctl account list'")

    def test_the_ukey_tells_when_a_session_with_it_was_opened_last(self):
        serial = self.another_ukey("watched")
        self.p.good_ctl("ukey", "attend", serial, pins={"ukey": PINS["user"]})
        self.add("watcher", ukey="watched")
        listed = lambda: next(u for u in self.p.good_ctl("--json", "ukey", "list").json()["ukeys"] if u["serial"] == serial)  # noqa: E731
        self.assertEqual(int(listed()["last_used_ms"]), 0)
        self.refusal(self.login, "watcher", "wr-ong-1")
        self.assertEqual(int(listed()["last_used_ms"]), 0, "who was refused did not use it")
        self.login("watcher")
        used = int(listed()["last_used_ms"])
        self.assertGreater(used, 0)
        self.assertEqual(listed()["terms"]["station"], "station-watched")
        self.p.restart()
        self.assertEqual(int(listed()["last_used_ms"]), used, "it is kept")
        self.settled("user", "watched")
        self.login("watcher")
        self.assertGreater(int(listed()["last_used_ms"]), used)

    # ---- adding

    def test_what_cannot_be_an_account_is_refused_and_leaves_none(self):
        def add(name, ukey, *more, password=PASSWORD, master=PINS["master"], holder="H"):
            return self.refused_ctl("account", "add", name, "--ukey", ukey, "--holder", holder, *more, pins={"master": master, "account": password})

        user = self.p.serials["user"]
        self.add("taken")
        self.assertEqual(add("taken", user), "there is an account taken already; choose another name")
        self.assertIn("letters, digits", add("no good", user))
        self.assertEqual(add("x1", "US-00000000"), "UKEY US-00000000 was not issued by this platform; see 'kmpctl ukey list'")
        self.assertEqual(add("x1", self.p.serials["key"]), f"ukey: an account uses a user UKEY; {self.p.serials['key']} is a key UKEY")
        self.assertIn("too easy to guess", add("x1", user, password="aaaaaaaa"))
        self.assertIn("6 to 128", add("x1", user, password="short"))
        self.assertIn("wrong PIN for master-control UKEY", add("x1", user, master="not-the-pin"))
        late = add("x1", user, "--until", "2099-01-01")
        self.assertIn("renew it first, or choose an earlier end", late)
        self.assertTrue(late.startswith("--until: "), late)
        past = add("x1", user, "--until", "2020-01-01")
        self.assertIn("which is past", past)
        self.assertTrue(past.startswith("--until: "), past)
        enabled = self.refused_ctl("account", "enable", "taken", "--until", "2099-01-01", pins={"master": PINS["master"]})
        self.assertTrue(enabled.startswith("--until: "), enabled)
        self.assertIn("without control characters", add("x1", user, holder="two\nlines"))
        self.assertNotIn("x1", [a["name"] for a in self.p.good_ctl("--json", "account", "list").json()["accounts"]])

    # ---- passwords

    def test_ten_wrong_passwords_lock_durably_and_nobody_learns_of_it(self):
        self.add("guessed")
        for _ in range(9):
            self.assertEqual(self.refusal(self.login, "guessed", "not-the-word"), f"wrong_pin: {WRONG}")
        self.assertEqual(self.account("guessed")["state"], "active")
        self.p.kill()
        self.p.start()
        self.p.unseal()
        self.assertEqual(self.account("guessed")["wrong_passwords"], 9)
        self.assertEqual(self.refusal(self.login, "guessed", "not-the-word"), f"wrong_pin: {WRONG}")
        self.assertEqual(self.account("guessed")["state"], "locked")
        for password in (PASSWORD, "not-the-word"):
            self.assertEqual(self.refusal(self.login, "guessed", password), f"wrong_pin: {WRONG}", "locked: right and wrong are the same")
        self.assertEqual(self.refusal(self.login, "nobody-of-this-name", PASSWORD), f"wrong_pin: {WRONG}")
        self.p.kill()
        self.p.start()
        self.p.unseal()
        self.settled("user")
        self.assertEqual(self.refusal(self.login, "guessed"), f"wrong_pin: {WRONG}")
        self.p.good_ctl("account", "reset", "guessed", "--holder-present", pins={**MASTER, "account": "quite-another-word"})
        self.use(self.login("guessed", "quite-another-word"))
        self.assertEqual(self.account("guessed")["wrong_passwords"], 0)
        self.assertEqual(self.refusal(self.login, "guessed"), f"wrong_pin: {WRONG}", "the old one")
        changes = [e["json"]["account_change"] for e in self.p.events() if e["type"] == "account_state_changed" and e["json"]["account"] == "guessed"]
        self.assertEqual(changes, ["lock", "reset"])

    def test_a_right_password_forgets_the_wrong_ones(self):
        self.add("forgetful")
        for _ in range(9):
            self.refusal(self.login, "forgetful", "not-the-word")
        self.login("forgetful")
        self.assertEqual(self.account("forgetful")["wrong_passwords"], 0)

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self):
        self.add("timed")
        took = {"timed": [], "untimed": []}
        for _ in range(5):
            for name, times in took.items():
                begin = time.monotonic()
                self.refusal(self.login, name, "not-the-word")
                times.append(time.monotonic() - begin)
        self.assertGreater(min(took["untimed"]), min(took["timed"]) / 3, took)

    def test_a_first_password_is_changed_before_the_first_use(self):
        self.add("fresh", present=False)
        self.assertEqual(self.refusal(self.login, "fresh"), "refused: password: the password of account fresh must be changed before its first use: 'kmpctl account passwd fresh'")
        change = ("account", "passwd", "fresh")
        self.assertEqual(self.refused_ctl(*change, pins={"account": "not-the-word", "fresh": "another-word-1"}), WRONG)
        self.assertEqual(self.refused_ctl(*change, pins={"account": PASSWORD, "fresh": PASSWORD}), "new password: it is the old one")
        self.assertIn("too easy to guess", self.refused_ctl(*change, pins={"account": PASSWORD, "fresh": "12345678"}))
        self.p.good_ctl(*change, pins={"account": PASSWORD, "fresh": "another-word-1"})
        self.use(self.login("fresh", "another-word-1"))
        self.assertEqual(self.refusal(self.login, "fresh"), f"wrong_pin: {WRONG}")

    def test_wrong_old_passwords_of_a_change_lock_too(self):
        self.add("changer")
        for _ in range(10):
            self.refused_ctl("account", "passwd", "changer", pins={"account": "not-the-word", "fresh": "another-word-1"})
        self.assertEqual(self.account("changer")["state"], "locked")
        self.assertEqual(self.refused_ctl("account", "passwd", "changer", pins={"account": PASSWORD, "fresh": "another-word-1"}), WRONG)

    def test_a_new_password_ends_what_the_old_one_opened(self):
        self.add("renewed")
        for words, pins in ((("account", "passwd", "renewed"), {"account": PASSWORD, "fresh": "another-word-1"}),
                            (("account", "reset", "renewed", "--holder-present"), {**MASTER, "account": PASSWORD})):
            station = self.login("renewed", pins["account"] if "fresh" in pins else "another-word-1")
            self.use(station)
            self.p.good_ctl(*words, pins=pins)
            self.assertEqual("denied: session: it is over, the account has a new password; send OpenSession again", self.refusal(self.use, station))

    def test_no_password_leaves_kmpd(self):
        self.add("secretive")
        self.login("secretive")
        wal = [pathlib.Path(self.p.home / name).read_bytes() for name in ("kmp.db", "kmp.db-wal") if (self.p.home / name).exists()]
        for blob in (*wal, self.p.log_text().encode(), str(self.p.events()).encode()):
            self.assertNotIn(PASSWORD.encode(), blob)

    # ---- how a session is asked for

    def test_a_session_is_asked_for_with_one_name_and_its_password(self):
        self.add("asked")
        station = self.station()
        self.assertEqual(self.refusal(lambda: station.ask(open_session=pb.OpenSession(account="asked"))), "denied: pin: account asked needs its password; enter it before OpenSession")
        both = pb.OpenSession(account="asked", ukey=self.p.serials["user"])
        self.assertEqual(self.refusal(lambda: station.ask(open_session=both)), "invalid_argument: account: name an account or a UKEY, not both")
        self.assertIn("invalid_argument: an account name has", self.refusal(lambda: station.ask(open_session=pb.OpenSession(account="no good"))))
        done = run("kmp-vend", "--home", str(self.p.home), "--account", "asked", "--ukey", self.p.serials["user"], "remote", "status", "--line", "tcp:127.0.0.1:9", "--meter", "auto")
        self.assertEqual(done.code, 2, done)

    # ---- ends

    def test_disabling_ends_running_sessions_within_a_second(self):
        self.add("leaver")
        station = self.login("leaver")
        self.use(station)
        self.assertEqual(self.refused_ctl("account", "disable", "leaver", "--reason", "left", pins={"master": "not-the-pin"}).split(";")[0],
                         f"wrong PIN for master-control UKEY {self.p.serials['master']}")
        self.use(station)
        self.p.good_ctl("account", "disable", "leaver", "--reason", "left the company", pins=MASTER)
        begin = time.monotonic()
        self.assertEqual("denied: state: account leaver is disabled; ask the officer", self.refusal(self.use, station))
        self.assertLess(time.monotonic() - begin, 1)
        self.assertEqual(self.refusal(self.login, "leaver"), "denied: state: account leaver is disabled; ask the officer")
        self.assertEqual(self.refused_ctl("account", "disable", "leaver", "--reason", "again", pins=MASTER), "account leaver is disabled already")
        self.assertEqual(self.refused_ctl("account", "passwd", "leaver", pins={"account": PASSWORD, "fresh": "another-word-1"}), "state: account leaver is disabled; ask the officer")
        self.p.good_ctl("account", "enable", "leaver", pins=MASTER)
        self.assertEqual(self.account("leaver")["number"], 2, "enabling takes a new statement")
        self.assertEqual(self.refused_ctl("account", "enable", "leaver", pins=MASTER), "account leaver is not disabled; there is nothing to enable")
        self.use(self.login("leaver"))

    def test_an_end_that_comes_ends_running_sessions_and_a_new_end_lets_in_again(self):
        until = utc_in(8)
        self.add("guest", "--until", until)
        station = self.login("guest")
        self.use(station)
        wait_until("the session ended", lambda: self.account("guest")["sessions"] == 0, patience=20)
        self.assertIn("expired: state: account guest expired on " + until[:19], self.refusal(self.use, station))
        self.assertIn("denied: session: no session is open", self.refusal(self.use, station))
        self.assertEqual(self.account("guest")["state"], "expired")
        self.assertIn("expired: state: account guest expired on " + until[:19], self.refusal(self.login, "guest"))
        self.assertIn("renew it first", self.refused_ctl("account", "enable", "guest", "--until", "2099-01-01", pins=MASTER))
        self.p.good_ctl("account", "enable", "guest", "--until", utc_in(3600), pins=MASTER)
        self.use(self.login("guest"))

    def test_a_suspended_ukey_refuses_its_accounts_at_once(self):
        serial = self.another_ukey("suspendable")
        self.attend("suspendable")
        self.add("borrower", ukey="suspendable")
        station = self.login("borrower")
        self.use(station)
        self.suspended(serial)
        self.assertIn("denied: ", self.refusal(self.use, station))
        self.assertEqual(self.refusal(self.login, "borrower"), f"denied: state: UKEY {serial} is suspended; ask the officer")
        self.resumed(serial)
        self.use(self.login("borrower"))
        self.p.good_ctl("ukey", "revoke", serial, "--reason", "gone", pins=MASTER)
        self.assertEqual(self.refusal(self.login, "borrower"), f"denied: state: UKEY {serial} is revoked; ask the officer")
        self.assertFalse(self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"].get("attended", False), "no PIN is kept for what never works again")
        self.assertEqual(self.refused_ctl("account", "add", "late", "--ukey", serial, "--holder", "H", pins={**MASTER, "account": PASSWORD}),
                         f"ukey: UKEY {serial} is revoked; an account needs one that is issued")

    # ---- the UKEY behind it

    def test_without_a_kept_pin_somebody_must_open_the_ukey(self):
        serial = self.another_ukey("held")
        self.add("patient", ukey="held")
        not_open = f"denied: pin: UKEY {serial} is not open; somebody must enter its PIN once, or have it kept: 'kmpctl ukey attend {serial}'"
        self.assertEqual(self.refusal(self.login, "patient"), not_open)
        Station(self.p.socket("kmp.sock")).login(serial, PINS["user"])
        self.use(self.login("patient"))
        self.p.pull("held")
        wait_until("its pulling was seen", lambda: not self.p.reader("held"))
        self.assertIn("token_removed: ", self.refusal(self.login, "patient"))
        self.p.plug_in("held")
        self.settled("held")
        self.assertEqual(self.refusal(self.login, "patient"), not_open)

    def test_a_kept_pin_heals_after_a_pull_and_after_a_restart_until_it_is_forgotten(self):
        serial = self.another_ukey("healing")
        self.add("healed", ukey="healing")
        self.assertIn("9 tries left", self.refused_ctl("ukey", "attend", serial, pins={"ukey": "not-the-pin"}))
        self.attend("healing")
        self.assertTrue(self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["attended"])
        station = self.login("healed")
        self.use(station)
        self.p.pull("healing")
        wait_until("its pulling was seen", lambda: not self.p.reader("healing"))
        self.refusal(self.use, station)
        self.p.plug_in("healing")
        self.settled("healing")
        self.use(self.login("healed"))
        self.p.kill()
        self.p.start()
        self.p.unseal()
        self.settled("healing")
        self.use(self.login("healed"))
        self.p.good_ctl("ukey", "set-pin", serial, pins={"ukey": PINS["user"], "fresh": "us-pin-1234-birch"})
        self.p.pull("healing")
        wait_until("its pulling was seen", lambda: not self.p.reader("healing"))
        self.p.plug_in("healing")
        self.settled("healing")
        self.use(self.login("healed"))  # the new PIN took the place of the old one
        self.p.good_ctl("ukey", "attend", serial, "--end")
        self.assertEqual(self.refused_ctl("ukey", "attend", serial, "--end"), f"the PIN of UKEY {serial} is not kept; there is nothing to forget")
        self.p.pull("healing")
        wait_until("its pulling was seen", lambda: not self.p.reader("healing"))
        self.p.plug_in("healing")
        self.settled("healing")
        self.assertIn("is not open; somebody must enter its PIN once", self.refusal(self.login, "healed"))
        kept = [e["json"]["attended"] for e in self.p.events() if e["type"] == "ukey_attended" and e["json"]["ukey"] == serial]
        self.assertEqual(kept, [True, False])

    def test_a_pin_that_was_set_anew_is_not_kept_any_more(self):
        serial = self.another_ukey("reset")
        self.attend("reset")
        self.add("after-reset", ukey="reset")
        for _ in range(10):
            self.refused_ctl("ukey", "attend", serial, pins={"ukey": "not-the-pin"})
        self.assertIn(f"UKEY {serial} is blocked after 10 wrong PINs", self.refusal(self.login, "after-reset"))
        self.p.good_ctl("ukey", "unblock", serial, pins={**MASTER, "ukey": "us-pin-0001-maple"})
        self.assertIn(f"the PIN of UKEY {serial} must be changed before its first use", self.refusal(self.login, "after-reset"))
        self.p.good_ctl("ukey", "set-pin", serial, pins={"ukey": "us-pin-0001-maple", "fresh": PINS["user"]})
        self.assertIn("is not open; somebody must enter its PIN once", self.refusal(self.login, "after-reset"))

    def test_only_the_pin_of_a_user_ukey_is_kept(self):
        self.assertEqual(self.refused_ctl("ukey", "attend", self.p.serials["key"], pins={"ukey": PINS["key"]}),
                         "a key UKEY opens by its holder's hand; only the PIN of a user UKEY is kept")
        self.assertIn("only the PIN of a user UKEY is kept", self.refused_ctl("ukey", "attend", self.p.serials["master"], pins={"ukey": PINS["master"]}))

    def test_many_who_come_at_once_are_all_let_in_by_one_healing(self):
        self.another_ukey("busy")
        self.attend("busy")
        for i in range(4):
            self.add(f"busy-{i}", ukey="busy")
        stations = [self.station() for _ in range(4)]
        for i, station in enumerate(stations):
            station.send(pb.StationRequest(pin=pb.PinEntry(role="account", pin=PASSWORD.encode())))
            station.send(pb.StationRequest(id=1, open_session=pb.OpenSession(account=f"busy-{i}")))
        for station in stations:
            self.assertEqual(station.receive(pb.StationReply).WhichOneof("result"), "open_session")

    def test_guesses_that_come_all_at_once_are_put_off_and_not_queued(self):
        self.add("one-at-a-time")
        station = self.station()
        for i in range(60):
            station.send(pb.StationRequest(pin=pb.PinEntry(role="account", pin=b"not-the-word")))
            station.send(pb.StationRequest(id=i + 1, open_session=pb.OpenSession(account="one-at-a-time" if i < 20 else f"nobody-{i}")))
        answers = [station.receive(pb.StationReply).failure for _ in range(60)]
        said = {f"{a.code}: {a.message}" for a in answers}
        self.assertEqual(said, {f"wrong_pin: {WRONG}", "busy: another password is being checked for this account; try again",
                                "busy: many passwords are being checked just now; try again"})
        self.assertLess(self.account("one-at-a-time")["wrong_passwords"], 10, "what was put off was not tried")
        self.use(self.login("one-at-a-time"))

    def test_zz_the_auditor_finds_nothing_wrong(self):
        done = self.p.verify()
        self.assertEqual(done.code, 0, done)


class ByQuorum(WithAccounts):
    """Two of three officers."""

    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.quorum_ceremony(3, 2)
        cls.p.issue_by_quorum("user", "user", "--station", "station-1", "--per-order", "500", "--per-day", "5000")
        cls.p.good_ctl("ukey", "attend", cls.p.serials["user"], pins={"ukey": PINS["user"]})

    def request(self, *arguments: str) -> int:
        return self.p.good_ctl("--json", *arguments).json()["number"]

    def run_request(self, number: int, pins=None):
        self.p.approve(number, 1, 2)
        return self.p.good_ctl("--json", "request", "run", str(number), pins=pins).json()["account"]

    def test_widening_takes_the_officers_and_disabling_one_of_them(self):
        add = self.request("account", "add", "clerk", "--ukey", self.p.serials["user"], "--holder", "Han Meimei", "--holder-present")
        shown = self.p.good_ctl("--json", "request", "show", str(add)).json()
        self.assertEqual((shown["deed"], shown["terms"]["holder"], shown["terms"]["password"]), ("issue-account", "Han Meimei", "chosen by the holder"))
        self.assertIn(f"account clerk of Han Meimei with user UKEY {self.p.serials['user']}", shown["terms"]["account"])
        self.p.approve(add, 1)
        self.assertIn("1 of 2 officers agree", self.refused_ctl("request", "run", str(add), pins={"account": PASSWORD}))
        self.assertEqual(self.refusal(self.login, "clerk"), f"wrong_pin: {WRONG}")
        self.assertEqual(self.run_request(add, {"account": PASSWORD})["state"], "active")
        station = self.login("clerk")
        self.use(station)

        disable = ("account", "disable", "clerk", "--reason", "suspicious", "--officer", self.p.serials["officer-3"])
        self.assertIn("wrong PIN for officer UKEY", self.refused_ctl(*disable, pins={"officer": "not-the-pin"}))
        self.use(station)
        self.p.good_ctl(*disable, pins={"officer": officer_pin(3)})
        self.assertIn("denied: ", self.refusal(self.use, station))
        self.assertEqual(self.refusal(self.login, "clerk"), "denied: state: account clerk is disabled; ask the officer")

        enable = self.request("account", "enable", "clerk")
        self.assertEqual(self.refusal(self.login, "clerk"), "denied: state: account clerk is disabled; ask the officer")
        self.assertEqual(self.run_request(enable)["state"], "active")
        self.use(self.login("clerk"))

        reset = self.request("account", "reset", "clerk", "--holder-present")
        self.use(self.login("clerk"))
        self.run_request(reset, {"account": "another-word-1"})
        self.assertEqual(self.refusal(self.login, "clerk"), f"wrong_pin: {WRONG}")
        self.use(self.login("clerk", "another-word-1"))

        late = self.request("account", "enable", "clerk", "--until", utc_in(3600))
        later = self.request("account", "enable", "clerk", "--until", utc_in(7200))
        self.run_request(late)
        self.p.approve(later, 1, 2)
        self.assertEqual(self.refused_ctl("request", "run", str(later)), "account clerk was changed meanwhile; look at it and ask again")

        self.p.kill()
        self.p.start()
        self.p.unseal()
        self.settled("user")
        self.use(self.login("clerk", "another-word-1"))
        verdict = self.p.verify()
        self.assertEqual(verdict.code, 0, verdict)


if __name__ == "__main__":
    unittest.main()
