"""The charging card and the station on a real PC/SC reader: pcscd with vsmartcard's virtual reader."""
import json
import os
import signal
import struct
import subprocess
import unittest
import uuid

import card_kmpd
from card_kmpd import CUSTOMER, METER, CardKmpd, card_keys, suite
from platform_under_test import BIN
from reader_bench import READER, VPCD, Bench, CardGone
from station import order_id

SERIAL = bytes.fromhex("1122334455667788")
SELECT = "00A4000002DF01"


def make(path, serial: bytes = SERIAL):
    subprocess.run([str(BIN / "kmp-meter"), "card", "make", str(path), "--serial", serial.hex()], check=True, capture_output=True)


def shown(path) -> dict:
    return json.loads(subprocess.run([str(BIN / "kmp-meter"), "card", "show", str(path), "--json"], check=True, capture_output=True, text=True).stdout)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Bench().__enter__()
        cls.addClassCleanup(cls.bench.close)

    def setUp(self):
        self.card = self.bench.folder / (self.id().rsplit(".", 1)[1][-60:] + ".card")
        make(self.card)
        self.addCleanup(self.bench.clear)


class Reader(Case):
    """APDUs as any PC/SC program sends them, with keys computed by openssl."""

    def authenticate(self, card, keys) -> int:
        self.assertEqual(card.send(SELECT)[1], 0x9000)
        challenge, word = card.send("0084000008")
        self.assertEqual(word, 0x9000)
        return card.send(bytes.fromhex("0082000208") + suite.mac(keys[6], 0, bytes.fromhex("00820002"), 0, challenge, b"", 8))[1]

    def update(self, card, keys, head: str, data: bytes) -> bytes:
        challenge, _ = card.send("0084000004")
        return bytes.fromhex(head) + bytes([len(data) + 4]) + data + suite.mac(keys[2], 0, bytes.fromhex(head), 0, challenge, data)

    def test_it_is_powered_selected_and_read(self):
        inserted, card = self.bench.insert(self.card), self.bench.connect()
        self.assertEqual(card.atr.hex(), "3b80800101")
        self.assertEqual(card.send("00A40000023F00"), (b"", 0x9000))
        self.assertEqual(card.send("00B0990108"), (SERIAL, 0x9000))
        self.assertEqual(card.send(SELECT), (b"", 0x9000))
        for read in ("00B0810000", "00B0820008", "00B0830000", "00B0840000", "00B0850000", "04B0820008010203040506070808"):
            self.assertEqual(card.send(read), (b"", 0x6982))
        keys = card_keys(True, SERIAL)
        self.assertEqual(card.send("00880001080102030405060708"), (suite.mac(keys[5], 0x80, bytes.fromhex("00880001"), 0, bytes(range(1, 9)), b"", 8), 0x9000))
        self.assertEqual(self.authenticate(card, keys), 0x9000)
        self.assertEqual(card.send("00B0820008"), (bytes(8), 0x9000))
        wallet = struct.pack(">II", 10000, 1)
        self.assertEqual(card.send(self.update(card, keys, "04D68200", wallet)), (b"", 0x9000))
        data, word = card.send("04B0820008010203040506070808")
        self.assertEqual((data, word), (wallet + suite.mac(keys[2], 0x80, bytes.fromhex("04B08200"), 0, bytes(range(1, 9)), wallet), 0x9000))
        long_piece = bytes(range(240))
        self.assertEqual(card.send(self.update(card, keys, "04D68300", long_piece)), (b"", 0x9000))
        self.assertEqual(card.send("00B08300F0"), (long_piece, 0x9000))
        card.close()
        self.assertEqual(inserted.pull(), 0)

    def test_wrong_authentications_are_counted_down_until_it_is_blocked_for_good(self):
        inserted, card = self.bench.insert(self.card), self.bench.connect()
        card.send(SELECT)
        for left in range(14, -1, -1):
            card.send("0084000008")
            self.assertEqual(card.send("00820002080000000000000000"), (b"", 0x63C0 + left))
            if left == 7:  # pulled out and put in again: the tries are not given back
                card.close()
                inserted.pull()
                inserted, card = self.bench.insert(self.card), self.bench.connect()
                card.send(SELECT)
        self.assertEqual(self.authenticate(card, card_keys(True, SERIAL)), 0x6983)
        card.close()
        inserted.pull()

    def test_a_pulled_card_is_gone_and_has_forgotten_its_authentication(self):
        inserted, card = self.bench.insert(self.card), self.bench.connect()
        keys = card_keys(True, SERIAL)
        self.assertEqual(self.authenticate(card, keys), 0x9000)
        inserted.process.kill()
        with self.assertRaises(CardGone):
            card.send("00B0820008")
        card.close()
        self.assertEqual(inserted.wait(), -signal.SIGKILL)
        inserted, card = self.bench.insert(self.card), self.bench.connect()
        card.send(SELECT)
        self.assertEqual(card.send("00B0820008"), (b"", 0x6982))
        card.close()
        inserted.pull()

    def test_a_card_is_in_one_reader_at_a_time(self):
        inserted = self.bench.insert(self.card)
        done = self.bench.run([BIN / "kmp-meter", "card", "run", self.card, "--vpcd", VPCD])
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
        self.assertIn("in a reader already", done.stderr)
        inserted.pull()

    def test_torn_in_the_middle_of_each_write_it_is_the_card_before_or_after(self):
        keys, new = card_keys(True, SERIAL), card_keys(False, SERIAL)
        wallet = struct.pack(">II", 10000, 1)
        # Writes of this life: two of the authentication, one of the wallet, one of the whole key set.
        for write, whole in ((w, b) for w in range(1, 5) for b in (False, True)):
            self.card.unlink()
            make(self.card)
            inserted = self.bench.insert(self.card, "--tear", f"{write}:{100000 if whole else 371}")
            card = self.bench.connect()
            with self.assertRaises(CardGone):
                self.authenticate(card, keys)
                card.send(self.update(card, keys, "04D68200", wallet))
                for usage in (5, 6, 2, 4):
                    card.send(self.update(card, keys, f"84D401{usage:02x}", suite.wrap(keys[4], new[usage])))
            card.close()
            self.assertEqual(inserted.wait(), -signal.SIGKILL if whole else -signal.SIGXFSZ)
            done = write if whole else write - 1
            state = shown(self.card)
            self.assertEqual((state["tries"], state["wallet"]["purchase_count"], state["keys"]), (14 if done == 1 else 15, int(done >= 3), "private" if done >= 4 else "factory"), (write, whole))
            inserted, card = self.bench.insert(self.card), self.bench.connect()
            self.assertEqual(self.authenticate(card, new if done >= 4 else keys), 0x9000)
            card.close()
            inserted.pull()


