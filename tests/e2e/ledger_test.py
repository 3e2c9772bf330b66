"""Money, at random: orders and cards of all kinds, interleaved, with lost frames, pulled cards, copies, replays, power cuts and a
platform that is killed. Whatever happens, the credit in the meters is what the log says was sold.

KMP_LEDGER_SEED=random tries another run each time, and says its number; N repeats what the world does in a run (where the power fails in the middle of a command the outcome is the machine's);
KMP_LEDGER_STEPS=N makes it longer, and tells at its end what happened how often.
"""
import collections
import os
import pathlib
import re
import secrets
import shutil
import sys
import unittest

import exported_log
from exported_log import AMOUNT, COUNT, METER, ORDER, ORDER_ID, REPLACE_CARD, UKEY
from honest_station import Contradiction, Counter, Died, LineDesk, NotForSale
from household import Fate, House, Mishap, Sale
from platform_under_test import Platform, run, wait_until
from station import Refused
from wire import kmp_pb2 as pb

STEPS = int(os.environ.get("KMP_LEDGER_STEPS", "400"))
SEED = {"random": secrets.randbits(32)}.get(os.environ.get("KMP_LEDGER_SEED", "20261122")) or int(os.environ.get("KMP_LEDGER_SEED", "20261122"))
METERS = ((600000000001, "low"), (600000000002, "high"), (600000000003, "low"), (600000000004, "high"))
STATIONS = ("line", "counter")
RULES = ("account:", "uninserted:", "card:", "count:")  # what kmpd may answer to a station that does not know how an account stands


