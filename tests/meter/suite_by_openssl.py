"""Suite aes128 (docs/SUITE.md) by the openssl command alone: neither the platform's code nor the meter's.

Every value is bytes, most significant byte first. Frames for the line are made by `frame` and `payload`.
"""
import functools
import hashlib
import subprocess

CONTROL, IDENTITY, REMOTE, PARAMETER, CREDIT, CARD = range(1, 7)
NODE, MAC, ENCRYPTION, KEY_WRAP, INTERNAL, EXTERNAL = range(1, 7)
REGION, METER, CARD_LEVEL = 1, 2, 3
FACTORY, PRIVATE = 0, 1
FACTORY_FACTOR = bytes.fromhex("0000000000000001")

# key id -> (class, usage, identifier of its 2009 update), table 1.3
KEYS = {
    0: (CONTROL, KEY_WRAP, "070201FF"),
    1: (CONTROL, MAC, "070201FF"),
    2: (PARAMETER, MAC, "070202FF"),
    3: (PARAMETER, ENCRYPTION, "070202FF"),
    4: (IDENTITY, MAC, "070203FF"),
    5: (CREDIT, MAC, "070204FF"),
    6: (REMOTE, MAC, "070204FF"),
    7: (REMOTE, ENCRYPTION, "070204FF"),
    8: (CARD, NODE, "070204FF"),
}


def openssl(arguments: list[str], data: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True, timeout=30).stdout


@functools.cache
def ecb(key: bytes, block: bytes) -> bytes:
    return openssl(["enc", "-aes-128-ecb", "-nopad", "-K", key.hex()], block)


@functools.cache
def cmac(key: bytes, message: bytes) -> bytes:
    out = openssl(["mac", "-cipher", "AES-128-CBC", "-macopt", "hexkey:" + key.hex(), "-in", "-", "CMAC"], message)
    return bytes.fromhex(out.decode().strip())


@functools.cache
def wrap(key: bytes, new_key: bytes) -> bytes:
    return openssl(["enc", "-id-aes128-wrap", "-K", key.hex(), "-iv", "A6A6A6A6A6A6A6A6"], new_key)


@functools.cache
def unwrap(key: bytes, wrapped: bytes) -> bytes:
    return openssl(["enc", "-d", "-id-aes128-wrap", "-K", key.hex(), "-iv", "A6A6A6A6A6A6A6A6"], wrapped)


@functools.cache
def cbc(key: bytes, plaintext: bytes) -> bytes:
    return openssl(["enc", "-aes-128-cbc", "-nopad", "-K", key.hex(), "-iv", "00" * 16], plaintext)


@functools.cache
def factory_master(key_class: int) -> bytes:
    text = f"KMP aes128 factory set 1, class {key_class}"
    return openssl(["dgst", "-sha256", "-binary"], text.encode())[:16]


def block(level: int, key_class: int, usage: int, state: int, version: int, factor: bytes) -> bytes:
    return bytes([0x4B, 1, level, key_class, usage, state, version, 0]) + factor


def derive(base: bytes, level: int, key_class: int, usage: int, state: int, version: int, factor: bytes) -> bytes:
    return ecb(base, block(level, key_class, usage, state, version, factor))


def number(digits: str) -> bytes:
    return bytes.fromhex("0000" + digits)


def factory_keys() -> dict[int, bytes]:
    return {i: derive(factory_master(c), METER, c, u, FACTORY, 0, FACTORY_FACTOR) for i, (c, u, _) in KEYS.items()}


def private_keys(masters: dict[int, bytes], meter: str, version: int) -> dict[int, bytes]:
    return {i: derive(masters[c], METER, c, u, PRIVATE, version, number(meter)) for i, (c, u, _) in KEYS.items()}


def kept_key(master: bytes, key_id: int, state: int, version: int, factor: bytes) -> bytes:
    """Keys 9 to 19 of a high-grade meter."""
    return derive(master, METER, CONTROL, 0x40 + key_id, state, version, factor)


def mac_input(direction: int, command: bytes, part: int, freshness: bytes, fields: bytes) -> bytes:
    body = freshness + fields
    return bytes([1, direction]) + command + bytes([part, len(body)]) + body


def mac(key: bytes, direction: int, command: bytes, part: int, freshness: bytes, fields: bytes, size: int = 4) -> bytes:
    return cmac(key, mac_input(direction, command, part, freshness, fields))[:size]


def card_keys(base: bytes, serial: bytes, state: int, version: int) -> dict[int, bytes]:
    """By usage. base: the factory master of class card, or a meter's node (its key 8)."""
    return {u: derive(base, CARD_LEVEL, CARD, u, state, version, serial) for u in (INTERNAL, EXTERNAL, MAC, KEY_WRAP)}


def wrapper(file: int, data: bytes) -> bytes:
    out = bytes([0x68, file]) + len(data).to_bytes(2, "big") + data
    return out + bytes([sum(out) & 0xFF, 0x16])


def card_update(keys: dict[int, bytes], file: int, offset: int, challenge: bytes, data: bytes) -> bytes:
    return mac(keys[MAC], 0, bytes([0x04, 0xD6, 0x80 | file, offset]), 0, challenge, data)


def purchase(credit_key: bytes, serial: bytes, parameters: bytes, wallet: bytes, tariffs: bytes = b"", next_tariffs: bytes = b"") -> bytes:
    """The purchase MAC of a card that holds these files (whole; the tariff files that the update flag names)."""
    data = parameters[4:6] + bytes(4) + parameters[10:43]
    fields = data + wallet + b"".join(hashlib.sha256(f).digest() for f in (tariffs, next_tariffs) if f)
    return mac(credit_key, 0, bytes.fromhex("04d68100"), 1, serial, fields)


def sold(credit_key: bytes, serial: bytes, parameters: bytes, wallet: bytes, tariffs: bytes = b"", next_tariffs: bytes = b"") -> bytes:
    """The parameters file with that MAC."""
    data = parameters[4:43]
    return wrapper(1, data[:2] + purchase(credit_key, serial, parameters, wallet, tariffs, next_tariffs) + data[6:])


def card_read(keys: dict[int, bytes], file: int, offset: int, random: bytes, data: bytes) -> bytes:
    return mac(keys[MAC], 0x80, bytes([0x04, 0xB0, 0x80 | file, offset]), 0, random, data)


def encrypted_key(wrapping: bytes, new_key: bytes, meter: str) -> bytes:
    return wrap(wrapping, new_key) + number(meter)


def encrypted_command(key: bytes, r2: bytes, data: bytes) -> bytes:
    plain = r2 + len(data).to_bytes(2, "big") + data
    return cbc(key, plain + bytes(-len(plain) % 16))


def payload(*fields: bytes) -> bytes:
    """Fields as the line carries them: each one turned round."""
    return b"".join(f[::-1] for f in fields)


def frame(address: str, control: int, data: bytes) -> bytes:
    body = b"\x68" + bytes.fromhex(address)[::-1] + bytes([0x68, control, len(data)]) + bytes((b + 0x33) & 0xFF for b in data)
    return body + bytes([sum(body) & 0xFF, 0x16])
