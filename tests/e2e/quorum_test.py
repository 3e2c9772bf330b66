"""Dual control: K of N officers, and nobody with fewer."""
import shutil
import signal
import subprocess
import threading
import unittest

from platform_under_test import PINS, Platform, officer_pin, wait_until


class Quorum(unittest.TestCase):
    """Two of three officers."""

    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.answer = cls.p.quorum_ceremony(3, 2, anew=True)
        cls.p.issue_by_quorum("user", "user", "--station", "station-1", "--per-order", "500", "--per-day", "5000")

    def request(self, *arguments: str, pins=None) -> int:
        return self.p.good_ctl("--json", *arguments, pins=pins).json()["number"]

    def show(self, number: int) -> dict:
        return self.p.good_ctl("--json", "request", "show", str(number)).json()

    def blank(self, name: str):
        self.p.plug_in_blank(name)
        self.addCleanup(shutil.rmtree, self.p.readers / name, True)

    def ask_to_issue(self, reader: str) -> int:
        return self.request("ukey", "issue", "--kind", "user", "--reader", reader, "--holder", "Han Meimei", "--station", "s-2")

    def test_the_minutes_name_every_officer_and_their_keys(self):
        for i in (1, 2, 3):
            self.assertIn(f"Officer: Officer {i}, UKEY {self.p.serials[f'officer-{i}']}", self.answer["minutes"])
        self.assertEqual(self.p.status()["officers"], 3)
        self.assertEqual(self.p.status()["officers_needed"], 2)

    def test_what_is_dangerous_becomes_a_request_that_says_exactly_what_will_happen(self):
        self.blank("asked")
        shown = self.show(self.ask_to_issue("asked"))
        self.assertEqual((shown["deed"], shown["state"], shown["needed"], shown["agreeing"]), ("issue", "waiting", 2, 0))
        self.assertEqual(shown["terms"]["holder"], "Han Meimei")
        self.assertIn("s-2", shown["terms"]["grant"])
        self.assertEqual(self.p.reader("asked")["content"], "blank", "nothing was touched")

    def test_one_officer_is_not_enough(self):
        self.blank("one")
        number = self.ask_to_issue("one")
        self.p.approve(number, 1)
        done = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(done.code, 1, done)
        self.assertIn("1 of 2 officers agree", done.err)
        self.assertEqual(self.p.reader("one")["content"], "blank")

    def test_one_officer_who_approves_twice_counts_once(self):
        self.blank("twice")
        number = self.ask_to_issue("twice")
        self.p.approve(number, 1, 1)
        self.assertEqual(self.show(number)["agreeing"], 1)

    def test_two_officers_are_enough_and_the_request_is_used_up(self):
        self.blank("two")
        number = self.ask_to_issue("two")
        self.p.approve(number, 1, 3)
        done = self.p.good_ctl("--json", "request", "run", str(number), pins={"ukey": PINS["user"]}).json()
        self.assertEqual(done["ukey"]["state"], "issued")
        again = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(again.code, 1)
        self.assertIn("is done", again.err)

    def test_approvals_are_not_spent_while_the_master_control_ukey_is_away(self):
        self.blank("away")
        number = self.ask_to_issue("away")
        self.p.approve(number, 1, 2)
        self.p.pull("master")
        wait_until("it is away", lambda: not self.p.reader("master"))
        done = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(done.code, 1)
        self.assertIn("is needed", done.err)
        self.p.plug_in("master")
        wait_until("it is back", lambda: self.p.reader("master").get("content") == "ukey")
        self.p.good_ctl("request", "run", str(number), pins={"ukey": PINS["user"]})

    def test_a_rejection_ends_a_request(self):
        self.blank("no")
        number = self.ask_to_issue("no")
        self.p.approve(number, 1)
        self.assertEqual(self.p.vote(number, 2, "reject").code, 0)
        self.assertEqual(self.show(number)["state"], "rejected")
        self.assertEqual(self.p.vote(number, 3).code, 1)
        self.assertEqual(self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]}).code, 1)

    def test_a_wrong_pin_gives_no_vote_and_is_counted(self):
        self.blank("wrong")
        number = self.ask_to_issue("wrong")
        done = self.p.vote(number, 2, pin="not-the-pin-at-all")
        self.assertEqual(done.code, 1)
        self.assertIn("wrong PIN", done.err)
        self.assertEqual(self.show(number)["agreeing"], 0)
        self.p.approve(number, 2)

    def test_a_ukey_that_is_no_officers_votes_nothing(self):
        self.blank("stranger")
        number = self.ask_to_issue("stranger")
        done = self.p.ctl("request", "approve", str(number), "--officer", self.p.serials["user"], pins={"officer": PINS["user"]})
        self.assertEqual(done.code, 1)
        self.assertIn("not one of the officers", done.err)

    def test_of_several_officers_one_must_be_named(self):
        number = self.request("crl", "refresh")
        done = self.p.ctl("request", "approve", str(number), pins={"officer": officer_pin(1)})
        self.assertEqual(done.code, 1)
        self.assertIn("--officer SERIAL", done.err)
        self.p.vote(number, 1, "reject")

    def test_who_asks_again_for_the_same_gets_the_same_request(self):
        def ask(reason: str) -> dict:
            return self.p.good_ctl("--json", "keys", "rotate", "--class", "card", "--reason", reason).json()

        def newest() -> int:
            # A checkpoint may be signed at any time.
            return [e["index"] for e in self.p.events() if e["type"] != "checkpoint_signed"][-1]

        first = ask("again")
        size = newest()
        self.p.approve(first["number"], 1)
        voted = newest()
        again = ask("again")
        self.assertEqual((again["number"], again["expires_ms"], again["what"], again["asked_before"]), (first["number"], first["expires_ms"], first["what"], True))
        self.assertFalse(first.get("asked_before", False))
        self.assertEqual(newest(), voted, "nothing was logged")
        self.assertGreater(voted, size)
        self.assertIn(f"Request {first['number']} asks for this already", self.p.good_ctl("keys", "rotate", "--class", "card", "--reason", "again").out)
        other = ask("another reason")
        self.assertNotEqual(other["number"], first["number"], "other terms are another request")
        self.p.approve(first["number"], 2)
        self.assertEqual(ask("again")["number"], first["number"], "approved, and not yet run")
        for number in (first["number"], other["number"]):
            self.assertEqual(self.p.vote(number, 3, "reject").code, 0)
        renewed = ask("again")
        self.assertGreater(renewed["number"], other["number"], "one that is over is asked for anew")
        self.p.vote(renewed["number"], 3, "reject")

    def test_people_read_what_is_asked_for_and_what_was_done_in_words(self):
        self.blank("worded")
        made = self.p.good_ctl("ukey", "issue", "--kind", "key", "--reader", "worded", "--holder", "Li Lei")
        number = int(made.out.split()[1])
        self.assertIn("issue a UKEY: ", made.out)
        self.assertIn("grant 1 of key UKEY", made.out)
        self.assertNotIn("grant grant", made.out)
        self.assertNotIn("yuan", made.out, "a key UKEY sells nothing")
        self.assertIn("issue a UKEY", self.p.good_ctl("request", "list").out)
        self.p.approve(number, 1, 2, 3)
        self.assertIn("approved, 3 (2 needed) agree", self.p.good_ctl("request", "show", str(number)).out)
        done = self.p.good_ctl("request", "run", str(number), pins={"ukey": PINS["key"]}).out
        self.assertTrue(done.startswith(f"Request {number} is done: issue a UKEY.\nThe key UKEY is issued.\n"), done)
        number = self.request("crl", "refresh")
        self.p.approve(number, 1, 2)
        done = self.p.good_ctl("request", "run", str(number)).out
        self.assertIn("Revocation list ", done)

    def test_the_minutes_stand_in_the_log(self):
        self.assertEqual(self.p.good_ctl("--json", "audit", "minutes").json()[0]["minutes"], self.answer["minutes"])
        self.assertEqual(self.p.good_ctl("audit", "minutes").out, self.answer["minutes"])

    def test_the_master_pin_is_nobodys(self):
        done = self.p.ctl("ukey", "set-pin", self.p.serials["master"], pins={"ukey": "whatever-it-is", "fresh": "whatever-it-will-be"})
        self.assertEqual(done.code, 1)
        self.assertIn("split among the officers", done.err)

    def test_approvals_last_when_the_service_ends_but_shares_do_not(self):
        self.blank("restart")
        number = self.ask_to_issue("restart")
        self.p.approve(number, 1, 2)
        self.p.kill()
        self.p.start()
        self.p.unseal()
        wait_until("the officers' UKEYs are ready", lambda: all(self.p.reader(f"officer-{i}").get("content") == "ukey" for i in (1, 2)) and
                   self.p.reader("master").get("content") == "ukey" and self.p.reader("restart").get("content") == "blank")
        shown = self.show(number)
        self.assertEqual((shown["state"], shown["agreeing"], shown["shares"]), ("approved", 2, 0))
        done = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(done.code, 1)
        self.assertIn("0 of 2 officers have given their share", done.err)
        self.p.approve(number, 1, 2)
        self.assertEqual(self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]}).code, 0)

    def test_one_officer_suspends_at_once_and_resumes(self):
        serial = self.p.serials["user"]
        done = self.p.ctl("ukey", "suspend", serial, "--reason", "left at the counter", "--officer", self.p.serials["officer-3"], pins={"officer": officer_pin(3)})
        self.assertEqual(done.code, 0, done)
        refused = self.p.vend("remote", "status", "--line", "tcp:127.0.0.1:9", "--meter", "000000000001", name="user")
        self.assertEqual(refused.code, 1)
        self.assertEqual(self.p.ctl("ukey", "resume", serial, "--officer", self.p.serials["officer-2"], pins={"officer": officer_pin(2)}).code, 0)
        # The list of revoked certificates needs the master-control UKEY: officers were asked for it.
        self.assertIn("publish-crl", [r["deed"] for r in self.p.good_ctl("--json", "request", "list").json()["requests"]])

    def test_a_grant_is_narrowed_by_one_officer_and_widened_by_request_only(self):
        serial = self.p.serials["user"]
        done = self.p.ctl("--json", "grant", "set", serial, "--per-order", "100", "--officer", self.p.serials["officer-1"], pins={"officer": officer_pin(1)})
        self.assertEqual(done.code, 0, done)
        self.assertIn("100.00", done.json()["ukey"]["grant"])
        number = self.request("grant", "set", serial, "--per-order", "500")
        self.assertIn("100.00", self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["grant"])
        self.p.approve(number, 2, 3)
        self.p.good_ctl("request", "run", str(number))
        self.assertIn("500.00", self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["grant"])

    def test_one_officer_cannot_end_the_others_nor_the_auditor(self):
        for action in ("report-lost", "revoke"):
            done = self.p.ctl("--json", "ukey", action, self.p.serials["officer-1"], "--reason", "rogue", "--officer", self.p.serials["officer-3"], pins={"officer": officer_pin(3)})
            self.assertIn("number", done.json() if done.code == 0 else {}, done)
        suspended = self.p.ctl("ukey", "suspend", self.p.serials["officer-1"], "--reason", "ill", "--officer", self.p.serials["officer-3"], pins={"officer": officer_pin(3)})
        self.assertEqual(suspended.code, 0, suspended)
        last = self.p.ctl("ukey", "suspend", self.p.serials["officer-2"], "--reason", "rogue", "--officer", self.p.serials["officer-3"], pins={"officer": officer_pin(3)})
        self.assertEqual(last.code, 1)
        self.assertIn("nobody could ever open", last.err)
        number = self.request("ukey", "resume", self.p.serials["officer-1"])
        self.p.approve(number, 2, 3)
        self.p.good_ctl("request", "run", str(number))

    def test_the_vote_and_share_of_an_officer_who_is_suspended_count_no_more(self):
        self.blank("stolen")
        number = self.ask_to_issue("stolen")
        self.p.approve(number, 1, 2)
        self.p.good_ctl("ukey", "suspend", self.p.serials["officer-1"], "--reason", "stolen", "--officer", self.p.serials["officer-3"], pins={"officer": officer_pin(3)})
        self.assertEqual(self.show(number)["agreeing"], 1)
        done = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(done.code, 1)
        self.assertIn("1 of 2 officers agree", done.err)
        back = self.request("ukey", "resume", self.p.serials["officer-1"])
        self.p.approve(back, 2, 3)
        self.p.good_ctl("request", "run", str(back))

    def test_what_officers_read_holds_classes_and_users_without_a_pin(self):
        number = self.request("grant", "set", self.p.serials["user"], "--uid", "4242", "--classes", "credit,identity,card")
        words = self.show(number)["terms"]["grant"]
        for part in ("4242", "credit", "card", "identity"):
            self.assertIn(part, words)
        self.p.vote(number, 1, "reject")

    def test_a_name_that_would_deceive_who_reads_it_is_refused(self):
        self.blank("liar")
        done = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", "liar", "--holder", "Bob\n  kind:  key\x1b[8m", "--station", "s-2")
        self.assertEqual(done.code, 1)
        self.assertIn("without control characters", done.err)

    def test_a_renewal_does_not_undo_a_narrowing_that_came_after_it(self):
        serial = self.p.serials["user"]
        number = self.request("ukey", "renew", serial)
        self.p.approve(number, 1, 2)
        self.p.good_ctl("grant", "set", serial, "--per-day", "4000", "--officer", self.p.serials["officer-1"], pins={"officer": officer_pin(1)})
        done = self.p.ctl("request", "run", str(number), pins={"ukey": PINS["user"]})
        self.assertEqual(done.code, 1)
        self.assertIn("changed meanwhile", done.err)
        # It never can be run any more, and does not stand in the list of what waits.
        self.assertEqual(self.p.good_ctl("--json", "request", "show", str(number)).json()["state"], "failed")
        self.assertNotIn(number, [r["number"] for r in self.p.good_ctl("--json", "request", "list").json().get("requests", [])])
        self.assertIn("4000.00", self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["grant"])

    def test_the_issuing_keys_request_takes_two_officers(self):
        number = self.request("pki", "request")
        shown = self.show(number)
        self.assertEqual(shown["deed"], "request-certificate")
        self.assertIn(self.p.serials["master"], shown["terms"]["subject"])
        self.assertEqual(len(shown["terms"]["key_fingerprint"]), 64)
        self.p.approve(number, 1)
        early = self.p.ctl("request", "run", str(number))
        self.assertEqual(early.code, 1)
        self.assertNotIn("CERTIFICATE REQUEST", early.out + early.err)
        self.p.approve(number, 3)
        done = self.p.good_ctl("request", "run", str(number)).out
        begin, end = done.index("-----BEGIN CERTIFICATE REQUEST-----"), done.index("-----END CERTIFICATE REQUEST-----")
        request = subprocess.run(["openssl", "req", "-verify", "-noout", "-subject", "-pubkey"], input=done[begin:end] + "-----END CERTIFICATE REQUEST-----\n", capture_output=True, text=True)
        self.assertEqual(request.returncode, 0, request.stderr)
        self.assertIn("verify OK", request.stderr + request.stdout)
        self.assertIn(self.p.serials["master"], request.stdout)
        anchor = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=self.answer["trust_anchor_pem"], capture_output=True, text=True, check=True).stdout
        self.assertIn(anchor, request.stdout, "it asks for the very key of the trust anchor")
        self.assertEqual(self.p.ctl("request", "run", str(number)).code, 1, "a request is used up")

    def test_officers_read_which_classes_are_rotated_and_which_masters_end(self):
        number = self.request("keys", "rotate", "--class", "credit,remote", "--reason", "a UKEY was lost")
        self.assertEqual(self.show(number)["terms"]["classes"], "remote, credit")
        self.p.approve(number, 1, 2)
        versions = self.p.good_ctl("--json", "request", "run", str(number)).json()["keys_list"]["versions"]
        self.assertEqual({m["key_class"]: m["version"] for m in versions[-1]["masters"]}, {"control": 1, "identity": 1, "remote": 2, "parameter": 1, "credit": 2, "card": 1})
        number = self.request("keys", "destroy", "1", "--reason", "over")
        self.assertEqual(self.show(number)["terms"]["masters"], "remote 1, credit 1")
        self.p.vote(number, 3, "reject")

    def test_the_log_verifies_with_the_public_certificate_alone(self):
        done = self.p.verify()
        self.assertEqual(done.code, 0, done)


