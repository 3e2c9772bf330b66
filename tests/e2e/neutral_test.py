"""Vendor neutrality through the real programs: the same life on NSS softokn, and utilities whose UKEYs are of both makers."""
import glob
import unittest

from platform_under_test import PINS, Meter, Platform, wait_until

CUSTOMER = "000000000042"
SOFTOKN = next(glob.iglob("/usr/lib/*/libsoftokn3.so"))


class MixedPlatform(Platform):
    """UKEYs named in `nss` lie in NSS databases; a folder `stick-NAME` is each one's stick."""

    def __init__(self, *nss: str):
        super().__init__()
        self.nss = nss

    def stick(self, name: str):
        return self.folder / f"stick-{name}"

    def plug_in_blank(self, name: str):
        if name not in self.nss:
            return super().plug_in_blank(name)
        self.stick(name).mkdir()
        (self.readers / f"{name}.toml").write_text(
            f'kind = "pkcs11"\nmodule = "{SOFTOKN}"\npath = "{self.stick(name)}"\nparameters = "configDir=\'sql:{{path}}\'"\n')
        wait_until(f"reader {name} shows a blank UKEY", lambda: self.reader(name).get("content") == "blank")

    def issue(self, name: str, kind: str, *terms: str) -> str:
        if name in self.nss and not (self.readers / f"{name}.toml").exists():
            self.plug_in_blank(name)
        return super().issue(name, kind, *terms)


def sell(case: unittest.TestCase, p: Platform, number: str) -> Meter:
    meter = p.meter(number)
    p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
    case.assertEqual(meter.show()["keys"]["state"], "private")
    p.good_vend("remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "5")
    case.assertEqual(meter.show()["balance_fen"], 500)
    case.assertTrue(p.good_vend("--json", "remote", "status", "--line", meter.line, "--meter", number).json()["genuine"])
    return meter


class AllOnNss(unittest.TestCase):
    def test_the_whole_life(self):
        number = "000000123480"
        with MixedPlatform("platform", "master", "key", "user") as p:
            p.initialised()
            meter = sell(self, p, number)
            recharge = ("remote", "recharge", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "5")

            wrong = p.vend(*recharge, pin="not-the-pin")
            self.assertEqual(wrong.code, 1)
            self.assertIn("wrong PIN", wrong.err)

            # Pulled: the folder goes. Refused at once, and at work again with its PIN when it is back.
            p.stick("user").rename(p.away / "user")
            wait_until("the UKEY is gone", lambda: p.reader("user").get("content") == "empty")
            self.assertEqual(p.vend(*recharge).code, 1)
            (p.away / "user").rename(p.stick("user"))
            wait_until("the UKEY is back", lambda: p.reader("user").get("content") == "ukey")
            p.good_vend(*recharge)
            self.assertEqual(meter.show()["balance_fen"], 1000)

            p.good_ctl("ukey", "revoke", p.serials["user"], "--reason", "returned by the holder", pins={"master": PINS["master"]})
            self.assertIn("revoked", p.vend(*recharge).err)

            p.restart()
            self.assertEqual(p.verify().code, 0)


class BothMakers(unittest.TestCase):
    def test_masters_of_an_nss_vault_work_on_softhsm_and_nss_alike(self):
        with MixedPlatform("master", "user") as p:
            p.initialised()
            sell(self, p, "000000123481")
            self.assertEqual(p.verify().code, 0)

    def test_masters_of_a_softhsm_vault_work_on_nss(self):
        with MixedPlatform("key") as p:
            p.initialised()
            sell(self, p, "000000123482")
            self.assertEqual(p.verify().code, 0)


if __name__ == "__main__":
    unittest.main()
