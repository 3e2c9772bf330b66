"""An order that was never credited comes back, with proof; one that may still be credited does not. By raw messages, with the cards and meters of cards_test."""
import os
import unittest

from cards_test import CUSTOMER, MASTER, CardDesk, FakeCard, bcd, suite
from station import order_id
from wire import kmp_pb2 as pb


class VoidDesk(CardDesk):
    def card_voids(self, allowed: bool):
        (self.p.home / "kmp.toml").write_text(f"[card]\nvoids = {str(allowed).lower()}\n")
        self.p.good_ctl("reload")

    def setUp(self):
        super().setUp()
        self.card_voids(True)

    def void(self, order: bytes, meter: int, desk=None):
        return (desk or self.desk).ask(void_order=pb.VoidOrder(order_id=order, meter=meter))

    def missing(self, order: bytes, meter: int, *words: str) -> bytes:
        reply = self.void(order, meter)
        self.assertFalse(reply.voided)
        for word in words:
            self.assertIn(word, reply.missing)
        self.assertEqual(len(reply.challenge), 8)
        return reply.challenge

    def voided(self, order: bytes, meter: int):
        reply = self.void(order, meter)
        self.assertTrue(reply.voided, reply.missing)

    def authenticated(self, meter: int) -> bytes:
        return self.desk.ask(authenticate=pb.Authenticate(meter=meter, state=pb.PRODUCTION)).r1

    def shown(self, keys, meter: int, count: int, r1: bytes):
        """What the meter answers under this authentication."""
        number, info, money, customer = count.to_bytes(4, "big"), bytes([1, 1, 0, 1]), bytes(4), bcd(CUSTOMER, 12)
        first = suite.mac(keys[5], 0x80, bytes.fromhex("078102ff"), 1, r1, money)
        second = suite.mac(keys[5], 0x80, bytes.fromhex("078102ff"), 2, r1, number + customer + info + money)
        return self.desk.ask(check_status=pb.CheckStatus(meter=meter, r1=r1, balance=money, balance_mac=first, count=number, count_mac=second, customer=customer, key_info=info))

    def shown_now(self, keys, meter: int, count: int):
        self.assertTrue(self.shown(keys, meter, count, self.authenticated(meter)).genuine)

    def read(self, card: FakeCard, meter: int, file: int, challenge: bytes):
        data, mac = card.read(file, challenge)
        reply = self.desk.ask(report_card=pb.ReportCard(meter=meter, serial=card.serial, file=file, random=challenge, data=data, mac=mac))
        self.assertTrue(reply.genuine)

    def emptied(self, card: FakeCard, meter: int, file: int = 2):
        challenge, data = os.urandom(4), bytes(len(card.files[file]))
        sent = self.desk.ask(write_card=pb.WriteCard(meter=meter, serial=card.serial, file=file, data=data, challenge=challenge))
        card.update(file, challenge, data, sent.mac)


