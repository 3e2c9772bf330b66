"""Clients that keep the last checkpoint they saw, and proofs of the log as files: nobody who kept something can be shown another past."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from cases import ProgramCase
from platform_under_test import BIN, MASTER, PINS, Platform, run, wait_until

sys.path.insert(0, str(BIN.parent / "python"))
import kmp_client  # noqa: E402

METER = "000000123456"
NEW_PIN = "pf-pin-8822-meadow"
SET_BACK = "the log of the service was set back: "


@contextlib.contextmanager
def person(folder: pathlib.Path):
    """Another person at the same machine: what they know of logs lies in a folder of their own."""
    before = os.environ["XDG_STATE_HOME"]
    os.environ["XDG_STATE_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ["XDG_STATE_HOME"] = before


class LogCase(ProgramCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        cls.meter = cls.p.meter(METER)
        cls.p.good_ctl("audit", "checkpoint")
        cls.p.good_vend("keys", "download", "--line", cls.meter.line, "--meter", METER, kind="key")
        cls.kept = cls.p.home / "vend" / "log"

    def sell(self, *words: str, p: Platform | None = None):
        return (p or self.p).vend("remote", "read-back", "--line", self.meter.line, "--meter", METER, *words)

    def python(self, file: pathlib.Path, p: Platform | None = None, key: str = ""):
        p = p or self.p
        habits = kmp_client.Habits(known_log=str(file), log_key=key)
        kmp_client.Station.local(p.socket("kmp.sock"), p.serials["user"], kmp_client.Pin(PINS["user"]), habits=habits).close()

    def python_refuses(self, *words, **named) -> str:
        with self.assertRaises(kmp_client.KmpError) as no:
            self.python(*words, **named)
        self.assertEqual(no.exception.code, "tampered", no.exception.message)
        return no.exception.message

    def refused(self, done, *words: str):
        super().refused(done, "tell the auditor", *words)

    def key(self) -> str:
        return self.p.good_ctl("audit", "checkpoint", "--key").out.strip()


class Proofs(LogCase):
    def check(self, *words: str):
        return run("kmp-audit", "verify-proof", *words)

    def test_an_event_is_proved_in_plain_words_to_whoever_has_the_key(self):
        file = str(self.p.folder / "event.tlog-proof")
        events = self.p.events()
        issued = next(e for e in events if e["json"].get("ukey") == self.p.serials["user"])
        self.p.good_ctl("audit", "prove", str(issued["index"]), "-o", file)
        key = self.key()
        good = self.check(file, "--key", key)
        self.assertEqual(good.code, 0, good)
        self.assertIn(issued["text"], good.out)
        told = self.check(file, "--key", key, "--json").json()
        self.assertEqual((told["holds"], told["index"], told["text"]), (True, issued["index"], issued["text"]))
        self.assertEqual(told["event"]["ukey"], self.p.serials["user"])
        # The newest event is under no checkpoint: one is signed for it.
        newest = self.p.events()[-1]["index"]
        self.p.good_ctl("audit", "prove", str(newest), "-o", file)
        self.assertGreater(self.check(file, "--key", key, "--json").json()["size"], newest)
        # To standard output it is the file itself.
        self.assertEqual(self.p.good_ctl("audit", "prove", str(issued["index"])).out.splitlines()[2], f"index {issued['index']}")
        text = pathlib.Path(file).read_text()
        pathlib.Path(file).write_text(text.replace(f"index {newest}", f"index {newest - 1}"))
        self.assertEqual(self.check(file, "--key", key).code, 1)
        beyond = self.p.ctl("audit", "prove", "10000000")
        self.assertEqual((beyond.code, "the log has no event 10000000" in beyond.err), (1, True), beyond)
        self.assertEqual(self.p.ctl("audit", "prove").code, 2)
        self.assertEqual(self.p.ctl("audit", "prove", "1", "--json").code, 2)

    def test_that_the_log_only_grew_is_proved_from_a_checkpoint_that_was_carried_away(self):
        kept, file = str(self.p.folder / "kept"), str(self.p.folder / "growth")
        self.p.good_ctl("audit", "checkpoint", kept)
        size = int(pathlib.Path(kept).read_text().splitlines()[1])
        self.p.good_ctl("audit", "checkpoint")
        self.p.good_ctl("audit", "prove", "--since", kept, "-o", file)
        key = self.key()
        good = self.check(file, "--key", key)
        self.assertEqual(good.code, 0, good)
        told = self.check(file, "--key", key, "--json").json()
        self.assertEqual((told["kind"], told["older_size"]), ("consistency", size))
        self.assertGreater(told["newer_size"], size)
        lines = pathlib.Path(file).read_text().splitlines(keepends=True)
        self.assertEqual(lines[0], "kmp/consistency-proof@v1\n")
        for i, line in enumerate(lines):
            pathlib.Path(file).write_text("".join(lines[:i] + lines[i + 1:]))
            self.assertEqual(self.check(file, "--key", key).code, 1, line)
        # A checkpoint of no platform UKEY of this log, and one that was changed.
        text = pathlib.Path(kept).read_text()
        for bent in (text.replace(str(size), str(size + 1)), text.replace("\n\n", "\n"), "x"):
            pathlib.Path(kept).write_text(bent)
            self.assertEqual(self.p.ctl("audit", "prove", "--since", kept).code, 1, bent)

    def test_whoever_has_an_export_proves_one_event_of_it_offline(self):
        export, file = self.p.export("proofs.kmpaudit"), str(self.p.folder / "offline.tlog-proof")
        key = self.key()
        for index in (0, 1, 7):
            done = run("kmp-audit", "prove", export, str(index), "-o", file)
            self.assertEqual(done.code, 0, done)
            self.assertIn(key, done.out)
            self.assertEqual(self.check(file, "--key", key, "--json").json()["index"], index)
        self.assertEqual(run("kmp-audit", "prove", export, "1").out.splitlines()[0], "c2sp.org/tlog-proof@v1")
        beyond = run("kmp-audit", "prove", export, "1000000")
        self.assertEqual((beyond.code, "there is no record 1000000" in beyond.err), (1, True), beyond)

    def test_each_client_keeps_what_it_saw_for_its_owner_alone(self):
        file = self.p.folder / "python-log"
        self.python(file)
        self.p.good_ctl("status")
        (mine,) = pathlib.Path(os.environ["XDG_STATE_HOME"], "kmpctl").glob(f"*{self.p.folder.name}%2Fhome")
        for kept in (file, self.kept, mine):
            self.assertEqual(oct(kept.stat().st_mode & 0o777), "0o600", kept)
            self.assertTrue(kept.read_text().startswith("kmp/known-log@v1\n" + self.key() + "\n\n"), kept)
        before = self.kept.read_text()
        self.p.good_ctl("audit", "checkpoint")
        self.sell()
        self.assertNotEqual(self.kept.read_text(), before, "it follows a log that grows")
        # One format for all: the station's file serves the Python client too.
        self.python(self.kept)
        shown = self.p.vend("log", "show")
        self.assertIn(f"key {self.key()}", shown.out, shown)
        self.assertIn(f"key {self.key()}", self.p.good_ctl("log", "show").out)

    def test_many_clients_at_once_share_one_file(self):
        self.p.good_ctl("audit", "checkpoint")
        script = ("import sys, kmp_client as k\nfor i in range(6):\n  k.Station.local(sys.argv[1], sys.argv[2], k.Pin(sys.argv[3]), habits=k.Habits(known_log=sys.argv[4], busy_tries=40)).close()\n")
        file = self.p.folder / "shared-log"
        words = [sys.executable, "-c", script, self.p.socket("kmp.sock"), self.p.serials["user"], PINS["user"], str(file)]
        clients = [subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(BIN.parent / "python")}) for _ in range(3)]
        for _ in range(5):
            self.p.good_ctl("audit", "checkpoint")
        self.assertEqual([c.wait(120) for c in clients], [0, 0, 0])
        self.python(file)

    def test_a_damaged_file_is_refused_and_stays(self):
        file = self.p.folder / "damaged-log"
        self.python(file)
        text = file.read_text().replace("kmp/known-log@v1", "kmp/known-log@v1 ")
        file.write_text(text)
        done = self.sell("--log", str(file))
        self.refused(done, "what is known of the service's log is damaged")
        with self.assertRaises(kmp_client.KmpError) as no:
            self.python(file)
        self.assertEqual(no.exception.code, "malformed")
        self.assertEqual(file.read_text(), text)

    def test_another_log_at_the_same_address_is_refused(self):
        with Platform() as q:
            q.start()
            q.ceremony()
            q.issue("user", "user", "--station", "station-1")
            q.good_ctl("audit", "checkpoint")
            before = self.kept.read_text()
            self.refused(self.sell("--log", str(self.kept), p=q), "the service has another log")
            self.assertIn("the service has another log", self.python_refuses(self.kept, q))
            self.assertEqual(self.kept.read_text(), before)


class SetBack(LogCase):
    def unsealed(self):
        self.p.start()
        self.p.unseal()

    def test_a_machine_that_was_set_back_is_refused_by_every_client_until_the_auditor_has_spoken(self):
        p, file = self.p, self.p.folder / "python-log"
        p.stop()
        shutil.copytree(p.home, p.folder / "before", symlinks=True)
        self.unsealed()
        p.issue("second", "user", "--station", "s-2")
        p.good_ctl("audit", "checkpoint")
        self.assertEqual(self.sell().code, 0)
        self.python(file)
        p.good_ctl("status")
        # After a restart nothing has been signed yet, and every client is answered all the same.
        p.stop()
        self.unsealed()
        p.good_ctl("status")
        self.assertEqual(self.sell().code, 0)
        self.python(file)
        p.stop()
        vend = p.folder / "vend"
        (p.home / "vend").rename(vend)  # the station's own, which nobody set back
        shutil.rmtree(p.home)
        (p.folder / "before").rename(p.home)
        shutil.rmtree(p.home / "vend")
        vend.rename(p.home / "vend")
        self.unsealed()
        before = self.kept.read_text()
        self.refused(self.sell(), SET_BACK)
        self.assertIn(SET_BACK, self.python_refuses(file))
        # How it stands is told, and whoever takes something away is not kept from it; nothing else is done.
        for done in (p.ctl("status"), p.ctl("ukey", "suspend", p.serials["key"], "--reason", "the log was set back", pins=MASTER), p.ctl("audit", "export", str(p.folder / "shown.kmpaudit")), p.ctl("seal")):
            self.assertEqual(done.code, 0, done)
            self.assertTrue(done.err.startswith("kmpctl: warning: " + SET_BACK), done)
        p.unseal()
        self.refused(p.ctl("ukey", "resume", p.serials["key"], pins=MASTER), SET_BACK)
        # It grows beyond what they hold, in the hands of somebody who kept nothing.
        with person(p.folder / "somebody"):
            size = int(before.splitlines()[4])
            wait_until("the log is longer than before", lambda: p.good_ctl("audit", "checkpoint").out and p.status()["log_size"] > size + 3)
            p.good_ctl("audit", "checkpoint")
        for done in (self.sell(), p.ctl("ukey", "list")):
            self.refused(done, SET_BACK)
            self.assertIn("does not prove", done.err)
        self.assertIn("does not prove", self.python_refuses(file))
        self.assertEqual(self.kept.read_text(), before, "the evidence")
        # The auditor has spoken.
        aside = pathlib.Path(p.vend("--json", "log", "forget").json()["aside"])
        self.assertEqual(aside.read_text(), before)
        self.assertEqual(self.sell().code, 0)
        self.assertEqual(p.ctl("log", "forget").code, 0)
        p.good_ctl("status")
        self.assertEqual(p.vend("log", "forget").code, 0)
        self.assertEqual(p.vend("log", "forget").code, 1, "there is none")


class Replaced(LogCase):
    def test_another_platform_ukey_is_refused_until_its_key_is_given_and_the_log_goes_on(self):
        p, file = self.p, self.p.folder / "python-log"
        kept, growth, proof = (str(p.folder / name) for name in ("kept", "growth", "proof"))
        p.good_ctl("audit", "checkpoint", kept)
        self.python(file)
        self.assertEqual(self.sell().code, 0)
        old = self.key()
        p.good_ctl("audit", "prove", "3", "-o", proof)
        p.good_ctl("seal")
        p.pull("platform")
        p.plug_in_blank("spare")
        p.good_ctl("platform", "replace", "--platform-reader", "spare", "--reason", "it broke", pins={"platform": NEW_PIN, **MASTER})
        new = self.key()  # kmpctl did it by its own hand, and takes the new key
        self.assertNotEqual(old, new)
        self.refused(self.sell(), "another key than the one that is known")
        self.assertIn("another key", self.python_refuses(file))
        self.assertEqual(self.sell("--log-key", new).code, 0)
        self.assertEqual(self.sell().code, 0, "once is enough")
        self.python(file, key=new)
        self.python(file)
        # Growth over the change takes both keys, an event of before its own.
        p.good_ctl("audit", "prove", "--since", kept, "-o", growth)
        self.assertEqual(run("kmp-audit", "verify-proof", growth, "--key", old, "--key", new).code, 0)
        for one in (old, new):
            self.assertEqual(run("kmp-audit", "verify-proof", growth, "--key", one).code, 1)
        self.assertEqual(run("kmp-audit", "verify-proof", proof, "--key", new).code, 1)
        self.assertEqual(run("kmp-audit", "verify-proof", proof, "--key", new, "--key", old).code, 0)


if __name__ == "__main__":
    unittest.main()
