"""A meter that has had private keys and stands in factory state again: refused, allowed once, refused again."""
import os
import pathlib
import unittest

from cases import ProgramCase
from platform_under_test import MASTER, PINS, Meter, Platform, wait_until
from station import Refused, Station
from wire import kmp_pb2 as pb

METER = "000000004711"


def reset(meter: Meter):
    """A new board under the old number: the meter is as its maker delivers it."""
    meter.stop()
    pathlib.Path(meter.state).unlink()
    meter.start()


class AllowedDownload(ProgramCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        cls.p.issue("second-key", "key")

    def download(self, meter: Meter, name: str = "key"):
        return self.p.vend("keys", "download", "--line", meter.line, "--meter", meter.number, name=name, pin=PINS["key"])

    def keyed(self, number: str) -> Meter:
        meter = self.p.meter(number)
        self.assertEqual(self.download(meter).code, 0)
        return meter

    def allow(self, number: str, *more: str):
        return self.p.good_ctl("--json", "meter", "allow-download", number, "--reason", "new board after lightning", *more, pins=MASTER).json()["meter"]

    def show(self, number: str) -> dict:
        return self.p.good_ctl("--json", "meter", "show", number).json()["meter"]

    def restart(self):
        self.p.kill()
        self.p.start()
        self.p.unseal()
        wait_until("the UKEYs are ready", lambda: all(self.p.reader(n).get("content") == "ukey" for n in ("key", "second-key", "master")))

    def begin(self, number: str, name: str):
        """Keys are given out, and the line breaks: the meter never hears them."""
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(self.p.serials[name], PINS["key"])
        return station.ask(download_keys=pb.DownloadKeys(meter=int(number), r2=os.urandom(4)))

    def test_a_reset_meter_is_refused_then_allowed_once_then_refused_again(self):
        meter = self.keyed(METER)
        reset(meter)
        self.refused(self.download(meter), f"kmpctl meter allow-download {METER}")
        self.assertEqual(int(self.show(METER).get("download_until_ms", 0)), 0)
        self.assertIn("not allowed", self.p.good_ctl("meter", "show", METER).out)

        self.assertEqual(self.p.ctl("meter", "allow-download", METER, "--reason", "x", pins={"master": "not-the-pin-at-all"}).code, 1)
        self.refused(self.download(meter), "allow-download")
        allowed = self.p.good_ctl("meter", "allow-download", METER, "--reason", "new board after lightning", pins=MASTER).out
        self.assertNotIn("Caution", allowed, "nothing was sold to it yet")
        self.assertGreater(int(self.show(METER)["download_until_ms"]), 0)
        self.assertIn("allowed once more", self.p.good_ctl("meter", "show", METER).out)
        self.restart()
        self.assertEqual(self.download(meter).code, 0)
        self.assertEqual(int(self.show(METER).get("download_until_ms", 0)), 0)

        reset(meter)
        self.refused(self.download(meter), "allow-download")
        self.restart()
        self.refused(self.download(meter), "allow-download")
        said = [e["json"] for e in self.p.events() if e["type"] == "download_allowed" and e["json"]["meter"] == METER]
        self.assertEqual([s["reason"] for s in said], ["new board after lightning"])
        self.assertEqual(self.p.verify().code, 0)

    def test_a_broken_line_is_taken_up_again_by_the_same_engineer_and_by_nobody_else(self):
        number = "000000004712"
        meter = self.keyed(number)
        reset(meter)
        self.allow(number, "--days", "2")
        self.begin(number, "key")
        self.assertEqual(self.show(number)["download_ukey"], self.p.serials["key"])
        self.refused(self.download(meter, "second-key"), "was begun with UKEY " + self.p.serials["key"])
        self.restart()
        self.refused(self.download(meter, "second-key"), "was begun with UKEY " + self.p.serials["key"])
        self.begin(number, "key")
        self.assertEqual(self.download(meter).code, 0)
        reset(meter)
        self.refused(self.download(meter), "allow-download")
        self.assertEqual(self.p.verify().code, 0)

    def test_an_update_never_goes_under_the_factory_keys_though_a_download_is_allowed(self):
        number = "000000004713"
        meter = self.keyed(number)
        self.allow(number)
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(self.p.serials["key"], PINS["key"])
        with self.assertRaises(Refused) as refused:
            station.ask(download_keys=pb.DownloadKeys(meter=int(number), r2=os.urandom(4), update=True))
        self.assertIn("newest keys already", refused.exception.message)
        self.refused(self.p.vend("keys", "update", "--line", meter.line, "--meter", number, kind="key"), "newest keys already")

    def test_first_keys_that_were_sent_and_never_reported_leave_the_meter_unknown_after_a_crash(self):
        number = "000000004714"
        self.begin(number, "key")
        self.restart()
        self.refused(self.p.ctl("meter", "show", number), "is not known here")
        self.assertEqual(self.download(self.p.meter(number)).code, 0)
        self.assertTrue(self.show(number)["keyed"])

    def test_what_needs_no_approval_or_is_not_known_is_refused(self):
        self.refused(self.p.ctl("meter", "show", "000000009999"), "is not known here")
        self.refused(self.p.ctl("meter", "allow-download", "000000009999", "--reason", "x", pins=MASTER), "is not known here")
        for words in (("meter", "show", "77"), ("meter", "allow-download", "000000000000", "--reason", "x"), ("meter", "allow-download", METER, "--reason", "x", "--days", "8"),
                      ("meter", "allow-download", METER)):
            self.assertEqual(self.p.ctl(*words, pins=MASTER).code, 2, words)


class AllowedByOfficers(unittest.TestCase):
    """Two of three officers."""

    def test_one_officer_is_not_enough_and_two_are_for_one_download(self):
        with Platform() as p:
            p.quorum_ceremony(3, 2)
            p.issue_by_quorum("key", "key")
            meter = p.meter(METER)
            download = lambda: p.vend("keys", "download", "--line", meter.line, "--meter", METER, kind="key")
            self.assertEqual(download().code, 0)
            reset(meter)
            made = p.good_ctl("--json", "meter", "allow-download", METER, "--reason", "new board").json()
            shown = p.good_ctl("--json", "request", "show", str(made["number"])).json()
            self.assertEqual((shown["deed"], shown["terms"]), ("recover-meter", {"meter": METER, "reason": "new board", "days": "7"}))
            p.approve(made["number"], 1)
            done = p.ctl("request", "run", str(made["number"]))
            self.assertEqual(done.code, 1)
            self.assertIn("1 of 2 officers agree", done.err)
            self.assertIn("allow-download", download().err)
            p.approve(made["number"], 3)
            self.assertIn("allowed once more", p.good_ctl("request", "run", str(made["number"])).out)
            self.assertEqual(download().code, 0)
            reset(meter)
            self.assertIn("allow-download", download().err)
            self.assertEqual(p.ctl("request", "run", str(made["number"])).code, 1)
            verdict = p.verify()
            self.assertEqual(verdict.code, 0, verdict)


if __name__ == "__main__":
    unittest.main()
