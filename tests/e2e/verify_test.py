"""The log verified where it lies, by the service that writes to it."""
import sqlite3  # only to see that the file is not readable as one
import unittest

from cases import ProgramCase

PAGE = 4096


class Verifying(ProgramCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()

    def test_a_sound_database_is_found_sound_and_a_page_changed_under_the_running_service_is_named_and_both_are_logged(self):
        p = self.p
        told = p.good_ctl("audit", "verify", "--json").json()
        self.assertTrue(told["sound"], told)
        self.assertEqual(int(told.get("finding_count", 0)), 0)
        plain = p.good_ctl("audit", "verify")
        self.assertIn("sound", plain.out)
        events = [e for e in p.events() if e["type"] == "log_verified"]
        self.assertEqual(len(events), 2)
        self.assertIn("0 findings", events[-1]["text"])
        self.assertTrue(p.verify().json()["sound"], "what verifies itself is verified by others too")

        # All lies in the file after a stop; the service that starts again goes on with it.
        p.stop()
        database = p.home / "kmp.db"
        with self.assertRaises(sqlite3.DatabaseError):
            sqlite3.connect(database).execute("SELECT count(*) FROM event")
        p.start()
        p.unseal()
        pages = database.stat().st_size // PAGE
        with open(database, "r+b") as file:
            file.seek((pages - 2) * PAGE + 1000)
            byte = file.read(1)[0]
            file.seek(-1, 1)
            file.write(bytes([byte ^ 4]))
        done = p.ctl("audit", "verify")
        self.assertEqual(done.code, 1, done)
        # The page holds what the known checkpoint would be held against; that is told first, and nobody is kept from looking.
        warning, verdict = done.err.strip().splitlines()
        self.assertTrue(warning.startswith("kmpctl: warning: the service cannot show that its log goes on from the checkpoint in "), warning)
        self.assertIn("not sound", verdict)
        self.assertIn(f"page {pages - 1} of the file is not what was written", done.out, done)


if __name__ == "__main__":
    unittest.main()
