"""The auditor's role: works with an auditor UKEY and its PIN only, reads the log, and does nothing else."""
import grp
import os
import subprocess
import time
import unittest

from admin import Admin
from cases import ProgramCase
from platform_under_test import MASTER, PINS, Platform, run, wait_until
from wire import kmp_pb2 as pb

MEMBER = """
import sys
sys.path[:0] = sys.argv[3:]
from admin import Admin
from wire import kmp_pb2 as pb
with Admin(sys.argv[1]) as a:
    print("status", a.ask(status=pb.Status()).status.state)
    for name, wanted in (("ukey_list", pb.UkeyList()), ("standby_status", pb.StandbyStatus()), ("seal", pb.Seal()), ("ukey_issue", pb.UkeyIssue(kind="auditor", reader="r", holder="h")), ("audit_list", pb.AuditList(limit=1))):
        a.pin("master", sys.argv[2].split(",")[1])
        print(name, a.ask(**{name: wanted}).failure.code)
    print("hello", a.ask(hello=pb.Hello(version=1, client="test")).WhichOneof("result"))
    a.pin("auditor", sys.argv[2].split(",")[0])
    print("login", a.ask(audit_login=pb.AuditLogin()).WhichOneof("result"))
    print("reads", len(a.ask(audit_list=pb.AuditList(limit=2)).audit_list.events))
    a.pin("master", sys.argv[2].split(",")[1])
    print("issues", a.ask(ukey_issue=pb.UkeyIssue(kind="auditor", reader="r", holder="h")).failure.code)
    print("logout", a.ask(audit_logout=pb.AuditLogout()).WhichOneof("result"))
    print("then", a.ask(audit_list=pb.AuditList(limit=1)).failure.code)
"""


