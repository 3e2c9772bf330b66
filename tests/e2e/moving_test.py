"""A meter moves from one platform to another, as docs/SCALING.md tells it: neither's keys are good for the other's, and no money is lost on the way."""
import unittest

from platform_under_test import Platform

NUMBER = "000000700001"
CUSTOMER = "000000000042"
USER = "authenticate,open_account,recharge,refund,relay,check_status"
ENGINEER = "authenticate,download_keys,recover_keys,initialise_wallet,check_status"


class Moving(unittest.TestCase):
    def setUp(self):
        self.places = []
        for _ in range(2):
            p = Platform()
            self.addCleanup(p.__exit__)
            p.start()
            p.ceremony()
            caps = ("--station", "s", "--per-order", "500", "--per-day", "9000", "--per-month", "90000", "--orders-per-minute", "1000")
            p.issue("key", "key", "--operations", ENGINEER, "--per-order", "500", "--per-day", "9000", "--per-month", "90000")
            p.issue("user", "user", "--operations", USER, *caps)
            self.places.append(p)

    def test_a_meter_moves_with_its_credit_to_a_platform_with_other_keys(self):
        a, b = self.places
        meter = a.meter(NUMBER)
        at = ("--line", meter.line, "--meter", NUMBER)
        a.good_vend("keys", "download", *at, kind="key")
        a.good_vend("remote", "open", *at, "--customer", CUSTOMER, "--amount", "50")
        # Before it has left the one, the other can do nothing with it.
        early = b.vend("remote", "open", *at, "--customer", CUSTOMER, "--amount", "1")
        self.assertEqual((early.code, meter.show()["balance_fen"]), (1, 5000), early)

        cleared = a.good_vend("--json", "remote", "clear", *at).json()
        self.assertEqual((cleared["amount_fen"], meter.show()["balance_fen"]), (5000, 0))
        a.good_vend("keys", "recover", *at, kind="key")
        b.good_vend("remote", "init-wallet", *at, "--amount", "0", kind="key")
        b.good_vend("keys", "download", *at, kind="key")
        opened = b.good_vend("--json", "remote", "open", *at, "--customer", CUSTOMER, "--amount", "50").json()
        self.assertEqual((opened["purchase_count"], meter.show()["balance_fen"]), (1, 5000))

        late = a.vend("remote", "recharge", *at, "--amount", "1")
        self.assertEqual((late.code, meter.show()["balance_fen"]), (1, 5000), late)
        for p in self.places:
            done = p.verify()
            self.assertEqual(done.code, 0, done)


if __name__ == "__main__":
    unittest.main()
