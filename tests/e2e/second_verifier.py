"""A second verifier, written from docs/AUDIT_FORMAT.md alone: what a record may hold it reads out of the page's tables, hashes are hashlib's, signatures and
certificates the openssl command's. Nothing of it is shared with kmp-audit, so where the two agree, the page says enough."""
import base64
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "AUDIT_FORMAT.md"
NUMBERS = {"number", "fen", "time", "meter", "customer", "operation", "ukey_kind", "ukey_state", "ukey_action", "account_change", "key_state", "classes", "outcome", "relay",
           "day_offset", "order_kind", "channel", "identifier", "flag"}


class Wrong(Exception):
    """Why a file or a record is not what the page says."""


# ---- the page -------------------------------------------------------------------------------------------------------

class Page:
    def __init__(self, path: pathlib.Path = PAGE):
        text = path.read_text()
        self.kinds = {name.strip(): value.strip() for names, value in self._rows(text, "### Kinds of values", "## 2. Fields") for name in names.split(",")}
        self.fields = {int(tag): (name, kind) for tag, name, kind in self._rows(text, "## 2. Fields", "## 3. Types") if tag.isdigit()}
        self.tags = {name: tag for tag, (name, _) in self.fields.items()}
        section = text[text.index("## 3. Types"):text.index("## 4. ")]
        self.common = self._names(re.search(r"may also carry ([a-z_, ]+)\.", section).group(1))
        self.types = {int(number): (name, self._names(required), self._names(required) | self._names(more) | self.common)
                      for number, name, required, more in self._rows(section, "| number |", None) if number.isdigit()}
        #: of a kind that enumerates: its words by number
        self.words = {kind: {int(n): word for n, word in re.findall(r"(\d+) ([a-z][a-z_-]*)", value)} for kind, value in self.kinds.items() if re.match(r"number: \d", value)}
        self.version = int(re.search(r"\| 1 \| version: `(\d\d)` \|", text[text.index("## 7. Export"):]).group(1))

    @staticmethod
    def _rows(text: str, begin: str, end: str | None):
        part = text[text.index(begin):text.index(end) if end else len(text)]
        for line in part.splitlines():
            cells = [c.strip() for c in line.strip().strip("|").split(" | ")] if line.startswith("| ") else []
            if len(cells) > 1 and not set(cells[0]) <= {"-"}:
                yield cells

    def _names(self, cell: str) -> set[int]:
        return set() if cell.strip() == "-" else {self.tags[n.strip()] for n in cell.split(",")}


# ---- records --------------------------------------------------------------------------------------------------------

class Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Wrong("it ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sized(self) -> bytes:
        return self.take(self.number(2))

    def left(self) -> int:
        return len(self.data) - self.at


class Record:
    """A type, an index, a time, and the fields by name."""

    def __init__(self, page: Page, raw: bytes):
        if len(raw) > 32768:
            raise Wrong("a record of more than 32768 bytes")
        r = Reader(raw)
        if r.number(1) != 1:
            raise Wrong("a record of another version")
        number, self.index, self.time = r.number(2), r.number(8), r.number(8)
        if number not in page.types:
            raise Wrong(f"a type that the page does not know: {number}")
        if self.time >> 63:
            raise Wrong("a time of 2^63 or more")
        self.type, required, allowed = page.types[number]
        self.fields: dict[str, object] = {}
        self.raw: dict[str, bytes] = {}
        last = 0
        while r.left():
            tag = r.number(1)
            value = r.sized()
            if tag <= last or tag not in page.fields:
                raise Wrong(f"field {tag} is unknown, or not in its place")
            last = tag
            if tag not in allowed:
                raise Wrong(f"{self.type} has no field {page.fields[tag][0]}")
            name, kind = page.fields[tag]
            self.raw[name] = value
            self.fields[name] = in_words(page, kind, value)
        if len(self.fields) > 40:
            raise Wrong("more than 40 fields")
        lacking = sorted(required - {page.tags[n] for n in self.fields})
        if lacking:
            raise Wrong(f"{self.type} lacks {page.fields[lacking[0]][0]}")


def in_words(page: Page, kind: str, value: bytes):
    """What a field holds: a number, a word of its kind, a text, or hex digits."""
    if not value:
        raise Wrong("a value without a byte")
    if kind == "text":
        text = value.decode("utf-8", "strict") if len(value) <= 8192 else None
        if text is None or any((ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) <= 0x9F for c in text):
            raise Wrong("a text that is none")
        return text
    if kind in ("uuid", "digest", "bytes"):
        if kind == "uuid" and (len(value) != 16 or value[6] >> 4 != 7 or value[8] >> 6 != 2):
            raise Wrong("no UUID of version 7")
        if kind == "digest" and len(value) != 32:
            raise Wrong("a digest has 32 bytes")
        return value.hex()
    if kind not in NUMBERS:
        raise Wrong(f"a kind that the page does not explain: {kind}")
    if len(value) > 8 or (len(value) > 1 and value[0] == 0):
        raise Wrong("a number that is not as short as it can be")
    number = int.from_bytes(value, "big")
    below = {"fen": 1 << 63, "time": 1 << 63, "meter": 10**12, "customer": 10**12, "relay": 256, "day_offset": 1561, "identifier": 1 << 32, "flag": 2, "classes": 1 << 6}
    if number >= below.get(kind, 1 << 64) or (kind in page.words and number not in page.words[kind]):
        raise Wrong(f"{number} is no {kind}")
    if kind in page.words and kind != "classes":
        return page.words[kind][number]
    return number


# ---- the tree (RFC 9162, 2.1) ---------------------------------------------------------------------------------------

def leaf(record: bytes) -> bytes:
    return hashlib.sha256(b"\0" + record).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def tree(leaves: list[bytes]) -> bytes:
    """MTH of 2.1.1, as it is defined: over a left part of the largest power of two below the size, and the rest."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree(leaves[:split]), tree(leaves[split:]))


class Grown:
    """A tree over [0, first) of which only the roots of its complete subtrees are known, and the leaves behind it."""

    def __init__(self, first: int, roots: list[bytes]):
        sizes = [1 << bit for bit in range(first.bit_length() - 1, -1, -1) if first >> bit & 1]
        if len(sizes) != len(roots):
            raise Wrong("the tree before the first record has another number of roots than its size says")
        self.parts = list(zip(sizes, roots))

    def add(self, one: bytes):
        self.parts.append((1, one))
        while len(self.parts) > 1 and self.parts[-1][0] == self.parts[-2][0]:
            (size, right), (_, left) = self.parts.pop(), self.parts.pop()
            self.parts.append((2 * size, node(left, right)))

    def root(self) -> bytes:
        if not self.parts:
            return hashlib.sha256().digest()
        root = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            root = node(left, root)
        return root


# ---- signatures and certificates, by the openssl command ------------------------------------------------------------

def openssl(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True)


class Files:
    """Where the openssl command finds its input."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="kmp-v2-")
        self.count = 0

    def put(self, content: bytes) -> str:
        self.count += 1
        path = pathlib.Path(self.folder.name) / str(self.count)
        path.write_bytes(content)
        return str(path)


def der_signature(raw: bytes) -> bytes:
    """r and s of 32 bytes each, as X.509 writes them."""
    def integer(number: bytes) -> bytes:
        short = number.lstrip(b"\0") or b"\0"
        short = b"\0" + short if short[0] & 0x80 else short
        return bytes([2, len(short)]) + short

    body = integer(raw[:32]) + integer(raw[32:])
    return bytes([0x30, len(body)]) + body


def ecdsa_holds(files: Files, public_pem: bytes, message: bytes, raw: bytes) -> bool:
    if len(raw) != 64:
        return False
    return openssl("dgst", "-sha256", "-verify", files.put(public_pem), "-signature", files.put(der_signature(raw)), stdin=message).returncode == 0


def to_pem(der: bytes) -> bytes:
    return openssl("x509", "-inform", "DER", stdin=der).stdout


def public_key(der: bytes) -> bytes:
    """PEM SubjectPublicKeyInfo of a certificate."""
    done = openssl("x509", "-inform", "DER", "-pubkey", "-noout", stdin=der)
    if done.returncode:
        raise Wrong("a certificate that openssl does not read")
    return done.stdout


def spki(pem: bytes) -> bytes:
    return openssl("pkey", "-pubin", "-outform", "DER", stdin=pem).stdout


def check_note(files: Files, note: bytes, key: bytes) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that this key (DER SubjectPublicKeyInfo) signed."""
    try:
        text = note.decode("utf-8", "strict")
        body, _, signatures = text.partition("\n\n")
        origin, size_text, root_text = body.split("\n")
    except ValueError:
        raise Wrong("a note that is not laid out like one") from None
    if not re.fullmatch(r"0|[1-9][0-9]*", size_text) or len(base64.b64decode(root_text, validate=True)) != 32 or not note.endswith(b"\n"):
        raise Wrong("a checkpoint whose size or root is none")
    pem = openssl("pkey", "-pubin", "-inform", "DER", stdin=key).stdout
    ed25519 = b"ED25519" in openssl("pkey", "-pubin", "-text", "-noout", stdin=pem).stdout.upper()
    wanted = hashlib.sha256(origin.encode() + b"\n\x01" + key[-32:]).digest()[:4] if ed25519 else hashlib.sha256(key).digest()[:4]
    signed = files.put((body + "\n").encode())
    for line in signatures.splitlines():
        if not line.startswith(f"\u2014 {origin} "):
            continue
        blob = base64.b64decode(line.split(" ")[2], validate=True)
        if blob[:4] != wanted:
            continue
        signature = files.put(blob[4:])
        done = openssl("pkeyutl", "-verify", "-pubin", "-inkey", files.put(pem), "-rawin", "-in", signed, "-sigfile", signature) if ed25519 else \
            openssl("dgst", "-sha256", "-verify", files.put(pem), "-signature", signature, signed)
        if done.returncode == 0:
            return origin, int(size_text), base64.b64decode(root_text)
    raise Wrong("no signature of the checkpoint key on the checkpoint")


def issued_by(files: Files, anchor: bytes, issuers: list[bytes], der: bytes, at: int) -> bool:
    """The anchor, or one that it certified, issued this certificate, and it was valid at this time (ms)."""
    words = ["verify", "-partial_chain", "-ignore_critical", "-attime", str(at // 1000), "-trusted", files.put(to_pem(anchor))]
    if issuers:
        words += ["-untrusted", files.put(b"".join(to_pem(i) for i in issuers))]
    return openssl(*words, files.put(to_pem(der))).returncode == 0


# ---- an export ------------------------------------------------------------------------------------------------------

class Export:
    """A file taken apart; Wrong where it is not laid out as section 7 says."""

    def __init__(self, page: Page, data: bytes):
        r = Reader(data)
        if r.take(8) != b"KMPAUDIT" or r.number(1) != page.version:
            raise Wrong("this is no export of the page's version")
        self.origin = r.sized().decode()
        self.first, self.end = r.number(8), r.number(8)
        count = r.number(1)
        if not 1 <= count <= 16:
            raise Wrong("1 to 16 certificates")
        self.certificates = [r.sized() for _ in range(count)]
        self.genesis, self.path, self.before = None, [], []
        if self.first:
            self.genesis = r.sized()
            self.path = [r.take(32) for _ in range(r.number(1))]
            self.before = [r.take(32) for _ in range(r.number(1))]
        self._check(r, data[:r.at])
        self.records: list[bytes] = []
        begin = 0
        while True:
            size = r.number(2)
            if size == 0:
                break
            self.records.append(r.take(size))
            index = self.first + len(self.records)
            if page.version > 1 and (index % 256 == 0 or index == self.end):
                self._block(r, begin)
                begin = len(self.records)
        if len(self.records) != self.end - self.first:
            raise Wrong(f"{len(self.records)} records, and the head says {self.end - self.first}")
        self.note = r.sized()
        if page.version > 1 and r.take(8) != hashlib.sha256(self.note).digest()[:8]:
            raise Wrong("the note and its check differ")
        if r.left():
            raise Wrong("bytes behind the end")
        self.version = page.version

    def _check(self, r: Reader, head: bytes):
        if head[8] > 1 and r.take(8) != hashlib.sha256(head).digest()[:8]:
            raise Wrong("the head and its check differ")

    def _block(self, r: Reader, begin: int):
        start = r.at
        if r.number(2) != 0xFFFF or r.number(8) != self.first + begin or r.number(2) != len(self.records) - begin:
            raise Wrong("a block that is not over the records before it")
        self.blocks = getattr(self, "blocks", [])
        self.blocks.append((self.first + begin, r.take(8)))
        for record in self.records[begin:]:
            if r.take(8) != leaf(record)[:8]:
                raise Wrong("a record and its place in the block differ")
        body = r.data[start:r.at]
        if r.take(8) != hashlib.sha256(body).digest()[:8]:
            raise Wrong("a block and its check differ")


def verify(path: str, anchor_pem: str | None = None, page: Page | None = None) -> list[str]:
    """What is wrong with an exported log, a line each; nothing: it is sound as far as format, order, tree, checkpoint, certificates and deeds go."""
    page, findings, files = page or Page(), [], Files()
    try:
        export = Export(page, pathlib.Path(path).read_bytes())
        anchor = export.certificates[0]
        if anchor_pem and openssl("x509", "-outform", "DER", "-in", anchor_pem).stdout != anchor:
            findings.append("another trust anchor than the one given")
        findings += check_records(page, files, export, anchor)
    except (Wrong, ValueError) as wrong:
        findings.append(str(wrong))
    return findings


def check_records(page: Page, files: Files, export: Export, anchor: bytes) -> list[str]:
    out: list[str] = []
    grown = Grown(export.first, export.before)
    if export.genesis is not None:
        first = leaf(export.genesis)
        for sibling in export.path:
            first = node(first, sibling)
        if first != export.before[0] or 1 << len(export.path) != grown.parts[0][0]:
            out.append("record 0 is not the first of this log")
    roots = dict(getattr(export, "blocks", []))
    genesis = Record(page, export.genesis) if export.genesis is not None else None
    key, time = (genesis.raw["checkpoint_key"] if genesis else b""), 0
    keys = {0: key}
    for place, raw in enumerate(export.records):
        index = export.first + place
        if index in roots and roots[index] != grown.root()[:8]:
            out.append(f"record {index}: the block before it is of another log")
        grown.add(leaf(raw))
        try:
            record = Record(page, raw)
        except (Wrong, ValueError) as wrong:
            out.append(f"record {index}: {wrong}")
            continue
        if record.index != index:
            out.append(f"record {index} says that it is {record.index}")
        if record.time < time:
            out.append(f"record {index}: its time falls")
        time = max(time, record.time)
        if (record.type == "genesis") != (index == 0):
            out.append(f"record {index}: a genesis stands at the beginning and nowhere else")
        elif record.type == "genesis":
            genesis, keys[0] = record, record.raw["checkpoint_key"]
        if record.type == "platform_replaced":
            keys[index] = record.raw["checkpoint_key"]
        if record.type == "deed_signed":
            out += check_deed(files, record, [anchor, *export.certificates[1:-1]])
    if export.first == 0 and export.records and tree([leaf(r) for r in export.records]) != grown.root():
        out.append("two ways to the root of the tree differ")
    if genesis is None:
        return [*out, "no genesis"]
    # The key that signs over more records than the index of the event that names it.
    signer = keys[max(i for i in keys if i < export.end or i == 0)]
    try:
        origin, size, root = check_note(files, export.note, signer)
        if (origin, size) != (export.origin, export.end) or origin != genesis.fields["origin"]:
            out.append("the checkpoint is of another log, or over another number of records")
        if root != grown.root():
            out.append("the records do not have the root of the checkpoint")
    except (Wrong, ValueError) as wrong:
        out.append(str(wrong))
    if genesis.raw["trust_anchor"] != anchor:
        out.append("the genesis pins another trust anchor")
    last = export.certificates[-1]
    if spki(public_key(last)) != signer:
        out.append("the checkpoint certificate is of another key than the pinned one")
    if not issued_by(files, anchor, export.certificates[1:-1], last, time):
        out.append("the trust anchor did not issue the checkpoint certificate, or it was not valid")
    return out


def check_deed(files: Files, record: Record, issuers: list[bytes]) -> list[str]:
    message = b"kmp/v1/deed\0" + record.raw["statement"]
    if any(ecdsa_holds(files, public_key(i), message, record.raw["signature"]) for i in issuers):
        return []
    return [f"record {record.index}: no master-control UKEY signed this deed"]


if __name__ == "__main__":
    found = verify(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    print("\n".join(found) or "sound, as far as format, order, tree, checkpoint, certificates and signed deeds go")
    sys.exit(1 if found else 0)
