"""A UKEY's whole life, as an officer walks it with kmpctl."""
import datetime
import os
import shutil
import unittest

from platform_under_test import MASTER, PINS, Platform, wait_until


def utc_in(seconds: float) -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class WithPlatform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.start()
        cls.p.ceremony()

    def state(self, serial: str) -> str:
        return self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["state"]

    def change(self, action: str, serial: str, **pins):
        return self.p.ctl("ukey", action, serial, "--reason", "as a test", pins={**MASTER, **pins})

    def good_change(self, action: str, serial: str, **pins):
        done = self.change(action, serial, **pins)
        self.assertEqual(done.code, 0, done)
        return done

    def session(self, serial: str, pin: str):
        """Whether kmpd lets this UKEY and PIN in: the answer of a station that asks."""
        return self.p.ctl("ukey", "set-pin", serial, pins={"ukey": pin, "fresh": pin + "-changed"})

    def user(self, name: str, *terms: str) -> str:
        self.addCleanup(shutil.rmtree, self.p.readers / name, True)
        return self.p.issue(name, "user", "--station", "s-1", "--per-order", "500", *terms)


class Transitions(WithPlatform):
    """Every transition of the table, allowed and forbidden, for a person and with --json."""

    # From docs: which actions an officer may take in which state. Everything else is refused.
    ALLOWED = {
        "issued": {"suspend", "report-lost", "revoke"},
        "suspended": {"resume", "report-lost", "revoke"},
        "blocked": {"unblock", "report-lost", "revoke"},
        "expired": {"report-lost", "revoke"},
        "lost": {"revoke"},
        "revoked": {"destroy"},
        "destroyed": set(),
    }
    ACTIONS = ("suspend", "resume", "report-lost", "revoke", "unblock", "destroy")

    def bring_to(self, state: str, name: str) -> str:
        terms = ("--valid-until", utc_in(12)) if state == "expired" else ()
        serial = self.user(name, *terms)
        if state in ("suspended", "lost", "revoked", "destroyed"):
            for action in {"suspended": ["suspend"], "lost": ["report-lost"], "revoked": ["revoke"], "destroyed": ["revoke", "destroy"]}[state]:
                self.good_change(action, serial)
        if state == "blocked":
            for _ in range(10):
                self.assertEqual(self.session(serial, "wrong-pin-entirely").code, 1)
        if state == "expired":
            wait_until("it has expired", lambda: self.state(serial) == "expired")
        self.assertEqual(self.state(serial), state)
        return serial

    def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(self):
        for state, allowed in self.ALLOWED.items():
            serial = self.bring_to(state, f"no-{state}")
            for action in self.ACTIONS:
                if action in allowed:
                    continue
                for words in ((), ("--json",)):
                    with self.subTest(state=state, action=action, words=words):
                        done = self.p.ctl(*words, "ukey", action, serial, "--reason", "x", pins={**MASTER, "ukey": PINS["user"]})
                        self.assertEqual(done.code, 1, done)
                        self.assertIn(f"is {state} cannot take '{action}'", done.err)
                        self.assertEqual(len(done.err.strip().splitlines()), 1, done.err)
                        self.assertEqual(self.state(serial), state)

    def test_what_the_table_allows_leads_where_it_says(self):
        leads = {"suspend": "suspended", "resume": "issued", "report-lost": "lost", "revoke": "revoked", "unblock": "issued", "destroy": "destroyed"}
        for state, allowed in self.ALLOWED.items():
            for n, action in enumerate(sorted(allowed)):
                with self.subTest(state=state, action=action):
                    serial = self.bring_to(state, f"yes-{state}-{n}")
                    done = self.p.ctl("--json", "ukey", action, serial, "--reason", "x", pins={**MASTER, "ukey": "another-good-pin-77"})
                    self.assertEqual(done.code, 0, done)
                    self.assertEqual(done.json()["ukey"]["state"], leads[action])
                    self.assertEqual(self.state(serial), leads[action])


