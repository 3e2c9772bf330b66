#!/usr/bin/env python3
"""The worked examples of docs/SUITE.md, section 7, computed by the openssl command.

suite_vectors.py write FILE        writes tests/data/suite-aes128.json
suite_vectors.py check FILE PAGE   exit 1 unless FILE is what openssl computes now, and every hex value of
                                   section 7 of PAGE (docs/SUITE.md) stands in it
"""
import hashlib
import json
import pathlib
import re
import sys

import suite_by_openssl as suite

METER = "123456789012"
MASTERS = {c: bytes(range(c << 4, (c << 4) + 16)) for c in range(1, 7)}  # class 5: 505152..5f
REGION_MASTER = bytes(range(16))
R1 = bytes.fromhex("0102030405060708")
R2 = bytes.fromhex("a1b2c3d4")
AMOUNT = (10000).to_bytes(4, "big")
COUNT = (1).to_bytes(4, "big")
CUSTOMER = bytes.fromhex("000000654321")
OPERATOR = bytes.fromhex("00000001")
CARD = bytes.fromhex("1122334455667788")
TRIP = bytes.fromhex("1a00595923311226")  # N1 N2 ss mm hh DD MM YY: trip, valid until 2026-12-31 23:59:59
SHORT = {1: "control", 2: "identity", 3: "remote", 4: "parameter", 5: "credit", 6: "card"}
USAGE = {1: "node", 2: "MAC", 3: "encryption", 4: "key wrap", 5: "internal authentication", 6: "external authentication"}

found = []


def add(name: str, inputs: dict[str, bytes], output: bytes) -> bytes:
    found.append({"name": name, "inputs": {k: v.hex() for k, v in inputs.items()}, "output": output.hex()})
    return output


def derive(name, base, level, key_class, usage, state, version, factor):
    out = suite.derive(base, level, key_class, usage, state, version, factor)
    inputs = {"base_key": base, "level": bytes([level]), "class": bytes([key_class]), "usage": bytes([usage]),
              "state": bytes([state]), "version": bytes([version]), "factor": factor,
              "block": suite.block(level, key_class, usage, state, version, factor)}
    return add("derive: " + name, inputs, out)


def mac(name, key, direction, command, part, freshness, fields, size=4):
    command = bytes.fromhex(command)
    out = suite.mac(key, direction, command, part, freshness, fields, size)
    inputs = {"key": key, "direction": bytes([direction]), "command": command, "part": bytes([part]), "freshness": freshness,
              "fields": fields, "message": suite.mac_input(direction, command, part, freshness, fields)}
    return add("mac: " + name, inputs, out)


def frame(name, control, data):
    add("frame: " + name, {"address": bytes.fromhex(METER), "control": bytes([control]), "data": data},
        suite.frame(METER, control, data))


