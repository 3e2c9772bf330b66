"""A new version of the meters' keys: from the vault to the UKEYs, from them to the meters, and the end of the old one."""
import unittest

from platform_under_test import MASTER, PINS, Platform

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
            self.assertIn("1 meter holds version 1", left.err)
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


class OneClass(unittest.TestCase):
    """Only the masters of class credit are drawn anew."""

    def master_versions(self, version: dict) -> dict:
        return {m["key_class"]: m["version"] for m in version["masters"]}

    def gone(self, version: dict) -> list:
        return [f"{m['key_class']} {m['version']}" for m in version["masters"] if m.get("destroyed")]

    def test_who_does_not_hold_it_goes_on_and_who_does_is_given_the_new_master(self):
        with Platform() as p:
            p.initialised()
            p.issue("relay", "user", "--station", "station-9", "--operations", "authenticate,relay", "--classes", "identity,remote")
            meter, other = p.meter(METER), p.meter(OTHER)
            recharge = lambda m, **who: p.vend("remote", "recharge", "--line", m.line, "--meter", m.number, "--amount", "1", **who)
            update = lambda m: p.vend("keys", "update", "--line", m.line, "--meter", m.number, kind="key")
            trip = lambda m: p.vend("remote", "trip", "--line", m.line, "--meter", m.number, name="relay", pin=PINS["user"])
            inject = lambda name, kind: p.ctl("ukey", "inject", p.serials[name], pins={**MASTER, "ukey": PINS[kind]})
            listed = lambda: p.good_ctl("--json", "keys", "list").json()["versions"]
            for m in (meter, other):
                p.good_vend("keys", "download", "--line", m.line, "--meter", m.number, kind="key")
                p.good_vend("remote", "open", "--line", m.line, "--meter", m.number, "--customer", CUSTOMER, "--amount", "10")

            versions = p.good_ctl("--json", "keys", "rotate", "--class", "credit", "--reason", "a credit UKEY was lost", pins=MASTER).json()["versions"]
            self.assertEqual(self.master_versions(versions[1]), {"control": 1, "identity": 1, "remote": 1, "parameter": 1, "credit": 2, "card": 1})
            self.assertEqual([(v["ukeys"], v["ukeys_lacking"]) for v in versions], [(3, 0), (1, 2)], "only the UKEY without credit needs no injection")
            self.assertIn("holds every master", inject("relay", "user").err)

            # The engineer's UKEY lacks credit 2 and gives nothing out; the old meters are sold to as before.
            self.assertIn("lacks the masters credit 2", update(meter).err)
            fresh = p.meter("000000004713")
            self.assertIn("ukey inject", p.vend("keys", "download", "--line", fresh.line, "--meter", fresh.number, kind="key").err)
            self.assertEqual(recharge(meter).code, 0)
            self.assertEqual(inject("key", "key").code, 0)
            self.assertEqual(update(meter).code, 0)

            p.kill()
            p.start()
            p.unseal()
            refused = recharge(meter)
            self.assertEqual(refused.code, 1)
            self.assertIn("lacks the masters credit 2", refused.err)
            self.assertIn("kmpctl ukey inject " + p.serials["user"], refused.err)
            self.assertEqual(recharge(other).code, 0, "an old meter takes the old master")
            self.assertEqual(trip(meter).code, 0, "and the relay takes a master that was not rotated")
            self.assertEqual(trip(other).code, 0)

            self.assertEqual(inject("user", "user").code, 0)
            masters = p.good_ctl("--json", "ukey", "show", p.serials["user"]).json()["ukey"]["masters"]
            self.assertIn("credit 2", masters)
            self.assertNotIn("identity 2", masters)
            for m in (meter, other):
                self.assertEqual(recharge(m).code, 0)
            status = p.good_vend("remote", "status", "--line", meter.line, "--meter", METER).out
            self.assertIn("12.00 yuan", status)
            self.assertIn("version 2", status)
            self.assertEqual([v["meters"] for v in listed()], [1, 1])

            # Version 1 goes when no meter is left on it, and takes with it only what version 2 does not use.
            self.assertIn("1 meter holds version 1", p.ctl("keys", "destroy", "1", "--reason", "old", pins=MASTER).err)
            again = p.good_vend("--json", "keys", "download", "--line", other.line, "--meter", OTHER, kind="key").json()
            self.assertEqual((again["already"], again["key_version"]), (True, 1), "a download that finds private keys reports those it found")
            self.assertEqual([v["meters"] for v in listed()], [1, 1])
            self.assertEqual(update(other).code, 0)
            versions = p.good_ctl("--json", "keys", "destroy", "1", "--reason", "nobody holds it", pins=MASTER).json()["versions"]
            self.assertEqual([v["destroyed"] for v in versions], [True, False])
            self.assertEqual([self.gone(v) for v in versions], [["credit 1"], []])
            self.assertIn("destroyed already", p.ctl("keys", "destroy", "1", "--reason", "old", pins=MASTER).err)
            self.assertIn("credit 1 (destroyed)", p.good_ctl("keys", "list").out)

            p.kill()
            p.start()
            p.unseal()
            self.assertEqual([self.master_versions(v)["credit"] for v in listed()], [1, 2], "what was drawn is remembered after its end")
            for m in (meter, other):
                self.assertEqual(recharge(m).code, 0)
            # What comes next goes on from there.
            versions = p.good_ctl("--json", "keys", "rotate", "--class", "remote,identity", "--reason", "next", pins=MASTER).json()["versions"]
            self.assertEqual(self.master_versions(versions[2]), {"control": 1, "identity": 3, "remote": 3, "parameter": 1, "credit": 2, "card": 1})
            self.assertEqual(p.ctl("keys", "rotate", "--class", "water", "--reason", "x", pins=MASTER).code, 2)
            verdict = p.verify()
            self.assertEqual(verdict.code, 0, verdict)


if __name__ == "__main__":
    unittest.main()
