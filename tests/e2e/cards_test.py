"""Cards, refunds, clears, new wallets, parameters, by raw messages. The card and the meter here know nothing but docs/SUITE.md and the openssl command."""
import os
import pathlib
import sys
import unittest

from cases import StationCase
from platform_under_test import MASTER, PINS, wait_until
from station import Station, order_id
from wire import kmp_pb2 as pb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "meter"))
import suite_by_openssl as suite

PARAMETERS, WALLET = pb.CardTarget.PARAMETERS, pb.CardTarget.WALLET
CUSTOMER = 42


def bcd(number: int, digits: int) -> bytes:
    return bytes.fromhex(str(number).zfill(digits))


class FakeCard:
    """A blank charging card, and what becomes of it."""

    def __init__(self, serial: str):
        self.serial = bytes.fromhex(serial)
        self.blank()

    def blank(self):
        self.keys = suite.card_keys(suite.factory_master(suite.CARD), self.serial, suite.FACTORY, 0)
        self.files = {1: bytes(45), 2: bytes(8), 3: bytearray(264), 4: bytearray(264), 5: bytes(49)}
        self.staged = {}

    def answer(self, random: bytes) -> bytes:
        return suite.mac(self.keys[suite.INTERNAL], 0x80, bytes.fromhex("00880001"), 0, random, b"", 8)

    def admits(self, challenge: bytes, response: bytes) -> bool:
        return response == suite.mac(self.keys[suite.EXTERNAL], 0, bytes.fromhex("00820002"), 0, challenge, b"", 8)

    def take_key(self, state: int, usage: int, challenge: bytes, wrapped: bytes, mac: bytes):
        assert mac == suite.mac(self.keys[suite.MAC], 0, bytes([0x84, 0xD4, state, usage]), 0, challenge, wrapped)
        self.staged[usage] = suite.unwrap(self.keys[suite.KEY_WRAP], wrapped)
        if len(self.staged) == 4:
            self.keys, self.staged = self.staged, {}

    def update(self, file: int, challenge: bytes, data: bytes, mac: bytes, offset: int = 0):
        assert mac == suite.card_update(self.keys, file, offset, challenge, data)
        self.files[file] = self.files[file][:offset] + data + self.files[file][offset + len(data):]

    def read(self, file: int, random: bytes) -> tuple[bytes, bytes]:
        data = bytes(self.files[file])
        return data, suite.card_read(self.keys, file, 0, random, data)

    def written_back(self, meter: int, balance: int, count: int, customer: int = CUSTOMER):
        self.files[5] = suite.wrapper(5, b"\x01" + bcd(1, 6) + bcd(1, 6) + bcd(meter, 12) + bcd(customer, 12) + balance.to_bytes(4, "big") + count.to_bytes(4, "big") + bytes(4) +
                                      bytes([1, 1, 0, 1]) + bcd(0, 6) + bcd(2611221230, 10))

    def wallet(self) -> tuple[int, int]:
        return int.from_bytes(self.files[2][:4], "big"), int.from_bytes(self.files[2][4:], "big")


