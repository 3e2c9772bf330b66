"""The main job, through the real programs: ceremony, two UKEYs, meter keys, sales, a revocation, a verified log."""
import glob
import os
import unittest

from platform_under_test import PINS, Platform, wait_until

METER = "000000123456"
CUSTOMER = "000000000042"


class MainJob(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised(anew=True)
        cls.idle = cls.p.meter("000000999999")  # answers, so that only kmpd says no

    @classmethod
    def tearDownClass(cls):
        cls.p.__exit__()

    def test_a_meter_gets_its_keys_is_sold_to_and_the_log_verifies(self):
        p = self.p
        meter = p.meter(METER)
        self.assertEqual(meter.show()["keys"]["state"], "factory")
        p.good_vend("keys", "download", "--line", meter.line, "--meter", "auto", kind="key")
        self.assertEqual(meter.show()["keys"]["state"], "private")
        p.good_vend("remote", "open", "--line", meter.line, "--meter", METER, "--customer", CUSTOMER, "--amount", "50")
        p.good_vend("remote", "recharge", "--line", meter.line, "--meter", METER, "--customer", CUSTOMER, "--amount", "20.50")
        self.assertEqual(meter.show()["balance_fen"], 7050)
        status = p.good_vend("--json", "remote", "status", "--line", meter.line, "--meter", METER).json()
        self.assertTrue(status["genuine"])
        p.good_vend("remote", "trip", "--line", meter.line, "--meter", METER)
        p.good_vend("remote", "close", "--line", meter.line, "--meter", METER)
        orders = [e for e in p.events() if e["type"] == "order"]
        self.assertEqual(sum(e["json"]["amount"] for e in orders), 7050)
        self.assertEqual([e["json"]["count"] for e in orders], [1, 2])
        verdict = p.verify()
        self.assertEqual(verdict.code, 0, repr(verdict))

    def test_an_order_asked_twice_is_charged_and_credited_once(self):
        p = self.p
        number = "000000123457"
        meter = p.meter(number, line="tcp")
        p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        first = p.good_vend("--json", "remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "10").json()
        again = p.vend("--json", "remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "10", "--order-id", first["order_id"])
        self.assertEqual(again.code, 0, repr(again))
        self.assertEqual(meter.show()["balance_fen"], 1000)
        other = p.vend("remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "11", "--order-id", first["order_id"])
        self.assertEqual(other.code, 1)
        self.assertIn("other content", other.err)
        self.assertEqual(meter.show()["balance_fen"], 1000)

    def test_a_cap_is_refused_with_its_name_and_what_remains(self):
        p = self.p
        number = "000000123458"
        meter = p.meter(number)
        p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        done = p.vend("remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "500.01")
        self.assertEqual(done.code, 1)
        self.assertIn("per_order", done.err)
        self.assertIn("500.00", done.err)
        self.assertEqual(meter.show()["balance_fen"], 0)

    def test_keys_are_not_downloaded_twice_under_the_factory_keys(self):
        p = self.p
        number = "000000123459"
        meter = p.meter(number)
        p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        # Another meter, in factory state, that calls itself by the same number.
        meter.stop()
        os.unlink(meter.state)
        meter.start()
        again = p.vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        self.assertEqual(again.code, 1, repr(again))
        self.assertIn("private keys already", again.err)
        self.assertEqual(meter.show()["keys"]["state"], "factory")

    def test_a_user_ukey_cannot_download_keys(self):
        p = self.p
        number = "000000123460"
        meter = p.meter(number)
        done = p.vend("keys", "download", "--line", meter.line, "--meter", number)
        self.assertEqual(done.code, 1)
        self.assertEqual(meter.show()["keys"]["state"], "factory")

    def test_a_wrong_pin_is_refused_and_counted(self):
        p = self.p
        p.issue("pin", "user", "--station", "station-pin")
        for left in range(9, 6, -1):
            done = p.vend("remote", "status", "--line", self.idle.line, "--meter", self.idle.number, name="pin", pin="not-the-pin")
            self.assertEqual(done.code, 1)
            self.assertIn("wrong PIN", done.err)
            self.assertIn(f"{left} {'try' if left == 1 else 'tries'} left", done.err)
        shown = p.good_ctl("--json", "ukey", "show", p.serials["pin"]).json()
        self.assertEqual(shown["ukey"]["wrong_pins"], 3)
        for _ in range(7):
            done = p.vend("remote", "status", "--line", self.idle.line, "--meter", self.idle.number, name="pin", pin="not-the-pin")
        locked = p.vend("remote", "status", "--line", self.idle.line, "--meter", self.idle.number, name="pin")
        self.assertEqual(locked.code, 1)
        self.assertIn("blocked", locked.err)
        shown = p.good_ctl("--json", "ukey", "show", p.serials["pin"]).json()
        self.assertEqual(shown["ukey"]["state"], "blocked")

    def test_a_revoked_ukey_is_refused_and_listed(self):
        p = self.p
        serial = p.issue("gone", "user", "--station", "station-gone")
        p.good_ctl("ukey", "revoke", serial, "--reason", "returned by the holder", pins={"master": PINS["master"]})
        done = p.vend("remote", "status", "--line", self.idle.line, "--meter", self.idle.number, name="gone")
        self.assertEqual(done.code, 1)
        self.assertIn("revoked", done.err)
        self.assertIn("BEGIN X509 CRL", p.good_ctl("crl").out)
        again = p.ctl("ukey", "suspend", serial, "--reason", "twice", pins={"master": PINS["master"]})
        self.assertEqual(again.code, 1)
        self.assertIn("revoked", again.err)

    def test_a_wrong_master_pin_changes_nothing(self):
        p = self.p
        done = p.ctl("ukey", "suspend", p.serials["key"], "--reason", "test", pins={"master": "not-the-pin"})
        self.assertEqual(done.code, 1)
        self.assertIn("wrong PIN", done.err)
        self.assertEqual(p.good_ctl("--json", "ukey", "show", p.serials["key"]).json()["ukey"]["state"], "issued")

    def test_a_second_ceremony_in_one_home_is_refused(self):
        done = self.p.ctl("init", "--utility", "Other", "--platform-reader", "a", "--master-reader", "b", pins={"platform": "abcdef-1", "master": "abcdef-2"})
        self.assertEqual(done.code, 1)
        self.assertIn("already", done.err)


class SealedService(unittest.TestCase):
    def test_it_starts_sealed_counts_wrong_pins_and_opens_again(self):
        with Platform() as p:
            p.initialised()
            self.idle = p.meter("000000999999")
            p.stop()
            p.start()
            self.assertEqual(p.status()["state"], "sealed")
            refused = p.vend("remote", "status", "--line", self.idle.line, "--meter", self.idle.number)
            self.assertEqual(refused.code, 1)
            self.assertIn("sealed", refused.err)
            self.assertEqual(p.ctl("ukey", "list").code, 1)
            wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
            wrong = p.ctl("unseal", pins={"platform": "not-the-pin"})
            self.assertEqual(wrong.code, 1)
            self.assertIn("9 tries left", wrong.err)
            p.unseal()
            self.assertEqual(p.status()["state"], "open")
            failed = [e for e in p.events() if e["type"] == "pin_failed"]
            self.assertEqual(len(failed), 1)
            p.good_ctl("seal")
            self.assertEqual(p.status()["state"], "sealed")
            p.unseal()
            self.assertEqual(p.verify().code, 0)

    def test_a_database_that_the_key_does_not_open_is_said_so(self):
        with Platform() as p:
            p.initialised()
            p.stop()
            parts = [f for f in ("kmp.db", "kmp.db-wal", "kmp.db-shm") if (p.home / f).exists()]
            for f in parts:
                (p.home / f).rename(p.folder / f)
            (p.home / "kmp.db").write_bytes(b"\x5a" * 16384)
            p.start()
            wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
            done = p.ctl("unseal", pins={"platform": PINS["platform"]})
            self.assertEqual(done.code, 1)
            self.assertRegex(done.err, "wrong key|not a database|changed")
            self.assertEqual(p.status()["state"], "sealed")
            for f in ("kmp.db", "kmp.db-wal", "kmp.db-shm"):
                (p.home / f).unlink(missing_ok=True)
            for f in parts:
                (p.folder / f).rename(p.home / f)
            p.unseal()
            self.assertEqual(p.verify().code, 0)


class VendorModule(unittest.TestCase):
    """A reader of kind pkcs11: any module. SoftHSM2's own stands for a vendor's, with its tokens in a folder we do not look into."""

    def test_a_user_ukey_behind_any_pkcs11_module_is_issued_and_sells(self):
        module = next(glob.iglob("/usr/lib/*/softhsm/libsofthsm2.so"))
        with Platform() as p:
            tokens = p.folder / "vendor"
            tokens.mkdir()
            configuration = p.folder / "vendor.conf"
            configuration.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
            p.environment["SOFTHSM2_CONF"] = str(configuration)
            p.start()
            p.ceremony()
            (p.readers / "hsm.toml").write_text(f'kind = "pkcs11"\nmodule = "{module}"\n')
            wait_until("the module shows a blank token", lambda: p.reader("hsm").get("content") == "blank")
            p.issue("hsm", "user", "--station", "station-hsm")
            p.issue("key", "key")
            number = "000000123470"
            meter = p.meter(number)
            p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
            p.good_vend("remote", "open", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "5", name="hsm")
            self.assertEqual(meter.show()["balance_fen"], 500)
            # The reader's file goes: the UKEY is pulled out. It comes back: it asks for its PIN again, and works.
            (p.readers / "hsm.toml").rename(p.away / "hsm.toml")
            wait_until("the reader is gone", lambda: p.reader("hsm").get("content") in (None, "empty"))
            gone = p.vend("remote", "status", "--line", meter.line, "--meter", number, name="hsm")
            self.assertEqual(gone.code, 1)
            (p.away / "hsm.toml").rename(p.readers / "hsm.toml")
            wait_until("the UKEY is back", lambda: p.reader("hsm").get("content") == "ukey")
            p.good_vend("remote", "recharge", "--line", meter.line, "--meter", number, "--customer", CUSTOMER, "--amount", "5", name="hsm")
            self.assertEqual(meter.show()["balance_fen"], 1000)
            self.assertEqual(p.verify().code, 0)


if __name__ == "__main__":
    unittest.main()
