"""When things are lost: a second master-control UKEY, another platform UKEY, a backup and a new machine."""
import json
import os
import pathlib
import shutil
import subprocess
import threading
import unittest

from admin import Admin
from platform_under_test import PINS, Platform, officer_pin, run, wait_until
from station import Refused, Station, pb

NEW_PIN = "pf-pin-8822-meadow"


def sells(p: Platform, serial: str, meter: int, pin: str = PINS["user"]) -> int:
    """Opens a session with the UKEY's PIN and an account on a meter; the purchase count of the order."""
    station = Station(p.socket("kmp.sock"))
    try:
        station.login(serial, pin)
        return station.order(meter, 100, kind=pb.OPEN_ACCOUNT).purchase_count
    finally:
        station.close()


def copy_sticks(of: Platform, to: Platform, *names: str):
    """Carries UKEYs to another machine."""
    of.stop()
    for name in names:
        shutil.copytree((of.readers / name).resolve(), to.readers / name)


class OnePerson(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.start()
        self.p.ceremony()

    def sound(self, p: Platform | None = None):
        p = p or self.p
        if not pathlib.Path(p.anchor()).exists():
            pathlib.Path(p.anchor()).write_text(p.good_ctl("anchor").out)
        verdict = p.verify()
        self.assertEqual(verdict.code, 0, verdict)

    def test_a_home_is_restored_on_a_new_machine_from_its_backup_and_the_master_control_ukey(self):
        self.p.issue("key", "key")
        self.p.issue("user", "user", "--station", "s-1", "--per-order", "500")
        folder = self.p.folder / "backup"
        warned = lambda p: [w["code"] for w in p.status().get("warned_of", [])]  # noqa: E731
        self.assertIn("BACKUP_MISSING", warned(self.p))
        done = self.p.good_ctl("--json", "backup", str(folder), pins={"master": PINS["master"]}).json()
        self.assertNotIn("BACKUP_MISSING", warned(self.p))
        self.assertEqual(sorted(os.listdir(folder)), ["checkpoint", "kmp.db", "manifest.toml", "recovery.toml"])
        self.assertEqual(oct(folder.stat().st_mode & 0o777), "0o700")
        content = b"".join((folder / name).read_bytes() for name in os.listdir(folder))
        for secret in (PINS["master"], PINS["platform"], "Han Meimei", "SQLite format"):
            self.assertNotIn(secret.encode(), content)
        with Platform() as q:
            copy_sticks(self.p, q, "master", "user")
            q.start()
            q.plug_in_blank("platform")
            wait_until("the sticks are seen", lambda: q.reader("platform").get("content") == "blank" and q.reader("user").get("content") == "ukey")
            answer = q.good_ctl("--json", "restore", str(folder), "--platform-reader", "platform", "--reason", "the machine burnt down",
                                pins={"platform": NEW_PIN, "master": PINS["master"]}).json()
            self.assertEqual(answer["former"], self.p.serials["platform"])
            self.assertEqual(answer["events"], done["events"])
            self.assertIn("the machine burnt down", answer["minutes"])
            status = q.status()
            self.assertEqual((status["state"], status["platform"]), ("open", answer["platform"]))
            self.assertNotIn("BACKUP_MISSING", warned(q), "it is not in the copy that its making is logged, but it was made")
            # The UKEYs of before work with their PINs of before: the pepper came from the vault.
            q.serials = dict(self.p.serials, platform=answer["platform"])
            self.assertEqual(sells(q, q.serials["user"], 1), 1)
            self.assertEqual(q.good_ctl("--json", "ukey", "show", self.p.serials["platform"]).json()["ukey"]["state"], "revoked")
            self.sound(q)
            # And it goes on: sealed and opened with the new PIN, issuing, checked against the checkpoint that was carried away.
            q.good_ctl("seal")
            self.assertEqual(q.ctl("unseal", pins={"platform": PINS["platform"]}).code, 1)
            q.good_ctl("unseal", pins={"platform": NEW_PIN})
            q.issue("second", "user", "--station", "s-2")
            q.good_ctl("audit", "export", str(q.folder / "later.kmpaudit"))
            verdict = run("kmp-audit", "verify", str(q.folder / "later.kmpaudit"), "--certificate", q.anchor(), "--checkpoint", str(folder / "checkpoint"))
            self.assertEqual(verdict.code, 0, verdict)

    def test_a_backup_is_made_while_stations_sell(self):
        self.p.issue("key", "key")
        self.p.issue("user", "user", "--station", "s-1", "--per-order", "500")
        meter = self.p.meter("000000123456")
        self.addCleanup(meter.stop)
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", "auto", kind="key")
        self.p.good_vend("remote", "open", "--line", meter.line, "--meter", "000000123456", "--customer", "000000000042", "--amount", "1")
        stop, sold = threading.Event(), []

        def sell():
            while not stop.is_set():
                sold.append(self.p.vend("remote", "recharge", "--line", meter.line, "--meter", "000000123456", "--amount", "1").code)
        seller = threading.Thread(target=sell)
        seller.start()
        try:
            made = self.p.good_ctl("--json", "backup", str(self.p.folder / "b"), pins={"master": PINS["master"]}).json()
        finally:
            stop.set()
            seller.join()
        self.assertEqual(set(sold), {0})
        self.assertGreater(made["events"], 10)

    def test_what_cannot_be_backed_up_or_restored_is_said(self):
        def refused(why, *arguments, pins=None):
            done = self.p.ctl(*arguments, pins=pins or {"master": PINS["master"], "platform": NEW_PIN})
            self.assertEqual(done.code, 1, done)
            self.assertIn(why, done.err)
        (self.p.folder / "there").mkdir()
        refused("is there already", "backup", str(self.p.folder / "there"))
        refused("there is no folder", "backup", str(self.p.folder / "no" / "such"))
        refused("wrong PIN", "backup", str(self.p.folder / "b"), pins={"master": "not-the-pin-of-it"})
        self.assertFalse((self.p.folder / "b").exists())
        refused("there is a platform here already", "restore", str(self.p.folder / "there"), "--platform-reader", "x", "--reason", "r")
        refused("the service is open", "platform", "replace", "--platform-reader", "x", "--reason", "r")

    def test_a_backup_that_was_changed_is_refused_before_anything_is_touched(self):
        folder = self.p.folder / "backup"
        self.p.good_ctl("backup", str(folder), pins={"master": PINS["master"]})
        with Platform() as q:
            copy_sticks(self.p, q, "master")
            q.start()
            q.plug_in_blank("platform")
            wait_until("the sticks are seen", lambda: q.reader("platform").get("content") == "blank" and q.reader("master").get("content") == "ukey")

            def tries(why, pins=None):
                done = q.ctl("restore", str(folder), "--platform-reader", "platform", "--reason", "r", pins=pins or {"platform": NEW_PIN, "master": PINS["master"]})
                self.assertEqual(done.code, 1, done)
                self.assertIn(why, done.err)
                self.assertEqual(q.status()["state"], "uninitialised")
                self.assertEqual(q.reader("platform")["content"], "blank")
            for name in ("kmp.db", "recovery.toml", "manifest.toml"):
                good = (folder / name).read_bytes()
                (folder / name).write_bytes(good[:len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1:])
                done = q.ctl("restore", str(folder), "--platform-reader", "platform", "--reason", "r", pins={"platform": NEW_PIN, "master": PINS["master"]})
                self.assertEqual(done.code, 1, (name, done))
                self.assertEqual(q.reader("platform")["content"], "blank", name)
                (folder / name).unlink()
                tries("manifest.toml" if name == "manifest.toml" else name)
                (folder / name).write_bytes(good)
            tries("wrong PIN", {"platform": NEW_PIN, "master": "not-the-pin-of-it"})
            q.pull("master")
            wait_until("it is gone", lambda: q.reader("master").get("content") != "ukey")
            tries("is needed; plug it in")

    def test_a_master_control_ukey_of_another_utility_restores_nothing(self):
        folder = self.p.folder / "backup"
        self.p.good_ctl("backup", str(folder), pins={"master": PINS["master"]})
        with Platform() as stranger, Platform() as q:
            stranger.start()
            stranger.ceremony()
            copy_sticks(stranger, q, "master")
            q.start()
            q.plug_in_blank("platform")
            wait_until("the sticks are seen", lambda: q.reader("platform").get("content") == "blank" and q.reader("master").get("content") == "ukey")
            done = q.ctl("restore", str(folder), "--platform-reader", "platform", "--reason", "r", pins={"platform": NEW_PIN, "master": PINS["master"]})
            self.assertEqual(done.code, 1)
            self.assertIn(f"master-control UKEY {self.p.serials['master']} is needed", done.err)
            self.assertEqual(q.reader("platform")["content"], "blank")

    def test_a_lost_platform_ukey_is_replaced_in_place(self):
        self.p.issue("user", "user", "--station", "s-1", "--per-order", "500")
        self.p.pull("platform")
        wait_until("the service sealed itself", lambda: self.p.status()["state"] == "sealed")
        self.p.plug_in_blank("platform-2")
        wait_until("it is seen", lambda: self.p.reader("platform-2").get("content") == "blank")
        answer = self.p.good_ctl("--json", "platform", "replace", "--platform-reader", "platform-2", "--reason", "lost", pins={"platform": NEW_PIN, "master": PINS["master"]}).json()
        self.assertEqual(self.p.status()["platform"], answer["platform"])
        self.assertEqual(sells(self.p, self.p.serials["user"], 1), 1)
        self.sound()
        # The one that was lost opens nothing, even when it is found.
        self.p.plug_in("platform")
        self.p.good_ctl("seal")
        self.assertEqual(self.p.ctl("unseal", pins={"platform": PINS["platform"]}).code, 1)
        self.p.good_ctl("unseal", pins={"platform": NEW_PIN})
        # And once more, with the platform UKEY of now handing over.
        self.p.good_ctl("seal")
        self.p.plug_in_blank("platform-3")
        wait_until("it is seen", lambda: self.p.reader("platform-3").get("content") == "blank")
        again = self.p.good_ctl("--json", "platform", "replace", "--platform-reader", "platform-3", "--reason", "worn", "--handover",
                                pins={"platform": "pf-pin-1199-forest", "master": PINS["master"], "old": NEW_PIN}).json()
        self.assertEqual(again["former"], answer["platform"])
        self.assertIn("handover", json.dumps([e for e in self.p.events() if e["type"] == "platform_replaced"][-1]))
        self.sound()
        wait_until("the list is there", lambda: (self.p.home / "crl.pem").exists())

    def test_a_wrong_pin_replaces_nothing_and_ten_block(self):
        self.p.good_ctl("seal")
        self.p.plug_in_blank("platform-2")
        wait_until("it is seen", lambda: self.p.reader("platform-2").get("content") == "blank")
        for _ in range(10):
            done = self.p.ctl("platform", "replace", "--platform-reader", "platform-2", "--reason", "r", pins={"platform": NEW_PIN, "master": "not-the-pin-of-it"})
            self.assertIn("wrong PIN", done.err)
        self.p.stop()
        self.p.start()
        wait_until("it is seen", lambda: self.p.reader("platform-2").get("content") == "blank" and self.p.reader("master").get("content") == "ukey")
        done = self.p.ctl("platform", "replace", "--platform-reader", "platform-2", "--reason", "r", pins={"platform": NEW_PIN, "master": PINS["master"]})
        self.assertEqual(done.code, 1)
        self.assertIn("is blocked here after 10 wrong PINs", done.err)
        self.assertEqual(self.p.reader("platform-2")["content"], "blank")
        # Opening the database does not make them undone.
        self.p.good_ctl("unseal", pins={"platform": PINS["platform"]})
        self.assertEqual(self.p.good_ctl("--json", "ukey", "show", self.p.serials["master"]).json()["ukey"]["state"], "blocked")
        self.assertEqual(len([e for e in self.p.events() if e["type"] == "pin_failed" and e["json"]["ukey"] == self.p.serials["master"]]), 10)
        self.sound()

    def test_wrong_pins_of_a_restore_count_on(self):
        self.p.good_ctl("seal")
        self.p.plug_in_blank("platform-2")
        for pin in ("not-the-pin-1", "not-the-pin-2"):
            self.p.ctl("platform", "replace", "--platform-reader", "platform-2", "--reason", "r", pins={"platform": NEW_PIN, "master": pin})
        self.p.good_ctl("unseal", pins={"platform": PINS["platform"]})
        self.assertEqual(self.p.good_ctl("--json", "ukey", "show", self.p.serials["master"]).json()["ukey"]["wrong_pins"], 2)
        self.p.good_ctl("crl", "refresh", pins={"master": PINS["master"]})
        self.assertEqual(self.p.good_ctl("--json", "ukey", "show", self.p.serials["master"]).json()["ukey"].get("wrong_pins", 0), 0)
        self.sound()

    def test_a_second_master_control_ukey_does_the_work_when_the_first_is_lost(self):
        self.p.issue("key", "key")
        self.p.issue("user", "user", "--station", "s-1", "--per-order", "500")
        self.p.plug_in_blank("master-2")
        added = self.p.good_ctl("--json", "master", "add", "--reader", "master-2", "--holder", "the bank", "--reason", "fire", pins={"master": PINS["master"], "ukey": "mc-pin-2-3344-river"}).json()
        second = added["ukey"]["serial"]
        self.assertEqual(sorted(added["ukey"]["masters"]), sorted(self.p.good_ctl("--json", "ukey", "show", self.p.serials["master"]).json()["ukey"]["masters"]))
        self.sound()
        # Versions are drawn in one, given to the other, and destroyed in both.
        pins = {"master": PINS["master"], "ukey": "mc-pin-2-3344-river"}
        self.p.good_ctl("keys", "rotate", "--reason", "yearly", pins=pins)
        for serial in (self.p.serials["key"], self.p.serials["user"]):
            self.p.good_ctl("ukey", "inject", serial, pins=dict(pins, ukey=PINS["key" if serial == self.p.serials["key"] else "user"]))
        wrong = self.p.ctl("keys", "destroy", "1", "--reason", "old", pins=dict(pins, ukey="not-the-pin-of-it"))
        self.assertEqual(wrong.code, 1)
        self.assertIn(second, wrong.err)
        self.p.pull("master")
        wait_until("the first one is away", lambda: self.p.reader("master").get("content") != "ukey")
        self.p.plug_in_blank("early")
        lacks = self.p.ctl("ukey", "issue", "--kind", "user", "--reader", "early", "--holder", "H", "--station", "s-3", pins={"master": "mc-pin-2-3344-river", "ukey": PINS["user"]})
        self.assertEqual(lacks.code, 1)
        self.assertIn(f"master-control UKEY {second} lacks masters that another has", lacks.err)
        self.assertEqual([second in w for w in self.p.status()["warnings"] if "lacks masters" in w], [True])
        self.p.plug_in("master")
        wait_until("both are here", lambda: self.p.reader("master").get("content") == "ukey")
        self.p.good_ctl("ukey", "inject", second, pins=pins)
        self.assertNotIn("lacks masters", " ".join(self.p.status()["warnings"]))
        self.p.good_ctl("keys", "destroy", "1", "--reason", "old", pins=pins)
        for serial in (second, self.p.serials["master"]):
            held = self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["masters"]
            self.assertIn("credit 2", held)
            self.assertNotIn("credit 1", held)
        self.sound()
        shutil.rmtree(self.p.readers / "master")
        wait_until("the first one is gone", lambda: not self.p.reader("master"))
        pins = {"master": "mc-pin-2-3344-river"}
        # It issues with its own key, revokes, unblocks with the SO PINs that the first sealed, and rotates.
        self.p.plug_in_blank("user-2")
        issued = self.p.good_ctl("--json", "ukey", "issue", "--kind", "user", "--reader", "user-2", "--holder", "Han", "--holder-present", "--station", "s-2", pins=dict(pins, ukey=PINS["user"])).json()
        self.p.serials["user-2"] = issued["ukey"]["serial"]
        self.assertEqual(sells(self.p, self.p.serials["user-2"], 1), 1)
        for _ in range(10):
            with self.assertRaises(Refused):
                sells(self.p, self.p.serials["user"], 2, pin="wrong-wrong-1")
        self.p.good_ctl("ukey", "unblock", self.p.serials["user"], pins=dict(pins, ukey="us-pin-new-5566"))
        self.p.good_ctl("keys", "rotate", "--reason", "yearly", pins=pins)
        self.p.good_ctl("ukey", "inject", self.p.serials["key"], pins=dict(pins, ukey=PINS["key"]))
        self.p.good_ctl("ukey", "revoke", self.p.serials["user-2"], "--reason", "r", pins=pins)
        self.sound()
        # The first one is reported lost and revoked by the hand of the second, which itself stays the last.
        for action in ("report-lost", "revoke"):
            self.p.good_ctl("ukey", action, self.p.serials["master"], "--reason", "fire", pins=pins)
        last = self.p.ctl("ukey", "revoke", second, "--reason", "r", pins=pins)
        self.assertIn("lock everybody out", last.err)
        self.sound()
        # openssl agrees, with public files only: the anchor, the second issuing certificate in between, and both lists.
        public = self.p.folder / "public"
        public.mkdir()
        self.p.good_ctl("pki", "show", "--save", str(public))
        self.assertEqual((public / "crl.pem").read_text().count("BEGIN X509 CRL"), 2)
        for serial, valid in ((self.p.serials["user"], True), (self.p.serials["user-2"], False), (second, True)):
            certificate = public / f"{serial}.pem"
            certificate.write_text(self.p.good_ctl("--json", "ukey", "show", serial).json()["ukey"]["certificate_pem"])
            done = subprocess.run(["openssl", "verify", "-no-CApath", "-no-CAstore", "-crl_check", "-CAfile", str(public / "anchor.pem"), "-untrusted", str(public / "issuers.pem"),
                                   "-CRLfile", str(public / "crl.pem"), str(certificate)], capture_output=True, text=True)
            self.assertEqual(done.returncode == 0, valid, (serial, done))
            if not valid:
                self.assertIn("certificate revoked", done.stderr)


class ByQuorum(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.quorum_ceremony(3, 2)
        self.p.issue_by_quorum("user", "user", "--station", "s-1", "--per-order", "500")

    def backup(self) -> pathlib.Path:
        folder = self.p.folder / "backup"
        number = self.p.good_ctl("--json", "backup", str(folder)).json()["number"]
        self.assertFalse(folder.exists())
        refused = self.p.ctl("request", "run", str(number))
        self.assertIn("0 of 2 officers agree", refused.err)
        self.p.approve(number, 1, 3)
        self.p.good_ctl("request", "run", str(number))
        return folder

    def elsewhere(self, q: Platform, *sticks: str):
        copy_sticks(self.p, q, *sticks)
        q.start()
        q.plug_in_blank("platform")
        wait_until("the sticks are seen", lambda: q.reader("platform").get("content") == "blank" and all(q.reader(s).get("content") == "ukey" for s in sticks))

    def test_two_officers_restore_on_a_new_machine_and_one_does_not(self):
        folder = self.backup()
        with Platform() as q:
            self.elsewhere(q, "master", "officer-1", "officer-2")
            base = ["--json", "restore", str(folder), "--platform-reader", "platform", "--reason", "flood"]
            one = [self.p.serials["officer-1"]]
            for officers, pins, why in ((one, {"officer1": officer_pin(1)}, "1 of the 2 that are needed"),
                                        (one * 2, {"officer1": officer_pin(1), "officer2": officer_pin(1)}, "is named twice"),
                                        (one + [self.p.serials["user"]], {"officer1": officer_pin(1), "officer2": PINS["user"]}, "not one of the officers"),
                                        (one + [self.p.serials["officer-2"]], {"officer1": officer_pin(1), "officer2": "wrong-pin-77"}, "wrong PIN"),
                                        (one + [self.p.serials["officer-3"]], {"officer1": officer_pin(1), "officer2": officer_pin(3)}, "is needed")):
                done = q.ctl(*base, *(w for o in officers for w in ("--officer", o)), pins=dict(pins, platform=NEW_PIN))
                self.assertEqual(done.code, 1, done)
                self.assertIn(why, done.err)
                self.assertEqual(q.reader("platform")["content"], "blank")
            done = q.ctl(*base, pins={"platform": NEW_PIN, "master": "whatever-it-is"})
            self.assertEqual(done.code, 1)
            answer = q.good_ctl(*base, "--officer", self.p.serials["officer-1"], "--officer", self.p.serials["officer-2"],
                                pins={"platform": NEW_PIN, "officer1": officer_pin(1), "officer2": officer_pin(2)}).json()
            self.assertIn("Officer: Officer 1", answer["minutes"])
            q.serials = dict(self.p.serials, platform=answer["platform"])
            shutil.copy(self.p.anchor(), q.anchor())
            q.issue_by_quorum("second", "user", "--station", "s-2")
            verdict = q.verify()
            self.assertEqual(verdict.code, 0, verdict)

    def test_a_second_master_control_ukey_opens_by_the_same_officers(self):
        self.p.plug_in_blank("master-2")
        number = self.p.good_ctl("--json", "master", "add", "--reader", "master-2", "--holder", "the bank", "--reason", "fire").json()["number"]
        self.p.approve(number, 1, 2)
        self.p.good_ctl("request", "run", str(number))
        # It lies in its safe while the officers agree that all three are needed, and has not followed them when everything else is lost.
        self.p.pull("master-2")
        wait_until("it is in its safe", lambda: not self.p.reader("master-2"))
        number = self.p.good_ctl("--json", "quorum", "change", "--needed", "3", "--reason", "the board").json()["number"]
        self.p.approve(number, 1, 2)
        self.p.good_ctl("request", "run", str(number))
        folder = self.p.folder / "backup"
        number = self.p.good_ctl("--json", "backup", str(folder)).json()["number"]
        self.p.approve(number, 1, 2, 3)
        self.p.good_ctl("request", "run", str(number))
        self.p.plug_in("master-2")
        wait_until("it is out again", lambda: self.p.reader("master-2").get("content") == "ukey")
        with Platform() as q:
            self.elsewhere(q, "master-2", "officer-1", "officer-2", "officer-3")
            base = ["--json", "restore", str(folder), "--platform-reader", "platform", "--reason", "fire"]
            two = q.ctl(*base, "--officer", self.p.serials["officer-1"], "--officer", self.p.serials["officer-2"], pins={"platform": NEW_PIN, "officer1": officer_pin(1), "officer2": officer_pin(2)})
            self.assertIn("2 of the 3 that are needed", two.err)
            answer = q.good_ctl(*base, *(w for i in (1, 2, 3) for w in ("--officer", self.p.serials[f"officer-{i}"])),
                                pins={"platform": NEW_PIN, **{f"officer{i}": officer_pin(i) for i in (1, 2, 3)}}).json()
            q.serials = dict(self.p.serials, platform=answer["platform"])
            shutil.copy(self.p.anchor(), q.anchor())
            q.issue_by_quorum("second", "user", "--station", "s-2", officers=(1, 2, 3))
            verdict = q.verify()
            self.assertEqual(verdict.code, 0, verdict)

    def test_officers_of_before_restore_nothing_with_what_they_kept(self):
        kept = (self.p.home / "recovery.toml").read_bytes()
        number = self.p.good_ctl("--json", "quorum", "change", "--needed", "3", "--reason", "the board").json()["number"]
        self.p.approve(number, 1, 2)
        self.p.good_ctl("request", "run", str(number))
        self.p.good_ctl("seal")
        self.p.plug_in_blank("platform-2")
        (self.p.home / "recovery.toml").write_bytes(kept)
        wait_until("it is seen", lambda: self.p.reader("platform-2").get("content") == "blank" and self.p.reader("master").get("content") == "ukey")
        done = self.p.ctl("platform", "replace", "--platform-reader", "platform-2", "--reason", "mine", "--officer", self.p.serials["officer-1"], "--officer", self.p.serials["officer-2"],
                          pins={"platform": NEW_PIN, "officer1": officer_pin(1), "officer2": officer_pin(2)})
        self.assertEqual(done.code, 1)
        self.assertIn("follows officers that this database does not know", done.err)
        self.assertEqual(self.p.reader("platform-2")["content"], "blank")


class Killed(unittest.TestCase):
    """kmpd is killed at each step of what follows a loss. The same command goes on, or says what to undo first."""

    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)

    def killed_at(self, p: Platform, step: int, pins: dict[str, str], **operation):
        killed = []

        def on_progress(progress):
            if progress.done >= step and not killed:
                killed.append(progress)
                p.kill()

        try:
            with Admin(p.socket("admin.sock")) as admin:
                for role, pin in pins.items():
                    admin.pin(role, pin)
                reply = admin.ask(on_progress, **operation)
                # What follows the last step takes a moment only: the answer may be on its way before the end comes.
                if not killed or killed[0].done + 1 < killed[0].of:
                    self.fail(f"it was not killed at step {step}: {reply}")
        except ConnectionError:
            pass
        p.start()

    def settled(self, p: Platform, *readers: str):
        wait_until("the UKEYs are seen", lambda: all(p.reader(r).get("content") in ("blank", "ukey", "foreign", "failed") for r in readers))

    def sound(self, p: Platform):
        if not pathlib.Path(p.anchor()).exists():
            pathlib.Path(p.anchor()).write_text(p.good_ctl("anchor").out)
        verdict = p.verify()
        self.assertEqual(verdict.code, 0, verdict)

    def test_replacing_the_platform_ukey(self):
        self.p.start()
        self.p.ceremony()
        self.p.issue("user", "user", "--station", "s-1", "--per-order", "500")
        pin = PINS["platform"]
        for step in range(6):
            with self.subTest(step=step):
                self.p.good_ctl("seal")
                reader, fresh = f"platform-{step}", f"pf-pin-{step}-8822-meadow"
                self.p.plug_in_blank(reader)
                self.settled(self.p, reader, "master")
                self.killed_at(self.p, step, {"platform": fresh, "master": PINS["master"]}, restore=pb.Restore(platform_reader=reader, reason="lost"))
                self.settled(self.p, reader, "master", "user")
                if self.p.ctl("unseal", pins={"platform": fresh}).code != 0:
                    done = self.p.ctl("platform", "replace", "--platform-reader", reader, "--reason", "lost", pins={"platform": fresh, "master": PINS["master"]})
                    self.assertEqual(done.code, 0, done)
                else:
                    self.p.ctl("log", "forget")  # whoever had asked for it was never told that it was done
                self.assertEqual(self.p.status()["state"], "open")
                self.assertEqual(sells(self.p, self.p.serials["user"], step + 1), 1)
                self.sound(self.p)
                pin = fresh
        self.assertNotEqual(pin, PINS["platform"])

    def test_restoring_on_a_new_machine(self):
        self.p.start()
        self.p.ceremony()
        folder = self.p.folder / "backup"
        self.p.good_ctl("backup", str(folder), pins={"master": PINS["master"]})
        self.p.stop()
        for step in range(6):
            with self.subTest(step=step), Platform() as q:
                shutil.copytree((self.p.readers / "master").resolve(), q.readers / "master")
                q.start()
                q.plug_in_blank("platform")
                self.settled(q, "master", "platform")
                self.killed_at(q, step, {"platform": NEW_PIN, "master": PINS["master"]}, restore=pb.Restore(folder=str(folder), platform_reader="platform", reason="flood"))
                self.settled(q, "master", "platform")
                if q.status()["state"] == "uninitialised":
                    done = q.ctl("restore", str(folder), "--platform-reader", "platform", "--reason", "flood", pins={"platform": NEW_PIN, "master": PINS["master"]})
                    self.assertEqual(done.code, 0, done)
                else:
                    q.good_ctl("unseal", pins={"platform": NEW_PIN})
                self.sound(q)

    def test_adding_a_master_control_ukey(self):
        self.p.start()
        self.p.ceremony()
        pins = {"master": PINS["master"], "ukey": "mc-pin-2-3344-river"}
        for step in range(6):
            with self.subTest(step=step):
                reader = f"master-{step}"
                self.p.plug_in_blank(reader)
                self.settled(self.p, reader)
                self.killed_at(self.p, step, pins, master_add=pb.MasterAdd(reader=reader, holder="the bank", reason="fire"))
                self.settled(self.p, reader, "master", "platform")
                self.p.unseal()
                begun = [u for u in self.p.good_ctl("--json", "ukey", "list").json()["ukeys"] if u.get("reader") == reader]
                if self.p.reader(reader)["content"] != "blank" and begun[0]["state"] != "issued":
                    self.p.good_ctl("ukey", "destroy", begun[0]["serial"], pins={"master": PINS["master"]})
                    wait_until("it is blank", lambda: self.p.reader(reader)["content"] == "blank")
                if self.p.reader(reader)["content"] == "blank":
                    self.p.good_ctl("master", "add", "--reader", reader, "--holder", "the bank", "--reason", "fire", pins=pins)
                self.sound(self.p)

    def test_changing_the_officers(self):
        self.p.quorum_ceremony(3, 2)
        sticks = ("master", "platform", "officer-1", "officer-2", "officer-3")
        generation = 1

        def now() -> int:
            return self.p.good_ctl("--json", "quorum", "show").json()["quorum"]["generation"]

        for step in range(6):
            with self.subTest(step=step):
                reader = f"new-{step}"
                self.p.plug_in_blank(reader)
                self.settled(self.p, reader)
                change = ["quorum", "change", "--reason", "more", "--add", f"{reader}=Newcomer {step}"]
                number = self.p.good_ctl("--json", *change).json()["number"]
                self.p.approve(number, 1, 2)
                self.killed_at(self.p, step, {"officer1": officer_pin(9)}, request_run=pb.RequestRun(number=number))
                self.settled(self.p, reader, *sticks)
                self.p.unseal()
                generation += 1
                if now() == generation:  # the end came after its end
                    self.sound(self.p)
                    continue
                self.p.approve(number, 1, 2)
                again = self.p.ctl("request", "run", str(number), pins={"officer1": officer_pin(9)})
                if again.code != 0:
                    self.assertIn("was half made when this broke off; destroy it with", again.err)
                    half = self.p.good_ctl("--json", "request", "show", str(number)).json()["terms"]["officers_new"].split(",")[0]
                    if self.p.reader(reader)["content"] != "blank":
                        undo = self.p.good_ctl("--json", "ukey", "destroy", half).json()["number"]
                        self.p.approve(undo, 1, 2)
                        self.p.good_ctl("request", "run", str(undo))
                        wait_until("it is blank", lambda: self.p.reader(reader)["content"] == "blank")
                    number = self.p.good_ctl("--json", *change).json()["number"]
                    self.p.approve(number, 1, 2)
                    self.p.good_ctl("request", "run", str(number), pins={"officer1": officer_pin(9)})
                self.assertEqual(now(), generation)
                self.sound(self.p)
