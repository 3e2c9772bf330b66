"""Everything together: kmpd, a station at a PC/SC reader and on the line, meters of both grades, and the cards that go between them."""
import json
import os
import subprocess
import unittest

from cases import PlatformCase
from platform_under_test import BIN, PINS, Platform, run
from reader_bench import READER, Bench

CUSTOMER = "000000000042"


class Sales(PlatformCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Bench().__enter__()
        cls.addClassCleanup(cls.bench.close)
        cls.p = Platform().initialised()
        cls.addClassCleanup(cls.p.__exit__)
        cls.p.issue("desk", "user", "--station", "desk-1", "--operations", "authenticate,open_account,recharge,refund,check_status,card", "--per-order", "500", "--per-day", "2000000",
                    "--per-month", "30000000", "--orders-per-minute", "1000000")

    def setUp(self):
        self.addCleanup(self.bench.clear)

    # ---- at the counter

    def new_card(self, name: str):
        path = self.bench.folder / f"{name}.card"
        self.assertEqual(run("kmp-meter", "card", "make", str(path)).code, 0)
        return path

    def at_reader(self, card, *words: str, pin: str = PINS["user"], login=None) -> subprocess.CompletedProcess:
        """kmp-vend at the reader with this card in it. The PIN comes by a pipe that nsenter leaves open."""
        inserted = self.bench.insert(card)
        read, write = os.pipe()
        try:
            os.write(write, pin.encode())
            os.close(write)
            who = login or ["--ukey", self.p.serials["desk"], "--pin-fd", f"ukey={read}"]
            who = [w.replace("=N", f"={read}") for w in who]
            return self.bench.run([BIN / "kmp-vend", "--home", self.p.home, *who, "--json", "card", words[0], "--reader", READER, *words[1:]], pass_fds=[read])
        finally:
            os.close(read)
            inserted.pull()

    def sold(self, card, *words: str, **more) -> dict:
        done = self.at_reader(card, *words, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, done, why: str):
        code, err = (done.returncode, done.stderr) if isinstance(done, subprocess.CompletedProcess) else (done.code, done.err)
        self.assertEqual(code, 1, done)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertIn(why, err)

    def test_a_station_whose_grant_does_not_name_cards_makes_none(self):
        number = "000000300010"
        self.meter(number)
        card = self.new_card("plain")
        self.p.issue("plain", "user", "--station", "desk-2", "--operations", "authenticate,open_account,recharge", "--per-order", "500", "--per-day", "2000")
        login = ["--ukey", self.p.serials["plain"], "--pin-fd", "ukey=N"]
        self.refused(self.at_reader(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "5", login=login), "card")
        self.assertEqual(json.loads(run("kmp-meter", "card", "show", str(card), "--json").out)["keys"], "factory")

    # ---- at the customer's

    def meter(self, number: str, grade: str = "low"):
        self.control = str(self.p.folder / f"c-{number[-4:]}")
        meter = self.p.meter(number, "--grade", grade, "--control", self.control)
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
        return meter

    def insert(self, card, control: str | None = None):
        return run("kmp-meter", "insert", str(card), "--control", control or self.control)

    def credited(self, card):
        done = self.insert(card)
        self.assertEqual(done.code, 0, repr(done))
        return done

    def test_one_meter_is_credited_by_card_and_on_the_line_in_turn_under_one_count(self):
        for number, grade in (("000000300001", "low"), ("000000300002", "high")):
            with self.subTest(grade=grade):
                meter, card = self.meter(number, grade), self.new_card(grade)
                at = ("--line", meter.line, "--meter", number)
                opened = self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50", "--alarm1", "20", "--alarm2", "10", "--current-ratio", "1", "--voltage-ratio", "1")
                self.assertEqual((opened["purchase_count"], opened["personalised"]), (1, True))
                self.credited(card)
                self.assertEqual(meter.show()["balance_fen"], 5000)
                self.p.good_vend("remote", "recharge", *at, "--amount", "25", name="desk")
                second = self.sold(card, "sell", "--meter", number, "--amount", "7.50")
                self.assertEqual((second["purchase_count"], second["customer"]), (3, CUSTOMER))
                self.credited(card)
                self.assertEqual(meter.show()["balance_fen"], 8250)
                self.p.good_vend("remote", "recharge", *at, "--amount", "1", name="desk")
                seen = self.sold(card, "read", "--meter", number)
                self.assertEqual((seen["write_back"]["balance_fen"], seen["write_back"]["purchase_count"]), (8250, 3))
                status = self.p.good_vend("--json", "remote", "status", *at, name="desk").json()
                self.assertEqual((status["purchase_count"], status["balance_fen"]), (4, 8350))
        self.sound()

    def test_a_card_inserted_twice_credits_once_and_one_that_was_never_inserted_is_known(self):
        number = "000000300003"
        meter, card = self.meter(number), self.new_card("twice")
        self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50")
        shown = self.p.good_ctl("meter", "show", number).out
        self.assertIn("not known to be inserted", shown)
        self.credited(card)
        self.insert(card)
        self.assertEqual(meter.show()["balance_fen"], 5000)
        self.sold(card, "read", "--meter", number)
        self.assertNotIn("not known", self.p.good_ctl("meter", "show", number).out)
        self.sound()

    def test_a_lost_card_is_replaced_and_the_lost_one_is_worth_nothing(self):
        number = "000000300004"
        meter, lost, fresh = self.meter(number), self.new_card("lost"), self.new_card("fresh")
        self.sold(lost, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50")
        self.credited(lost)
        self.sold(lost, "sell", "--meter", number, "--amount", "10")
        replaced = self.sold(fresh, "replace", "--meter", number, "--customer", CUSTOMER)
        self.assertEqual(replaced["purchase_count"], 2)
        self.credited(fresh)
        self.assertEqual(meter.show()["balance_fen"], 6000)
        self.assertEqual(self.insert(lost).code, 1)
        self.assertEqual(meter.show()["balance_fen"], 6000)
        self.sold(fresh, "erase", "--meter", number)
        self.assertEqual(self.sold(fresh, "read", "--meter", number)["blank"], True)
        self.sound()

    def test_a_card_that_was_lost_before_it_opened_the_account_is_replaced_and_sold_on_after_a_refund(self):
        number = "000000300011"
        meter, lost, fresh = self.meter(number, "high"), self.new_card("never-seen"), self.new_card("in-its-place")
        self.sold(lost, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50")
        self.sold(fresh, "replace", "--meter", number, "--customer", CUSTOMER)
        self.credited(fresh)
        self.refused(self.insert(lost), "the account is open already")
        at = ("--line", meter.line, "--meter", number)
        self.p.good_vend("remote", "status", *at, name="desk")
        self.p.good_vend("remote", "refund", *at, "--amount", "10", name="desk")
        self.sold(fresh, "sell", "--meter", number, "--amount", "7")  # it still says that the meter had 50 yuan
        self.credited(fresh)
        self.assertEqual(meter.show()["balance_fen"], 4700)
        self.sound()

    def void_at_reader(self, card, order: str) -> subprocess.CompletedProcess:
        inserted = self.bench.insert(card)
        read, write = os.pipe()
        try:
            os.write(write, PINS["user"].encode())
            os.close(write)
            return self.bench.run([BIN / "kmp-vend", "--home", self.p.home, "--ukey", self.p.serials["desk"], "--pin-fd", f"ukey={read}", "--json", "orders", "void", order, "--reader", READER], pass_fds=[read])
        finally:
            os.close(read)
            inserted.pull()

    def test_a_purchase_on_a_card_that_never_was_in_its_meter_is_taken_back_and_one_that_was_is_not(self):
        number = "000000300012"
        meter, card = self.meter(number), self.new_card("taken-back")
        opened = self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50")
        self.refused(self.void_at_reader(card, opened["order_id"]), "this platform voids no sale on a card")
        (self.p.home / "kmp.toml").write_text("[card]\nvoids = true\n")
        self.p.good_ctl("reload")
        voided = self.void_at_reader(card, opened["order_id"])
        self.assertEqual(voided.returncode, 0, voided.stderr)
        self.assertEqual(json.loads(voided.stdout)["state"], "voided")
        self.refused(self.void_at_reader(card, opened["order_id"]), "there is nothing to void")
        self.refused(self.at_reader(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "50", "--order-id", opened["order_id"]), "make a new order")
        self.assertEqual(self.insert(card).code, 1, "the card is worth nothing now")
        self.assertEqual(meter.show()["balance_fen"], 0)
        again = self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "30")
        self.assertEqual(again["purchase_count"], 1)
        self.credited(card)
        self.assertEqual(meter.show()["balance_fen"], 3000)
        self.refused(self.void_at_reader(card, again["order_id"]), "nothing is voided")
        self.assertEqual(meter.show()["balance_fen"], 3000)
        self.sound()

    def test_an_order_that_its_meter_refuses_for_good_is_taken_back_on_the_line(self):
        number = "000000300013"
        meter = self.meter(number, "high")
        at = ("--line", meter.line, "--meter", number)
        self.p.issue("clerk", "user", "--station", "desk-3", "--operations", "authenticate,open_account,recharge,check_status,write_parameter", "--per-order", "500", "--per-day", "2000")
        self.p.good_vend("remote", "open", *at, "--customer", CUSTOMER, "--amount", "50", name="clerk")
        self.p.good_vend("parameters", "set", *at, "hoarding", "100", name="clerk")
        self.refused(self.p.vend("remote", "recharge", *at, "--amount", "60", name="clerk"), "hoarding")
        self.refused(self.p.vend("remote", "recharge", *at, "--amount", "10", name="clerk"), "not finished")
        held = self.p.good_vend("--json", "orders", "list", name="clerk").json()
        self.assertEqual([o["state"] for o in held], ["held"])
        self.assertEqual(self.p.vend("orders", "void", held[0]["order_id"], name="clerk").code, 1, "neither line nor card")
        voided = self.p.good_vend("--json", "orders", "void", held[0]["order_id"], "--line", meter.line, name="clerk").json()
        self.assertEqual(voided["state"], "voided")
        done = self.p.good_vend("--json", "remote", "recharge", *at, "--amount", "10", name="clerk").json()
        self.assertEqual(done["purchase_count"], 2)
        self.refused(self.p.vend("orders", "void", done["order_id"], "--line", meter.line, name="clerk"), "there is nothing to void")
        self.assertEqual(meter.show()["balance_fen"], 6000)
        self.sound()

    def test_cards_that_are_not_for_this_meter_credit_nothing(self):
        one, other = "000000300005", "000000300006"
        first = self.meter(one)
        first_control = self.control
        second = self.meter(other)
        card, copy = self.new_card("one"), self.new_card("copy")
        self.sold(card, "sell", "--meter", one, "--open", "--customer", CUSTOMER, "--amount", "50")
        self.refused(self.insert(card), "")  # in the other meter's slot
        self.assertEqual(second.show()["balance_fen"], 0)
        # The bytes of the files on another card, which has another serial and so other keys.
        self.refused(self.insert(copy, first_control), "")
        self.assertEqual(first.show()["balance_fen"], 0)
        self.assertEqual(self.insert(card, first_control).code, 0)
        self.assertEqual(first.show()["balance_fen"], 5000)
        self.sound()

    def test_a_sale_by_card_that_the_grant_does_not_cover_is_refused_and_charges_nothing(self):
        number = "000000300007"
        self.meter(number)
        card = self.new_card("big")
        self.refused(self.at_reader(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "500.01"), "per_order")
        self.assertEqual([e for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == int(number)], [])

    def test_a_network_account_sells_by_card_with_the_ukey_that_lives_here(self):
        number = "000000300008"
        meter, card = self.meter(number), self.new_card("account")
        self.p.good_ctl("account", "add", "shop-7", "--ukey", self.p.serials["desk"], "--holder", "Han Meimei", "--holder-present", pins={"master": PINS["master"], "account": "pw-of-shop-7-river"})
        self.p.good_ctl("ukey", "attend", self.p.serials["desk"], pins={"ukey": PINS["user"]})
        self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "12", pin="pw-of-shop-7-river", login=["--account", "shop-7", "--pin-fd", "account=N"])
        self.credited(card)
        self.assertEqual(meter.show()["balance_fen"], 1200)
        self.assertEqual([e["json"].get("account") for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == int(number)], ["shop-7"])

    def test_a_meter_that_rests_reads_a_card_from_its_own_reader(self):
        number = "000000300009"
        meter, card = self.meter(number, "high"), self.new_card("slot")
        self.sold(card, "sell", "--meter", number, "--open", "--customer", CUSTOMER, "--amount", "9")
        meter.stop()
        inserted = self.bench.insert(card)
        done = self.bench.run([BIN / "kmp-meter", "insert", f"pcsc:{READER}", "--state", meter.state])
        inserted.pull()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(meter.show()["balance_fen"], 900)


if __name__ == "__main__":
    unittest.main()
