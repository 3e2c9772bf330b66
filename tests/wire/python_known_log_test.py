"""What the Python package keeps of a service's log, against logs that grew, were set back, or are others. The tree is RFC 9162's, as its definitions read."""
import base64
import hashlib
import os
import pathlib
import tempfile
import unittest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from kmp_client import Habits, KmpError, KnownLog, Pin, Station, pb
from kmp_client.known_log import Checkpoint, is_consistent, read_checkpoint, verifier_of, verify_checkpoint
from python_client_test import QUICK, Service, good

ORIGIN = "kmp/test/P1"
SET_BACK = "the log of the service was set back: "


def split(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def subproof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 9162 2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if whole else [root(leaves)]
    k = split(n)
    if m <= k:
        return subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root(leaves[:k])]


class Log:
    """Of as many records as are asked for; its service proves what it should."""

    def __init__(self, content: str = "event", origin: str = ORIGIN, key=None):
        self.content, self.origin, self.key = content, origin, key or ed25519.Ed25519PrivateKey.generate()

    def leaves(self, size: int) -> list[bytes]:
        return [f"{self.content}{i}".encode() for i in range(size)]

    def material(self) -> tuple[bytes, bytes]:
        """Of the key: what its id is the hash of, and type and bytes."""
        public = self.key.public_key()
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            raw = b"\1" + public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return self.origin.encode() + b"\n" + raw, raw
        spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return spki, b"\2" + spki

    def identity(self) -> bytes:
        return hashlib.sha256(self.material()[0]).digest()[:4]

    def verifier(self) -> str:
        return f"{self.origin}+{self.identity().hex()}+{base64.b64encode(self.material()[1]).decode()}"

    def note(self, size: int) -> bytes:
        body = f"{self.origin}\n{size}\n{base64.b64encode(root(self.leaves(size))).decode()}\n".encode()
        signature = self.key.sign(body) if isinstance(self.key, ed25519.Ed25519PrivateKey) else self.key.sign(body, ec.ECDSA(hashes.SHA256()))
        return body + f"\n\u2014 {self.origin} {base64.b64encode(self.identity() + signature).decode()}\n".encode()

    def hello(self, size: int, kept: int = 0) -> pb.HelloReply:
        proof = subproof(kept, self.leaves(size)) if 0 < kept <= size else []
        return pb.HelloReply(version=1, state="open", checkpoint=self.note(size), key=self.verifier(), consistency=proof)


class Proofs(unittest.TestCase):
    def test_every_proof_of_every_size_holds_and_nothing_else_does(self):
        log = Log()
        roots = [root(log.leaves(n)) for n in range(41)]
        for n in range(1, 41):
            for m in range(1, n + 1):
                before, now, proof = Checkpoint("o", m, roots[m]), Checkpoint("o", n, roots[n]), subproof(m, log.leaves(n))
                self.assertTrue(is_consistent(before, now, proof), (m, n))
                wrong = [proof + [roots[m]], [roots[n]] + proof, *(proof[:i] + proof[i + 1:] for i in range(len(proof))),
                         *(proof[:i] + [bytes([proof[i][0] ^ 1]) + proof[i][1:]] + proof[i + 1:] for i in range(len(proof))), *([p[:31] for p in proof[:1]] + proof[1:] for _ in proof[:1])]
                for bent in wrong:
                    self.assertFalse(is_consistent(before, now, bent), (m, n, bent))
                self.assertFalse(is_consistent(Checkpoint("o", m, roots[m - 1]), now, proof))
                self.assertFalse(is_consistent(before, Checkpoint("o", n, roots[n - 1]), proof))
                if m < n:
                    self.assertFalse(is_consistent(now, before, proof))
                    self.assertFalse(is_consistent(before, now, []))

    def test_signatures_of_both_kinds_hold_and_no_flipped_bit_does(self):
        for log in (Log(), Log(key=ec.generate_private_key(ec.SECP256R1()))):
            note, key = log.note(7), log.verifier()
            self.assertEqual(verify_checkpoint(note, key).size, 7)
            for bit in range(0, 8 * len(note), 3):
                bent = bytearray(note)
                bent[bit // 8] ^= 1 << bit % 8
                with self.assertRaises(ValueError, msg=bit):
                    verify_checkpoint(bytes(bent), key)
            with self.assertRaises(ValueError):
                verify_checkpoint(note, Log().verifier())

    def test_published_examples(self):
        # C2SP tlog-checkpoint, first example; golang.org/x/mod/sumdb/note, note_test.go: a key, and two with an id that fits a wrong length and an unknown type
        note = ("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 example.com/behind-the-sofa "
                "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n").encode()
        self.assertEqual(read_checkpoint(note).size, 20852163)
        good_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        self.assertEqual(verifier_of(good_key)[0], "PeterNeumann")
        for bad in ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                    good_key[:-1], good_key[1:], good_key.replace("c7", "c6"), "", "+", "++", "a+b+c"):
            with self.assertRaises(KmpError, msg=bad):
                verifier_of(bad)


