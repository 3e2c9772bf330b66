"""Reads an exported log by docs/AUDIT_FORMAT.md alone: a reader of its own, beside kmp-audit, which judges it."""
import struct

ORDER = 101  # the types and fields that a test asks for
UKEY, METER, ORDER_ID, OPERATION, AMOUNT, COUNT, ORDER_KIND = 10, 31, 33, 34, 35, 36, 92
OPEN_ACCOUNT, RECHARGE, INITIALISE_WALLET, REFUND, CLEAR, REPLACE_CARD = range(1, 7)
_KIND_OF_OPERATION = {1: OPEN_ACCOUNT, 2: RECHARGE, 3: INITIALISE_WALLET, 4: REFUND}


class Record:
    """A type, and the values of its fields by tag."""

    def __init__(self, raw: bytes):
        version, self.type, self.index, self.time = struct.unpack(">BHQQ", raw[:19])
        assert version == 1
        self.raw = raw
        self.fields: dict[int, bytes] = {}
        at = 19
        while at < len(raw):
            tag, length = struct.unpack(">BH", raw[at:at + 3])
            self.fields[tag] = raw[at + 3:at + 3 + length]
            at += 3 + length

    def number(self, tag: int) -> int:
        return int.from_bytes(self.fields[tag], "big")

    def text(self, tag: int) -> str:
        return self.fields[tag].decode()

    def order_kind(self) -> int:
        return self.number(ORDER_KIND) if ORDER_KIND in self.fields else _KIND_OF_OPERATION[self.number(OPERATION)]

    def worth(self) -> int:
        """What an order adds to its meter, in fen."""
        return {REFUND: -1, CLEAR: -1, REPLACE_CARD: 0}.get(self.order_kind(), 1) * self.number(AMOUNT)


def read(path: str) -> list[Record]:
    with open(path, "rb") as file:
        def sized() -> bytes:
            return file.read(int.from_bytes(file.read(2), "big"))

        def record() -> bytes:
            size = int.from_bytes(file.read(2), "big")
            if size != 0xFFFF:
                return file.read(size)
            file.read(8)  # a block: from which record on, of how many, which they were
            file.read(8 + 8 * int.from_bytes(file.read(2), "big") + 8)
            return record()

        assert file.read(9) == b"KMPAUDIT\x02"
        sized()  # origin
        assert int.from_bytes(file.read(8), "big") == 0
        end = int.from_bytes(file.read(8), "big")
        for _ in range(file.read(1)[0]):
            sized()  # a certificate
        file.read(8)  # the check of the head
        records = []
        while raw := record():
            records.append(Record(raw))
    assert [r.index for r in records] == list(range(end))
    return records
