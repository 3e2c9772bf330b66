"""What measures, works on a real platform: every order is answered, none is refused, all stand in the log; issues and lists are whole."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from bench_platform import STEPS, TERMS, BenchPlatform
from peers import Peers
from platform_under_test import BIN, PINS, run

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "bench"


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.platform = BenchPlatform()
        cls.addClassCleanup(cls.platform.__exit__)
        cls.platform.ready()

    def test_each_kind_of_work_is_done_and_logged(self):
        for work in ("recharge", "open-account", "sign", "random"):
            with self.subTest(work):
                before = self.platform.status()["log_size"]
                figures = self.platform.load(4, 4, work, 0.5, 0.1)
                self.assertGreater(figures["operations"], 0)
                self.assertEqual(figures["refusals"], 0)
                self.assertGreaterEqual(self.platform.status()["log_size"], before + figures["operations"])

    def test_two_ukeys_share_the_work(self):
        self.platform.issue("user2", "user", *TERMS)
        self.platform.load(4, 4, "open-account", 0.3, 0.1, ukeys=("user", "user2"))
        orders = [e["json"]["ukey"] for e in self.platform.events() if e["type"] == "order"]
        for name in ("user", "user2"):
            self.assertIn(self.platform.serials[name], orders)

    def test_stations_come_over_tls_with_accounts(self):
        self.platform.add_accounts(2)
        figures = self.platform.load(4, 1, "recharge", 0.3, 0.1, network=True)
        self.assertGreater(figures["operations"], 0)
        orders = [e["json"].get("account", "") for e in self.platform.events() if e["type"] == "order"]
        self.assertLess({"shop-1", "shop-2"}, set(orders))

    def test_a_grown_log_is_sound_and_its_meters_are_known(self):
        self.platform.grow(2_500, 1_000)
        self.assertGreaterEqual(self.platform.status()["log_size"], 2_500)
        self.assertGreater(self.platform.load_known(0.3, 0.1)["operations"], 0)
        done = self.platform.verify()
        self.assertEqual(done.code, 0, done)

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
        for words in (("--connect", "127.0.0.1:1"), ("--home", "/", "--work", "known"), ("--home", "/", "--ukey", "a", "--account", "b")):
            with self.subTest(words):
                self.assertEqual(run("kmp-load", *words).code, 2)


class TheOthers(unittest.TestCase):
    def test_every_peer_signs(self):
        with Peers() as peers:
            for measure in (peers.measure_direct, peers.measure_p11_kit):
                for clients in (1, 2):
                    figures = measure(clients, 0.1)
                    self.assertEqual(set(figures), {"hmac", "p256"})
                    self.assertTrue(all(rate > 0 for rate in figures.values()), figures)
            self.assertGreater(peers.measure_ssh_agent(2, 0.1), 0)

    def test_a_token_that_is_not_there_is_said(self):
        done = run("kmp-direct", "sign", "--module", "/nonexistent.so")
        self.assertEqual(done.code, 1, done)
        self.assertIn("kmp-direct:", done.err)


class Bench(unittest.TestCase):
    NAMED = ("order_1_client", "mac_cached_64_clients", "mac_cached_16x16", "order_derive_64_clients", "order_derive_16x16", "order_derive_16x16_2_ukeys", "sign_p256_16_clients",
             "random_1_client", "peer_p11kit_hmac", "peer_p11kit_p256", "peer_sshagent_p256", "direct_hmac", "direct_p256", "limit_fdatasync", "limit_socket_echo",
             "network_order_16_clients", "rss_idle_kib", "growth_latency_ratio", "search_common_type", "search_one_meter", "search_nothing", "verify_1500", "verify_1500_rss",
             "export_plain", "export_sealed", "export_jsonl", "limit_dd", "database_bytes_per_order", "append_order", "append_order_after_archiving", "shed_event")

    def test_every_row_comes_out_with_its_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "bench.json"
            done = subprocess.run([str(SCRIPT), "--json", str(out), "--rounds", "1", "--seconds", "0.1", "--records", "1500", "--meters", "1000", "--ukeys", "100"],
                                  env={**os.environ, "KMP_BIN": str(BIN)}, capture_output=True, text=True, timeout=500)
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = {row["name"]: row for row in json.loads(out.read_text())}
        for name in self.NAMED:
            with self.subTest(name):
                row = rows[name]
                self.assertEqual(set(row), {"name", "unit", "median", "min", "max", "ratio_to"})
                self.assertTrue(0 < row["min"] <= row["median"] <= row["max"], row)
                self.assertIn(name, done.stdout)

    def test_a_run_of_nothing_is_wrong_usage(self):
        for words in (("--rounds", "0"), ("--seconds", "0"), ("--records", "10", "--meters", "1000")):
            with self.subTest(words):
                self.assertEqual(subprocess.run([str(SCRIPT), *words], capture_output=True, timeout=60).returncode, 2)


if __name__ == "__main__":
    unittest.main()
