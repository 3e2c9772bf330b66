"""What tests of one platform have in common: how a station opens a session, and how it is shown that something was refused or that the log holds."""
import contextlib
import unittest

from admin import Admin
from platform_under_test import PINS, Ended, Platform
from station import Refused, Station


class PlatformCase(unittest.TestCase):
    p: Platform

    @classmethod
    def initialised(cls):
        """For setUpClass: a platform with a key and a user UKEY, for all tests of the class."""
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.initialised()

    def admin(self) -> Admin:
        admin = Admin(self.p.socket("admin.sock"))
        self.addCleanup(admin.close)
        return admin

    def sound(self):
        """The auditor finds nothing in the log."""
        verdict = self.p.verify()
        self.assertEqual(verdict.code, 0, verdict)


class ProgramCase(PlatformCase):
    def refused(self, done: Ended, *words: str):
        """Exit code 1, and one line that says why."""
        self.assertEqual((done.code, len(done.err.strip().splitlines())), (1, 1), done)
        for word in words:
            self.assertIn(word, done.err)


class StationCase(PlatformCase):
    def session(self, name: str, kind: str = "user") -> Station:
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(self.p.serials[name], PINS[kind])
        return station

    @contextlib.contextmanager
    def refused(self, code: str, *words: str):
        """Around a request that kmpd refuses with this code, in words that hold these."""
        with self.assertRaises(Refused, msg=f"nothing refused what should be {code} ({words})") as no:
            yield
        self.assertEqual(no.exception.code, code, no.exception.message)
        for word in words:
            self.assertIn(word, no.exception.message)