def vectors() -> list[dict]:
    found.clear()
    number = suite.number(METER)
    for c in MASTERS:
        add(f"factory master: class {c} ({SHORT[c]})", {"class": bytes([c])}, suite.factory_master(c))

    factory = {}
    private = {}
    for key_id, (c, u, _) in suite.KEYS.items():
        title = f"key {key_id}, {SHORT[c]} / {USAGE[u]}"
        factory[key_id] = derive(f"factory {title}", suite.factory_master(c), 2, c, u, 0, 0, suite.FACTORY_FACTOR)
        private[key_id] = derive(f"private {title}", MASTERS[c], 2, c, u, 1, 1, number)
    region = derive("region 000000000042, credit / node", REGION_MASTER, 1, 5, 1, 1, 1, suite.number("000000000042"))
    derive("key 5, credit / MAC, below the region's node", region, 2, 5, 2, 1, 1, number)
    internal = derive("card, internal authentication", private[8], 3, 6, 5, 1, 1, CARD)
    external = derive("card, external authentication", private[8], 3, 6, 6, 1, 1, CARD)
    secure = derive("card, secure messaging", private[8], 3, 6, 2, 1, 1, CARD)
    card_wrap = derive("card, key wrap", private[8], 3, 6, 4, 1, 1, CARD)
    blank = {u: derive("blank card, " + USAGE[u] if u != 2 else "blank card, secure messaging", suite.factory_master(6), 3, 6, u, 0, 0, CARD) for u in (5, 6, 2, 4)}

    k1_factory = mac("K1 in factory state", factory[4], 0, "070000ff", 0, R1, suite.FACTORY_FACTOR, 8)
    k1 = mac("K1 in private state", private[4], 0, "070000ff", 0, R1, number, 8)
    mac("validity of 30 minutes", private[4], 0, "070001ff", 0, R2, bytes.fromhex("0030"))
    mac("open account, MAC1", private[5], 0, "070101ff", 1, R2, AMOUNT + COUNT)
    mac("open account, MAC2", private[5], 0, "070101ff", 2, R2, CUSTOMER + AMOUNT + COUNT)
    mac1 = mac("recharge, MAC1", private[5], 0, "070102ff", 1, R2, AMOUNT + COUNT)
    mac2 = mac("recharge, MAC2", private[5], 0, "070102ff", 2, R2, CUSTOMER + AMOUNT + COUNT)
    mac("wallet initialisation, first MAC", factory[5], 0, "070103ff", 1, R2, AMOUNT)
    mac("wallet initialisation, second MAC", factory[5], 0, "070103ff", 2, R2, bytes(4) + AMOUNT)

    mac("refund, MAC1", private[5], 0, "070104ff", 1, R2, AMOUNT + COUNT)
    mac("refund, MAC2", private[5], 0, "070104ff", 2, R2, CUSTOMER + AMOUNT + COUNT)
    mac("clear, MAC1", private[5], 0, "070105ff", 1, R2, AMOUNT + COUNT)
    mac("clear, MAC2", private[5], 0, "070105ff", 2, R2, CUSTOMER + AMOUNT + COUNT)

    key_info = bytes([1, 1, 5, 1])
    record = add("wrap: private key 5 under factory key 0",
                 {"wrapping_key": factory[0], "new_key": private[5], "meter": bytes.fromhex(METER)},
                 suite.encrypted_key(factory[0], private[5], METER))
    update = mac("key update, 2009 profile, key 5", factory[1], 0, "070204ff", 0, R2, key_info + record)
    record_2013 = bytes([9, 1, 5, 1]) + record
    mac("key update, 2013 profile, one record", factory[1], 0, "070301ff", 0, R2, record_2013)

    kept = {i: derive(f"kept key {i}, control / {0x40 + i:02x}", MASTERS[1], 2, 1, 0x40 + i, 1, 1, number) for i in range(9, 20)}
    records = [bytes([20, 1, i, 1]) + suite.encrypted_key(factory[0], kept[i], METER) for i in range(16, 20)]
    mac("key update, 2013 profile, keys 16 to 19", factory[1], 0, "070301ff", 0, R2, b"".join(records))

    cipher = add("encrypt: trip", {"key": private[7], "r2": R2, "data": TRIP}, suite.encrypted_command(private[7], R2, TRIP))
    relay = mac("relay control", private[6], 0, "1c000098", 0, R2, cipher)
    block = add("encrypt: a parameter of 12 bytes", {"key": private[3], "r2": R2, "data": bytes(range(12))},
                suite.encrypted_command(private[3], R2, bytes(range(12))))
    mac("class 2 parameter 04001001", private[2], 0, "04001001", 0x98, R2, block)
    mac("class 1 parameter 04001001", private[2], 0, "04001001", 0x99, R2, bytes.fromhex("00005000"))

    info = bytes([1, 1, 0, 1])
    status1 = mac("status reply, first MAC", private[5], 0x80, "078102ff", 1, R1, AMOUNT)
    status2 = mac("status reply, second MAC", private[5], 0x80, "078102ff", 2, R1, COUNT + CUSTOMER + info + AMOUNT)
    mac("read-back reply", private[5], 0x80, "078001ff", 0, R1, AMOUNT + COUNT)

    mac("card, internal authentication", internal, 0x80, "00880001", 0, R1, b"", 8)
    mac("card, external authentication", external, 0, "00820002", 0, R1, b"", 8)
    mac("card, wallet update", secure, 0, "04d68200", 0, R2, AMOUNT + COUNT)
    bcd = bytes.fromhex
    data = (b"\0" + b"\x81" + bytes(4) + bcd("2701010000") + b"\0" + bcd("00005000") + bcd("00001000") + bcd("000001") + bcd("000010")
            + bcd(METER) + CUSTOMER + b"\x02")
    parameters = suite.wrapper(1, data)
    tariffs = suite.wrapper(3, bcd("00005283") + bytes(4 * 62) + b"\x01\x00" + bytes(4))
    zeroed = data[:1] + b"\x00" + data[2:]  # no tariffs named
    mac("purchase on a card, no tariffs", private[5], 0, "04d68100", 1, CARD, zeroed + AMOUNT + COUNT)
    digest = add("SHA-256: a tariff file", {"file": tariffs}, hashlib.sha256(tariffs).digest())
    mac("purchase on a card, with tariffs", private[5], 0, "04d68100", 1, CARD, data + AMOUNT + COUNT + digest)
    parameters = add("card file: parameters with their purchase MAC", {"key": private[5], "serial": CARD, "parameters": parameters, "wallet": AMOUNT + COUNT, "tariffs": tariffs},
                     suite.sold(private[5], CARD, parameters, AMOUNT + COUNT, tariffs))
    mac("card, parameters update", secure, 0, "04d68100", 0, R2, parameters)
    mac("card, end of a tariff file", secure, 0, "04d684f0", 0, R2, suite.wrapper(4, bytes(264 - 6))[240:])
    back = b"\x01" + bcd("000001") + bcd("000010") + bcd(METER) + CUSTOMER + AMOUNT + COUNT + bytes(4) + bytes([1, 1, 0, 1]) + bcd("000000") + bcd("2611221230")
    mac("card, write-back read", secure, 0x80, "04b08500", 0, R1, suite.wrapper(5, back))
    wrapped = add("card wrap: internal authentication key under the blank card's key-wrap key",
                  {"wrapping_key": blank[4], "new_key": internal}, suite.wrap(blank[4], internal))
    mac("card, key written to a blank card", blank[2], 0, "84d40105", 0, R2, wrapped)
    mac("card, secured reading of the wallet", secure, 0x80, "04b08200", 0, R1, AMOUNT + COUNT)
    mac("card, second piece of a tariff file", secure, 0, "04d683f0", 0, R2, bytes(range(24)))
    mac("blank card, internal authentication", blank[5], 0x80, "00880001", 0, R1, b"", 8)
    mac("blank card, external authentication", blank[6], 0, "00820002", 0, R1, b"", 8)
    ours = {5: internal, 6: external, 2: secure, 4: card_wrap}
    for state, name, in_force, new in ((1, "personalised", blank, ours), (0, "erased", ours, blank)):
        for usage in (5, 6, 2, 4):
            wrapped = add(f"card wrap: {name}, usage {usage}", {"wrapping_key": in_force[4], "new_key": new[usage]}, suite.wrap(in_force[4], new[usage]))
            mac(f"card {name}, write key of usage {usage}", in_force[2], 0, f"84d4{state:02x}{usage:02x}", 0, R2, wrapped)

    p = suite.payload
    di = bytes.fromhex
    frame("identity authentication in factory state", 0x03, p(di("070000ff"), OPERATOR, k1_factory, R1, suite.FACTORY_FACTOR))
    frame("identity authentication in private state", 0x03, p(di("070000ff"), OPERATOR, k1, R1, number))
    frame("recharge", 0x03, p(di("070102ff"), OPERATOR, AMOUNT, COUNT, mac1, CUSTOMER, mac2))
    frame("key update, 2009 profile, key 5", 0x03, p(di("070204ff"), OPERATOR, update, key_info, record))
    frame("relay control", 0x1C, di("98000000") + p(OPERATOR, cipher, relay))
    frame("status reply", 0x83, p(di("078102ff"), AMOUNT, status1, COUNT, status2, CUSTOMER, info))
    return list(found)