class Copies(WithPlatform):
    """A soft UKEY is a folder, and a folder can be copied."""

    def test_two_with_one_serial_are_refused_in_both_readers(self):
        serial = self.user("original")
        self.p.plug_in_copy(self.p.readers / "original", "twin")
        self.addCleanup(shutil.rmtree, self.p.readers / "twin", True)
        wait_until("both are refused", lambda: all(self.p.reader(r).get("content") == "failed" for r in ("original", "twin")))
        self.assertIn(serial, self.p.reader("twin")["problem"])

    def test_a_copy_used_in_turn_with_the_original_is_refused_and_suspended(self):
        serial = self.user("turn")
        meter = self.p.meter("000000000777")
        vend = ("remote", "status", "--line", meter.line, "--meter", "000000000777")
        self.p.vend(*vend, name="turn")  # the first login sets the mark
        copy = self.p.away / "copy-of-turn"
        self.p.pull("turn")
        wait_until("its pulling was seen", lambda: not self.p.reader("turn"))
        shutil.copytree(self.p.away / "turn", copy)
        self.p.plug_in("turn")
        wait_until("it is back", lambda: self.p.reader("turn").get("content") == "ukey")
        self.p.vend(*vend, name="turn")  # the second one renews it: the copy is behind now
        self.assertEqual(self.state(serial), "issued")
        self.p.pull("turn")
        wait_until("it is gone", lambda: not self.p.reader("turn"))
        copy.rename(self.p.readers / "turn")
        wait_until("the copy is there", lambda: self.p.reader("turn").get("content") == "ukey")
        done = self.p.vend(*vend, name="turn")
        self.assertEqual(done.code, 1)
        self.assertIn("there are two of it", done.err)
        self.assertEqual(self.state(serial), "suspended")
        self.assertIn("copy_suspected", [e["type"] for e in self.p.events()])

    def test_logins_that_are_cut_off_make_no_copy_of_an_honest_ukey(self):
        serial = self.user("honest")
        meter = self.p.meter("000000000778")
        for _ in range(6):
            self.p.vend("remote", "status", "--line", meter.line, "--meter", "000000000778", name="honest")
            self.p.kill()
            self.p.start()
            self.p.unseal()
            wait_until("it is ready", lambda: self.p.reader("honest").get("content") == "ukey")
        self.assertEqual(self.state(serial), "issued")


class Batch(WithPlatform):
    """Many UKEYs from one file."""

    HEAD = "reader,kind,holder,station,per-order,per-day,meters\n"

    def write(self, text: str) -> str:
        path = str(self.p.folder / "batch.csv")
        with open(path, "w") as file:
            file.write(self.HEAD + text)
        return path

    def batch(self, path: str):
        return self.p.ctl("--json", "ukey", "issue-batch", path, pins={**MASTER, "ukey": "first-pin-of-all-9"})

    def blanks(self, *names: str):
        for name in names:
            self.p.plug_in_blank(name)
            self.addCleanup(shutil.rmtree, self.p.readers / name, True)

    def test_every_row_becomes_a_ukey_and_the_same_command_again_does_nothing(self):
        self.blanks("b1", "b2", "b3")
        path = self.write('b1,user,"Han, Meimei",s-1,100,1000,000000000001-000000000099\nb2,key,Li Lei,,,,000000000001-000000000009;000000000042\nb3,auditor,Sun,,,,\n')
        first = self.batch(path)
        self.assertEqual(first.code, 0, first)
        rows = first.json()
        self.assertEqual([r["already"] for r in rows], [False, False, False])
        shown = self.p.good_ctl("--json", "ukey", "show", rows[0]["ukey"]).json()
        self.assertEqual((shown["ukey"]["holder"], shown["terms"]["per_day_fen"], shown["ukey"]["must_change_pin"]), ("Han, Meimei", 100000, True))
        second = self.batch(path)
        self.assertEqual([(r["ukey"], r["already"]) for r in second.json()], [(r["ukey"], True) for r in rows])

    def test_bad_rows_are_all_reported_and_nothing_is_done(self):
        self.blanks("g1", "g2")
        done = self.batch(self.write("g1,user,Good One,s-7,100,1000,\ng2,user,Bad Amount,s-7,1.234,1000,\ng3,officer,Bad Kind,s-7,,,\n,user,No Reader,s-7,,,\ng1,user,Same Reader,s-8,,,\ng5,user\n"))
        self.assertEqual(done.code, 1, done)
        for line in (3, 4, 5, 6, 7):
            self.assertIn(f"line {line}: ", done.err)
        self.assertNotIn("line 2: ", done.err)
        self.assertEqual([self.p.reader(r)["content"] for r in ("g1", "g2")], ["blank", "blank"])

    def test_a_batch_that_was_cut_off_goes_on(self):
        self.blanks("c1", "c2")
        path = self.write("c1,user,First,s-1,,,\nc2,user,Second,s-1,,,\nc3,user,Third,s-1,,,\n")
        cut = self.batch(path)
        self.assertEqual(cut.code, 1)
        self.assertIn("line 4, after 2 rows", cut.err)
        self.blanks("c3")
        done = self.batch(path)
        self.assertEqual([r["already"] for r in done.json()], [True, True, False])


