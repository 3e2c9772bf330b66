"""Two verifiers that share nothing but docs/AUDIT_FORMAT.md: on the worked examples, on a real log and on damaged ones they say the same."""
import datetime
import hashlib
import json
import pathlib
import random
import subprocess
import unittest

import second_verifier
from cases import PlatformCase
from platform_under_test import BIN, MASTER, PINS, Platform
from second_verifier import Page, Record, Wrong
from station import Station
from wire import kmp_pb2 as pb

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "data" / "audit_examples.txt"


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = Page()
        cls.lines = [line for line in EXAMPLES.read_text().splitlines() if line and not line.startswith("#")]

    def examples(self):
        triples = self.lines[:-1]
        return [(json.loads(triples[i]), bytes.fromhex(triples[i + 1]), triples[i + 2]) for i in range(0, len(triples), 3)]

    def as_json(self, record: Record) -> dict:
        """Section 14."""

        def value(name: str):
            kind, v = self.page.fields[self.page.tags[name]][1], record.fields[name]
            if kind == "flag":
                return v == "yes"
            if kind == "time":
                return (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=v)).isoformat(timespec="milliseconds") + "Z"
            if kind in ("meter", "customer"):
                return f"{v:012}"
            if kind == "identifier":
                return f"{v:08x}"
            if kind == "day_offset":
                return f"{'-' if v < 720 else '+'}{abs(v - 720) // 60:02}:{abs(v - 720) % 60:02}"
            return f"{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}" if kind == "uuid" else v

        return {name: value(name) for name in record.fields}

    def test_every_type_has_one_and_reads_as_its_json_says(self):
        seen = set()
        for said, raw, leaf in self.examples():
            record = Record(self.page, raw)
            seen.add(record.type)
            self.assertEqual((record.type, record.index), (said.pop("type"), said.pop("index")))
            said.pop("time")
            self.assertEqual(self.as_json(record), said)
            self.assertEqual(hashlib.sha256(b"\0" + raw).hexdigest(), leaf)
        self.assertEqual(seen, {name for name, _, _ in self.page.types.values()})

    def test_the_same_flipped_bits_are_taken_and_refused(self):
        answers = []
        for _, raw, _ in self.examples():
            for bit in range(0, len(raw) * 8, 5):
                bent = bytearray(raw)
                bent[bit // 8] ^= 0x80 >> bit % 8
                try:
                    Record(self.page, bytes(bent))
                    answers.append("1")
                except (Wrong, ValueError):
                    answers.append("0")
        said = "".join(answers)
        self.assertEqual(self.lines[-1], f"flipped {len(said)} taken {said.count('1')} {hashlib.sha256(said.encode()).hexdigest()}")

    def test_the_tree_is_that_of_the_definition(self):
        # Two ways, of which one is RFC 9162's own recursion; and sizes at and beside powers of two.
        for size in (1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33):
            leaves = [second_verifier.leaf(bytes([i])) for i in range(size)]
            for first in range(size):
                bits = [1 << b for b in range(first.bit_length() - 1, -1, -1) if first >> b & 1]
                roots, at = [], 0
                for part in bits:
                    roots.append(second_verifier.tree(leaves[at:at + part]))
                    at += part
                grown = second_verifier.Grown(first, roots)
                for one in leaves[first:]:
                    grown.add(one)
                self.assertEqual(grown.root(), second_verifier.tree(leaves), (size, first))


class RealLog(PlatformCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        p = cls.p
        station = Station(p.socket("kmp.sock"))
        station.login(p.serials["user"], PINS["user"])
        for i in range(300):
            station.order(100000000001 + i, 100 + i, pb.OPEN_ACCOUNT, customer=7)
        station.close()
        p.good_ctl("ukey", "suspend", p.serials["user"], "--reason", "away", pins=MASTER)
        cls.export = pathlib.Path(p.export())
        cls.data = cls.export.read_bytes()
        cls.bent = p.folder / "bent.kmpaudit"

    def both(self, data: bytes, whose: str | None = None) -> tuple[bool, bool]:
        """Whether kmp-audit and the second verifier take it for sound."""
        self.bent.write_bytes(data)
        first = subprocess.run([str(BIN / "kmp-audit"), "verify", str(self.bent), "--certificate", whose or self.p.anchor()], capture_output=True)
        return first.returncode == 0, not second_verifier.verify(str(self.bent), whose or self.p.anchor())

    def test_both_find_a_real_log_sound(self):
        self.assertEqual(second_verifier.verify(str(self.export), self.p.anchor()), [])
        self.assertEqual(self.both(self.data), (True, True))
        kinds = {Record(Page(), r).type for r in second_verifier.Export(Page(), self.data).records}
        self.assertLessEqual({"genesis", "deed_signed", "ukey_issued", "grant_set", "order", "ukey_state_changed", "crl_issued"}, kinds)

    def test_both_find_every_damage(self):
        chance = random.Random(20251122)
        cuts = [chance.randrange(len(self.data) * 8) for _ in range(24)] + [8 * 20, 8 * (len(self.data) - 5)]
        for bit in cuts:
            bent = bytearray(self.data)
            bent[bit // 8] ^= 0x80 >> bit % 8
            self.assertEqual(self.both(bytes(bent)), (False, False), f"bit {bit}")
        for what, bent in {"cut": self.data[:-3], "longer": self.data + b"\0", "empty": b"", "half": self.data[:len(self.data) // 2], "twice": self.data * 2}.items():
            self.assertEqual(self.both(bent), (False, False), what)

    def test_both_find_records_that_were_moved_left_out_or_put_in_twice(self):
        records = second_verifier.Export(Page(), self.data).records
        at = self.data.index(len(records[40]).to_bytes(2, "big") + records[40])
        sized = [len(r).to_bytes(2, "big") + r for r in records[40:42]]
        head, tail = self.data[:at], self.data[at + len(sized[0]) + len(sized[1]):]
        for what, middle in {"moved": sized[1] + sized[0], "left out": sized[0], "twice": sized[0] + sized[0] + sized[1]}.items():
            self.assertEqual(self.both(head + middle + tail), (False, False), what)

    def test_both_want_the_anchor_that_they_were_given(self):
        with Platform() as other:
            other.start()
            other.ceremony()
            self.assertEqual(self.both(self.data, other.anchor()), (False, False))


if __name__ == "__main__":
    unittest.main()
