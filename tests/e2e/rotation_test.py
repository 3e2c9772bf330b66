"""A new version of the meters' keys: from the vault to the UKEYs, from them to the meters, and the end of the old one."""
import unittest

from platform_under_test import PINS, Platform

MASTER = {"master": PINS["master"]}
METER, OTHER, CUSTOMER = "000000004711", "000000004712", "000000000042"


class Rotation(unittest.TestCase):
    def test_a_campaign_from_the_first_new_master_to_the_end_of_the_old_ones(self):
        with Platform() as p:
            p.initialised()
            meter, other = p.meter(METER), p.meter(OTHER)
            for m in (meter, other):
                p.good_vend("keys", "download", "--line", m.line, "--meter", m.number, kind="key")
            p.good_vend("remote", "open", "--line", meter.line, "--meter", METER, "--customer", CUSTOMER, "--amount", "10")

            refused = p.ctl("keys", "destroy", "1", "--reason", "too early", pins=MASTER)
            self.assertEqual(refused.code, 1)
            self.assertIn("is the newest", refused.err)
            versions = p.good_ctl("--json", "keys", "rotate", "--reason", "yearly", pins=MASTER).json()["versions"]
            self.assertEqual([(v["version"], v["meters"], v["newest"]) for v in versions], [(1, 2, False), (2, 0, True)])

            # Meters with the old keys are sold to as before; the UKEYs do not hold the new ones yet.
            p.good_vend("remote", "recharge", "--line", meter.line, "--meter", METER, "--amount", "1")
            early = p.vend("keys", "update", "--line", meter.line, "--meter", METER, kind="key")
            self.assertEqual(early.code, 1)
            self.assertIn("ukey inject", early.err)
            for kind in ("key", "user"):
                p.good_ctl("ukey", "inject", p.serials[kind], pins={**MASTER, "ukey": PINS[kind]})
                again = p.ctl("ukey", "inject", p.serials[kind], pins={**MASTER, "ukey": PINS[kind]})
                self.assertIn("holds every master", again.err)

            done = p.good_vend("--json", "keys", "update", "--line", meter.line, "--meter", METER, kind="key").json()
            self.assertEqual((done["key_version"], done["already"]), (2, False))
            p.good_vend("remote", "recharge", "--line", meter.line, "--meter", METER, "--amount", "1")
            status = p.good_vend("remote", "status", "--line", meter.line, "--meter", METER)
            self.assertIn("12.00 yuan", status.out)
            self.assertIn("version 2", status.out)
            self.assertEqual([v["meters"] for v in p.good_ctl("--json", "keys", "list").json()["versions"]], [1, 1])

            left = p.ctl("keys", "destroy", "1", "--reason", "old", pins=MASTER)
            self.assertEqual(left.code, 1)
            self.assertIn("1 meters hold version 1", left.err)
            p.good_vend("keys", "update", "--line", other.line, "--meter", OTHER, kind="key")
            versions = p.good_ctl("--json", "keys", "destroy", "1", "--reason", "nobody holds it", pins=MASTER).json()["versions"]
            self.assertEqual([v["destroyed"] for v in versions], [True, False])

            # What is issued from now on holds the new version only, and the service knows it after a restart.
            p.kill()
            p.start()
            p.unseal()
            p.issue("late", "user", "--station", "station-2")
            masters = p.good_ctl("--json", "ukey", "show", p.serials["late"]).json()["ukey"]["masters"]
            self.assertIn("credit 2", masters)
            self.assertNotIn("credit 1", masters)
            p.good_vend("remote", "recharge", "--line", meter.line, "--meter", METER, "--amount", "1", name="late")
            self.assertEqual(p.verify().code, 0)


if __name__ == "__main__":
    unittest.main()
