"""A station's work through the real programs: orders killed in each state of the journal, refunds and clears, files of orders, tariffs, keys of many meters."""
import csv
import unittest

from platform_under_test import Platform

CUSTOMER = "000000000042"
OPERATIONS = "authenticate,open_account,recharge,refund,relay,write_parameter,check_status"


class StationWork(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p = Platform().initialised()
        cls.p.issue("station", "user", "--station", "station-2", "--operations", OPERATIONS, "--classes", "identity,remote,parameter,credit", "--per-order", "500", "--per-day", "2000000", "--per-month", "30000000", "--orders-per-minute", "1000000")

    @classmethod
    def tearDownClass(cls):
        cls.p.__exit__()

    def vend(self, *words):
        return self.p.vend(*words, name="station")

    def good(self, *words):
        done = self.vend(*words)
        self.assertEqual(done.code, 0, repr(done))
        return done

    def keyed(self, number: str, *options: str):
        meter = self.p.meter(number, *options)
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        return meter

    def test_an_order_killed_in_any_state_is_finished_and_not_repeated(self):
        meter = self.keyed("000000223456")
        at = ("--line", meter.line)
        self.good("remote", "open", *at, "--meter", meter.number, "--customer", CUSTOMER, "--amount", "1")
        due = 100
        for state in ("asked", "answered", "sent", "confirmed"):
            with self.subTest(state=state):
                killed = self.vend("--die-at", state, "remote", "recharge", *at, "--meter", meter.number, "--amount", "10")
                self.assertNotEqual(killed.code, 0)
                if state != "confirmed":
                    other = self.vend("remote", "recharge", *at, "--meter", meter.number, "--amount", "5")
                    self.assertIn("orders resume", other.err)
                self.good("orders", "resume", *at)
                due += 1000
                self.assertEqual(meter.show()["balance_fen"], due)
        charged = sum(e["json"]["amount"] for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == int(meter.number))
        self.assertEqual(charged, due)

    def test_credit_is_taken_back_and_an_account_cleared_and_opened_anew(self):
        meter = self.keyed("000000223457")
        at = ("--line", meter.line, "--meter", meter.number)
        self.good("remote", "open", *at, "--customer", CUSTOMER, "--amount", "50")
        self.good("remote", "refund", *at, "--amount", "20")
        self.assertEqual(meter.show()["balance_fen"], 3000)
        cleared = self.good("--json", "remote", "clear", *at).json()
        self.assertEqual(cleared["amount_fen"], 3000)
        self.assertEqual(meter.show()["balance_fen"], 0)
        self.good("remote", "open", *at, "--customer", "000000000043", "--amount", "7")
        self.assertEqual(self.good("--json", "remote", "status", *at).json()["customer"], "000000000043")
        self.assertEqual(self.p.verify().code, 0)

    def test_both_grades_of_meter_take_keys_parameters_tariffs_and_questions(self):
        tariff = self.p.folder / "tariff.toml"
        tariff.write_text('prices = ["0.5283", "0.3"]\ndays = [["00:00 2", "08:00 1"]]\nseasons = ["01-01 1"]\n[ladder]\nlimits = ["200"]\nprices = ["0", "0.05"]\n'
                          '[switch]\nprices = "2090-01-01 00:00"\ndays = "2090-01-01 00:00"\nseasons = "2090-01-01 00:00"\nladder = "2090-01-01 00:00"\n')
        for number, grade, frames in (("000000223458", "low", 9), ("000000223459", "high", 5)):
            with self.subTest(grade=grade):
                meter = self.p.meter(number, "--grade", grade)
                at = ("--line", meter.line, "--meter", number)
                self.assertEqual(self.p.good_vend("--json", "keys", "download", *at, kind="key").json()["records"], frames)
                self.good("remote", "open", *at, "--customer", CUSTOMER, "--amount", "50")
                self.good("parameters", "set", "alarm1", "50", "alarm2", "20", "hoarding", "4000", "overdraft", "3", "current-ratio", "40", "clock", "now", *at)
                self.good("parameters", "set", "alarm2", "10", "--class", "2", *at)
                self.good("tariff", "set", str(tariff), *at)
                read = self.good("--json", "remote", "read", "alarm1", "alarm2", "hoarding", "prices-switch", "keys", *at).json()
                self.assertEqual((read["alarm1"], read["alarm2"], read["hoarding"], read["prices-switch"]), ("50.00", "10.00", "4000.00", "2090-01-01 00:00"))
                self.assertEqual(read["keys"], str(9 if grade == "low" else 20))
                self.good("remote", "validity", "30", *at)
                self.assertEqual(self.good("--json", "remote", "read-back", *at).json()["balance_fen"], 5000)
                self.good("remote", "alarm", "on", *at)
                self.good("remote", "keep-power", "on", *at)
                self.assertIn("supply guaranteed", self.good("remote", "read", "state", *at).out)
                self.good("remote", "end", *at)

    def test_a_file_of_orders_is_carried_out_once(self):
        meters = [self.keyed(f"00000022346{i}") for i in range(2)]
        orders, result = self.p.folder / "orders.csv", self.p.folder / "result.csv"
        for meter in meters:
            orders.write_text(f"meter,customer,operation,amount\n{meter.number},{CUSTOMER},open,5\n{meter.number},,recharge,7\n{meter.number},,refund,600\n")
            words = ("remote", "batch", str(orders), "--result", str(result), "--line", meter.line)
            first = self.vend(*words)
            self.assertEqual(first.code, 1, repr(first))
            self.assertEqual([r["outcome"] for r in csv.DictReader(result.open(newline=""))], ["confirmed", "confirmed", "refused"])
            self.vend(*words)
            self.assertEqual(meter.show()["balance_fen"], 1200)
            orders.unlink()
            orders = self.p.folder / "other.csv"

    def test_a_line_of_meters_gets_its_keys_in_one_run(self):
        first = 223500
        numbers = [f"{first + i:012d}" for i in range(4)]
        meter = self.p.meter(numbers[0], *[w for n in numbers[1:] for w in ("--number", n, "--state", str(self.p.folder / f"{n}.state"))])
        report = self.p.folder / "report.csv"
        words = ("--json", "keys", "download", "--meters", f"{numbers[0]}-{numbers[-1]}", "--line", meter.line, "--result", str(report))
        done = self.p.good_vend(*words, kind="key").json()
        self.assertEqual((done["done"], done["failed"]), (4, 0))
        self.assertEqual([r["outcome"] for r in csv.DictReader(report.open(newline=""))], ["done"] * 4)
        self.assertEqual(self.p.good_vend(*words, kind="key").json()["done_before"], 4)

    def test_a_meter_in_factory_state_gets_a_wallet(self):
        meter = self.p.meter("000000223470")
        words = ("remote", "init-wallet", "--line", meter.line, "--meter", meter.number, "--amount", "3")
        refused = self.p.vend(*words, kind="key")
        self.assertEqual(refused.code, 1)
        self.assertIn("may not initialise_wallet", refused.err)
        self.p.issue("bench", "key", "--operations", "authenticate,initialise_wallet", "--per-order", "5", "--per-day", "50", "--per-month", "500", "--orders-per-minute", "100")
        done = self.p.vend(*words, kind="key", name="bench")
        self.assertEqual(done.code, 0, repr(done))
        self.assertEqual(meter.show()["balance_fen"], 300)


if __name__ == "__main__":
    unittest.main()
