"""What measures, works on a real platform: every order is answered, none is refused, all stand in the log; issues and lists are whole."""
import unittest

from bench_platform import STEPS, BenchPlatform
from platform_under_test import PINS, run


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

    def test_issuing_is_timed_as_a_whole_and_by_step(self):
        before = len(self.ukeys())
        self.assertGreater(self.platform.time_issue("timed"), 0)
        self.assertEqual(set(self.platform.time_steps("timed")), set(STEPS))
        self.assertEqual(len(self.ukeys()), before + 2)

    def test_a_filled_registry_is_listed_in_full_and_its_log_is_sound(self):
        before = len(self.ukeys())
        self.platform.fill(300)
        self.assertEqual(len(self.ukeys()), before + 300)
        self.assertGreater(self.platform.time_list(), 0)
        self.assertGreater(self.platform.time_list_answer(), 0)
        done = self.platform.verify()
        self.assertEqual(done.code, 0, done)

    def test_a_home_whose_service_runs_is_not_filled(self):
        done = run("kmp-fill", "--home", str(self.platform.home), "--like", self.platform.serials["user"], "--count", "1", pins={"platform": PINS["platform"]})
        self.assertEqual(done.code, 1, done)
        self.assertIn("kmp-fill:", done.err)

    def ukeys(self) -> list[dict]:
        return self.platform.good_ctl("--json", "ukey", "list").json()["ukeys"]

    def test_a_refusal_is_exit_code_1(self):
        done = run("kmp-load", "--home", str(self.platform.home), "--ukey", "no-such-ukey", "--seconds", "0.1")
        self.assertEqual(done.code, 1, done)
        self.assertIn("opening a session", done.err)

    def test_no_service_named_is_wrong_usage(self):
        self.assertEqual(run("kmp-load").code, 2)


if __name__ == "__main__":
    unittest.main()