class Street:
    """Some houses, two stations, one platform, and all that can happen."""

    def __init__(self, platform: Platform, seed: int):
        self.platform, self.fate = platform, Fate(seed)
        self.random = self.fate.random
        self.line = LineDesk(platform, "line", self.between)
        self.counter = Counter(platform, "counter", self.between, self.fate)
        self.houses = [House(platform, number, grade, self.fate) for number, grade in METERS]
        self.under_way: list[Sale] = []
        self.cards_made = 0
        self.outcomes = collections.Counter()
        self.things = {self.sell_on_the_line: 6, self.sell_by_card: 5, self.replace_a_card: 1.5, self.give_back: 5, self.insert_a_card: 14, self.insert_a_strange_card: 1,
                       self.copy_a_card: 1, self.lose_a_card: 0.7, self.go_on: 9, self.repeat_what_is_done: 2, self.send_an_old_frame: 3, self.use_energy: 2, self.look: 4,
                       self.cut_the_power: 1, self.kill_the_platform: 0.4}

    def close(self):
        self.counter.reader.close()
        for desk in (self.line, self.counter):
            desk.leave()
        for house in self.houses:
            house.hang_up()

    def live(self, steps: int):
        for _ in range(steps):
            self.something(self.random.choice(self.houses))

    def something(self, house: House):
        thing = self.random.choices(list(self.things), list(self.things.values()))[0]
        self.fate.note(f"meter {house.text[-1]}: {thing.__name__}")
        self.fate.depth += 1
        outcome = self.outcome_of(thing, house)
        self.fate.note("-> " + outcome)
        self.fate.depth -= 1
        self.outcomes[f"{thing.__name__}: " + re.sub(r"\d[\d.]*", "N", outcome)] += 1
        house.check()

    def outcome_of(self, thing, house: House) -> str:
        try:
            return thing(house) or "done"
        except Refused as no:
            assert no.code == "refused" and no.message.startswith(RULES), no
            return no.message
        except Contradiction as no:
            assert not no.current or len(self.alike(house, house.card)) > 1, f"a card that was never copied contradicts the log: {no}"
            return f"contradiction: {no}"
        except Mishap as no:
            return f"{type(no).__name__}: {no}"

    def between(self, house: House):
        """Between two messages of a station: the station dies, or something else happens in that house."""
        if self.fate.happens(0.015):
            raise Died("the station")
        if self.fate.depth < 3 and self.fate.happens(0.06):
            self.something(house)

    # ---- sales

    def sell(self, house: House, sale: Sale):
        """Or go on with it. A refusal before anything was charged ends it; after anything else it stays in the journal."""
        if sale in self.under_way or sale.card in self.counter.inside:
            return "it is under way, or its card in the reader"
        if sale.card and sale.card not in house.cards:
            return "its card is lost"
        if sale not in house.journal:
            house.journal.append(sale)
        self.under_way.append(sale)
        try:
            (self.counter.write if sale.card else self.line.carry_out)(house, sale)
        except (Refused, NotForSale):
            if sale.count is None:
                house.journal.remove(sale)
            raise
        finally:
            self.under_way.remove(sale)
            self.fate.note(str(sale))

    def amount(self) -> int:
        return self.random.randint(1, 20000)

    def sell_on_the_line(self, house: House):
        if house.guarded():
            return "not while money goes out"
        return self.sell(house, Sale(pb.RECHARGE if house.open else pb.OPEN_ACCOUNT, self.amount(), house.customer))

    def sell_by_card(self, house: House):
        if house.guarded():
            return "not while money goes out"
        if not house.open:
            return self.sell(house, Sale(pb.OPEN_ACCOUNT, self.amount(), house.customer, self.new_card(house)))
        cards = self.alike(house, house.card)
        return self.sell(house, Sale(pb.RECHARGE, self.amount(), house.customer, self.random.choice(cards))) if cards else self.replace_a_card(house)

    def replace_a_card(self, house: House):
        """By a new one, or one that holds a purchase by itself: the meter may know another as the account's card."""
        waits = house.card in house.cards and any(s.card == house.card and s.count is not None for s in house.unfinished())
        card = house.card if waits and self.random.random() < 0.5 else self.new_card(house)
        return self.sell(house, Sale(pb.REPLACE_CARD, 0, house.customer, card))

    def give_back(self, house: House):
        """Part of the balance, or all of it and the account is closed."""
        if not house.open or house.unfinished() or house.giving_back:
            return "not now"
        house.giving_back = True
        try:
            balance, count, known_count = self.line.status(house)
            if count != known_count or balance <= 0:
                return "not now"
            part = self.random.random() < 0.6
            return self.sell(house, Sale(pb.REFUND, self.random.randint(1, balance), house.customer) if part else Sale(pb.CLEAR, balance, house.customer))
        finally:
            house.giving_back = False

    def go_on(self, house: House):
        """With something that was begun."""
        begun = [s for s in house.journal if not s.done]
        return self.sell(house, self.random.choice(begun)) if begun else "nothing was begun"

    def repeat_what_is_done(self, house: House):
        done = [s for s in house.journal if s.done and s.card is None]
        return self.sell(house, self.random.choice((done[-1], self.random.choice(done)))) if done else "nothing is done"

    def look(self, house: House):
        self.line.status(house)

    # ---- cards

    def new_card(self, house: House) -> pathlib.Path:
        self.cards_made += 1
        path = self.platform.folder / f"{self.cards_made}.card"
        made = run("kmp-meter", "card", "make", str(path))
        assert made.code == 0, repr(made)
        house.cards.append(path)
        return path

    def copy_a_card(self, house: House):
        if not house.cards:
            return "there is none"
        card = self.random.choice(house.cards)
        self.cards_made += 1
        copy = card.with_name(f"{card.stem}+{self.cards_made}.card")
        shutil.copy(card, copy)
        house.cards.append(copy)

    def lose_a_card(self, house: House):
        if house.card not in house.cards or house.card in self.counter.inside:
            return "there is none"
        house.cards.remove(house.card)

    @staticmethod
    def alike(house: House, card: pathlib.Path | None) -> list[pathlib.Path]:
        """The card and its copies."""
        return [c for c in house.cards if card and c.stem.split("+")[0] == card.stem.split("+")[0]]

    def insert_a_card(self, house: House):
        card = house.card if house.card in house.cards and self.random.random() < 0.7 else self.random.choice(house.cards or [None])
        return self.insert(house, card)

    def insert_a_strange_card(self, house: House):
        return self.insert(house, self.random.choice(self.random.choice(self.houses).cards or [None]))

    def insert(self, house: House, card: pathlib.Path | None):
        if card is None or card in self.counter.inside:
            return "there is none"
        self.fate.note(f"inserts {card.name}")
        if self.fate.happens(0.05):
            house.insert_and_cut_power(card)
            return "the power fails"
        pull = {self.random.choice(("pull_at", "pull_after")): self.random.randint(1, 16)} if self.fate.happens(0.25) else {}
        return house.insert(card, **pull)

    # ---- the rest of the world

    def send_an_old_frame(self, house: House):
        """Any that was ever meant for any meter. What this one has had already changes nothing."""
        other = self.random.choice(self.houses)
        if not other.heard + other.lost:
            return "there is none"
        frame = self.random.choice(other.heard + other.lost)
        had, before = frame in house.heard, house.standing()
        house.ask(*frame)
        assert not had or house.standing() == before, f"meter {house.text} took a frame twice: {frame[1].hex()}"

    def use_energy(self, house: House):
        if house.guarded():
            return "not while money goes out"
        house.use_energy(self.random.randint(100, 20000), self.random.randint(60, 7200))

    def cut_the_power(self, house: House):
        house.cut_power()

    def kill_the_platform(self, _):
        self.platform.kill()
        for desk in (self.line, self.counter):
            desk.leave()
        self.platform.start()
        self.platform.unseal()
        wait_until("the UKEYs are ready", lambda: all(self.platform.reader(name).get("content") == "ukey" for name in STATIONS))

    # ---- the end

    def settle(self):
        """Nothing goes wrong any more, and the stations finish what they have begun."""
        self.fate.calm = True
        for house in self.houses:
            for _ in range(3 * len(house.unfinished()) + 1):
                self.line.status(house)
                if not house.unfinished():
                    break
                self.finish(house, min(house.unfinished(), key=lambda s: (s.count is None, s.count or 0)))
            assert not house.unfinished(), f"meter {house.text} never gets: {[str(s) for s in house.unfinished()]}"
            assert house.show()["count"] == len(house.worth)
            house.check()

    def finish(self, house: House, sale: Sale):
        self.fate.note(f"meter {house.text[-1]}: in the end: {sale}")
        self.fate.note("-> " + self.outcome_of(lambda _: self.sell(house, sale), house))
        if sale.count is None and sale in house.journal:
            house.journal.remove(sale)  # its card is lost, and nothing was charged
        if sale.card and sale.count and not sale.done:
            self.bring_home(house, sale)

    def bring_home(self, house: House, sale: Sale):
        before = house.show()["count"]
        if sale.card in house.cards:
            self.fate.note("-> " + house.insert(sale.card))
        if house.show()["count"] == before:
            self.carry_over(house)

    def carry_over(self, house: House):
        """The card is lost, or the meter knows another: what it holds comes on a new one."""
        sale = Sale(pb.REPLACE_CARD, 0, house.customer, self.new_card(house))
        self.fate.note("-> " + self.outcome_of(lambda _: self.sell(house, sale), house))
        self.fate.note("-> " + house.insert(sale.card))


