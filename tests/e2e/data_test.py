"""The general operations: data keys of a user UKEY, what it shows of itself, and proofs that an order is in the log."""
import base64
import os
import pathlib
import subprocess
import time
import unittest

from cases import StationCase
from platform_under_test import run, wait_until
from station import Refused, Station, order_id
from wire import kmp_pb2 as pb

EVERYTHING = "authenticate,open_account,recharge,sign,verify,encrypt,decrypt,mac,random,certify"


def openssl(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True)


class Data(StationCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        for name, operations in (("all", EVERYTHING), ("another", EVERYTHING), ("bare", "authenticate,open_account")):
            cls.p.issue(name, "user", "--station", f"s-{name}", "--operations", operations, "--per-order", "500", "--per-day", "5000")

    def setUp(self):
        self.s = self.session("all")

    def refuses(self, code: str, text: str, station: Station | None = None, **operation):
        with self.assertRaises(Refused) as no:
            (station or self.s).ask(**operation)
        self.assertEqual(no.exception.code, code, no.exception.message)
        self.assertIn(text, no.exception.message)

    def file(self, name: str, content: bytes) -> str:
        path = self.p.folder / name
        path.write_bytes(content)
        return str(path)

    # ---- data keys

    def test_a_signature_is_verified_here_and_by_the_openssl_tool(self):
        message = b"to whom it may concern"
        signature = self.s.ask(sign=pb.Sign(message=message)).signature
        self.assertTrue(self.s.ask(verify=pb.Verify(message=message, signature=signature)).genuine)
        other = self.session("another")
        self.assertTrue(other.ask(verify=pb.Verify(message=message, signature=signature, ukey=self.p.serials["all"])).genuine)
        self.assertFalse(other.ask(verify=pb.Verify(message=message, signature=signature)).genuine, "another UKEY's key")
        self.assertFalse(self.s.ask(verify=pb.Verify(message=message + b".", signature=signature)).genuine)
        changed = bytes([signature[0] ^ 1]) + signature[1:]
        self.assertFalse(self.s.ask(verify=pb.Verify(message=message, signature=changed)).genuine)
        key = next(k for k in self.s.ask(show_keys=pb.ShowKeys()).keys if k.name == "signing")
        public = openssl("pkey", "-pubin", "-inform", "DER", "-in", self.file("signing.spki", key.spki)).stdout

        def integer(number: bytes) -> bytes:
            raw = number.lstrip(b"\0") or b"\0"
            raw = b"\0" + raw if raw[0] & 0x80 else raw
            return bytes([2, len(raw)]) + raw

        body = integer(signature[:32]) + integer(signature[32:])
        der = self.file("signature.der", bytes([0x30, len(body)]) + body)
        # docs/SUITE.md 6: SHA-256 of `kmp/v1/data` 00 and the message
        checked = openssl("dgst", "-sha256", "-verify", self.file("signing.pem", public), "-signature", der, stdin=b"kmp/v1/data\0" + message)
        self.assertEqual(checked.stdout.strip(), b"Verified OK", checked)

    def test_what_is_encrypted_opens_with_this_ukey_and_these_associated_data_only(self):
        secret, about = os.urandom(1000), b"customer 42"
        sealed = self.s.ask(encrypt=pb.Encrypt(plaintext=secret, associated=about)).sealed
        self.assertEqual(len(sealed), 12 + len(secret) + 16)
        self.assertNotIn(secret[:16], sealed)
        self.assertEqual(self.s.ask(decrypt=pb.Decrypt(sealed=sealed, associated=about)).plaintext, secret)
        self.assertNotEqual(self.s.ask(encrypt=pb.Encrypt(plaintext=secret, associated=about)).sealed[:12], sealed[:12], "each has an IV of its own")
        self.refuses("key_invalid", "other associated data", decrypt=pb.Decrypt(sealed=sealed, associated=b"customer 43"))
        self.refuses("key_invalid", "another UKEY", station=self.session("another"), decrypt=pb.Decrypt(sealed=sealed, associated=about))
        for place in (0, 12, len(sealed) - 1):
            changed = bytearray(sealed)
            changed[place] ^= 0x80
            self.refuses("key_invalid", "changed", decrypt=pb.Decrypt(sealed=bytes(changed), associated=about))
        self.assertEqual(self.s.ask(decrypt=pb.Decrypt(sealed=sealed, associated=about)).plaintext, secret, "and goes on")

    def test_a_mac_is_the_same_for_the_same_message_and_ukey_only(self):
        mac = self.s.ask(mac=pb.Mac(message=b"order 1")).mac
        self.assertEqual(len(mac), 16)
        self.assertEqual(self.s.ask(mac=pb.Mac(message=b"order 1")).mac, mac)
        self.assertNotEqual(self.s.ask(mac=pb.Mac(message=b"order 2")).mac, mac)
        self.assertNotEqual(self.session("another").ask(mac=pb.Mac(message=b"order 1")).mac, mac)

    def test_the_largest_messages_pass_and_larger_ones_do_not(self):
        most = os.urandom(32768)
        sealed = self.s.ask(encrypt=pb.Encrypt(plaintext=most, associated=bytes(4096))).sealed
        self.assertEqual(self.s.ask(decrypt=pb.Decrypt(sealed=sealed, associated=bytes(4096))).plaintext, most)
        self.s.ask(mac=pb.Mac(message=most))
        signature = self.s.ask(sign=pb.Sign(message=most)).signature
        self.assertTrue(self.s.ask(verify=pb.Verify(message=most, signature=signature)).genuine)
        for wrong in (b"", most + b"x"):
            for operation in ({"sign": pb.Sign(message=wrong)}, {"mac": pb.Mac(message=wrong)}, {"encrypt": pb.Encrypt(plaintext=wrong)}, {"verify": pb.Verify(message=wrong, signature=bytes(64))}):
                self.refuses("invalid_argument", "1 to 32768 bytes", **operation)
        self.refuses("invalid_argument", "at most 4096", encrypt=pb.Encrypt(plaintext=b"x", associated=bytes(4097)))
        self.refuses("invalid_argument", "12-byte IV", decrypt=pb.Decrypt(sealed=bytes(28)))
        self.refuses("invalid_argument", "signature: 64", verify=pb.Verify(message=b"x", signature=bytes(63)))
        self.refuses("not_found", "no UKEY", verify=pb.Verify(message=b"x", signature=bytes(64), ukey="U-9999"))

    def test_a_grant_that_does_not_name_them_allows_none(self):
        bare = self.session("bare")
        for name, operation in (("sign", {"sign": pb.Sign(message=b"x")}), ("verify", {"verify": pb.Verify(message=b"x", signature=bytes(64))}), ("mac", {"mac": pb.Mac(message=b"x")}),
                                ("encrypt", {"encrypt": pb.Encrypt(plaintext=b"x")}), ("decrypt", {"decrypt": pb.Decrypt(sealed=bytes(29))}), ("random", {"random": pb.Random(size=1)}),
                                ("certify", {"show_keys": pb.ShowKeys()}), ("certify", {"request_certificate": pb.RequestCertificate()})):
            self.refuses("refused", name, station=bare, **operation)

    def test_all_of_it_stands_in_the_log_and_no_plaintext_does(self):
        plain = b"nobody may read this in the log"
        sealed = self.s.ask(encrypt=pb.Encrypt(plaintext=plain)).sealed
        self.s.ask(decrypt=pb.Decrypt(sealed=sealed))
        types = [e["type"] for e in self.p.events()]
        for each in ("data_encrypted", "data_decrypted"):
            self.assertIn(each, types)
        self.assertNotIn(plain, pathlib.Path(self.p.export()).read_bytes())
        self.assertEqual(self.p.verify().code, 0)

    # ---- what a UKEY shows of itself

    def test_its_certificates_hold_under_the_trust_anchor(self):
        keys = {k.name: k for k in self.s.ask(show_keys=pb.ShowKeys()).keys}
        self.assertEqual(set(keys), {"identity", "signing", "transport"})
        anchor = self.p.anchor()
        for key in keys.values():
            pem = openssl("x509", "-inform", "DER", stdin=key.certificate).stdout
            self.assertEqual(openssl("verify", "-CAfile", anchor, self.file(f"{key.name}.pem", pem)).returncode, 0, key.name)
            self.assertIn(self.p.serials["all"].encode(), openssl("x509", "-noout", "-subject", stdin=pem).stdout)

    def test_its_certificate_request_is_what_an_authority_elsewhere_takes(self):
        request = self.s.ask(request_certificate=pb.RequestCertificate()).request
        shown = openssl("req", "-inform", "DER", "-verify", "-noout", "-subject", stdin=request)
        self.assertEqual(shown.returncode, 0, shown)
        self.assertIn(b"verify OK", shown.stderr + shown.stdout)
        self.assertIn(self.p.serials["all"].encode(), shown.stdout)
        identity = next(k for k in self.s.ask(show_keys=pb.ShowKeys()).keys if k.name == "identity")
        self.assertIn(identity.spki, request)

    def test_who_may_not_is_told_so_before_anything_else_is_looked_at(self):
        bare = self.session("bare")
        signature = bytes(64)
        for asked in (pb.Verify(message=b"m", signature=signature, ukey=self.p.serials["all"]), pb.Verify(message=b"m", signature=signature, ukey=self.p.serials["bare"]),
                      pb.Verify(message=b"m", signature=signature, ukey="US-00000000"), pb.Verify(message=b"m", signature=signature, ukey="no serial"), pb.Verify()):
            self.refuses("refused", f"operation: UKEY {self.p.serials['bare']} may not verify", station=bare, verify=asked)
        for operation in ({"sign": pb.Sign()}, {"mac": pb.Mac()}, {"encrypt": pb.Encrypt()}, {"decrypt": pb.Decrypt()}, {"random": pb.Random()}, {"show_keys": pb.ShowKeys()},
                          {"request_certificate": pb.RequestCertificate()}):
            self.refuses("refused", "operation: ", station=bare, **operation)

    # ---- proofs

    def proof(self, index: int) -> pb.ProveReply:
        def ask():
            try:
                return self.s.ask(prove=pb.Prove(index=index))
            except Refused as no:
                self.assertEqual(no.code, "busy", no)
                time.sleep(0.2)
                return None

        return wait_until("a checkpoint covers the record", ask)

    @staticmethod
    def as_file(index: int, p: pb.ProveReply) -> bytes:
        lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(p.leaf_hash).decode(), f"index {index}", *(base64.b64encode(h).decode() for h in p.proof), ""]
        return "\n".join(lines).encode() + b"\n" + p.checkpoint

    def test_a_receipt_is_proved_to_whoever_has_the_checkpoint_key(self):
        receipt = self.s.order(120000000001, 5000, pb.OPEN_ACCOUNT, order=order_id()).receipt
        proved = self.proof(receipt.index)
        self.assertEqual(proved.leaf_hash, receipt.leaf_hash)
        key = self.p.good_ctl("audit", "checkpoint", "--key").out.strip()
        good = self.as_file(receipt.index, proved)
        path = self.file("order.tlog-proof", good)
        checked = run("kmp-audit", "verify-proof", path, "--key", key, "--leaf-hash", receipt.leaf_hash.hex(), "--json")
        self.assertEqual(checked.code, 0, checked)
        self.assertEqual(checked.json()["index"], receipt.index)
        self.assertEqual(run("kmp-audit", "verify-proof", path, "--key", self.file("key", key.encode() + b"\n")).code, 0)
        wrong = run("kmp-audit", "verify-proof", path, "--key", key, "--leaf-hash", bytes(32).hex())
        self.assertEqual((wrong.code, len(wrong.err.splitlines())), (1, 1), wrong)
        for place in range(0, len(good), 7):
            changed = bytearray(good)
            changed[place] ^= 1
            self.assertEqual(run("kmp-audit", "verify-proof", self.file("changed", bytes(changed)), "--key", key).code, 1, f"byte {place}")
        name, _, rest = key.partition("+")
        for other in (f"other+{rest}", key[:-4] + "AAA=", "no key", name):
            self.assertEqual(run("kmp-audit", "verify-proof", path, "--key", other).code, 1, other)

    def test_an_order_answered_again_still_tells_the_receipt_of_its_charge(self):
        made = order_id()
        first = self.s.order(120000000003, 5000, pb.OPEN_ACCOUNT, order=made)
        again = self.s.order(120000000003, 5000, pb.OPEN_ACCOUNT, order=made)
        self.assertEqual((first.repeated, first.charge), (False, first.receipt))
        self.assertEqual((again.repeated, again.charge), (True, first.charge))
        self.assertGreater(again.receipt.index, first.charge.index)
        self.assertEqual(self.proof(again.charge.index).leaf_hash, again.charge.leaf_hash)
        types = {e["index"]: e["type"] for e in self.p.events()}
        self.assertEqual((types[again.charge.index], types[again.receipt.index]), ("order", "order_repeated"))

    def test_what_is_not_in_the_log_is_not_proved_and_strangers_get_no_proof(self):
        self.refuses("not_found", "the log has no record", prove=pb.Prove(index=1 << 40))
        stranger = Station(self.p.socket("kmp.sock"))
        self.addCleanup(stranger.close)
        self.refuses("denied", "no session is open", station=stranger, prove=pb.Prove(index=0))

    def test_proofs_are_looked_up_beside_the_rest_and_too_many_at_once_are_busy(self):
        index = self.s.order(120000000043, 5000, pb.OPEN_ACCOUNT, order=order_id()).receipt.index
        proved = self.proof(index)
        many = [pb.StationRequest(id=i, prove=pb.Prove(index=index)).SerializeToString() for i in range(1, 2001)]
        self.s.send_raw(b"".join(len(m).to_bytes(4, "big") + m for m in many))
        replies = [self.s.receive(pb.StationReply) for _ in many]
        self.assertEqual({r.id for r in replies}, set(range(1, 2001)))
        self.assertEqual({r.failure.code for r in replies if r.HasField("failure")}, {"busy"}, "256 are under way at once")
        self.assertEqual({r.prove.leaf_hash for r in replies if not r.HasField("failure")}, {proved.leaf_hash})
        both = [pb.StationRequest(id=1, prove=pb.Prove(index=index)), pb.StationRequest(id=2, close_session=pb.CloseSession())]
        self.s.send_raw(b"".join(len(m).to_bytes(4, "big") + m for m in (r.SerializeToString() for r in both)))
        self.assertEqual([self.s.receive(pb.StationReply).id for _ in both], [2, 1], "nobody waits for a proof")

    def test_a_station_keeps_the_proof_of_an_order_from_its_own_journal(self):
        self.p.issue("engineer", "key", "--operations", "authenticate,download_keys")
        meter = self.p.meter("120000000002")
        self.p.good_vend("keys", "download", "--line", meter.line, "--meter", meter.number, kind="key", name="engineer")
        sold = self.p.good_vend("--json", "remote", "open", "--line", meter.line, "--meter", meter.number, "--customer", "42".zfill(12), "--amount", "50", name="another").json()
        path = str(self.p.folder / "kept.tlog-proof")
        proved = self.p.good_vend("--json", "orders", "prove", sold["order_id"], path, name="another").json()
        key = self.p.good_ctl("audit", "checkpoint", "--key").out.strip()
        checked = run("kmp-audit", "verify-proof", path, "--key", key, "--leaf-hash", proved["leaf_hash"])
        self.assertEqual(checked.code, 0, checked)
        self.assertIn(f"Record {proved['index']}", checked.out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
