"""Events that are old enough leave the database for a segment: by a policy, whole and verified, and without a moment in which anything could be lost."""
import contextlib
import hashlib
import pathlib
import shutil
import struct
import time
import unittest

import exported_log
from admin import Admin
from cases import StationCase
from platform_under_test import BIN, MASTER, PINS, Platform, run, wait_until
from station import order_id, pb

DAY = 86400
PAGE = 4096  # of the database
NEW_PIN = "pf-pin-8822-meadow"


class ArchiveCase(StationCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.clock = self.p.folder / "clock"
        self.days = 0
        self.p.environment = {"LD_PRELOAD": str(BIN.parent / "tests" / "libkmp_set_clock.so"), "KMP_TEST_CLOCK": str(self.clock)}
        self.set_clock()
        self.folder = self.p.folder / "segments"
        self.folder.mkdir()
        self.configure()
        self.begin()

    def configure(self):
        pass

    def begin(self):
        self.p.initialised()

    def set_clock(self):
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as file:
            file.write(struct.pack("=q", self.days * DAY * 1000))

    def pass_days(self, days: int):
        self.days += days
        self.set_clock()

    def fresh(self) -> bytes:
        """An order id of the day that kmpd has."""
        raw = order_id()
        return (int.from_bytes(raw[:6], "big") + self.days * DAY * 1000).to_bytes(6, "big") + raw[6:]

    def sell(self, count: int, first: int = 1):
        """Orders for twenty meters; the first of each opens its account."""
        station = self.session("user")
        for n in range(count):
            station.order(first + n % 20, 100, kind=pb.OPEN_ACCOUNT if n < 20 else pb.RECHARGE, order=self.fresh())
        station.close()

    def set_policy(self, live: int = 8, keep: int = 100):
        self.p.good_ctl("audit", "retention", "--live-days", str(live), "--keep-days", str(keep), "--reason", "the law asks for it", pins=MASTER)

    def archive(self, *words: str) -> dict:
        return self.p.good_ctl("--json", "audit", "archive", str(self.folder), *words).json()

    def no(self, *words: str) -> str:
        done = self.p.ctl("audit", *words)
        self.assertEqual((done.code, len(done.err.strip().splitlines())), (1, 1), done)
        return done.err

    def live(self, first: int, name: str = "live.kmpaudit") -> str:
        path = self.p.folder / name
        path.unlink(missing_ok=True)
        self.p.good_ctl("audit", "export", str(path), "--first", str(first))
        return str(path)

    def segments(self) -> list[str]:
        return sorted(str(f) for f in self.folder.iterdir())

    def verified(self, *files: str) -> dict:
        done = run("kmp-audit", "verify", *files, "--certificate", self.p.anchor(), "--json")
        self.assertEqual(done.code, 0, done)
        return done.json()

    def all_is_there(self) -> dict:
        """Segments and live database are one sound log, its rules replayed."""
        archived = int(self.p.status().get("archived", 0))
        whole = self.verified(*self.segments(), self.live(archived))
        self.assertEqual((whole["first"], whole["rules_replayed"]), (0, True))
        return whole


class Archiving(ArchiveCase):
    def test_by_the_policy_and_nothing_without_it(self):
        self.sell(300)
        self.assertIn("no policy is set", self.no("archive", str(self.folder)))
        self.assertIn("nothing is ever archived", self.p.good_ctl("audit", "retention").out)
        for live, keep in (("7", "100"), ("8", "0"), ("40000", "1")):
            done = self.p.ctl("audit", "retention", "--live-days", live, "--keep-days", keep, "--reason", "x", pins=MASTER)
            self.assertEqual(done.code, 1, done)
            self.assertIn("days: ", done.err)
        self.assertEqual(self.p.ctl("audit", "retention", "--live-days", "8", "--keep-days", "9", "--reason", "x", pins={"master": "not-the-pin-at-all"}).code, 1)
        self.set_policy()
        self.assertIn("are older than 8 days", self.no("archive", str(self.folder)))
        self.pass_days(9)
        self.assertIn("most: whole tiles", self.no("archive", str(self.folder), "--most", "255"))
        self.assertIn("there is no folder", self.no("archive", str(self.folder / "gone")))
        self.assertIn("files are sealed to auditor UKEYs", self.no("archive", str(self.folder), "--for", self.p.serials["user"]))
        told = self.p.good_ctl("--json", "audit", "archive", "--only-tell").json()
        self.assertEqual((self.segments(), int(told.get("archived", 0))), ([], 0))
        before = int(self.p.status()["log_size"])

        done = self.archive()
        end = int(done["end"])
        self.assertEqual((int(done.get("first", 0)), end, end % 256), (0, int(told["end"]), 0))
        self.assertEqual(int(self.p.status()["archived"]), end)
        self.assertEqual(self.segments(), [done["file"]])
        raw = pathlib.Path(done["file"]).read_bytes()
        self.assertEqual((len(raw), hashlib.sha256(raw).hexdigest()), (int(done["bytes"]), done["data_hash"]))
        self.assertTrue(self.verified(done["file"])["rules_replayed"])
        self.assertGreater(self.all_is_there()["size"], before)
        self.assertIn("are archived, the newest of them in " + pathlib.Path(done["file"]).name, self.p.ctl("audit", "export", str(self.p.folder / "x")).err)
        self.assertIn("are older than 8 days", self.no("archive", str(self.folder)))

        # Ledgers and days are held against what is live, and against all of it with the segment.
        ledger = self.p.folder / "empty.csv"
        ledger.write_text("order_id,station,meter,amount\n")
        extra = lambda *words: len(self.p.ctl("--json", "audit", "reconcile", str(ledger), *words).json()["differences"])
        live = extra()
        self.assertLess(live, 300)
        self.assertEqual(extra("--with", done["file"]), 300)
        books = run("kmp-audit", "reconcile", self.live(end), str(ledger), "--with", done["file"], "--json").json()
        self.assertEqual((len(books["differences"]), books["log"]["first"], books["log"]["rules_replayed"]), (300, 0, True))
        records = exported_log.read(done["file"])
        day = time.strftime("%Y-%m-%d", time.gmtime(records[0].time / 1000 + 8 * 3600))  # the utility's, at +08:00
        self.assertIn("--with FILE takes it in", self.p.good_ctl("audit", "report", str(self.p.folder / "day.pdf"), "--day", day).out)
        self.assertNotIn("--with", self.p.good_ctl("audit", "report", str(self.p.folder / "day.pdf"), "--day", day, "--with", done["file"]).out)
        self.assertIn("cannot open", self.no("report", str(self.p.folder / "day.pdf"), "--with", str(self.folder / "gone")))

        # What is archived is still proved by the live database.
        station = self.session("user")
        proof = wait_until("a checkpoint covers it", lambda: station.ask(prove=pb.Prove(index=77)))
        self.assertEqual(proof.leaf_hash, hashlib.sha256(b"\0" + records[77].raw).digest())

        # The next one goes on from it, for an auditor alone; both are listed and held against what is in the folder.
        self.sell(300, 101)
        self.pass_days(9)
        self.p.issue("auditor", "auditor")
        second = self.archive("--for", self.p.serials["auditor"])
        self.assertEqual(int(second["first"]), end)
        self.assertTrue(second["file"].endswith(".kmpaudit.sealed"))
        self.assertTrue(pathlib.Path(second["file"]).read_bytes().startswith(b"KMPSEALD"))
        listed = self.p.good_ctl("--json", "audit", "archive", "--list").json()["segments"]
        self.assertEqual([(s["file"], s["data_hash"]) for s in listed], [(pathlib.Path(d["file"]).name, d["data_hash"]) for d in (done, second)])
        self.assertEqual(listed[1]["recipients"], [self.p.serials["auditor"]])
        self.assertEqual(int(listed[0]["keep_until_ms"]) - int(listed[0]["archived_ms"]), 100 * DAY * 1000)
        self.p.good_ctl("audit", "archive", "--check", str(self.folder))
        bent = bytearray(raw)
        bent[len(bent) // 2] ^= 1
        pathlib.Path(done["file"]).write_bytes(bent)
        self.assertIn("1 of 2 segments missing or changed", self.no("archive", "--check", str(self.folder)))
        self.assertNotEqual(run("kmp-audit", "verify", done["file"]).code, 0)
        pathlib.Path(second["file"]).unlink()
        self.assertIn("2 of 2 segments", self.no("archive", "--check", str(self.folder)))

    def test_the_platform_goes_on_as_before_after_it_was_killed(self):
        last = order_id()
        station = self.session("user")
        count = station.order(90, 100, kind=pb.OPEN_ACCOUNT, order=last).purchase_count
        station.close()
        self.sell(300)
        self.set_policy()
        self.pass_days(9)
        end = int(self.archive()["end"])
        self.p.kill()
        self.p.start()
        self.p.unseal()
        station = self.session("user")
        # Counts go on. An order whose event is archived is still answered again from its row, however late; what would void it is not there any more.
        self.assertEqual(station.order(90, 100, kind=pb.OPEN_ACCOUNT, order=last).purchase_count, count)
        with self.refused("not_found", "is archived, in segment"):
            station.ask(void_order=pb.VoidOrder(order_id=last, meter=90))
        self.assertEqual(station.order(90, 100, order=self.fresh()).purchase_count, count + 1)
        self.assertEqual(int(self.p.status()["archived"]), end)
        self.all_is_there()

    def test_killed_at_any_step_it_loses_nothing_and_is_taken_up(self):
        self.sell(1500)
        self.set_policy()
        self.pass_days(9)
        for step in ("records are read back and verified", "records leave the database"):
            killed = []

            def kill(progress):
                if progress.step == step and not killed:
                    killed.append(progress.step)
                    self.p.kill()

            with Admin(self.p.socket("admin.sock")) as admin:
                with self.assertRaises((OSError, ConnectionError, AssertionError)):
                    admin.ask(kill, audit_archive=pb.AuditArchive(folder=str(self.folder), most=1024))
            self.assertEqual(killed, [step])
            self.p.start()
            self.p.unseal()
            archived = int(self.p.status().get("archived", 0))
            if archived == 0:  # not in the log: nothing has left, and what stands in the folder is nobody's
                for file in self.folder.iterdir():
                    file.unlink()
            else:
                wait_until("what was archived has gone", lambda: "archived" in self.p.ctl("audit", "list", "--first", str(archived - 1), "--limit", "1").err
                           or self.p.good_ctl("--json", "audit", "list", "--first", str(archived - 1), "--limit", "1").json()["events"][0]["index"] >= archived)
            self.all_is_there()
        self.assertEqual(int(self.p.status()["archived"]), 1024)


class Doubted(ArchiveCase):
    def test_rows_that_do_not_hold_are_told_and_nothing_more_is_archived(self):
        self.sell(300)
        self.set_policy()
        self.pass_days(9)
        self.p.restart()
        database = self.p.home / "kmp.db"
        pages = database.stat().st_size // PAGE
        self.sell(40, 101)
        end = int(self.archive()["end"])
        self.sell(300, 201)
        self.p.restart()
        # The page that the event of the segment lies on is one of those that the file grew by.
        for page in range(pages, database.stat().st_size // PAGE):
            with self.bent(database, page):
                if any(f.startswith("archive: the row") for f in self.p.ctl("--json", "audit", "verify").json().get("findings", [])):
                    break
        else:
            self.fail("no page holds the event")
        with self.bent(database, page):
            self.p.restart()
            status = self.p.status()
            told = [w for w in status["warnings"] if w.startswith(f"archive: the row of the archived records 0 up to {end} ")]
            self.assertEqual((len(told), status["health"]), (1, "attention"), status)
            self.assertIn("nothing more leaves the database", told[0])
            self.pass_days(9)
            self.assertIn(told[0], self.no("archive", str(self.folder)))
            self.assertEqual(self.p.good_ctl("--json", "audit", "archive", "--only-tell").json()["waits_for"], told[0])
            self.assertEqual(len(self.p.good_ctl("--json", "audit", "archive", "--list").json()["segments"]), 1)
            self.assertEqual(len(self.segments()), 1)
            self.sell(20, 301)
        # As it was: it goes on.
        self.p.restart()
        self.assertEqual([w for w in self.p.status()["warnings"] if w.startswith("archive: ")], [])
        self.archive()
        self.all_is_there()

    @contextlib.contextmanager
    def bent(self, database: pathlib.Path, page: int):
        """A bit of this page is another one meanwhile."""
        def flip():
            with open(database, "r+b") as file:
                file.seek(page * PAGE + 1000)
                byte = file.read(1)[0]
                file.seek(-1, 1)
                file.write(bytes([byte ^ 4]))

        flip()
        try:
            yield
        finally:
            flip()


class Carried(ArchiveCase):
    """Backup, restore and a standby's feed of a platform that has archived."""

    def configure(self):
        self.feed = self.p.folder / "feed"
        self.feed.mkdir()
        (self.p.home / "kmp.toml").write_text(f'[standby]\nfolder = "{self.feed}"\ninterval_ms = 100\n[audit]\ncheckpoint_interval_ms = 1000\n')

    def restored(self, folder: pathlib.Path) -> Platform:
        q = Platform()
        self.addCleanup(q.__exit__)
        for name in ("master", "user"):
            shutil.copytree(self.p.readers / name, q.readers / name)
        q.environment = self.p.environment
        q.start()
        q.plug_in_blank("platform")
        wait_until("the sticks are seen", lambda: all(q.reader(n).get("content") == "ukey" for n in ("master", "user")))
        done = q.ctl("restore", str(folder), "--platform-reader", "platform", "--reason", "the first machine is dead", pins={"platform": NEW_PIN, "master": PINS["master"]})
        self.assertEqual(done.code, 0, done)
        return q

    def test_what_is_archived_is_missed_by_neither(self):
        self.sell(300)
        self.set_policy()
        self.pass_days(9)
        end = int(self.archive()["end"])
        backup = self.p.folder / "backup"
        self.p.good_ctl("backup", str(backup), pins=MASTER)

        def caught_up() -> bool:
            s = self.p.good_ctl("--json", "standby", "status").json()
            return s["whole"] and not s["problem"] and s["lag_events"] == 0

        wait_until("the feed has caught up", caught_up)
        self.p.stop()
        for folder in (backup, self.feed):
            q = self.restored(folder)
            self.assertEqual(int(q.status()["archived"]), end)
            live = q.folder / "live.kmpaudit"
            q.good_ctl("audit", "export", str(live), "--first", str(end))
            whole = self.verified(*self.segments(), str(live))
            self.assertEqual((whole["first"], whole["rules_replayed"]), (0, True))
            q.stop()


class Replaced(ArchiveCase):
    def test_a_platform_ukey_that_took_over_opens_the_service_and_its_log_goes_on_when_its_event_is_archived(self):
        self.p.good_ctl("seal")
        self.p.plug_in_blank("spare")
        wait_until("they are seen", lambda: self.p.reader("spare").get("content") == "blank" and self.p.reader("master").get("content") == "ukey")
        self.p.good_ctl("platform", "replace", "--platform-reader", "spare", "--reason", "it broke", pins={"platform": NEW_PIN, **MASTER})
        replaced = [e["index"] for e in self.p.events() if e["type"] == "platform_replaced"]
        self.sell(300)
        self.set_policy()
        self.pass_days(9)
        end = int(self.archive()["end"])
        self.assertEqual(replaced, [r.index for path in self.segments() for r in exported_log.read(path) if r.type == 68])
        self.assertEqual(len(replaced), 1)
        self.assertLess(replaced[0], end)
        self.p.good_ctl("seal")
        self.unseal()
        self.assertEqual(int(self.p.status()["archived"]), end)
        self.all_is_there()
        self.p.stop()
        self.p.start()
        self.unseal()
        self.sell(20, 501)
        self.all_is_there()

    def unseal(self):
        wait_until("the platform UKEY is ready", lambda: self.p.reader("spare").get("content") == "ukey")
        self.p.good_ctl("unseal", pins={"platform": NEW_PIN})


class ByQuorum(ArchiveCase):
    def begin(self):
        self.p.quorum_ceremony(3, 2)

    def test_a_policy_takes_the_officers_votes(self):
        made = self.p.good_ctl("--json", "audit", "retention", "--live-days", "8", "--keep-days", "100", "--reason", "the law asks for it").json()
        shown = self.p.good_ctl("--json", "request", "show", str(made["number"])).json()
        self.assertEqual((shown["deed"], shown["terms"]["live_days"], shown["terms"]["reason"]), ("retention", "8", "the law asks for it"))
        self.assertIn("events stay in the live database for 8 days", shown["terms"]["retention"])
        self.p.approve(made["number"], 1)
        self.assertEqual(self.p.ctl("request", "run", str(made["number"])).code, 1)
        self.assertIn("no policy is set", self.no("archive", str(self.folder)))
        self.p.approve(made["number"], 2)
        self.assertIn("older than 8 days", self.p.good_ctl("request", "run", str(made["number"])).out)
        event = [e for e in self.p.events() if e["type"] == "retention_set"][0]
        self.assertEqual((event["json"]["request_number"], event["json"]["days"], event["json"]["keep_days"]), (made["number"], 8, 100))
        self.assertIn("are older than 8 days", self.no("archive", str(self.folder)))
        self.sound()


if __name__ == "__main__":
    unittest.main()