class Life(WithPlatform):
    def test_a_pin_that_the_officer_chose_must_be_changed_before_the_first_use(self):
        self.p.plug_in_blank("fresh")
        self.addCleanup(shutil.rmtree, self.p.readers / "fresh", True)
        done = self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "fresh", "--holder", "Han", "--station", "s-9", pins={**MASTER, "ukey": PINS["user"]})
        serial = self.p.serials["fresh"] = done.json()["ukey"]["serial"]
        refused = self.p.vend("remote", "status", "--line", "tcp:127.0.0.1:9", "--meter", "000000000001", name="fresh")
        self.assertEqual(refused.code, 1)
        changed = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": PINS["user"], "fresh": "the-holders-own-31"})
        self.assertEqual(changed.code, 0, changed)
        self.assertFalse(self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["must_change_pin"])
        self.assertEqual(self.session(serial, PINS["user"]).code, 1, "the old PIN is gone")
        self.assertEqual(self.session(serial, "the-holders-own-31").code, 0)

    def test_a_new_pin_that_is_too_easy_is_refused_and_the_old_one_stays(self):
        serial = self.user("easy")
        for bad in ("12345", "111111", "123456", "654321"):
            done = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": PINS["user"], "fresh": bad})
            self.assertEqual(done.code, 1, done)
            self.assertIn("new PIN", done.err)
        self.assertEqual(self.session(serial, PINS["user"]).code, 0)

    def test_a_blocked_ukey_takes_its_new_pin_and_not_the_old_one(self):
        serial = self.user("blocked")
        for _ in range(10):
            self.session(serial, "wrong-pin-entirely")
        self.assertEqual(self.state(serial), "blocked")
        self.assertEqual(self.session(serial, PINS["user"]).code, 1, "not even the right one")
        advised = self.p.ctl("ukey", "set-pin", serial, pins={"ukey": PINS["user"], "fresh": "after-the-blocking-5"})
        self.assertEqual(advised.code, 1)
        self.assertIn(f"kmpctl ukey unblock {serial}", advised.err)
        self.good_change("unblock", serial, ukey="after-the-blocking-5")
        self.assertEqual(self.session(serial, PINS["user"]).code, 1)
        self.assertEqual(self.session(serial, "after-the-blocking-5").code, 0)

    def test_a_destroyed_ukey_is_blank_again_and_can_be_issued_anew(self):
        serial = self.user("again")
        self.good_change("revoke", serial)
        self.good_change("destroy", serial)
        wait_until("the reader shows a blank UKEY", lambda: self.p.reader("again").get("content") == "blank")
        self.assertEqual(sorted(os.listdir(self.p.readers / "again")), [])
        done = self.p.ctl("--json", "ukey", "issue", "--kind", "key", "--reader", "again", "--holder", "Li Lei", pins={**MASTER, "ukey": PINS["key"]})
        self.assertEqual(done.code, 0, done)

    def test_an_expired_ukey_is_renewed_with_its_holder(self):
        serial = self.user("expired", "--valid-until", utc_in(8))
        wait_until("it has expired", lambda: self.state(serial) == "expired")
        done = self.p.ctl("--json", "ukey", "renew", serial, pins={**MASTER, "ukey": PINS["user"]})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.json()["ukey"]["state"], "issued")
        self.p.serials["expired"] = serial
        meter_does_not_answer = self.p.vend("remote", "status", "--line", "tcp:127.0.0.1:9", "--meter", "000000000001", name="expired")
        self.assertNotIn("expired", meter_does_not_answer.err)

    def test_nobody_is_told_to_destroy_a_ukey_that_is_in_use(self):
        serial = self.user("taken")
        for reader in ("platform", "master", "taken"):
            done = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", reader, "--holder", "H", "--station", "s", pins={**MASTER, "ukey": PINS["user"]})
            self.assertEqual(done.code, 1)
            self.assertIn("in another reader", done.err)
            self.assertNotIn("destroy", done.err)
        self.good_change("revoke", serial)
        done = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", "taken", "--holder", "H", "--station", "s", pins={**MASTER, "ukey": PINS["user"]})
        self.assertIn(f"kmpctl ukey destroy {serial}", done.err)

    def test_renewing_needs_the_holders_pin(self):
        serial = self.user("renewed")
        done = self.p.ctl("ukey", "renew", serial, pins={**MASTER, "ukey": "wrong-pin-entirely"})
        self.assertEqual(done.code, 1)
        self.assertIn("wrong PIN", done.err)

    def test_an_auditor_ukey_is_issued_without_a_grant_and_opens_no_session(self):
        self.p.plug_in_blank("auditor")
        self.addCleanup(shutil.rmtree, self.p.readers / "auditor", True)
        done = self.p.ctl("--json", "ukey", "issue", "--kind", "auditor", "--reader", "auditor", "--holder", "Sun", "--holder-present", pins={**MASTER, "ukey": PINS["auditor"]})
        self.assertEqual(done.code, 0, done)
        self.p.serials["auditor"] = done.json()["ukey"]["serial"]
        self.assertEqual(done.json()["ukey"]["grant"], "")
        refused = self.p.vend("remote", "status", "--line", "tcp:127.0.0.1:9", "--meter", "000000000001", name="auditor", pin=PINS["auditor"])
        self.assertEqual(refused.code, 1)

    def test_the_grant_of_a_key_ukey_tells_of_no_caps(self):
        self.p.plug_in_blank("engineer")
        serial = self.p.good_ctl("--json", "ukey", "issue", "--kind", "key", "--reader", "engineer", "--holder", "Li Lei", "--holder-present", pins={**MASTER, "ukey": PINS["key"]}).json()["ukey"]["serial"]
        for text in (self.p.good_ctl("ukey", "show", serial).out, self.p.good_ctl("grant", "show", serial).out):
            self.assertIn("download_keys", text)
            self.assertNotIn("yuan", text)
            self.assertNotIn("a minute", text)

    def test_a_grant_is_changed_in_the_points_that_are_given(self):
        serial = self.user("grant")
        self.p.good_ctl("grant", "set", serial, "--per-order", "120", pins=MASTER)
        terms = self.p.good_ctl("--json", "grant", "show", serial).json()["terms"]
        self.assertEqual((terms["per_order_fen"], terms["station"]), (12000, "s-1"))

    def test_the_log_verifies_after_all_of_it(self):
        done = self.p.verify()
        self.assertEqual(done.code, 0, done)


if __name__ == "__main__":
    unittest.main()