class Kept(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kmp-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "vend" / "log"
        self.log = Log()

    def meet(self, log: Log, size: int) -> None:
        known = KnownLog(self.file)
        known.meet(log.hello(size, known.size))

    def refuses(self, text: str, call, *words) -> None:
        before = self.file.read_bytes()
        with self.assertRaises(KmpError) as no:
            call(*words)
        self.assertEqual(no.exception.code, "tampered", no.exception.message)
        self.assertTrue(no.exception.message.startswith(text), no.exception.message)
        self.assertIn("tell the auditor", no.exception.message)
        self.assertEqual(len(no.exception.message.splitlines()), 1)
        self.assertEqual(self.file.read_bytes(), before)

    def test_a_log_that_grows_is_followed_in_a_file_of_its_owner(self):
        for size in (1, 2, 3, 7, 8, 20, 20, 33):
            self.meet(self.log, size)
            self.assertEqual(self.file.read_bytes(), b"kmp/known-log@v1\n" + self.log.verifier().encode() + b"\n\n" + self.log.note(size))
        self.assertEqual(oct(self.file.stat().st_mode & 0o777), "0o600")
        self.assertEqual(sorted(os.listdir(self.file.parent)), ["log", "log.lock"])

    def test_a_log_that_was_set_back_is_refused_also_when_it_grew_again(self):
        self.meet(self.log, 20)
        for size in (1, 19):
            self.refuses(SET_BACK, self.meet, self.log, size)
        for size in (20, 21, 40):
            self.refuses(SET_BACK, self.meet, Log("other event", key=self.log.key), size)

    def test_another_log_and_another_key_are_refused_until_somebody_vouches_for_the_key(self):
        self.meet(self.log, 20)
        for other in (Log(origin="kmp/test/P2"), Log(origin="kmp/test/P2", key=self.log.key), Log()):
            self.refuses("the checkpoints of the service's log are signed by another key", self.meet, other, 30)
        following = Log()
        KnownLog(self.file, following.verifier()).meet(following.hello(30, 20))
        self.meet(following, 31)
        last = Log("other event")
        self.refuses(SET_BACK, KnownLog(self.file, last.verifier()).meet, last.hello(40, 31))
        for key, code in (("no key", "malformed"), (Log(origin="kmp/test/P2").verifier(), "conflict")):
            with self.assertRaises(KmpError) as no:
                KnownLog(self.file, key)
            self.assertEqual(no.exception.code, code)

    def test_a_service_that_proves_nothing_is_refused(self):
        self.meet(self.log, 20)
        reply = self.log.hello(30, 20)
        del reply.consistency[:]
        self.refuses(SET_BACK, KnownLog(self.file).meet, reply)
        reply = self.log.hello(30, 20)
        reply.checkpoint = b""
        self.refuses(SET_BACK, KnownLog(self.file).meet, reply)
        reply.checkpoint = Log().note(30)
        self.refuses("the service gives a checkpoint of its log that is not good", KnownLog(self.file).meet, reply)
        with self.assertRaises(KmpError) as no:
            KnownLog(self.file).meet(pb.HelloReply(state="sealed"))
        self.assertEqual(no.exception.code, "sealed")

    def test_a_service_that_refuses_the_checkpoint_is_told_apart_from_one_whose_database_is_damaged(self):
        self.meet(self.log, 20)

        def refused(message: str):
            raise KnownLog(self.file).refused(KmpError("tampered", message))

        self.refuses("the log of the service was set back: ", refused, "checkpoint: you hold one over 20 records, this log has 9: it was rolled back; tell the auditor")
        self.refuses(f"the service cannot show that its log goes on from the checkpoint in {self.file}: a page", refused, "a page is not what was written")

    def test_a_damaged_file_is_refused(self):
        self.meet(self.log, 20)
        text = self.file.read_bytes()
        for bent in (b"", text[:-1], text + b"\n", text.replace(b"\n20\n", b"\n21\n"), text.replace(b"\n\n", b"\n", 1), b"x" * 40000, text.replace(b"@v1", b"@v2")):
            self.file.write_bytes(bent)
            with self.assertRaises(KmpError) as no:
                KnownLog(self.file)
            self.assertEqual(no.exception.code, "malformed")

    def test_of_two_at_once_neither_overwrites_what_the_other_was_shown(self):
        one, two, three = (KnownLog(self.file) for _ in range(3))
        one.meet(self.log.hello(20))
        two.meet(self.log.hello(15))
        self.assertEqual(KnownLog(self.file).size, 20)
        self.refuses("the service showed another log to another client", three.meet, Log("other event", key=self.log.key).hello(20))

    def test_what_was_put_aside_while_a_client_says_hello_is_kept_anew(self):
        self.meet(self.log, 20)
        late = KnownLog(self.file)
        self.file.rename(self.folder / "aside")
        late.meet(self.log.hello(25, 20))
        self.assertEqual(KnownLog(self.file).size, 25)

    def test_a_station_asks_at_its_hello_and_sends_no_pin_to_a_log_that_was_set_back(self):
        state = {"size": 9}

        def answer(request: pb.StationRequest):
            reply = good(request)
            if request.HasField("hello"):
                kept = read_checkpoint(request.hello.checkpoint).size if request.hello.checkpoint else 0
                reply.hello.CopyFrom(self.log.hello(state["size"], kept))
            return reply

        service = Service(str(self.folder / "kmp.sock"), answer, greet=False)
        self.addCleanup(service.close)

        def connect():
            Station.local(str(self.folder / "kmp.sock"), "US-1", Pin("246810"), habits=Habits(known_log=str(self.file), **QUICK)).close()

        connect()
        state["size"] = 12
        connect()
        self.assertEqual((len(service.pins), KnownLog(self.file).size), (2, 12))
        state["size"] = 11
        self.refuses(SET_BACK, connect)
        self.assertEqual(len(service.pins), 2)


if __name__ == "__main__":
    unittest.main()