class Station(Case):
    """kmp-vend at that reader. What kmpd does is played, by openssl."""

    def setUp(self):
        super().setUp()
        self.socket = str(self.bench.folder / f"{os.urandom(4).hex()}.sock")
        self.kmpd = CardKmpd(self.socket)
        self.addCleanup(self.kmpd.close)

    def command(self, *arguments: str) -> list:
        return [BIN / "kmp-vend", "--socket", self.socket, "--json", "card", arguments[0], "--reader", READER, "--meter", METER, *arguments[1:]]

    def vend(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.bench.run(self.command(*arguments))

    def sold(self, *arguments: str) -> dict:
        done = self.vend(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def insert_in_meter(self, count: int, balance: int):
        """What a meter does with the card: both authentications, and a write-back."""
        inserted, card = self.bench.insert(self.card), self.bench.connect()
        keys = card_keys(False, SERIAL)
        card.send(SELECT)
        challenge, _ = card.send("0084000008")
        self.assertEqual(card.send(bytes.fromhex("0082000208") + suite.mac(keys[6], 0, bytes.fromhex("00820002"), 0, challenge, b"", 8))[1], 0x9000)
        said = card_kmpd.wrapped_file(5, bytes.fromhex("01000001000001" + METER + CUSTOMER) + struct.pack(">III", balance, count, 0) + bytes.fromhex("01010002" + "000000" + "2611220642"))
        challenge, _ = card.send("0084000004")
        word = card.send(bytes.fromhex("04D6850035") + said + suite.mac(keys[2], 0, bytes.fromhex("04D68500"), 0, challenge, said))[1]
        self.assertEqual(word, 0x9000)
        card.close()
        inserted.pull()

    def test_the_life_of_a_card(self):
        inserted = self.bench.insert(self.card)
        readers = self.bench.run([BIN / "kmp-vend", "card", "readers"])
        self.assertIn(READER + "\n", readers.stdout)
        self.assertEqual(self.sold("read"), {"serial": SERIAL.hex(), "blank": True})
        opened = self.sold("sell", "--open", "--customer", CUSTOMER, "--amount", "50")
        self.assertEqual((opened["purchase_count"], opened["amount_fen"], opened["personalised"]), (1, 5000, True))
        refused = self.vend("sell", "--amount", "10")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("which no meter has taken", refused.stderr)
        inserted.pull()
        self.insert_in_meter(1, 5000)
        inserted = self.bench.insert(self.card)
        second = self.sold("sell", "--amount", "7.50")
        self.assertEqual((second["purchase_count"], second["customer"], second["amount_fen"]), (2, CUSTOMER, 750))
        self.assertEqual([file for file, _ in self.kmpd.reports if file == 5], [5])
        again = self.sold("sell", "--amount", "7.50", "--order-id", second["order_id"])
        self.assertEqual((again["purchase_count"], again["repeated"]), (2, True))
        inserted.pull()
        self.insert_in_meter(2, 5750)
        inserted = self.bench.insert(self.card)
        seen = self.sold("read")
        self.assertEqual((seen["write_back"]["balance_fen"], seen["write_back"]["purchase_count"], seen["wallet"]["untaken"]), (5750, 2, False))
        words = self.bench.run([BIN / "kmp-vend", "--socket", self.socket, "card", "read", "--reader", READER, "--meter", METER])
        self.assertIn(f"meter {METER} of customer {CUSTOMER} had 57.50 yuan and purchase count 2", words.stdout)
        self.sold("erase")
        self.assertEqual(self.sold("read"), {"serial": SERIAL.hex(), "blank": True})
        inserted.pull()
        state = shown(self.card)
        self.assertEqual((state["keys"], state["parameters"], state["write_back"]), ("factory", None, None))

    def test_a_lost_card_is_replaced(self):
        inserted = self.bench.insert(self.card)
        sold = self.sold("replace", "--customer", CUSTOMER)
        self.assertEqual(sold["personalised"], True)
        inserted.pull()
        self.assertEqual(shown(self.card)["parameters"]["card_type"], 3)

    def test_no_card_and_no_reader_and_no_pcscd_are_told_apart(self):
        none = self.vend("read", "--wait", "0")
        self.assertEqual((none.returncode, none.stderr.count("\n")), (1, 1))
        self.assertIn("no card is in the reader: put one in", none.stderr)
        several = self.bench.run([BIN / "kmp-vend", "--socket", self.socket, "card", "read", "--reader", "auto", "--meter", METER])
        self.assertEqual(several.returncode, 1)
        self.assertIn(f"must name one of '{READER}', 'Virtual PCD 00 01'", several.stderr)
        strange = self.bench.run([BIN / "kmp-vend", "--socket", self.socket, "card", "read", "--reader", "Toaster", "--meter", METER])
        self.assertEqual(strange.returncode, 1)
        self.assertIn(f"no reader 'Toaster'; pcscd knows '{READER}'", strange.stderr)
        outside = subprocess.run([str(a) for a in ["env", f"PCSCLITE_CSOCK_NAME={self.bench.folder}/none", *self.command("read")]], capture_output=True, text=True, timeout=60)
        self.assertEqual(outside.returncode, 1)
        self.assertIn("pcscd is not running", outside.stderr)
        self.assertEqual(self.kmpd.orders, {})

    def test_pulled_out_at_any_command_the_same_order_finishes_the_sale(self):
        self.assert_finished_whatever_happens(self.pulled)

    def test_killed_at_any_request_the_same_order_finishes_the_sale(self):
        self.assert_finished_whatever_happens(self.killed)

    def pulled(self, n: int, sale: tuple) -> bool:
        """True when the sale was cut at its n-th command: not carried out (odd), or not answered (even)."""
        inserted = self.bench.insert(self.card, "--pull-at" if n % 2 else "--pull-after", str((n + 1) // 2))
        done = self.vend(*sale)
        if done.returncode == 0:
            inserted.pull()
            return False
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertIn("pulled out", done.stderr)
        self.assertEqual(inserted.wait(), 0)
        return True

    def killed(self, n: int, sale: tuple) -> bool:
        inserted = self.bench.insert(self.card)
        self.kmpd.kill_at, self.kmpd.kill_after_answer = (n + 1) // 2, n % 2 == 0
        station = None
        self.kmpd.victim = lambda: station
        station = self.bench.start(self.command(*sale), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        code = station.wait(60)
        self.kmpd.kill_at = 0
        self.bench.wait_until_free()
        inserted.pull()
        return code == -signal.SIGKILL

    def assert_finished_whatever_happens(self, cut):
        n = -2
        while True:
            n += 3  # odd and even in turn; each command both ways is cut in card_sale_test
            self.card.unlink()
            make(self.card)
            self.kmpd.orders.clear()
            order = str(uuid.UUID(bytes=order_id()))
            sale = ("sell", "--open", "--customer", CUSTOMER, "--amount", "50", "--order-id", order)
            was_cut = cut(n, sale)
            inserted = self.bench.insert(self.card)
            sold = self.sold(*sale)
            inserted.pull()
            state = shown(self.card)
            self.assertEqual((sold["purchase_count"], len(self.kmpd.orders)), (1, 1), n)
            self.assertEqual((state["wallet"], state["keys"], state["tries"]), ({"amount_fen": 5000, "purchase_count": 1}, "private", 15), n)
            if not was_cut:
                break
        self.assertGreater(n, 20)


if __name__ == "__main__":
    unittest.main()