class Fewer(unittest.TestCase):
    """Everything in hand but the missing officers."""

    def test_k_minus_one_officers_with_every_file_and_stick_open_nothing(self):
        with Platform() as p:
            self.assertIn("Caution: every one of 3 officers is needed then", p.quorum_ceremony(3, 3, anew=True)["minutes"])
            p.plug_in_blank("blank")
            made = p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "blank", "--holder", "Thief", "--station", "s").json()
            p.approve(made["number"], 1, 2)
            self.assertEqual(p.ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]}).code, 1)
            # The third officer's UKEY is there, its PIN is not: guessing ends after ten.
            for _ in range(10):
                self.assertEqual(p.vote(made["number"], 3, pin="a-guess-that-is-wrong").code, 1)
            self.assertIn("blocked", p.vote(made["number"], 3).err)
            self.assertEqual(p.ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]}).code, 1)
            self.assertEqual(p.reader("blank")["content"], "blank")


class Resumed(unittest.TestCase):
    """A ceremony that was cut off."""

    def test_the_same_command_finishes_a_ceremony_that_was_cut_anywhere(self):
        with Platform() as p:
            for cut in (0.2, 0.8, 1.5, 2.5):
                p.start()
                for name in ("platform", "master", "officer-1", "officer-2"):
                    if not (p.readers / name).exists():
                        p.plug_in_blank(name)
                victim = p.daemon
                timer = threading.Timer(cut, victim.send_signal, [signal.SIGKILL])
                timer.start()
                done = p.ctl("init", "--utility", "U", "--platform-reader", "platform", "--master-reader", "master", "--officer", "officer-1=A", "--officer", "officer-2=B",
                             "--quorum", "2", pins={"platform": PINS["platform"], "officer1": officer_pin(1), "officer2": officer_pin(2)})
                timer.join()
                victim.wait()
                p.daemon = None
                if done.code == 0:
                    break
            p.start()
            wait_until("the readers have settled", lambda: all(r["content"] != "starting" for r in p.status()["readers"]))
            if p.status()["state"] == "uninitialised":
                p.good_ctl("init", "--utility", "U", "--platform-reader", "platform", "--master-reader", "master", "--officer", "officer-1=A", "--officer", "officer-2=B",
                           "--quorum", "2", pins={"platform": PINS["platform"], "officer1": officer_pin(1), "officer2": officer_pin(2)})
            else:
                p.unseal()
            self.assertEqual(p.status()["state"], "open")


if __name__ == "__main__":
    unittest.main()