class CardDesk(StationCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        cls.p.issue("cashier", "user", "--station", "desk-1", "--operations", "authenticate,open_account,recharge,refund,check_status,write_parameter,card", "--per-order", "500",
                    "--per-day", "5000")
        cls.p.issue("engineer", "key", "--operations", "authenticate,download_keys,recover_keys,initialise_wallet,check_status", "--per-order", "100", "--per-day", "1000")

    def setUp(self):
        self.desk = self.session("cashier")

    def restart(self):
        self.p.kill()
        self.p.start()
        self.p.unseal()
        wait_until("the UKEYs are ready", lambda: all(self.p.reader(n).get("content") == "ukey" for n in ("user", "cashier", "engineer", "master")))
        self.desk = self.session("cashier")

    # ---- meters and cards

    def keyed(self, meter: int, keys: int = 0) -> dict[int, bytes]:
        """The keys that a meter gets on the bench."""
        engineer = self.session("engineer", "key")
        sent = engineer.ask(download_keys=pb.DownloadKeys(meter=meter, r2=os.urandom(4), keys=keys))
        wrapping = suite.factory_keys()[0]
        records = [f.records[i:i + 36] for f in sent.frames for i in range(0, len(f.records), 36)]
        taken = {r[2]: suite.unwrap(wrapping, r[4:28]) for r in records} or {r.key_info[2]: suite.unwrap(wrapping, r.encrypted_key[:24]) for r in sent.records}
        engineer.ask(keys_loaded=pb.KeysLoaded(meter=meter, done=True, key_version=sent.key_version))
        return taken

    def authenticate(self, card: FakeCard, meter: int, factory: bool = False, desk: Station | None = None):
        random, challenge = os.urandom(8), os.urandom(8)
        reply = (desk or self.desk).ask(authenticate_card=pb.AuthenticateCard(meter=meter, serial=card.serial, factory=factory, random=random, answer=card.answer(random), challenge=challenge))
        self.assertEqual(reply.genuine, bool(reply.response))
        return reply.genuine and card.admits(challenge, reply.response)

    def personalise(self, card: FakeCard, meter: int, erase: bool = False):
        for usage in (5, 6, 2, 4):
            challenge = os.urandom(4)
            sent = self.desk.ask(write_card_key=pb.WriteCardKey(meter=meter, serial=card.serial, erase=erase, usage=usage, challenge=challenge))
            card.take_key(0 if erase else 1, usage, challenge, sent.wrapped, sent.mac)

    def meters_card(self, serial: str, meter: int) -> FakeCard:
        card = FakeCard(serial)
        self.assertTrue(self.authenticate(card, meter, factory=True))
        self.personalise(card, meter)
        self.assertTrue(self.authenticate(card, meter))
        return card

    def card_order(self, card: FakeCard, meter: int, kind: int, amount: int, order: bytes, file: int, customer: int = CUSTOMER, desk: Station | None = None, flag: int = 0x80,
                   tariffs: bytes = b"", next_tariffs: bytes = b""):
        challenge = os.urandom(4)
        target = pb.CardTarget(serial=card.serial, file=file, challenge=challenge)
        if file == PARAMETERS:
            target.parameters.CopyFrom(pb.CardParameters(update_flag=flag, alarm1_fen=2000, alarm2_fen=1000, current_ratio=1, voltage_ratio=1))
            target.tariffs_now, target.tariffs_to_come = tariffs, next_tariffs
        reply = (desk or self.desk).ask(order=pb.Order(order_id=order, kind=kind, meter=meter, customer=customer, amount_fen=amount, card=target))
        card.update(file, challenge, reply.card_data, reply.card_mac)
        return reply

    def sell(self, card: FakeCard, meter: int, kind: int, amount: int) -> bytes:
        order = order_id()
        self.assertFalse(self.card_order(card, meter, kind, amount, order, PARAMETERS).repeated)
        self.assertTrue(self.card_order(card, meter, kind, amount, order, WALLET).repeated)
        return order

    def assert_sold(self, card: FakeCard, keys: dict[int, bytes], tariffs: bytes = b"", next_tariffs: bytes = b""):
        """A meter would believe that the platform sold what the card holds."""
        self.assertEqual(card.files[1], suite.sold(keys[5], card.serial, card.files[1], card.files[2], tariffs, next_tariffs))

    def report(self, card: FakeCard, meter: int, file: int = 5):
        random = os.urandom(8)
        data, mac = card.read(file, random)
        return self.desk.ask(report_card=pb.ReportCard(meter=meter, serial=card.serial, file=file, random=random, data=data[:240], mac=mac))

    def empty_write_back(self, card: FakeCard, meter: int):
        challenge = os.urandom(4)
        sent = self.desk.ask(write_card=pb.WriteCard(meter=meter, serial=card.serial, file=5, data=bytes(49), challenge=challenge))
        card.update(5, challenge, bytes(49), sent.mac)

    def status(self, keys: dict[int, bytes], meter: int, count: int, balance: int = 0, desk: Station | None = None):
        r1, number, info = os.urandom(8), count.to_bytes(4, "big"), bytes([1, 1, 0, 1])
        money, customer = balance.to_bytes(4, "big"), bcd(CUSTOMER, 12)
        first = suite.mac(keys[5], 0x80, bytes.fromhex("078102ff"), 1, r1, money)
        second = suite.mac(keys[5], 0x80, bytes.fromhex("078102ff"), 2, r1, number + customer + info + money)
        return (desk or self.desk).ask(check_status=pb.CheckStatus(meter=meter, r1=r1, balance=money, balance_mac=first, count=number, count_mac=second, customer=customer, key_info=info))

    def show(self, meter: int) -> dict:
        return self.p.good_ctl("--json", "meter", "show", f"{meter:012}").json()["meter"]

    def uninserted(self, *more: str) -> list[int]:
        return [int(m["number"]) for m in self.p.good_ctl("--json", "meter", "list", "--uninserted", *more).json().get("meters", [])]

    def spent(self) -> int:
        return int(self.p.good_ctl("--json", "ukey", "show", self.p.serials["cashier"]).json()["ukey"].get("spent_today_fen", 0))


class Selling(CardDesk):
    def test_two_sales_by_card_with_retries_and_a_write_back_between(self):
        meter = 100000000001
        keys = self.keyed(meter)
        card = self.meters_card("1122334455667788", meter)
        before, order = self.spent(), order_id()
        with self.refused("refused", "card: the wallet is written last"):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, WALLET)
        self.assertEqual(self.spent(), before)
        self.assertEqual(self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, PARAMETERS).purchase_count, 1)
        self.assertEqual(card.files[1][42], 1, "an opening")
        # Pulled early, put in again: each file once more, for nothing.
        for file in (PARAMETERS, WALLET, WALLET, PARAMETERS, WALLET):
            again = self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, file)
            self.assertTrue(again.repeated)
            self.assertEqual(again.purchase_count, 1)
        self.assertEqual(card.wallet(), (5000, 1))
        self.assertEqual(self.spent(), before + 5000)
        with self.refused("conflict", "other content"):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 5001, order, WALLET)
        with self.refused("conflict", "other content"):
            self.card_order(FakeCard("1122334455667799"), meter, pb.OPEN_ACCOUNT, 5000, order, WALLET)
        with self.refused("conflict", "other content"):
            self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, CUSTOMER, order)
        self.assertEqual(self.show(meter)["last_order"]["by_card"], True)
        self.assertIn("sold, not known to be inserted", self.p.good_ctl("meter", "show", f"{meter:012}").out)
        self.assertIn(meter, self.uninserted("--days", "0"))
        self.assertNotIn(meter, self.uninserted())

        with self.refused("refused", "uninserted"):
            self.card_order(card, meter, pb.RECHARGE, 1000, order_id(), PARAMETERS)
        with self.refused("refused", "uninserted"):
            self.desk.order(meter, 1000)
        self.assertEqual(self.report(card, meter).contradiction, "", "empty")
        with self.refused("refused", "uninserted"):
            self.desk.order(meter, 1000)
        card.written_back(meter, 5000, 1)
        said = self.report(card, meter)
        self.assertEqual((said.genuine, said.contradiction, said.known_count), (True, "", 1))
        self.assertNotIn(meter, self.uninserted("--days", "0"))
        self.assertIn("credited", self.p.good_ctl("meter", "show", f"{meter:012}").out)
        self.empty_write_back(card, meter)

        self.sell(card, meter, pb.RECHARGE, 1000)
        self.assertEqual(card.wallet(), (1000, 2))
        self.assertEqual(card.files[1][42], 2, "a purchase")
        self.assert_sold(card, keys)
        self.assertEqual(self.show(meter)["purchase_count"], 2)
        self.assertEqual(self.spent(), before + 6000)
        # After a crash the log alone says it.
        self.restart()
        self.assertIn(meter, self.uninserted("--days", "0"))
        self.assertEqual(self.show(meter)["last_order"]["count"], 2)
        self.sound()

    def test_a_write_back_that_contradicts_the_log_is_said_and_credits_nothing(self):
        meter = 100000000002
        self.keyed(meter)
        card = self.meters_card("2222334455667788", meter)
        self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        for words, more in (("given out were counts up to 1", {"balance": 0, "count": 7}), ("sold were 50.00", {"balance": 999999, "count": 1}),
                            ("it names customer 000000000043", {"balance": 0, "count": 1, "customer": 43})):
            self.assert_contradicted(card, meter, words, **more)
        self.assertIn(meter, self.uninserted("--days", "0"))
        random = os.urandom(8)
        card.written_back(meter, 5000, 1)
        data, mac = card.read(5, random)
        forged = self.desk.ask(report_card=pb.ReportCard(meter=meter, serial=card.serial, file=5, random=random, data=data, mac=bytes(4)))
        self.assertFalse(forged.genuine)
        self.assertIn(meter, self.uninserted("--days", "0"))
        self.assertEqual(self.report(card, meter).contradiction, "")
        self.assert_contradicted(card, meter, "the purchase on this card has 1", balance=0, count=0)
        reports = [e["json"] for e in self.p.events() if e["type"] == "card_reported" and e["json"]["card"] == card.serial.hex()]
        self.assertEqual([r["genuine"] for r in reports], [True] * 3 + [False] + [True] * 2)
        self.assertEqual(len([r for r in reports if r.get("contradiction")]), 4)
        self.sound()

    def assert_contradicted(self, card: FakeCard, meter: int, words: str, **write_back):
        card.written_back(meter, **write_back)
        said = self.report(card, meter)
        self.assertTrue(said.genuine)
        self.assertIn(words, said.contradiction)

    def test_a_lost_card_is_replaced_with_what_it_carried(self):
        meter = 100000000003
        keys = self.keyed(meter)
        card = self.meters_card("3322334455667788", meter)
        self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        new = self.meters_card("3322334455667799", meter)
        before, order = self.spent(), order_id()
        with self.refused("invalid_argument", "amount: a replaced card sells nothing"):
            self.card_order(new, meter, pb.REPLACE_CARD, 5000, order_id(), PARAMETERS)
        with self.refused("invalid_argument", "card: a replacement is for a card"):
            self.desk.order(meter, 0, pb.REPLACE_CARD)
        with self.refused("refused", "another customer"):
            self.card_order(new, meter, pb.REPLACE_CARD, 0, order_id(), PARAMETERS, customer=43)
        self.card_order(new, meter, pb.REPLACE_CARD, 0, order, PARAMETERS)
        self.card_order(new, meter, pb.REPLACE_CARD, 0, order, WALLET)
        self.assertEqual(new.files[1][42], 3, "a replacement")
        self.assertEqual(new.wallet(), (5000, 1))
        self.assert_sold(new, keys)
        self.assertEqual(self.spent(), before)
        self.assertTrue(self.status(keys, meter, 1, 5000).genuine)
        self.assertEqual(self.show(meter)["last_order"]["credited"], True)
        for file in (PARAMETERS, WALLET):
            self.card_order(new, meter, pb.REPLACE_CARD, 0, order, file)
        self.assertEqual(new.wallet(), (0, 1), "credited meanwhile: nothing more")
        self.assert_sold(new, keys)
        with self.refused("refused", "card: meter", "give it this one by REPLACE_CARD"):
            self.card_order(card, meter, pb.RECHARGE, 1000, order_id(), PARAMETERS)
        self.sell(new, meter, pb.RECHARGE, 1000)
        self.assertEqual(new.wallet(), (1000, 2))
        with self.refused("refused", "another order or card since"):
            self.card_order(new, meter, pb.REPLACE_CARD, 0, order, WALLET)
        self.sound()

    def test_an_account_that_was_opened_remotely_gets_its_first_card_by_a_replacement(self):
        meter = 100000000004
        self.keyed(meter)
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        card = self.meters_card("4422334455667788", meter)
        with self.refused("refused", "has no card yet"):
            self.card_order(card, meter, pb.RECHARGE, 1000, order_id(), PARAMETERS)
        order = order_id()
        self.card_order(card, meter, pb.REPLACE_CARD, 0, order, PARAMETERS)
        self.card_order(card, meter, pb.REPLACE_CARD, 0, order, WALLET)
        self.assertEqual(card.wallet(), (5000, 1), "nobody has seen it credited: the meter takes it once")
        self.sound()

    def test_refunds_and_a_clear_take_counts_charge_the_grant_and_close_the_account(self):
        meter = 100000000005
        keys = self.keyed(meter)
        before = self.spent()
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        order, r2 = order_id(), os.urandom(4)
        with self.refused("refused", "amount: 50.01 yuan would be given back"):
            self.desk.order(meter, 5001, pb.REFUND)
        with self.refused("invalid_argument", "a refund of nothing"):
            self.desk.order(meter, 0, pb.REFUND)
        got = self.desk.order(meter, 2000, pb.REFUND, order=order, r2=r2)
        number, money = (2).to_bytes(4, "big"), (2000).to_bytes(4, "big")
        self.assertEqual(got.purchase_count, 2)
        self.assertEqual(got.mac1, suite.mac(keys[5], 0, bytes.fromhex("070104ff"), 1, r2, money + number))
        self.assertEqual(got.mac2, suite.mac(keys[5], 0, bytes.fromhex("070104ff"), 2, r2, bcd(CUSTOMER, 12) + money + number))
        self.assertTrue(self.desk.order(meter, 2000, pb.REFUND, order=order).repeated)
        with self.refused("conflict"):
            self.desk.order(meter, 2000, pb.RECHARGE, order=order)
        card = self.meters_card("5522334455667788", meter)
        with self.refused("refused", "count: whether meter", "took the refund"):
            self.card_order(card, meter, pb.REPLACE_CARD, 0, order_id(), PARAMETERS)
        with self.refused("invalid_argument", "card: an account is opened"):
            self.card_order(card, meter, pb.REFUND, 100, order_id(), PARAMETERS)
        self.assertEqual(self.spent(), before + 7000, "a refund never gives caps back")
        cleared = self.desk.order(meter, 3000, pb.CLEAR)
        self.assertEqual(cleared.purchase_count, 3)
        self.assertEqual(int(self.show(meter).get("customer", 0)), 0)
        with self.refused("refused", "account: meter"):
            self.desk.order(meter, 1000)
        self.restart()
        with self.refused("refused", "account: meter"):
            self.desk.order(meter, 1000)
        self.assertEqual(self.desk.order(meter, 1000, pb.OPEN_ACCOUNT, customer=43).purchase_count, 4)
        self.sound()

    def test_cards_of_others_and_wrong_fields_are_refused(self):
        meter = 100000000006
        keys = self.keyed(meter)
        card = self.meters_card("6622334455667788", meter)
        self.assertFalse(self.authenticate(card, meter, factory=True), "it is not blank any more")
        self.assertFalse(self.authenticate(card, 100000000001), "another meter's")
        self.assertFalse(self.authenticate(FakeCard("6622334455667799"), meter), "a blank one")
        eight, four = bytes(8), bytes(4)
        good = dict(meter=meter, serial=card.serial)
        for what in (dict(authenticate_card=pb.AuthenticateCard(**good, random=four, answer=eight, challenge=eight)),
                     dict(authenticate_card=pb.AuthenticateCard(**good, random=eight, answer=eight, challenge=eight, factory=True, key_version=1)),
                     dict(authenticate_card=pb.AuthenticateCard(meter=meter, serial=four, random=eight, answer=eight, challenge=eight)),
                     dict(authenticate_card=pb.AuthenticateCard(**good, random=eight, answer=eight, challenge=eight, key_version=256)),
                     dict(write_card_key=pb.WriteCardKey(**good, usage=1, challenge=four)), dict(write_card_key=pb.WriteCardKey(**good, usage=5, challenge=eight)),
                     dict(write_card_key=pb.WriteCardKey(**good, usage=5, challenge=four, key_version=1)),
                     dict(write_card=pb.WriteCard(**good, file=6, data=four, challenge=four)), dict(write_card=pb.WriteCard(**good, file=3, offset=7, data=four, challenge=four)),
                     dict(write_card=pb.WriteCard(**good, file=3, data=b"\x0a" * 240, challenge=four)), dict(write_card=pb.WriteCard(**good, file=3, data=b"", challenge=four)),
                     dict(report_card=pb.ReportCard(**good, file=0, random=eight, data=four, mac=four)), dict(report_card=pb.ReportCard(**good, file=5, random=eight, data=four, mac=eight)),
                     dict(order=pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=1, amount_fen=1, r2=four, card=pb.CardTarget(serial=eight, file=1, challenge=four))),
                     dict(order=pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=1, amount_fen=1, card=pb.CardTarget(serial=four, file=1, challenge=four))),
                     dict(order=pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=1, amount_fen=1, card=pb.CardTarget(serial=eight, file=0, challenge=four))),
                     dict(order=pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=1, amount_fen=1, card=pb.CardTarget(serial=eight, file=1, challenge=four))),
                     dict(order=pb.Order(order_id=order_id(), kind=pb.OPEN_ACCOUNT, meter=meter, customer=1, amount_fen=1,
                                         card=pb.CardTarget(serial=eight, file=2, challenge=four, parameters=pb.CardParameters(current_ratio=1, voltage_ratio=1)))),
                     dict(order=pb.Order(order_id=order_id(), meter=meter, customer=1, amount_fen=1, r2=four))):
            with self.refused("invalid_argument"):
                self.desk.ask(**what)
        for file, data in ((1, b"\x01" * 45), (2, b"\x01" * 8), (5, b"\x01" * 49)):
            with self.refused("refused", "file: parameters and wallet are written by an order"):
                self.desk.ask(write_card=pb.WriteCard(**good, file=file, data=data, challenge=four))
        with self.refused("key_missing", "there is no version 9"):
            self.desk.ask(authenticate_card=pb.AuthenticateCard(**good, random=eight, answer=eight, challenge=eight, key_version=9))
        # Tariffs in two pieces, then everything empty and the card blank again.
        tariffs = suite.wrapper(4, bcd(5000, 8) * 12 + bytes(51 * 4) + bytes([12, 0]) + bytes(4))
        for offset, piece in ((0, tariffs[:240]), (240, tariffs[240:])):
            challenge = os.urandom(4)
            sent = self.desk.ask(write_card=pb.WriteCard(**good, file=4, offset=offset, data=piece, challenge=challenge))
            card.update(4, challenge, piece, sent.mac, offset)
        self.assertEqual(bytes(card.files[4]), tariffs)
        # A purchase that has them taken over covers them.
        order = order_id()
        for wrong in (b"", tariffs[:263], tariffs + b"\0"):
            with self.refused("invalid_argument", "card.tariffs_to_come"):
                self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, PARAMETERS, flag=0x82, next_tariffs=wrong)
        with self.refused("invalid_argument", "card.tariffs_now"):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, PARAMETERS, flag=0x82, tariffs=tariffs, next_tariffs=tariffs)
        with self.refused("invalid_argument", "tariff file"):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, PARAMETERS, flag=0x82, next_tariffs=b"\x68" * 264)
        self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, PARAMETERS, flag=0x82, next_tariffs=tariffs)
        self.card_order(card, meter, pb.OPEN_ACCOUNT, 5000, order, WALLET)
        self.assert_sold(card, keys, next_tariffs=tariffs)
        logged = [e["json"] for e in self.p.events() if e["type"] == "order" and int(e["json"]["meter"]) == meter]
        self.assertEqual([(e["tariffs_to_come"], e["data"][8 + 4:8 + 12]) for e in logged], [(tariffs.hex(), "00000000")], "what was covered, without the MAC")
        self.personalise(card, meter, erase=True)
        self.assertTrue(self.authenticate(card, meter, factory=True))
        self.sound()

    def test_a_grant_without_card_or_without_the_sale_sells_nothing_by_card(self):
        meter = 100000000007
        self.keyed(meter)
        card = self.meters_card("7722334455667788", meter)
        for name, operations, words in (("no-cards", "authenticate,open_account,recharge", "may not card"), ("no-sale", "authenticate,card", "may not open_account")):
            self.p.issue(name, "user", "--station", name, "--operations", operations)
            desk = self.session(name)
            with self.refused("refused", words):
                self.card_order(card, meter, pb.OPEN_ACCOUNT, 100, order_id(), PARAMETERS, desk=desk)
        self.p.issue("no-class", "user", "--station", "no-class", "--operations", "authenticate,open_account,card", "--classes", "identity,credit")
        with self.refused("refused", "class: "):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 100, order_id(), PARAMETERS, desk=self.session("no-class"))
        self.p.issue("no-credit", "user", "--station", "no-credit", "--operations", "authenticate,open_account,card", "--classes", "identity,card")
        with self.refused("refused", "class: "):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 100, order_id(), PARAMETERS, desk=self.session("no-credit"))
        with self.refused("refused", "per_order"):
            self.card_order(card, meter, pb.OPEN_ACCOUNT, 50001, order_id(), PARAMETERS)
        self.assertEqual(self.show(meter).get("purchase_count", 0), 0)
        masters = self.p.good_ctl("--json", "ukey", "show", self.p.serials["cashier"]).json()["ukey"]["masters"]
        self.assertEqual([m for m in masters if "factory" in m], ["card factory"])
        self.sound()