def unknown_values(page: str, computed: list[dict]) -> list[str]:
    known = "\n".join([v["output"] for v in computed] + [i for v in computed for i in v["inputs"].values()]).lower()
    section = page.split("## 7. Worked examples", 1)[1]
    values = re.findall(r"`([0-9a-fA-F]{8,}(?: [0-9a-fA-F]+)*)`", section)
    return [v for v in values if v.replace(" ", "").lower() not in known]


def main() -> int:
    if len(sys.argv) != {"write": 3, "check": 4}.get(sys.argv[1] if len(sys.argv) > 1 else "", 0):
        print(__doc__, file=sys.stderr)
        return 2
    file = pathlib.Path(sys.argv[2])
    computed = vectors()
    if sys.argv[1] == "write":
        file.write_text("[\n" + ",\n".join(" " + json.dumps(v) for v in computed) + "\n]\n")
        return 0
    stored = json.loads(file.read_text())
    for have, want in zip(stored, computed):
        if have != want:
            print(f"{file.name}: '{have['name']}' is not what openssl computes: {want['output']}")
            return 1
    if len(stored) != len(computed):
        print(f"{file.name} holds {len(stored)} examples, not {len(computed)}")
        return 1
    strange = unknown_values(pathlib.Path(sys.argv[3]).read_text(), computed)
    if strange:
        print(f"{sys.argv[3]}: section 7 holds values that no example has: {', '.join(strange)}")
        return 1
    print(f"{len(stored)} examples agree with openssl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
