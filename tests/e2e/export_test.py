"""Exports: ranges, for auditor UKEYs alone, as rows; and what becomes of one that breaks off."""
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

from auditor_test import AuditorCase
from platform_under_test import BIN, MASTER, PINS, run, wait_until
from station import Station
from wire import kmp_pb2 as pb


class ExportCase(AuditorCase):
    def grow(self):
        """10,000 events more: an export is longer than what fits between two programs, so that it is still under way while nobody reads."""
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(self.p.serials["user"], PINS["user"])
        for _ in range(100):
            for i in range(100):
                station.send(pb.StationRequest(id=i, random=pb.Random(size=8)))
            for _ in range(100):
                self.assertTrue(station.receive(pb.StationReply).HasField("random"))


class Exports(ExportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p.issue("second", "auditor")
        # A UKEY's folder belongs to one tokenhost: what kmp-audit opens is elsewhere, as on the auditor's own machine.
        for name in ("auditor", "second", "user"):
            shutil.copytree(cls.p.readers / name, cls.p.folder / f"stick-{name}")

    def file(self, name: str) -> str:
        return str(self.p.folder / name)

    def stick(self, name: str = "auditor") -> str:
        return str(self.p.folder / f"stick-{name}")

    def audit(self, *words: str, ukey: str = "auditor", pin: str | None = None):
        return run("kmp-audit", "--ukey", self.stick(ukey), *words, pins={"auditor": pin or PINS["auditor"]})

    def good_audit(self, *words: str, **more):
        done = self.audit(*words, **more)
        self.assertEqual(done.code, 0, done)
        return done

    def export(self, name: str, *words: str) -> dict:
        return self.p.good_ctl("--json", "audit", "export", self.file(name), *words).json()

    def test_an_export_for_auditors_opens_with_their_ukeys_and_nothing_else(self):
        serial = self.p.serials["auditor"]
        told = self.export("sealed", "--for", serial)
        self.assertEqual(told["recipients"], [serial])
        made = self.newest("export_made")["json"]
        self.assertEqual((made["recipients"], made["size"], made["first"]), (serial, told["end"], 0))
        raw = pathlib.Path(self.file("sealed")).read_bytes()
        self.assertTrue(raw.startswith(b"KMPSEALD"))
        self.assertNotIn(b"holder-of-user", raw)
        verdict = self.good_audit("verify", self.file("sealed"), "--certificate", self.p.anchor(), "--json").json()
        self.assertTrue(verdict["sound"])
        self.assertEqual(verdict["size"], told["end"])
        # In clear, for the archive: what verifies without a UKEY.
        self.good_audit("decrypt", self.file("sealed"), "-o", self.file("plain"))
        self.assertEqual(os.stat(self.file("plain")).st_mode & 0o777, 0o600)
        self.assertEqual(run("kmp-audit", "verify", self.file("plain"), "--certificate", self.p.anchor()).code, 0)
        self.assertIn("extends", self.good_audit("diff", self.file("sealed"), self.file("plain")).out)
        self.refused(self.audit("decrypt", self.file("plain"), "-o", self.file("again")), "not sealed")
        # Who has no UKEY, another's, or not the PIN.
        self.refused(run("kmp-audit", "verify", self.file("sealed")), f"sealed to auditor UKEY {serial}", "--ukey")
        self.refused(self.audit("verify", self.file("sealed"), ukey="second"), f"sealed to auditor UKEY {serial}, and not to {self.p.serials['second']}")
        self.refused(self.audit("verify", self.file("sealed"), pin="au-pin-0000-cedar"), "wrong PIN")
        self.refused(run("kmp-audit", "--ukey", self.stick("user"), "verify", self.file("sealed"), pins={"auditor": PINS["user"]}), "user UKEY")
        # For two: each alone.
        self.export("both", "--for", serial, "--for", self.p.serials["second"])
        for name in ("auditor", "second"):
            self.assertTrue(self.good_audit("verify", self.file("both"), "--json", ukey=name).json()["sound"])
        # Damaged: said where, and nothing is left of what was to be decrypted.
        bent = bytearray(raw)
        bent[-30] ^= 1
        pathlib.Path(self.file("bent")).write_bytes(bent)
        done = self.audit("verify", self.file("bent"))
        self.assertEqual(done.code, 1)
        self.assertIn("are not what was sealed there", done.out + done.err)
        self.refused(self.audit("decrypt", self.file("bent"), "-o", self.file("of-bent")), "are not what was sealed there")
        self.refused(self.audit("convert", self.file("bent"), "--format", "csv", "-o", self.file("of-bent")), "are not what was sealed there")
        pathlib.Path(self.file("short")).write_bytes(raw[:-1])
        self.refused(self.audit("decrypt", self.file("short"), "-o", self.file("of-bent")))
        self.assertFalse(os.path.exists(self.file("of-bent")))
        self.assertEqual([f for f in os.listdir(self.p.folder) if f.endswith(".part")], [])

    def test_an_export_is_sealed_to_auditors_in_force_only(self):
        for serial, word in ((self.p.serials["user"], "files are sealed to auditor UKEYs"), ("A-nobody", "was not issued")):
            self.refused(self.p.ctl("audit", "export", self.file("no"), "--for", serial), word)
        self.p.issue("third", "auditor")
        self.p.good_ctl("ukey", "suspend", self.p.serials["third"], "--reason", "away", pins=MASTER)
        self.refused(self.p.ctl("audit", "export", self.file("no"), "--for", self.p.serials["third"]), "is suspended")
        self.refused(self.p.ctl("audit", "export", self.file("no"), "--for", self.p.serials["auditor"], "--for", self.p.serials["auditor"]), "named twice")
        self.assertFalse(os.path.exists(self.file("no")))

    def test_a_range_ends_at_a_checkpoint_and_verifies_on_its_own(self):
        self.p.good_ctl("audit", "checkpoint", self.file("early"))
        early = int(pathlib.Path(self.file("early")).read_text().splitlines()[1])
        for _ in range(5):
            self.p.ctl("ukey", "show", "nobody")  # each is an event
        told = self.export("range", "--first", "3", "--end", str(early))
        self.assertEqual((told["first"], told["end"]), (3, early))
        verdict = run("kmp-audit", "verify", self.file("range"), "--certificate", self.p.anchor(), "--json")
        self.assertEqual(verdict.code, 0, verdict)
        self.assertEqual((verdict.json()["first"], verdict.json()["size"]), (3, early))
        # An end that no checkpoint covers goes on to the next one, and says so.
        done = self.p.good_ctl("audit", "export", self.file("on"), "--first", "3", "--end", str(early - 1))
        self.assertIn(f"It goes on to event {early}", done.out)
        self.assertEqual(pathlib.Path(self.file("on")).read_bytes(), pathlib.Path(self.file("range")).read_bytes())
        # Behind the last one it is signed now; without an end it goes to the newest.
        newest = self.export("newest", "--first", str(early + 2))
        self.assertGreater(newest["end"], early + 5)
        self.assertEqual(run("kmp-audit", "verify", self.file("newest")).code, 0)
        # By time: the events between two moments, whatever their numbers are.
        events = self.p.events()
        first, last = events[4], next(e for e in events if e["index"] > 8 and e["time_ms"] > events[4]["time_ms"] + 1)
        stamp = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(ms // 1000)) + f"{ms % 1000:03d}Z"
        told = self.export("timed", "--from", stamp(first["time_ms"]), "--until", stamp(last["time_ms"]))
        self.assertEqual(told["first"], min(e["index"] for e in events if e["time_ms"] >= first["time_ms"]))
        self.assertGreaterEqual(told["end"], min(e["index"] for e in events if e["time_ms"] >= last["time_ms"]))
        self.assertEqual(run("kmp-audit", "verify", self.file("timed")).code, 0)
        # Sealed as well.
        self.export("sealed-range", "--first", "3", "--end", str(early), "--for", self.p.serials["auditor"])
        self.assertTrue(self.good_audit("verify", self.file("sealed-range"), "--json").json()["sound"])
        for words, code, said in ((("--first", "999999"), 1, "the log has"), (("--first", "5", "--end", "5"), 2, "--end"), (("--first", "1", "--from", "2025-01-01"), 2, "not both"),
                                  (("--from", "2020-01-01", "--until", "2020-01-02"), 1, "no event was recorded"), (("--from", "2999-01-01"), 1, "no event was recorded"),
                                  (("--from", "2026-01-02", "--until", "2026-01-01"), 2, "--until"),
                                  (("--from", "yesterday"), 2, "--from"), (("--format", "csv", "--for", "A1"), 2, "rows are in clear")):
            done = self.p.ctl("audit", "export", self.file("no"), *words)
            self.assertEqual(done.code, code, (words, done))
            self.assertIn(said, done.err)
        self.assertFalse(os.path.exists(self.file("no")))

    def test_rows_hold_what_the_export_holds(self):
        self.export("whole")
        told = self.export("lines", "--format", "jsonl")
        lines = [json.loads(line) for line in pathlib.Path(self.file("lines")).read_text().splitlines()]
        self.assertEqual([e["index"] for e in lines], list(range(told["end"])))
        listed = {e["index"]: e for e in self.p.events()}
        for line in lines:
            leaf = line.pop("leaf_hash")
            self.assertEqual(len(leaf), 64)
            self.assertEqual(line, listed[line["index"]]["json"])
        # Offline by the same code, sealed or not; the records are the same.
        converted = run("kmp-audit", "convert", self.file("whole"), "--format", "jsonl").out.splitlines()
        self.assertEqual(converted, pathlib.Path(self.file("lines")).read_text().splitlines()[:len(converted)])
        self.export("for-rows", "--for", self.p.serials["auditor"])
        rows = list(csv.reader(io.StringIO(self.good_audit("convert", self.file("for-rows"), "--format", "csv").out)))
        self.assertEqual(rows[0][:4] + rows[0][-2:], ["index", "time", "type", "text", "leaf_hash", "fields"])
        self.assertEqual([row[2] for row in rows[1:len(converted) + 1]], [json.loads(line)["type"] for line in converted])
        for line, row in zip(converted, rows[1:]):
            event, column = json.loads(line), dict(zip(rows[0], row))
            self.assertEqual(column["ukey"], event.get("ukey", ""))
            rest = json.loads(column["fields"])
            self.assertEqual(rest, {k: v for k, v in event.items() if k in rest})
            self.assertEqual(set(event), set(rest) | {k for k in column if column[k] and k not in ("text", "fields")})

    def test_kmpctl_logs_in_as_an_auditor_where_it_is_asked_to(self):
        serial = self.p.serials["auditor"]
        done = self.p.ctl("audit", "--auditor", serial, "list", "--limit", "2", pins={"auditor": PINS["auditor"]})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.newest("session_closed")["json"]["reason"], "the client has gone")
        self.refused(self.p.ctl("audit", "list", "--as-auditor", pins={"auditor": PINS["auditor"]}), "several auditor UKEYs")
        self.refused(self.p.ctl("audit", "list", "--auditor", serial), "--pin-fd auditor=N")
        (self.p.home / "kmp.toml").write_text("[audit]\nauditor_only = true\n")
        self.p.good_ctl("reload")
        try:
            self.refused(self.p.ctl("audit", "list"), "audit.auditor_only")
            self.refused(self.p.ctl("audit", "export", self.file("no")), "audit.auditor_only")
            self.assertFalse(os.path.exists(self.file("no")))
            # Given the PIN, it logs in by itself.
            others = [r["name"] for r in self.p.status()["readers"] if r.get("ukey_kind") == "auditor" and r["name"] != "auditor"]
            for name in others:
                self.p.pull(name)
            wait_until("one auditor UKEY is left", lambda: not any(self.p.reader(name) for name in others))
            done = self.p.ctl("audit", "export", self.file("by-itself"), pins={"auditor": PINS["auditor"]})
            self.assertEqual(done.code, 0, done)
            for name in others:
                self.p.plug_in(name)
            wait_until("they are back", lambda: all(self.p.reader(name).get("content") == "ukey" for name in others))
        finally:
            (self.p.home / "kmp.toml").unlink()
            self.p.good_ctl("reload")

    def test_an_export_under_way_ends_with_its_ukey(self):
        self.grow()
        admin = self.logged_in()
        admin.send(pb.AdminRequest(id=77, audit_export=pb.AuditExport()))
        wait_until("the export is under way", lambda: self.newest("export_made")["index"] > 10000)
        self.p.pull("auditor")
        wait_until("it is seen to be gone", lambda: not self.p.reader("auditor"))
        parts = 0
        while (reply := admin.receive(pb.AdminReply)).more:
            parts += len(reply.audit_export.chunk)
        self.denied(reply, "session is over", "was pulled out")
        self.assertLess(parts, 10000 * 100)
        self.p.plug_in("auditor")
        wait_until("it is back", lambda: self.p.reader("auditor").get("content") == "ukey")
        self.sound()


class Gone(ExportCase):
    """Whoever goes away is worked for no more."""

    def of_type(self, kind: str) -> list[dict]:
        return [e["json"] for e in self.p.good_ctl("--json", "audit", "list", "--type", kind).json()["events"]]

    def ended(self, request: str):
        wait_until(f"{request} has ended", lambda: [e["code"] for e in self.of_type("denied") if e["request"] == request] == ["cancelled"])

    def test_an_export_and_a_verification_end_in_the_middle_when_the_client_goes_away(self):
        slow = self.p.folder / "slow"
        self.p.stop()
        self.p.environment = {"LD_PRELOAD": str(BIN.parent / "tests" / "libkmp_stuck_disk.so"), "KMP_SLOW_FILE": str(slow)}
        self.p.start()
        self.p.unseal()
        self.grow()
        admin = self.admin()
        admin.send(pb.AdminRequest(id=1, audit_export=pb.AuditExport()))
        self.assertTrue(admin.receive(pb.AdminReply).more)
        admin.close()
        self.ended("audit_export")
        # Seconds on this disk.
        slow.touch()
        admin = self.admin()
        admin.send(pb.AdminRequest(id=1, audit_verify=pb.AuditVerify()))
        self.assertTrue(admin.receive(pb.AdminReply).HasField("progress"))
        admin.close()
        self.ended("audit_verify")
        slow.unlink()
        self.assertEqual(self.of_type("log_verified"), [])
        # Whoever stays may end it too, goes on on the same connection, and leaves no event.
        slow.touch()
        before = len(self.of_type("denied"))
        admin = self.admin()
        admin.send(pb.AdminRequest(id=7, audit_verify=pb.AuditVerify()))
        self.assertTrue(admin.receive(pb.AdminReply).HasField("progress"))
        admin.send(pb.AdminRequest(id=8, cancel=pb.Cancel(request=7)))
        said = {}
        while len(said) < 2:
            reply = admin.receive(pb.AdminReply)
            if not reply.more:
                said[reply.id] = reply
        self.assertEqual((said[7].failure.code, said[8].WhichOneof("result")), ("cancelled", "cancel"))
        slow.unlink()
        admin.send(pb.AdminRequest(id=9, cancel=pb.Cancel(request=7)))
        self.assertTrue(admin.receive(pb.AdminReply).HasField("cancel"), "what is over is no trouble")
        admin.send(pb.AdminRequest(id=10, status=pb.Status()))
        self.assertEqual(admin.receive(pb.AdminReply).status.state, "open")
        admin.close()
        self.assertEqual((self.of_type("log_verified"), len(self.of_type("denied"))), ([], before))
        self.p.good_ctl("audit", "verify")
        self.assertEqual(len(self.of_type("log_verified")), 1)
        self.sound()


class FullDisk(AuditorCase):
    """Runs itself in a mount namespace of its own, with a small file system where the export is to go."""

    def test_an_export_that_fills_the_disk_leaves_nothing_and_says_so(self):
        small = self.p.folder / "small"
        small.mkdir()
        space = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
        script = """
import os, subprocess, sys
small, program, home = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", small], check=True)
for words in ([], ["--format", "csv"], ["--for", os.environ["AUDITOR"]]):
    done = subprocess.run([program, "--home", home, "audit", "export", small + "/log", *words], capture_output=True, text=True)
    print(done.returncode, os.listdir(small), done.stderr.strip())
"""
        done = subprocess.run([*space, sys.executable, "-c", script, str(small), os.environ["KMP_BIN_DIR"] + "/kmpctl", str(self.p.home)], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "AUDITOR": self.p.serials["auditor"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3, done.stdout)
        for line in lines:
            self.assertTrue(line.startswith("1 [] kmpctl: "), line)
            self.assertIn("No space left on device; nothing of it was left there", line)


if __name__ == "__main__":
    unittest.main()