class Meters(CardDesk):
    def test_parameters_validity_and_read_back_are_made_for_a_meter(self):
        meter = 200000000001
        keys = self.keyed(meter)
        r2, amount = os.urandom(4), bcd(5000, 8)
        plain = self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04001001, data=amount))
        self.assertEqual((plain.mac, plain.ciphertext), (suite.mac(keys[2], 0, bytes.fromhex("04001001"), 0x99, r2, amount), b""))
        secret = self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04001003, data=amount, encrypt=True))
        self.assertEqual(secret.ciphertext, suite.encrypted_command(keys[3], r2, amount))
        self.assertEqual(secret.mac, suite.mac(keys[2], 0, bytes.fromhex("04001003"), 0x98, r2, secret.ciphertext))
        with self.refused("refused", "class: parameter 04001003"):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04001003, data=amount))
        with self.refused("refused", "identifier: 04000402"):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04000402, data=bytes(6), encrypt=True))
        with self.refused("invalid_argument", "data: 04001001 is BCD"):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04001001, data=b"\x0a" * 4))
        with self.refused("invalid_argument", "r2"):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=b"", di=0x04001001, data=amount))
        with self.refused("refused", "may not write_parameter"):
            self.session("user").ask(write_parameter=pb.WriteParameter(meter=meter, r2=r2, di=0x04001001, data=amount))
        validity = self.desk.ask(set_validity=pb.SetValidity(meter=meter, r2=r2, minutes=30))
        self.assertEqual(validity.mac, suite.mac(keys[4], 0, bytes.fromhex("070001ff"), 0, r2, bytes.fromhex("0030")))
        for minutes in (0, 10000):
            with self.refused("invalid_argument", "minutes"):
                self.desk.ask(set_validity=pb.SetValidity(meter=meter, r2=r2, minutes=minutes))
        r1, data = os.urandom(8), os.urandom(20)
        mac = suite.mac(keys[5], 0x80, bytes.fromhex("078001ff"), 0, r1, data)
        self.assertTrue(self.desk.ask(check_read_back=pb.CheckReadBack(meter=meter, r1=r1, data=data, mac=mac)).genuine)
        self.assertFalse(self.desk.ask(check_read_back=pb.CheckReadBack(meter=meter, r1=r1, data=data, mac=bytes(4))).genuine)
        with self.refused("invalid_argument", "data"):
            self.desk.ask(check_read_back=pb.CheckReadBack(meter=meter, r1=r1, data=bytes(241), mac=mac))
        written = [e for e in self.p.events() if e["type"] == "parameter_written"]
        self.assertEqual([e["json"]["identifier"] for e in written], ["04001001", "04001003"])
        self.assertIn("parameter 04001001 of meter 200000000001", written[0]["text"])
        self.sound()

    def test_a_high_grade_meter_gets_twenty_keys_in_frames(self):
        keys = self.keyed(200000000002, keys=20)
        self.assertEqual(sorted(keys), list(range(20)))
        self.assertEqual(len(set(keys.values())), 20)
        self.assertEqual({i: k for i, k in keys.items() if i < 9}.keys(), self.keyed(200000000003).keys())
        with self.refused("invalid_argument", "keys: 9 or 20"):
            self.session("engineer", "key").ask(download_keys=pb.DownloadKeys(meter=200000000004, r2=bytes(4), keys=17))
        self.sound()

    def test_a_wallet_begins_anew_only_before_newer_keys_and_old_orders_stay_over(self):
        meter = 200000000005
        engineer = self.session("engineer", "key")

        def initialise(amount=300, order=None, desk=None, customer=0):
            r2 = os.urandom(4)
            got = (desk or engineer).order(meter, amount, pb.INITIALISE_WALLET, customer, order, r2)
            money = amount.to_bytes(4, "big")
            credit = suite.factory_keys()[5]
            self.assertEqual(got.mac1, suite.mac(credit, 0, bytes.fromhex("070103ff"), 1, r2, money))
            self.assertEqual(got.mac2, suite.mac(credit, 0, bytes.fromhex("070103ff"), 2, r2, bytes(4) + money))
            self.assertEqual(got.purchase_count, 0)
            return got

        order = order_id()
        self.assertFalse(initialise(order=order).repeated)
        self.assertTrue(initialise(order=order).repeated)
        with self.refused("invalid_argument", "customer"):
            initialise(customer=42)
        with self.refused("refused", "may not initialise_wallet"):
            initialise(desk=self.desk)
        with self.refused("refused", "per_order"):
            initialise(amount=10001)
        with self.refused("refused", "keys: meter"):
            self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        self.keyed(meter)
        with self.refused("refused", "keys: meter", "has got private keys since"):
            initialise(order=order)
        sold = order_id()
        self.assertEqual(self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=sold).purchase_count, 1)

        with self.refused("refused", "keys rotate"):
            initialise()
        self.p.good_ctl("keys", "rotate", "--reason", "a new epoch", pins=MASTER)
        for name, kind in (("engineer", "key"), ("cashier", "user")):
            self.p.good_ctl("ukey", "inject", self.p.serials[name], pins={"master": PINS["master"], "ukey": PINS[kind]})
        engineer = self.session("engineer", "key")
        self.desk = self.session("cashier")
        with self.refused("refused", "holds private keys as far as is known"):
            initialise()
        engineer.ask(download_keys=pb.DownloadKeys(meter=meter, r2=os.urandom(4), recover=True))
        engineer.ask(keys_loaded=pb.KeysLoaded(meter=meter, done=True, recover=True))
        initialise(amount=0)
        with self.refused("refused", "takes keys of version 2 or newer"):
            engineer.ask(keys_loaded=pb.KeysLoaded(meter=meter, done=True, key_version=1))
        self.restart()
        engineer = self.session("engineer", "key")
        with self.refused("refused", "epoch: the wallet"):
            self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=sold)
        with self.refused("refused", "takes keys of version 2 or newer"):
            engineer.ask(keys_loaded=pb.KeysLoaded(meter=meter, done=True, key_version=1))
        self.p.good_ctl("meter", "allow-download", f"{meter:012}", "--reason", "new wallet", pins=MASTER)
        sent = engineer.ask(download_keys=pb.DownloadKeys(meter=meter, r2=os.urandom(4)))
        self.assertEqual(sent.key_version, 2)
        engineer.ask(keys_loaded=pb.KeysLoaded(meter=meter, done=True, key_version=2))
        self.assertEqual(self.desk.order(meter, 5000, pb.OPEN_ACCOUNT).purchase_count, 1)
        once_more = self.p.good_ctl("meter", "allow-download", f"{meter:012}", "--reason", "new board", pins=MASTER).out
        self.assertIn("Caution: whoever had its line", once_more)
        self.assertIn("must show purchase count 1", once_more)
        self.sound()

    def test_meters_are_listed_by_number(self):
        for meter in (300000000001, 300000000002):
            self.keyed(meter)
        listed = [int(m["number"]) for m in self.p.good_ctl("--json", "meter", "list", "--from", "300000000001").json()["meters"]]
        self.assertEqual(listed[:2], [300000000001, 300000000002])
        self.assertIn("300000000002", self.p.good_ctl("meter", "list").out)
        for words in (("--days", "3"), ("--uninserted", "--days", "4000"), ("--from", "77"), ("--uninserted", "--from", "300000000001")):
            self.assertEqual(self.p.ctl("meter", "list", *words).code, 2, words)


