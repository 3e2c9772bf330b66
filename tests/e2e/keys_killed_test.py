"""kmp-vend is killed again and again while it brings keys to a row of meters on one line: each meter ends whole, and the report says so."""
import csv
import os
import random
import secrets
import subprocess
import time
import unittest

from platform_under_test import BIN, PATIENCE, PINS, Platform, run

METERS = 12
KILLS = int(os.environ.get("KMP_KEY_KILLS", "6"))
SEED = int(os.environ.get("KMP_KEY_SEED", secrets.randbits(32)))


class Row:
    """Meters with their factory keys, side by side on one line."""

    def __init__(self, platform: Platform, first: int, grade: str, line: str):
        self.numbers = [f"{number:012}" for number in range(first, first + METERS)]
        self.range = f"{self.numbers[0]}-{self.numbers[-1]}"
        self.states = platform.folder / f"row-{first}"
        self.states.mkdir()
        self.process = subprocess.Popen([str(BIN / "kmp-meter"), "run", "--line", line, "--grade", grade, "--meters", self.range, "--states", str(self.states)], stdout=subprocess.PIPE, text=True,
                                        stdin=subprocess.DEVNULL)
        said = self.process.stdout.readline().strip()
        assert said.startswith("ready "), said
        self.line = said.removeprefix("ready ").replace("pty:", "serial:")
        self.factory_set = self.keys(self.numbers[0])

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def state(self, number: str) -> str:
        return str(self.states / f"{number}.state")

    def show(self, number: str) -> dict:
        return run("kmp-meter", "show", "--state", self.state(number), "--json").json()

    def keys(self, number: str) -> list[str]:
        return [line.split()[1] for line in run("kmp-meter", "keys", "--reveal-keys", "--state", self.state(number)).out.splitlines()]


class Killed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.issue("clerk", "user", "--station", "station-2", "--operations", "authenticate,write_parameter")
        cls.chance = random.Random(SEED)
        print(f"KMP_KEY_SEED={SEED}")

    def row(self, first: int, grade: str, line: str) -> Row:
        row = Row(self.p, first, grade, line)
        self.addCleanup(row.close)
        return row

    def words(self, row: Row) -> list[str]:
        return ["--json", "keys", "download", "--meters", row.range, "--line", row.line, "--result", self.report(row)]

    def report(self, row: Row) -> str:
        return str(row.states / "report.csv")

    def start_and_kill(self, row: Row):
        pin, entry = os.pipe()
        os.write(entry, PINS["key"].encode() + b"\n")
        os.close(entry)
        words = ["--home", str(self.p.home), "--ukey", self.p.serials["key"], "--pin-fd", f"ukey={pin}", *self.words(row)]
        vend = subprocess.Popen([str(BIN / "kmp-vend"), *words], pass_fds=[pin], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(pin)
        time.sleep(self.chance.uniform(0.02, 0.5))
        vend.kill()
        vend.wait()

    def assert_none_half(self, row: Row):
        """Each meter has its factory set, or none of it and a whole one."""
        for number in row.numbers:
            keys = row.keys(number)
            if keys == row.factory_set:
                continue
            self.assertEqual([key for key in keys if key in row.factory_set or not int(key, 16)], [], number)
            self.assertEqual((len(keys), len(set(keys))), (len(row.factory_set), len(keys)), number)

    def assert_all_private(self, row: Row):
        for number in row.numbers:
            shown = row.show(number)
            self.assertEqual((shown["keys"], shown["staged"]), ({"state": "private", "version": 1}, None), number)
        with open(self.report(row), newline="") as file:
            said = {line["meter"]: line for line in csv.DictReader(file)}
        self.assertEqual(sorted(said), row.numbers)
        for number, line in said.items():
            self.assertIn(line["outcome"], ("done", "done before", "held already"), number)
            self.assertEqual(line["key_version"], "1", number)

    def assert_logged(self, row: Row):
        loaded = {e["json"]["meter"] for e in self.p.events() if e["type"] == "keys_loaded" and e["json"]["outcome"] == "done"}
        self.assertEqual([n for n in row.numbers if n not in loaded and int(n) not in loaded], [])
        verdict = self.p.verify()
        self.assertEqual(verdict.code, 0, repr(verdict))

    def bring_keys_through_kills(self, row: Row):
        for _ in range(KILLS):
            self.start_and_kill(row)
            self.assert_none_half(row)
        done = self.p.good_vend(*self.words(row), kind="key").json()
        self.assertEqual((done["meters"], done["failed"], done["left"]), (METERS, 0, 0), done)
        self.assertEqual(done["done"] + done["already"] + done["done_before"], METERS, done)
        self.assert_none_half(row)
        self.assert_all_private(row)
        self.assert_logged(row)

    def assert_obeys(self, row: Row, number: str):
        """The keys are the platform's, of every class: identity, credit, remote, parameter, control."""
        at = ("--line", row.line, "--meter", number)
        self.p.good_vend("remote", "open", *at, "--customer", "000000000042", "--amount", "10")
        self.assertEqual(self.p.good_vend("--json", "remote", "status", *at).json()["balance_fen"], 1000)
        self.p.good_vend("remote", "trip", *at)
        self.p.good_vend("parameters", "set", *at, "hoarding", "5000", name="clerk")
        self.p.good_vend("keys", "recover", *at, kind="key")
        self.assertEqual(row.keys(number), row.factory_set)

    def test_low_grade_meters_on_a_serial_line_all_get_their_keys(self):
        row = self.row(700000000001, "low", f"pty:{self.p.folder / 'low'}")
        self.bring_keys_through_kills(row)
        self.assert_obeys(row, self.chance.choice(row.numbers))

    def test_high_grade_meters_behind_a_tcp_module_all_get_their_keys(self):
        row = self.row(700000001001, "high", "tcp:0")
        self.bring_keys_through_kills(row)
        self.assert_obeys(row, self.chance.choice(row.numbers))


if __name__ == "__main__":
    unittest.main()