class Ledger(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.p.initialised()
        for name in STATIONS:
            self.p.issue(name, "user", "--station", name, "--operations", "authenticate,open_account,recharge,refund,check_status,card", "--per-order", "1000000", "--per-day", "20000000",
                         "--per-month", "30000000", "--orders-per-minute", "1000000")

    def test_meters_hold_what_the_log_says_was_sold_whatever_happens(self):
        street = Street(self.p, SEED)
        self.addCleanup(street.close)
        for house in street.houses:
            self.p.good_vend("keys", "download", "--line", house.meter.line, "--meter", house.text, kind="key")
        print(f"KMP_LEDGER_SEED={SEED} KMP_LEDGER_STEPS={STEPS}", file=sys.stderr)
        try:
            street.live(STEPS)
            street.settle()
            self.assert_sound(street)
        except BaseException:
            print(*street.fate.steps, sep="\n", file=sys.stderr)
            raise
        if "KMP_LEDGER_STEPS" in os.environ:
            print(*(f"{n:5} {what}" for what, n in sorted(street.outcomes.items())), sep="\n")

    def assert_sound(self, street: Street):
        verdict = self.p.verify()
        self.assertEqual(verdict.code, 0, repr(verdict))
        orders = [r for r in exported_log.read(self.p.export()) if r.type == ORDER]
        self.assertGreater(len(orders), STEPS // 10)
        self.assertEqual(sorted(r.fields[ORDER_ID] for r in orders), sorted(s.id for h in street.houses for s in h.journal if s.count is not None))
        for house in street.houses:
            self.assert_balanced(house, [r for r in orders if r.number(METER) == house.number])
        for name in STATIONS:
            spent = self.p.good_ctl("--json", "ukey", "show", self.p.serials[name]).json()["ukey"].get("spent_today_fen", 0)
            self.assertEqual(spent, sum(r.number(AMOUNT) for r in orders if r.text(UKEY) == self.p.serials[name]))

    def assert_balanced(self, house: House, orders: list):
        """By the log alone."""
        seen = house.show()
        self.assertEqual(seen["balance_fen"] + seen["debited_fen"], sum(r.worth() for r in orders))
        self.assertEqual([r.number(COUNT) for r in orders if r.order_kind() != REPLACE_CARD], list(range(1, seen["count"] + 1)))


if __name__ == "__main__":
    unittest.main()
