"""A witness in a page of Python: C2SP tlog-witness and tlog-cosignature, with the openssl tool for Ed25519. It shares no code with the service."""
import base64
import hashlib
import http.server
import pathlib
import subprocess
import tempfile
import threading
import time

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, 4


def key_id(name: str, kind: int, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def verifier_key(name: str, kind: int, key: bytes) -> str:
    return f"{name}+{key_id(name, kind, key).hex()}+{base64.b64encode(bytes([kind]) + key).decode()}"


def read_verifier_key(text: str) -> tuple[str, int, bytes]:
    name, number, rest = text.strip().split("+", 2)
    raw = base64.b64decode(rest)
    assert key_id(name, raw[0], raw[1:]).hex() == number, text
    return name, raw[0], raw[1:]


class Openssl:
    """One Ed25519 key in a folder."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.private = folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.private], check=True, capture_output=True)
        spki = subprocess.run(["openssl", "pkey", "-in", self.private, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        self.public = spki[-32:]

    def sign(self, message: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(message)
            file.flush()
            return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", file.name], check=True, capture_output=True).stdout


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        (at / "key").write_bytes(ED25519_SPKI + public)
        (at / "message").write_bytes(message)
        (at / "signature").write_bytes(signature)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", at / "key", "-in", at / "message", "-sigfile", at / "signature"],
                              capture_output=True).returncode == 0


def signatures(note: str) -> tuple[str, dict[tuple[str, bytes], bytes]]:
    """The body, and each signature by name and key id."""
    body, _, rest = note.rpartition("\n\n")
    found = {}
    for line in rest.splitlines():
        dash, name, value = line.split(" ")
        assert dash == "\u2014", line
        raw = base64.b64decode(value)
        found[name, raw[:4]] = raw[4:]
    return body + "\n", found


def cosigned_at(note: str, vkey: str) -> int:
    """When this witness has cosigned it; 0: it has not, or the signature does not hold."""
    name, kind, key = read_verifier_key(vkey)
    body, found = signatures(note)
    value = found.get((name, key_id(name, kind, key)))
    if kind != 4 or value is None or len(value) != 72:
        return 0
    moment = int.from_bytes(value[:8], "big")
    return moment if holds(key, f"cosignature/v1\ntime {moment}\n{body}".encode(), value[8:]) else 0


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    if not proof:
        return False
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


class Cosigner:
    """Serves add-checkpoint and checkpoint under one path for honest work, and lies under others."""

    NAME = "witness.example/python"

    def __init__(self, folder: pathlib.Path, log_key: str):
        folder.mkdir()
        self.key = Openssl(folder)
        self.log = read_verifier_key(log_key)
        self.size, self.root, self.note = 0, b"", ""
        self.lock = threading.Lock()
        self.trouble: list[str] = []
        self.lies = {"/wrong-key": self.wrong_key, "/wrong-signature": lambda _: (200, self.line("another body\n")), "/nonsense": lambda _: (409, "soon\n"), "/same": lambda _: (409, "0\n"),
                     "/larger": lambda _: (409, f"{1 << 60}\n"), "/slow": self.slow, "/huge": lambda _: (200, "x" * (8 << 20)), "/garbage": lambda _: (200, "\0\xff\n\n\x1b[2J" * 9),
                     "/refuses": lambda _: (403, "no\x07 entry\r\n"), "/contradicts": lambda _: (422, "another history\n")}
        self.ending = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                prefix, _, what = self.path.rpartition("/")
                answer = (404, "") if what != "add-checkpoint" else outer.honest(body.decode()) if prefix == "" else outer.lies[prefix](body)
                self.reply(*answer)

            def do_GET(self):
                digest = hashlib.sha256(outer.log[0].encode()).hexdigest()
                self.reply(*((200, outer.note) if self.path == f"/{digest}/checkpoint" and outer.note else (404, "")))

            def reply(self, status: int, text: str):
                data = text.encode("utf-8", "surrogateescape")
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # whoever asked had enough

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def vkey(self) -> str:
        return verifier_key(self.NAME, 4, self.key.public)

    def line(self, body: str, name: str | None = None) -> str:
        now = int(time.time())
        value = key_id(self.NAME, 4, self.key.public) + now.to_bytes(8, "big") + self.key.sign(f"cosignature/v1\ntime {now}\n{body}".encode())
        return f"\u2014 {name or self.NAME} {base64.b64encode(value).decode()}\n"

    def honest(self, request: str) -> tuple[int, str]:
        with self.lock:
            head, _, note = request.partition("\n\n")
            first, *lines = head.split("\n")
            old, proof = int(first.removeprefix("old ")), [base64.b64decode(x) for x in lines]
            body, found = signatures(note)
            origin, size, root = body.split("\n")[:3]
            name, kind, key = self.log
            if origin != name or not holds(key, body.encode(), found[name, key_id(name, kind, key)]):
                self.trouble.append("the log's signature does not hold")
                return 403, ""
            if old != self.size:
                return 409, f"{self.size}\n"
            if old > int(size) or old and not consistent(old, self.root, int(size), base64.b64decode(root), proof):
                self.trouble.append(f"{old} to {size} is not consistent")
                return 422, ""
            self.size, self.root = int(size), base64.b64decode(root)
            line = self.line(body)
            self.note = note + line
            return 200, line

    def wrong_key(self, request: bytes) -> tuple[int, str]:
        body, _ = signatures(request.decode().partition("\n\n")[2])
        return 200, self.line(body, "witness.example/stranger")

    def slow(self, _) -> tuple[int, str]:
        self.ending.wait(20)
        return 200, ""
