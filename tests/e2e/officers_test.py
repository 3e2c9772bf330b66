"""Officers come and go: another UKEY for one who lost it, another number that must agree, and what former officers can still do."""
import shutil
import unittest

from cases import PlatformCase
from platform_under_test import PINS, Platform, officer_pin, wait_until


class Officers(PlatformCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.quorum_ceremony(3, 2)

    def change(self, *arguments: str, officers=(1, 2), pins=None):
        """Asks, has officers agree, and runs it."""
        made = self.p.good_ctl("--json", "quorum", "change", "--reason", "as the board decided", *arguments).json()
        self.p.approve(made["number"], *officers)
        return self.p.ctl("--json", "request", "run", str(made["number"]), pins=pins or {})

    def good_change(self, *arguments: str, **more) -> dict:
        done = self.change(*arguments, **more)
        self.assertEqual(done.code, 0, done)
        return done.json()["quorum"]

    def add(self, number: int, *arguments: str, officers=(1, 2)) -> dict:
        self.p.plug_in_blank(f"officer-{number}")
        quorum = self.good_change("--add", f"officer-{number}=Officer {number}", *arguments, officers=officers, pins={"officer1": officer_pin(number)})
        self.p.serials[f"officer-{number}"] = next(o["ukey"] for o in quorum["officers"] if o["holder"] == f"Officer {number}")
        return quorum

    def test_an_officer_who_lost_a_ukey_gets_another_and_nothing_is_lost(self):
        lost = self.p.serials["officer-3"]
        shutil.rmtree(self.p.readers / "officer-3")
        quorum = self.add(4, "--remove", lost)
        self.assertEqual([o["holder"] for o in sorted(quorum["officers"], key=lambda o: o["holder"])], ["Officer 1", "Officer 2", "Officer 4"])
        self.assertEqual((quorum["generation"], quorum["needed"], quorum.get("behind", [])), (2, 2, []))
        # The newcomer and an old officer are enough; the lost stick says nothing any more.
        self.p.issue_by_quorum("user", "user", "--station", "station-1", "--per-order", "500", officers=(1, 4))
        number = self.p.good_ctl("--json", "ukey", "revoke", lost, "--reason", "lost").json()["number"]
        refused = self.p.ctl("request", "approve", str(number), "--officer", lost, pins={"officer": officer_pin(3)})
        self.assertEqual(refused.code, 1)
        self.assertIn("is not one of the officers'", refused.err)
        self.p.approve(number, 2, 4)
        self.p.good_ctl("request", "run", str(number))
        # SO PINs came along: an officer UKEY is unblocked with one that was sealed before the change.
        number = self.p.good_ctl("--json", "quorum", "change", "--reason", "to vote on", "--needed", "3").json()["number"]
        for _ in range(10):
            self.p.vote(number, 1, pin="wrong-pin-indeed")
        number = self.p.good_ctl("--json", "ukey", "unblock", self.p.serials["officer-1"]).json()["number"]
        self.p.approve(number, 2, 4)
        self.p.good_ctl("request", "run", str(number), pins={"ukey": "another-pin-5511"})
        self.sound()

    def test_more_officers_must_agree_from_then_on(self):
        self.assertEqual(self.good_change("--needed", "3")["needed"], 3)
        self.p.plug_in_blank("user")
        made = self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "user", "--holder", "Han", "--station", "s-1").json()
        self.assertEqual(made["needed"], 3)
        self.p.approve(made["number"], 1, 2)
        refused = self.p.ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]})
        self.assertEqual(refused.code, 1)
        self.assertIn("2 of 3 officers agree", refused.err)
        self.p.approve(made["number"], 3)
        self.p.good_ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]})
        self.sound()

    def test_officers_are_cautioned_before_all_of_them_are_needed(self):
        made = self.p.good_ctl("--json", "quorum", "change", "--needed", "3", "--reason", "the board wants three").json()
        self.assertIn("every one of 3 officers is needed then", made["what"])
        shown = self.p.good_ctl("request", "show", str(made["number"])).out
        self.assertIn("caution", shown)
        self.assertIn("nobody opens the master-control UKEY", shown)
        self.assertIn("change the officers", shown)
        self.assertNotIn("officers_new", made["what"] + shown, "nobody comes: the term says nothing")
        self.assertNotIn("Caution", self.p.good_ctl("audit", "minutes").out, "two of three are enough so far")

    def test_a_request_of_before_the_change_is_void_after_it(self):
        self.p.plug_in_blank("user")
        made = self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "user", "--holder", "Han", "--station", "s-1").json()
        self.p.approve(made["number"], 1, 2)
        self.good_change("--needed", "3")
        refused = self.p.ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]})
        self.assertEqual(refused.code, 1)
        self.assertIn("is void", refused.err)

    def test_one_officer_changes_nothing(self):
        made = self.p.good_ctl("--json", "quorum", "change", "--reason", "mine alone", "--remove", self.p.serials["officer-2"]).json()
        self.p.approve(made["number"], 1)
        refused = self.p.ctl("request", "run", str(made["number"]))
        self.assertEqual(refused.code, 1)
        self.assertIn("1 of 2 officers agree", refused.err)
        self.assertEqual(self.p.good_ctl("--json", "quorum", "show").json()["quorum"]["generation"], 1)

    def test_what_cannot_be_is_refused_before_anybody_is_asked(self):
        self.p.plug_in_blank("new")
        for arguments, why in ((["--needed", "4"], "4 of 3 officers cannot be"), (["--add", "new=Officer 1"], "would be an officer twice"),
                               (["--remove", "OF-00000000"], "is not one of the officers"), (["--remove", self.p.serials["officer-1"], "--remove", self.p.serials["officer-2"]], "2 of 1 officers cannot be"),
                               (["--add", "master=Zhao"], "holds UKEY"), (["--needed", "2"], "this changes nothing")):
            done = self.p.ctl("quorum", "change", "--reason", "test", *arguments)
            self.assertEqual(done.code, 1, (arguments, done))
            self.assertIn(why, done.err, arguments)
        self.assertEqual(self.p.good_ctl("--json", "request", "list").json().get("requests", []), [])

    def test_a_change_that_broke_off_at_a_newcomers_ukey_goes_on_with_the_same_request(self):
        self.p.plug_in_blank("officer-4")
        self.p.plug_in_blank("officer-5")
        made = self.p.good_ctl("--json", "quorum", "change", "--reason", "two more", "--add", "officer-4=Officer 4", "--add", "officer-5=Officer 5").json()
        self.p.approve(made["number"], 1, 2)
        broken = self.p.ctl("request", "run", str(made["number"]), pins={"officer1": officer_pin(4), "officer2": "1"})
        self.assertEqual(broken.code, 1)
        self.assertEqual(self.p.good_ctl("--json", "quorum", "show").json()["quorum"]["generation"], 1)
        self.p.approve(made["number"], 1, 2)
        done = self.p.good_ctl("--json", "request", "run", str(made["number"]), pins={"officer1": officer_pin(4), "officer2": officer_pin(5)}).json()
        self.assertEqual(len(done["quorum"]["officers"]), 5)
        self.sound()

    def test_a_master_control_ukey_that_lay_in_its_safe_follows_when_it_is_next_opened(self):
        self.p.plug_in_blank("master-2")
        number = self.p.good_ctl("--json", "master", "add", "--reader", "master-2", "--holder", "the bank", "--reason", "fire").json()["number"]
        self.p.approve(number, 1, 2)
        second = self.p.good_ctl("--json", "request", "run", str(number)).json()["ukey"]["serial"]
        self.p.pull("master-2")
        wait_until("it is in its safe", lambda: not self.p.reader("master-2"))
        self.assertEqual(self.good_change("--needed", "3")["behind"], [second])
        warned = [w for w in self.p.status()["warnings"] if "former officers" in w]
        self.assertEqual(len(warned), 1, warned)
        self.assertIn(second, warned[0])
        self.assertIn(f"warning: {warned[0]}\n", self.p.good_ctl("status").out)
        self.p.pull("master")
        self.p.plug_in("master-2")
        wait_until("the other one is here", lambda: self.p.reader("master-2").get("content") == "ukey" and not self.p.reader("master"))
        self.p.issue_by_quorum("user", "user", "--station", "s-1", officers=(1, 2, 3))
        self.assertEqual(self.p.good_ctl("--json", "quorum", "show").json()["quorum"].get("behind", []), [])
        self.assertEqual([w for w in self.p.status()["warnings"] if "former officers" in w], [])
        self.p.issue_by_quorum("user-2", "user", "--station", "s-2", officers=(1, 2, 3))
        self.sound()

    def test_master_control_ukeys_that_are_at_hand_follow_together_and_sign_their_lists_together(self):
        self.p.plug_in_blank("master-2")
        number = self.p.good_ctl("--json", "master", "add", "--reader", "master-2", "--holder", "the bank", "--reason", "fire").json()["number"]
        self.p.approve(number, 1, 2)
        second = self.p.good_ctl("--json", "request", "run", str(number)).json()["ukey"]["serial"]
        self.assertEqual(self.good_change("--needed", "3").get("behind", []), [])
        number = self.p.good_ctl("--json", "crl", "refresh").json()["number"]
        self.p.approve(number, 1, 2, 3)
        lists = self.p.good_ctl("--json", "request", "run", str(number)).json()["lists"]
        self.assertEqual(sorted(c["master"] for c in lists), sorted([self.p.serials["master"], second]))
        self.p.pull("master")
        wait_until("the first one is away", lambda: not self.p.reader("master"))
        self.p.issue_by_quorum("user", "user", "--station", "s-1", officers=(1, 2, 3))
        self.sound()

    def test_nobody_can_be_left_who_could_never_agree_again(self):
        hand = {"pins": {"officer": officer_pin(1)}}
        self.p.good_ctl("ukey", "suspend", self.p.serials["officer-3"], "--reason", "ill", "--officer", self.p.serials["officer-1"], **hand)
        for arguments in (["--needed", "3"], ["--remove", self.p.serials["officer-2"]]):
            done = self.p.ctl("quorum", "change", "--reason", "r", *arguments)
            self.assertEqual(done.code, 1, done)
            self.assertIn("are in use; resume or unblock the others first", done.err)

    def test_former_officers_with_an_old_database_do_not_open_the_master_control_ukey(self):
        self.p.stop()
        old = {name: (self.p.home / name).read_bytes() for name in ("kmp.db", "kmp.db-wal", "sealed.log", "checkpoint") if (self.p.home / name).exists()}
        self.p.start()
        self.p.unseal()
        self.wait_for_readers()
        self.good_change("--needed", "3")
        # Two of the former three bring the old database back: their shares fit together, but the UKEY follows others by now.
        self.p.stop()
        for suffix in ("-wal", "-shm"):
            (self.p.home / ("kmp.db" + suffix)).unlink(missing_ok=True)
        for name, content in old.items():
            (self.p.home / name).write_bytes(content)
        self.p.start()
        self.p.unseal()
        self.p.good_ctl("log", "forget")  # they would do that, too
        self.wait_for_readers()
        self.p.plug_in_blank("user")
        made = self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "user", "--holder", "Han", "--station", "s-1").json()
        self.p.approve(made["number"], 1, 2)
        refused = self.p.ctl("request", "run", str(made["number"]), pins={"ukey": PINS["user"]})
        self.assertEqual(refused.code, 1)
        self.assertIn("does not open with what its officers gave", refused.err)

    def wait_for_readers(self):
        wait_until("the UKEYs are ready", lambda: all(self.p.reader(name).get("content") == "ukey" for name in ("master", "officer-1", "officer-2", "officer-3")))


class OnePerson(unittest.TestCase):
    def test_where_one_person_holds_the_master_control_ukey_there_are_no_officers_to_change(self):
        with Platform() as p:
            p.start()
            p.ceremony()
            for arguments in (("quorum", "show"), ("quorum", "change", "--needed", "2", "--reason", "x")):
                done = p.ctl(*arguments)
                self.assertEqual(done.code, 1)
                self.assertIn("there are no officers here", done.err)
