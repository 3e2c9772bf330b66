"""The load drives a real platform: every order is answered, none is refused, and all of them stand in the log."""
import unittest

from bench_platform import BenchPlatform
from platform_under_test import run


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.platform = BenchPlatform()
        cls.addClassCleanup(cls.platform.__exit__)
        cls.platform.ready()

    def test_each_kind_of_work_is_done_and_logged(self):
        for work in ("recharge", "open-account"):
            with self.subTest(work):
                before = self.platform.status()["log_size"]
                figures = self.platform.load(4, 4, work, 0.5, 0.1)
                self.assertGreater(figures["operations"], 0)
                self.assertEqual(figures["refusals"], 0)
                self.assertGreaterEqual(self.platform.status()["log_size"], before + figures["operations"])

    def test_a_refusal_is_exit_code_1(self):
        done = run("kmp-load", "--home", str(self.platform.home), "--ukey", "no-such-ukey", "--seconds", "0.1")
        self.assertEqual(done.code, 1, done)
        self.assertIn("opening a session", done.err)

    def test_no_service_named_is_wrong_usage(self):
        self.assertEqual(run("kmp-load").code, 2)


if __name__ == "__main__":
    unittest.main()