class Rotated(CardDesk):
    def test_a_card_fits_a_meter_whose_set_is_newer_than_its_card_master(self):
        meter = 100000000101
        self.p.good_ctl("keys", "rotate", "--class", "control", "--reason", "an engineer left", pins=MASTER)
        self.p.good_ctl("ukey", "inject", self.p.serials["engineer"], pins=MASTER | {"ukey": PINS["key"]})
        keys = self.keyed(meter)
        card = self.meters_card("9922334455667788", meter)
        self.assertEqual(card.keys, suite.card_keys(keys[8], card.serial, suite.PRIVATE, 2), "the meter knows the version of its set, and no other")
        self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        self.assert_sold(card, keys)
        self.sound()

    def test_a_wallet_begins_anew_under_a_newer_credit_key_only(self):
        meter = 100000000102
        self.keyed(meter)
        self.p.good_ctl("keys", "rotate", "--class", "card", "--reason", "cards were copied", pins=MASTER)
        for name, kind in (("engineer", "key"), ("cashier", "user")):
            self.p.good_ctl("ukey", "inject", self.p.serials[name], pins=MASTER | {"ukey": PINS[kind]})
        engineer = self.session("engineer", "key")
        with self.refused("refused", "keys: the newest keys of class credit are those that meter"):
            engineer.ask(order=pb.Order(order_id=order_id(), kind=pb.INITIALISE_WALLET, meter=meter, amount_fen=0, r2=os.urandom(4)))


if __name__ == "__main__":
    unittest.main()