class Voiding(VoidDesk):
    # ---- over the line

    def test_an_order_that_the_meter_shows_not_to_have_comes_back_with_cap_and_count(self):
        meter = 110000000001
        keys = self.keyed(meter)
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        before = self.spent()
        order = order_id()
        self.assertEqual(self.desk.order(meter, 3000, order=order).purchase_count, 2)
        self.assertEqual(self.spent(), before + 3000)
        self.missing(order, meter, "genuine status")
        self.shown_now(keys, meter, 1)
        self.voided(order, meter)
        self.assertEqual(self.spent(), before)
        self.assertEqual(self.show(meter)["purchase_count"], 1)
        with self.refused("already_exists", "was voided before"):
            self.void(order, meter)
        with self.refused("refused", "void: order", "make a new order"):
            self.desk.order(meter, 3000, order=order)
        self.assertEqual(self.desk.order(meter, 1000).purchase_count, 2)
        self.assertEqual(self.spent(), before + 1000)
        self.restart()
        with self.refused("refused", "void: order"):
            self.desk.order(meter, 3000, order=order)
        self.assertEqual((self.spent(), self.show(meter)["purchase_count"]), (before + 1000, 2))
        self.sound()

    def test_whatever_was_shown_before_the_last_answer_proves_nothing(self):
        meter = 110000000002
        keys = self.keyed(meter)
        old = self.authenticated(meter)
        order = order_id()
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=order)
        self.shown(keys, meter, 0, old)
        self.missing(order, meter, "newer than every answer")
        self.shown(keys, meter, 0, os.urandom(8))
        self.missing(order, meter, "newer than every answer")
        self.shown_now(keys, meter, 0)
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=order)  # the same answer once more: the meter may take it now
        self.missing(order, meter, "newer than every answer")
        first = self.authenticated(meter)
        self.authenticated(meter)
        self.shown(keys, meter, 0, first)
        self.missing(order, meter, "newer than every answer")
        self.shown_now(keys, meter, 0)
        self.restart()  # what was seen is forgotten, and nobody guesses
        self.missing(order, meter, "newer than every answer")
        forged = dict(keys)
        forged[5] = bytes(16)
        self.shown(forged, meter, 0, self.authenticated(meter))
        self.missing(order, meter, "newer than every answer")
        self.sound()

    def test_an_order_that_was_answered_many_times_stays_charged(self):
        meter = 110000000008
        keys = self.keyed(meter)
        order = order_id()
        for _ in range(16):  # each under an R2 that the station says the meter drew
            self.desk.order(meter, 3000, pb.OPEN_ACCOUNT, order=order)
        self.restart()
        self.shown_now(keys, meter, 0)
        self.desk.order(meter, 3000, pb.OPEN_ACCOUNT, order=order)
        self.shown_now(keys, meter, 0)
        with self.refused("refused", "void: order", "was answered 17 times"):
            self.void(order, meter)
        other = 110000000009
        keys = self.keyed(other)
        order = order_id()
        for _ in range(16):
            self.desk.order(other, 3000, pb.OPEN_ACCOUNT, order=order)
        self.shown_now(keys, other, 0)
        self.voided(order, other)
        self.sound()

    def test_no_station_collects_answers_for_a_meter_without_end(self):
        meter = 110000000010
        self.keyed(meter)
        order = order_id()
        for _ in range(201):
            self.desk.order(meter, 3000, pb.OPEN_ACCOUNT, order=order)
        for _ in range(55):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=os.urandom(4), di=0x04001001, data=bytes(4)))
        with self.refused("refused", "pace: 256 requests for meter 110000000010", "go on after"):
            self.desk.ask(write_parameter=pb.WriteParameter(meter=meter, r2=os.urandom(4), di=0x04001001, data=bytes(4)))
        with self.refused("refused", "pace: 256 requests"):
            self.desk.order(meter, 3000, pb.OPEN_ACCOUNT, order=order)
        self.assertEqual(self.desk.order(meter, 100).purchase_count, 2, "what is charged has its own limits")
        self.keyed(110000000020)
        self.assertEqual(self.desk.order(110000000020, 100, pb.OPEN_ACCOUNT).purchase_count, 1)

    def test_an_order_that_was_credited_stays(self):
        meter = 110000000003
        keys = self.keyed(meter)
        order = order_id()
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=order)
        self.shown_now(keys, meter, 1)
        with self.refused("refused", "credited: meter"):
            self.void(order, meter)
        self.assertEqual(self.show(meter)["purchase_count"], 1)

    def test_only_the_newest_order_of_its_own_station_and_meter_can_be_voided(self):
        meter = 110000000004
        keys = self.keyed(meter)
        opened, second = order_id(), order_id()
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=opened)
        self.desk.order(meter, 100, order=second)
        self.shown_now(keys, meter, 0)
        with self.refused("refused", "count: order", "only the newest"):
            self.void(opened, meter)
        with self.refused("invalid_argument", "is not for meter"):
            self.void(second, meter + 1)
        with self.refused("not_found", "nothing was charged"):
            self.void(order_id(), meter)
        with self.refused("invalid_argument", "order_id"):
            self.void(b"short", meter)
        self.p.issue("other", "user", "--station", "desk-9", "--operations", "authenticate,recharge,check_status", "--per-order", "5", "--per-day", "50")
        other = self.session("other")
        with self.refused("not_found", "never made order"):
            self.void(second, meter, desk=other)
        self.voided(second, meter)
        self.voided(opened, meter)  # one after the other, as long as nothing else was given out
        shown = self.show(meter)
        self.assertEqual((shown.get("purchase_count", 0), int(shown.get("customer", 0))), (0, 0))
        self.assertEqual(self.desk.order(meter, 700, pb.OPEN_ACCOUNT).purchase_count, 1)
        self.sound()

    def test_a_cap_that_is_used_up_is_free_again(self):
        self.p.issue("small", "user", "--station", "desk-3", "--operations", "authenticate,open_account,recharge,check_status", "--per-order", "30", "--per-day", "50", "--per-month", "50")
        self.desk = self.session("small")
        meter = 110000000005
        keys = self.keyed(meter)
        order = order_id()
        self.desk.order(meter, 3000, pb.OPEN_ACCOUNT)
        self.desk.order(meter, 2000, order=order)
        with self.refused("refused", "per_day"):
            self.desk.order(meter, 1)
        self.shown_now(keys, meter, 1)
        self.voided(order, meter)
        self.desk.order(meter, 2000)
        with self.refused("refused", "per_day"):
            self.desk.order(meter, 1)
        self.sound()

    def test_a_refund_and_a_clear_that_never_happened_leave_the_account_as_it_was(self):
        meter = 110000000006
        keys = self.keyed(meter)
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        self.shown_now(keys, meter, 1)
        for kind, amount in ((pb.REFUND, 2000), (pb.CLEAR, 5000)):
            order = order_id()
            self.assertEqual(self.desk.order(meter, amount, kind, order=order).purchase_count, 2)
            self.shown_now(keys, meter, 1)
            self.voided(order, meter)
            self.assertEqual(int(self.show(meter)["customer"]), CUSTOMER)
        with self.refused("refused", "amount:"):
            self.desk.order(meter, 5001, pb.REFUND)
        self.assertEqual(self.desk.order(meter, 5000, pb.CLEAR).purchase_count, 2)
        self.sound()

    def test_who_may_no_longer_sell_to_the_meter_takes_nothing_back(self):
        self.p.issue("leaver", "user", "--station", "desk-4", "--operations", "authenticate,open_account,recharge,check_status", "--per-order", "50", "--per-day", "500")
        self.desk = self.session("leaver")
        meter = 110000000007
        keys = self.keyed(meter)
        order = order_id()
        self.desk.order(meter, 3000, pb.OPEN_ACCOUNT, order=order)
        self.shown_now(keys, meter, 0)
        self.p.good_ctl("grant", "set", self.p.serials["leaver"], "--station", "desk-4", "--operations", "authenticate,recharge,check_status", "--per-order", "50", "--per-day", "500", pins=MASTER)
        with self.refused("refused", "open_account"):
            self.void(order, meter)

    # ---- on a card

    def test_a_card_that_never_was_in_its_meter_gives_its_purchase_back(self):
        meter = 110000000011
        self.keyed(meter)
        card = self.meters_card("2100000000000001", meter)
        before = self.spent()
        order = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        challenge = self.missing(order, meter, "a read of card 2100000000000001")
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.missing(order, meter, "whose wallet does not hold this order")
        self.emptied(card, meter)
        self.missing(order, meter, "whose wallet does not hold this order")
        self.read(card, meter, 2, os.urandom(8))
        self.missing(order, meter, "whose wallet does not hold this order")
        self.read(card, meter, 2, challenge)
        self.missing(order, meter, "write-back")
        self.read(card, meter, 5, os.urandom(8))
        self.missing(order, meter, "write-back")
        self.read(card, meter, 5, challenge)
        self.voided(order, meter)
        self.assertEqual(self.spent(), before)
        self.assertTrue(self.authenticate(card, meter))
        again = self.sell(card, meter, pb.OPEN_ACCOUNT, 700)
        self.assertEqual(card.wallet(), (700, 1))
        self.assertNotEqual(again, order)
        self.sound()

    def test_a_purchase_on_a_card_stays_unless_the_configuration_lets_cards_prove_something(self):
        self.card_voids(False)
        meter = 110000000018
        keys = self.keyed(meter)
        card = self.meters_card("2100000000000010", meter)
        before = self.spent()
        order = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        self.shown_now(keys, meter, 0)
        with self.refused("refused", "card: this platform voids no sale on a card", "voids = true under [card]"):
            self.void(order, meter)
        self.assertEqual((self.spent(), self.show(meter)["purchase_count"]), (before + 5000, 1))
        self.card_voids(True)
        challenge = self.missing(order, meter, "a read of card")
        self.emptied(card, meter)
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.card_voids(False)  # whatever was shown meanwhile
        with self.refused("refused", "card: this platform voids no sale on a card"):
            self.void(order, meter)
        self.assertEqual(self.spent(), before + 5000)
        self.sound()

    def test_a_write_back_with_its_count_keeps_a_purchase(self):
        meter = 110000000012
        self.keyed(meter)
        card = self.meters_card("2100000000000002", meter)
        order = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        challenge = self.missing(order, meter, "a read of card")
        card.written_back(meter, 5000, 1)
        self.emptied(card, meter)
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        with self.refused("refused", "credited: meter"):
            self.void(order, meter)

    def test_a_station_that_empties_the_write_back_has_to_ask_the_meter(self):
        meter = 110000000013
        keys = self.keyed(meter)
        card = self.meters_card("2100000000000003", meter)
        order = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        challenge = self.missing(order, meter, "a read of card")
        card.written_back(meter, 5000, 1)  # its meter has credited it
        self.emptied(card, meter)
        self.emptied(card, meter, 5)
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.missing(order, meter, "the card's write-back was emptied since")
        self.restart()
        self.assertTrue(self.authenticate(card, meter))
        challenge = self.missing(order, meter, "a read of card")
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.missing(order, meter, "the card's write-back was emptied since")
        self.shown_now(keys, meter, 1)
        with self.refused("refused", "credited: meter"):
            self.void(order, meter)
        self.sound()

    def test_a_status_counts_only_after_the_card_was_seen_without_the_order(self):
        meter = 110000000014
        keys = self.keyed(meter)
        card = self.meters_card("2100000000000004", meter)
        order = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        self.shown_now(keys, meter, 0)  # the card is not inserted yet
        challenge = self.missing(order, meter, "a read of card")
        r1 = self.authenticated(meter)
        self.emptied(card, meter)
        self.read(card, meter, 2, challenge)
        self.shown(keys, meter, 0, r1)  # of an authentication from before
        self.missing(order, meter, "write-back")
        self.shown_now(keys, meter, 0)
        self.voided(order, meter)
        self.sound()

    def test_a_purchase_that_a_replacement_carries_on_is_not_voided(self):
        meter = 110000000016
        keys = self.keyed(meter)
        lost, fresh = self.meters_card("2100000000000007", meter), self.meters_card("2100000000000008", meter)
        order = self.sell(lost, meter, pb.OPEN_ACCOUNT, 5000)
        self.sell(fresh, meter, pb.REPLACE_CARD, 0)
        self.shown_now(keys, meter, 0)
        with self.refused("refused", "card: order", "another card"):
            self.void(order, meter)
        meter = 110000000017
        keys = self.keyed(meter)
        opened = order_id()
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT, order=opened)
        self.sell(self.meters_card("2100000000000009", meter), meter, pb.REPLACE_CARD, 0)
        self.shown_now(keys, meter, 0)
        with self.refused("refused", "card: order", "another card"):
            self.void(opened, meter)

    def test_what_took_the_newest_purchase_back_takes_not_the_credited_one_before_it(self):
        meter = 110000000019
        keys = self.keyed(meter)
        card = self.meters_card("2100000000000011", meter)
        opened = self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        card.written_back(meter, 5000, 1)
        self.read(card, meter, 5, os.urandom(8))
        self.emptied(card, meter, 5)
        order = self.sell(card, meter, pb.RECHARGE, 3000)
        challenge = self.missing(order, meter, "a read of card")
        self.emptied(card, meter)
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.voided(order, meter)
        before = self.spent()
        self.assertNotEqual(self.missing(opened, meter, "a read of card"), challenge)
        challenge = self.missing(opened, meter, "a read of card")
        self.read(card, meter, 2, challenge)
        self.read(card, meter, 5, challenge)
        self.missing(opened, meter, "the card's write-back was emptied since")
        self.shown_now(keys, meter, 1)
        with self.refused("refused", "credited: meter"):
            self.void(opened, meter)
        self.assertEqual((self.spent(), self.show(meter)["purchase_count"]), (before, 1))
        self.sound()

    def test_what_was_charged_nothing_is_not_voided(self):
        meter = 110000000015
        self.keyed(meter)
        card = self.meters_card("2100000000000005", meter)
        self.sell(card, meter, pb.OPEN_ACCOUNT, 5000)
        fresh = self.meters_card("2100000000000006", meter)
        order = self.sell(fresh, meter, pb.REPLACE_CARD, 0)
        with self.refused("refused", "void: a replaced card"):
            self.void(order, meter)


class Overtaken(VoidDesk):
    def test_a_count_that_was_never_given_out_is_logged_and_found(self):
        meter = 110000000019
        keys = self.keyed(meter)
        self.desk.order(meter, 5000, pb.OPEN_ACCOUNT)
        self.assertEqual(self.shown(keys, meter, 2, self.authenticated(meter)).known_count, 1)
        said = [e["json"].get("contradiction") for e in self.p.events() if e["type"] == "status_checked"]
        self.assertEqual(said, ["its purchase count is 2, given out were counts up to 1"])
        self.restart()
        self.assertEqual(self.desk.order(meter, 100).purchase_count, 2)
        done = self.p.verify()
        self.assertEqual(done.code, 1)
        self.assertIn("shows the purchase count 2, and none above 1 was given out", done.out + done.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