class AuditorCase(ProgramCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        cls.p.issue("auditor", "auditor")

    def login(self, name: str = "auditor", pin: str | None = None, ukey: str | None = None):
        """A connection, and what the service answered."""
        admin = self.admin()
        admin.pin("auditor", pin or PINS["auditor"])
        return admin, admin.ask(audit_login=pb.AuditLogin(ukey=self.p.serials[name] if ukey is None else ukey))

    def logged_in(self, name: str = "auditor") -> Admin:
        admin, answer = self.login(name)
        self.assertEqual(answer.WhichOneof("result"), "audit_login", answer)
        return admin

    def denied(self, answer, *words: str, code: str = "denied"):
        self.assertEqual(answer.failure.code, code, answer)
        self.assertNotIn("\n", answer.failure.message)
        for word in words:
            self.assertIn(word, answer.failure.message)

    def wait_until_denied(self, admin: Admin, *words: str):
        begin = time.monotonic()
        answer = wait_until("the auditor's session is over", lambda: (a := admin.ask(audit_list=pb.AuditList(limit=1))).HasField("failure") and a)
        self.denied(answer, "session is over", *words)
        return time.monotonic() - begin

    def newest(self, kind: str) -> dict:
        return [e for e in self.p.events() if e["type"] == kind][-1]


class Login(AuditorCase):
    def test_an_auditor_reads_and_does_nothing_else(self):
        admin, answer = self.login(ukey="")
        self.assertEqual(answer.audit_login.ukey, self.p.serials["auditor"])
        self.assertEqual(answer.audit_login.holder, "holder-of-auditor")
        self.assertGreater(answer.audit_login.not_after_ms, time.time() * 1000)
        for name, wanted in (("audit_list", pb.AuditList(limit=3)), ("audit_checkpoint", pb.AuditCheckpoint()), ("status", pb.Status()), ("ukey_list", pb.UkeyList()),
                             ("ukey_show", pb.UkeyShow(serial=self.p.serials["user"])), ("crl", pb.Crl()), ("pki_show", pb.PkiShow()), ("hello", pb.Hello(version=1, client="test"))):
            self.assertEqual(admin.ask(**{name: wanted}).WhichOneof("result"), name)
        for name, wanted in (("ukey_issue", pb.UkeyIssue(kind="auditor", reader="auditor", holder="x")), ("ukey_change", pb.UkeyChange(serial=self.p.serials["user"], action="suspend", reason="x")),
                             ("seal", pb.Seal()), ("reload", pb.Reload()), ("grant_set", pb.GrantSet(serial=self.p.serials["user"])), ("backup", pb.Backup()), ("crl_refresh", pb.CrlRefresh()),
                             ("ukey_set_pin", pb.UkeySetPin(serial=self.p.serials["auditor"])), ("retention_set", pb.RetentionSet()), ("audit_archive", pb.AuditArchive())):
            admin.pin("master", PINS["master"])  # a right PIN helps nothing
            self.denied(admin.ask(**{name: wanted}), "an auditor reads, exports and verifies")
            self.assertEqual(self.newest("denied")["json"]["request"], name)
        self.denied(admin.ask(audit_login=pb.AuditLogin()), "already")
        self.assertEqual(self.p.reader("user")["ukey_state"], "issued")
        opened = self.newest("session_opened")["json"]
        self.assertEqual((opened["ukey"], opened["ukey_kind"]), (self.p.serials["auditor"], "auditor"))
        self.assertEqual(admin.ask(audit_logout=pb.AuditLogout()).WhichOneof("result"), "audit_logout")
        closed = self.newest("session_closed")["json"]
        self.assertEqual((closed["session"], closed["reason"]), (opened["session"], "the auditor logged out"))
        self.denied(admin.ask(audit_logout=pb.AuditLogout()), "nothing to log out of", code="refused")
        # The connection is what it was: here of the service's own user.
        self.assertEqual(admin.ask(reload=pb.Reload()).WhichOneof("result"), "reload")
        self.assertFalse(self.p.reader("auditor")["logged_in"])
        self.sound()

    def test_what_is_no_auditors_ukey_in_force_is_refused(self):
        _, answer = self.login("user", PINS["user"])
        self.denied(answer, "is a user UKEY")
        refused = self.newest("session_refused")["json"]
        self.assertEqual((refused["ukey"], refused["code"]), (self.p.serials["user"], "denied"))
        self.denied(self.login(ukey="A-nobody")[1], "was not issued", code="not_found")
        admin = self.admin()
        self.denied(admin.ask(audit_login=pb.AuditLogin(ukey=self.p.serials["auditor"])), "'auditor' was not entered", code="invalid_argument")
        # A suspended one, before its PIN is looked at.
        self.p.good_ctl("ukey", "suspend", self.p.serials["auditor"], "--reason", "holiday", pins=MASTER)
        self.denied(self.login()[1], "is suspended")
        self.p.good_ctl("ukey", "resume", self.p.serials["auditor"], pins=MASTER)
        # One whose PIN another chose.
        self.p.plug_in_blank("second")
        second = self.p.good_ctl("--json", "ukey", "issue", "--kind", "auditor", "--reader", "second", "--holder", "Second", pins={**MASTER, "ukey": "au-pin-1203-elm"}).json()["ukey"]["serial"]
        self.denied(self.login(ukey=second, pin="au-pin-1203-elm")[1], "must be changed", code="refused")
        self.denied(self.login(ukey="")[1], "several auditor UKEYs", code="invalid_argument")
        self.p.good_ctl("ukey", "set-pin", second, pins={"ukey": "au-pin-1203-elm", "fresh": "au-pin-1203-oak"})
        # A wrong PIN counts, across logins, and the right one is forgotten by none of it.
        for tries in range(1, 4):
            self.denied(self.login(ukey=second, pin="au-pin-0000-oak")[1], "wrong PIN", f"{10 - tries} tries left", code="wrong_pin")
        self.assertEqual(self.newest("pin_failed")["json"]["wrong_pins"], 3)
        self.assertEqual(self.login(ukey=second, pin="au-pin-1203-oak")[1].WhichOneof("result"), "audit_login")
        for _ in range(10):
            answer = self.login(ukey=second, pin="au-pin-0000-oak")[1]
        self.denied(answer, "blocked", code="wrong_pin")
        self.denied(self.login(ukey=second, pin="au-pin-1203-oak")[1], "blocked", code="pin_locked")
        self.p.pull("second")
        wait_until("it is seen to be gone", lambda: not self.p.reader("second"))
        self.denied(self.login(ukey=second)[1], "blocked", code="pin_locked")
        self.sound()


class Ends(AuditorCase):
    def test_a_session_ends_at_once_with_its_ukey(self):
        serial = self.p.serials["auditor"]
        # Suspended and revoked: refused in the next request.
        admin = self.logged_in()
        self.p.good_ctl("ukey", "suspend", serial, "--reason", "a doubt", pins=MASTER)
        self.denied(admin.ask(audit_list=pb.AuditList(limit=1)), "session is over", "is suspended")
        self.assertIn("is suspended", self.newest("session_closed")["json"]["reason"])
        # Over, it is no officer's connection either, until it says that it is none of an auditor's.
        admin.pin("master", PINS["master"])
        self.denied(admin.ask(ukey_change=pb.UkeyChange(serial=serial, action="resume")), "session is over")
        self.assertEqual(admin.ask(audit_logout=pb.AuditLogout()).WhichOneof("result"), "audit_logout")
        self.p.good_ctl("ukey", "resume", serial, pins=MASTER)
        # Pulled, and plugged in again: the PIN is needed anew.
        admin = self.logged_in()
        self.p.pull("auditor")
        self.wait_until_denied(admin, "was pulled out")
        self.p.plug_in("auditor")
        wait_until("it is back", lambda: self.p.reader("auditor").get("content") == "ukey")
        self.denied(admin.ask(audit_list=pb.AuditList(limit=1)), "session is over")
        self.denied(admin.ask(audit_login=pb.AuditLogin()), "'auditor' was not entered", code="invalid_argument")
        admin.pin("auditor", PINS["auditor"])
        self.assertEqual(admin.ask(audit_login=pb.AuditLogin()).WhichOneof("result"), "audit_login")
        # Two sessions of one UKEY: one that ends leaves the other.
        other = self.logged_in()
        other.close()
        self.assertEqual(admin.ask(audit_list=pb.AuditList(limit=1)).WhichOneof("result"), "audit_list")
        # Sealed: over, and its UKEY is closed.
        self.p.good_ctl("seal")
        self.denied(admin.ask(audit_list=pb.AuditList(limit=1)), "session is over", "sealed")
        self.p.unseal()
        self.denied(admin.ask(audit_list=pb.AuditList(limit=1)), "session is over")
        # Revoked.
        admin = self.logged_in()
        self.p.good_ctl("ukey", "revoke", serial, "--reason", "left the company", pins=MASTER)
        self.denied(admin.ask(audit_export=pb.AuditExport()), "session is over", "is revoked")
        self.denied(self.login()[1], "is revoked")
        self.sound()


class AuditorOnly(AuditorCase):
    def test_where_auditors_alone_read_the_log_nobody_else_does(self):
        (self.p.home / "kmp.toml").write_text("[audit]\nauditor_only = true\n")
        self.p.good_ctl("reload")
        admin = self.admin()
        for name, wanted in (("audit_list", pb.AuditList(limit=1)), ("audit_export", pb.AuditExport()), ("audit_verify", pb.AuditVerify()), ("audit_prove", pb.AuditProve(index=0))):
            self.denied(admin.ask(**{name: wanted}), "audit.auditor_only")
        # What is not the log's content stays open to whoever runs the service.
        for name, wanted in (("status", pb.Status()), ("audit_checkpoint", pb.AuditCheckpoint()), ("ukey_list", pb.UkeyList())):
            self.assertEqual(admin.ask(**{name: wanted}).WhichOneof("result"), name)
        auditor = self.logged_in()
        self.assertEqual(len(auditor.ask(audit_list=pb.AuditList(limit=5)).audit_list.events), 5)


class Group(AuditorCase):
    def test_a_group_that_is_not_there_keeps_the_service_from_starting(self):
        with Platform() as p:
            (p.home / "kmp.toml").write_text('[audit]\ngroup = "kmp-no-such-group"\n')
            done = run("kmpd", "--home", str(p.home))
            self.assertEqual(done.code, 1)
            self.assertIn("there is no group 'kmp-no-such-group'", done.err)

    def test_members_of_the_auditors_group_log_in_and_read_and_nothing_else(self):
        group = grp.getgrgid(os.getegid() if os.geteuid() != 0 else 65534)
        (self.p.home / "kmp.toml").write_text(f'[audit]\ngroup = "{group.gr_name}"\n')
        self.p.restart()
        about = os.stat(self.p.socket("admin.sock"))
        self.assertEqual((about.st_mode & 0o777, about.st_gid), (0o660, group.gr_gid))
        if os.geteuid() != 0:
            return  # only root can be somebody else
        self.p.folder.chmod(0o711)
        wait_until("it is plugged in", lambda: self.p.reader("auditor").get("content") == "ukey")
        here = os.path.dirname(os.path.abspath(__file__))
        words = ["/usr/bin/python3", "-W", "ignore", "-c", MEMBER, self.p.socket("admin.sock"), f"{PINS['auditor']},{PINS['master']}", here, os.environ["PYTHONPATH"]]
        done = subprocess.run(words, user=65534, group=group.gr_gid, extra_groups=[], capture_output=True, text=True, cwd="/")
        self.assertEqual(dict(line.split(" ", 1) for line in done.stdout.splitlines()),
                         {"status": "open", "ukey_list": "denied", "standby_status": "denied", "seal": "denied", "ukey_issue": "denied", "audit_list": "denied", "hello": "hello", "login": "audit_login", "reads": "2",
                          "issues": "denied", "logout": "audit_logout", "then": "denied"}, done.stderr)
        denied = [e["json"]["request"] for e in self.p.events() if e["type"] == "denied"]
        self.assertEqual(denied[-7:], ["ukey_list", "standby_status", "seal", "ukey_issue", "audit_list", "ukey_issue", "audit_list"])
        stranger = subprocess.run(words, user=65534, group=12345, extra_groups=[], capture_output=True, text=True, cwd="/")
        self.assertIn("Permission denied", stranger.stderr)
        self.sound()


if __name__ == "__main__":
    unittest.main()
