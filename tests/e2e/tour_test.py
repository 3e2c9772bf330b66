"""The tour of the README, pasted block by block into a shell: it works, and says what the README says that it says."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from platform_under_test import BIN

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def blocks() -> list[str]:
    """The indented blocks of the tour, as they stand, without their indentation."""
    tour = README.read_text().split("## A tour of five minutes\n", 1)[1].split("\n## ", 1)[0]
    out, inside = [], False
    for line in tour.splitlines():
        if line.startswith("    "):
            if not inside:
                out.append("")
            out[-1] += line[4:] + "\n"
        inside = line.startswith("    ")
    return out


def masked(line: str) -> str:
    """What differs from run to run is not compared."""
    line = re.sub(r"[A-Z]{2}-[0-9A-Z]{8}", "SERIAL", line)
    line = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "TIME", line)
    line = re.sub(r"\d+ bytes", "N bytes", line)
    line = re.sub(r"^(records +)\d+", r"\1N", line)
    return " ".join(line.split())


class Tour(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmp-", dir="/tmp"))
        # A checkout that is built: what installs and builds does nothing here.
        checkout = self.folder / "checkout"
        (checkout / "scripts").mkdir(parents=True)
        (checkout / "build" / "release").mkdir(parents=True)
        (checkout / "build" / "release" / "bin").symlink_to(BIN)
        for tool in (checkout / "scripts" / "install-packages", self.folder / "cmake"):
            tool.write_text("#!/bin/sh\n")
            tool.chmod(0o755)
        self.checkout = checkout

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def test_it_works_as_pasted_and_shows_what_it_says(self):
        tour = blocks()
        self.assertGreater(len(tour), 8)
        self.assertTrue(tour[-1].startswith("kill $(jobs -p)"), "the last block ends what the first ones started")
        script = "".join(f"{text}echo '=== end of block {i}'\n" for i, text in enumerate(tour)).replace("/tmp/kmp", f"{self.folder}/kmp")
        environment = {k: v for k, v in os.environ.items() if k != "KMP_HOME"} | {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        done = subprocess.run(["bash"], input=script, cwd=self.checkout, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        said = re.split(r"=== end of block \d+\n", done.stdout)
        self.assertEqual(len(said), len(tour) + 1, done.stdout)
        for text, output in zip(tour, said):
            lines = iter([masked(line) for line in output.splitlines()])
            for shown in (line[2:] for line in text.splitlines() if line.startswith("# ")):
                if shown != "...":
                    self.assertIn(masked(shown), lines, f"the README shows '{shown}'; the programs said:\n{output}")
            for line in output.splitlines():
                self.assertNotIn("not found", line)
                if re.match(r"(kmp\w*|kmp-\w+|bash|mkdir|awk|head): ", line):
                    self.assertIn(masked(line), [masked(shown[2:]) for shown in text.splitlines()], "a complaint that the README does not show")
