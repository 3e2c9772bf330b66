"""scripts/demo: it does what it says, can be talked to when it is kept, and leaves nothing behind however it ends."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from platform_under_test import BIN, PATIENCE, descendants, wait_until

DEMO = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo"


def alive(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def program(pid: int) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


class Demo(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="kmp-", dir="/tmp")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.said = self.scratch / "said"

    def start(self, *words: str, path: str = "", screen: str = "") -> subprocess.Popen:
        environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
        environment |= {"KMP_BIN": str(BIN), "PATH": path + os.environ["PATH"]} | ({"QT_QPA_PLATFORM": screen} if screen else {})
        with open(self.said, "w") as out:
            demo = subprocess.Popen([str(DEMO), *words], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        self.addCleanup(lambda: demo.poll() is None and (demo.terminate(), demo.wait(PATIENCE)))
        return demo

    def folder(self) -> pathlib.Path:
        return pathlib.Path(re.search(r"Everything below happens in (\S+)\.\n", self.said.read_text()).group(1))

    def assert_gone(self, pids: list[int], folder: pathlib.Path):
        self.assertEqual([pathlib.Path(f"/proc/{p}/cmdline").read_text() for p in pids if alive(p)], [])
        self.assertFalse(folder.exists())

    def test_it_does_the_main_job_and_what_is_kept_works_as_it_says_until_it_is_stopped(self):
        self.assertEqual(self.start("--keep").wait(PATIENCE * 4), 0, self.said.read_text())
        said, folder = self.said.read_text(), self.folder()
        stop = (folder / "stop").read_text()
        self.addCleanup(lambda: folder.exists() and subprocess.run([folder / "stop"], timeout=PATIENCE))
        started = [int(p) for p in re.search(r"^for p in ([0-9 ]+);", stop, re.MULTILINE).group(1).split()]
        processes = started + [p for s in started for p in descendants(s)]
        self.assertEqual([p for p in started if not alive(p)], [])
        self.assertGreaterEqual(len(processes), 4 + 5, "kmpd, two meters, the card reader; what holds the UKEYs")
        for shown in ("grade +low", "grade +high", "purchase count 2, order", "under purchase count 3", "It fits the log", "balance 82.50 yuan, purchase count 3", "is revoked for good", "verdict +sound",
                      "verdict +NOT SOUND", r"All \d+ steps did what they say\."):
            self.assertRegex(said, shown)
        # What it offers can be pasted as it stands, up to the line that stops it.
        offered = re.findall("^   (.*)$", said.split("It is left running.", 1)[1], re.MULTILINE)
        self.assertEqual(offered[-1], f"{folder}/stop")
        pasted = subprocess.run(["bash", "-eu"], input="\n".join(offered[:-1]), text=True, capture_output=True, timeout=PATIENCE * 2)
        self.assertEqual((pasted.returncode, pasted.stderr), (0, ""), pasted.stdout)
        for shown in ("purchase count 3, order", "under purchase count 4", "credited 5.00 yuan, purchase count 4", "balance +75.50 yuan", "balance +87.50 yuan",
                      "5.00 yuan for meter 000000123457, purchase count 5; order", "balance 92.50 yuan, purchase count 5 of 5; genuine"):
            self.assertRegex(pasted.stdout, shown)
        subprocess.run([offered[-1]], check=True, timeout=PATIENCE)
        self.assert_gone(processes, folder)

    def test_with_ui_it_opens_the_window_on_what_it_did_and_cleans_up_when_that_is_closed(self):
        demo = self.start("--ui", screen="offscreen")
        window = lambda: [p for p in descendants(demo.pid) if program(p) == "kmp-console"]
        wait_until("the window is there", lambda: window() or demo.poll() is not None, PATIENCE * 4)
        self.assertIsNone(demo.poll(), self.said.read_text())
        processes, (console,) = descendants(demo.pid), window()
        folder = self.folder()
        wait_until("it has met the log", lambda: list((folder / "state" / "kmp-console").glob("*")))
        os.kill(console, signal.SIGTERM)
        self.assertEqual(demo.wait(PATIENCE), 0, self.said.read_text())
        self.assert_gone(processes, folder)

    def test_without_a_screen_ui_says_so_before_it_begins(self):
        self.assertEqual(self.start("--ui").wait(PATIENCE), 1)
        self.assertRegex(self.said.read_text(), r"\Ascripts/demo --ui: there is no screen.*\n\Z")

    def test_interrupted_with_a_card_in_the_reader_it_leaves_nothing(self):
        demo = self.start()
        wait_until("the card is being sold", lambda: "kmp-vend card sell" in self.said.read_text() or demo.poll() is not None)
        processes = descendants(demo.pid)
        os.killpg(demo.pid, signal.SIGINT)  # Ctrl-C
        self.assertEqual(demo.wait(PATIENCE), 130, self.said.read_text())
        self.assertGreater(len(processes), 9)
        self.assert_gone(processes, self.folder())

    def test_where_no_namespaces_are_allowed_it_says_so_before_it_begins(self):
        (self.scratch / "unshare").write_text("#!/bin/sh\nexit 1\n")
        (self.scratch / "unshare").chmod(0o755)
        self.assertEqual(self.start(path=f"{self.scratch}:").wait(PATIENCE), 1)
        self.assertRegex(self.said.read_text(), r"\Acard-reader: .*\(namespaces\), and this system lets \w+ make none: allow it.*\n\Z")


if __name__ == "__main__":
    unittest.main()
