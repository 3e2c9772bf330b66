"""The certificates: a root made with ca_scripts vouches for the issuing key, and openssl, with public files only, says of every UKEY what kmpd says."""
import datetime
import os
import pathlib
import pty
import re
import stat
import subprocess
import time
import unittest

from platform_under_test import PINS, Ended, Platform, wait_until
from station import Refused, Station

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "ca_scripts"
ROOT_PIN = "root-pin-6174"
SO_PIN = "so-pin-1089-root"
GOOD, REVOKED, EXPIRED = "OK", "certificate revoked", "certificate has expired"


def script(name: str, *arguments: str, pin: str | None = None, so_pin: str | None = None, path: str | None = None) -> Ended:
    """Runs one of ca_scripts; PINs go by descriptors."""
    readers, words = [], []
    for option, value in (("--pin-fd", pin), ("--so-pin-fd", so_pin)):
        if value is None:
            continue
        read_end, write_end = os.pipe()
        os.write(write_end, value.encode() + b"\n")
        os.close(write_end)
        readers.append(read_end)
        words += [option, str(read_end)]
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    try:
        done = subprocess.run([str(SCRIPTS / name), *words, *arguments], capture_output=True, text=True, timeout=120, pass_fds=readers,
                              stdin=subprocess.DEVNULL, env=environment)
    finally:
        for fd in readers:
            os.close(fd)
    return Ended(done.returncode, done.stdout, done.stderr)


def at_terminal(name: str, *arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Runs one of ca_scripts at a terminal of its own, and answers each prompt; the exit code and all that stood on the screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(str(SCRIPTS / name), [name, *arguments])
    screen, left = "", list(answers)
    try:
        while True:
            try:
                piece = os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                piece = ""  # Linux: the other end is closed
            if not piece:
                break
            screen += piece
            if left and left[0][0] in screen.rpartition("\n")[2]:
                os.write(terminal, left.pop(0)[1].encode() + b"\n")
    finally:
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, screen


def openssl(*arguments: str) -> Ended:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return Ended(done.returncode, done.stdout, done.stderr)


class WithRoot(unittest.TestCase):
    """A platform after its ceremony, and a root that has vouched for its issuing key."""

    @classmethod
    def setUpClass(cls):
        cls.p = Platform()
        cls.addClassCleanup(cls.p.__exit__)
        cls.folder = cls.p.folder
        cls.public = cls.folder / "public"
        cls.public.mkdir()
        cls.root = cls.folder / "root"
        made = script("make-root", "--organisation", "Test Utility", str(cls.root), pin=ROOT_PIN, so_pin=SO_PIN)
        assert made.code == 0, repr(made)
        cls.p.start()
        cls.ceremony = cls.p.ceremony()
        cls.request = cls.folder / "request.pem"
        cls.request.write_text(cls.p.good_ctl("pki", "request", pins={"master": PINS["master"]}).out)
        cls.issuing = cls.folder / "issuing.pem"
        certified = cls.certify(cls.request, cls.issuing)
        assert certified.code == 0, repr(certified)
        cls.p.good_ctl("pki", "install", "--root", str(cls.root / "root.pem"), str(cls.issuing))

    @classmethod
    def certify(cls, request: pathlib.Path, out: pathlib.Path, fingerprint: str | None = None, pin: str = ROOT_PIN) -> Ended:
        return script("certify-issuing", "--ca", str(cls.root), "--fingerprint", fingerprint or cls.ceremony["trust_anchor_fingerprint"], str(request), str(out), pin=pin)

    def refused(self, done: Ended, *parts: str):
        """Exit 1 and one line that says why; no traces of a crash."""
        self.assertEqual(done.code, 1, repr(done))
        self.assertEqual(done.err.count("\n"), 1, repr(done))
        for part in parts:
            self.assertIn(part, done.err)

    def fetch(self):
        """What anybody can have."""
        self.p.good_ctl("pki", "show", "--save", str(self.public))

    def certificate(self, serial: str) -> str:
        file = self.public / f"{serial}.pem"
        file.write_text(self.p.good_ctl("ukey", "show", serial).out)
        return str(file)

    def verdicts(self, serial: str, *more: str) -> list[str]:
        """What openssl says: below the self-signed anchor, and below the root."""
        self.fetch()
        certificate, public, out = self.certificate(serial), self.public, []
        alone = ["-no-CApath", "-no-CAstore", *more]
        ways = [
            ["-crl_check", "-CAfile", f"{public}/anchor.pem", "-CRLfile", f"{public}/crl.pem"],
            ["-crl_check_all", "-CAfile", f"{public}/root.pem", "-untrusted", f"{public}/issuing.pem", "-CRLfile", f"{public}/crl.pem", "-CRLfile", f"{self.root}/crl.pem"],
        ]
        for way in ways:
            done = openssl("verify", *alone, *way, certificate)
            said = re.search(r"depth lookup: (.*)", done.err)
            self.assertEqual(done.code == 0, said is None, repr(done))
            out.append(said.group(1) if said else GOOD)
        return out

    def listed(self) -> dict[str, tuple[str, str]]:
        """The published list: serial number to (date, reason)."""
        text = openssl("crl", "-in", str(self.p.home / "crl.pem"), "-noout", "-text").out
        entries = re.findall(r"Serial Number: (\w+)\s+Revocation Date: (.*)\n(?:\s+CRL entry extensions:\s+X509v3 CRL Reason Code: \s+(.*)\n)?", text)
        return {serial: (date, reason) for serial, date, reason in entries}

    def number_of(self, serial: str) -> str:
        return openssl("x509", "-in", self.certificate(serial), "-noout", "-serial").out.strip().split("=")[1]

    def kmpd_says(self, name: str) -> str:
        """Whether kmpd opens a session with the UKEY: "" or why not."""
        station = Station(self.p.socket("kmp.sock"))
        try:
            station.login(self.p.serials[name], PINS["user"])
            return ""
        except Refused as refused:
            return str(refused)
        finally:
            station.close()

    def change(self, action: str, name: str):
        self.p.good_ctl("ukey", action, self.p.serials[name], "--reason", "test", pins={"master": PINS["master"]})


class States(WithRoot):
    """openssl and kmpd agree, whatever happens to a UKEY."""

    def agree(self, name: str, openssl_says: str, kmpd_says: str):
        self.assertEqual(self.verdicts(self.p.serials[name]), [openssl_says, openssl_says])
        said = self.kmpd_says(name)
        self.assertTrue(kmpd_says in said if kmpd_says else said == "", said)

    def test_a_ukey_is_good_until_suspended_and_again_after(self):
        serial = self.p.issue("hold", "user", "--station", "station-hold")
        self.agree("hold", GOOD, "")
        number = self.number_of(serial)
        self.assertNotIn(number, self.listed())
        before = len(self.listed())
        self.change("suspend", "hold")
        self.agree("hold", REVOKED, "suspended")
        self.assertEqual(self.listed()[number][1], "Certificate Hold")
        # identity, transport and signing: whoever looks at any of them sees it
        self.assertEqual(len(self.listed()), before + 3)
        self.change("resume", "hold")
        self.agree("hold", GOOD, "")
        self.assertEqual(len(self.listed()), before)

    def test_a_lost_ukey_is_compromised_and_stays_so_when_it_is_revoked(self):
        serial = self.p.issue("lost", "user", "--station", "station-lost")
        number = self.number_of(serial)
        self.change("suspend", "lost")
        date = self.listed()[number][0]
        time.sleep(1.1)  # dates are whole seconds
        self.change("report-lost", "lost")
        self.agree("lost", REVOKED, "lost")
        self.assertEqual(self.listed()[number], (date, "Key Compromise"))
        self.change("revoke", "lost")
        self.agree("lost", REVOKED, "revoked")
        self.assertEqual(self.listed()[number], (date, "Key Compromise"))

    def test_a_revoked_ukey_keeps_the_date_of_its_revocation_in_every_later_list(self):
        first = self.p.issue("first", "user", "--station", "station-first")
        self.change("revoke", "first")
        self.agree("first", REVOKED, "revoked")
        entry = self.listed()[self.number_of(first)]
        self.assertEqual(entry[1], "Cessation Of Operation")
        second = self.p.issue("second", "key")
        time.sleep(1.1)
        self.change("revoke", "second")
        self.assertEqual(self.listed()[self.number_of(first)], entry)
        self.assertNotEqual(self.listed()[self.number_of(second)][0], entry[0])
        self.assertEqual(self.verdicts(second), [REVOKED, REVOKED])
        # Before it was revoked openssl has no list: it must say so rather than "OK".
        hour_ago = str(int(time.time()) - 1800)
        self.assertEqual(self.verdicts(first, "-attime", hour_ago), ["CRL is not yet valid"] * 2)

    def test_an_expired_ukey_is_refused_by_both(self):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=20)
        self.p.issue("short", "user", "--station", "station-short", "--valid-until", end.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.agree("short", GOOD, "")
        wait_until("the certificate runs out", lambda: datetime.datetime.now(datetime.timezone.utc) > end + datetime.timedelta(seconds=1.1))
        self.agree("short", EXPIRED, "expired")

    def test_a_blocked_pin_says_nothing_about_the_certificate(self):
        self.p.issue("blocked", "user", "--station", "station-blocked")
        station = Station(self.p.socket("kmp.sock"))
        for _ in range(10):
            with self.assertRaises(Refused):
                station.login(self.p.serials["blocked"], "not-the-pin")
        station.close()
        self.agree("blocked", GOOD, "blocked")
        self.change("report-lost", "blocked")
        self.agree("blocked", REVOKED, "blocked")

    def test_platform_and_master_control_certificates_verify_too(self):
        for name in ("platform", "master"):
            self.assertEqual(self.verdicts(self.p.serials[name]), [GOOD, GOOD])

    def test_certificates_have_the_policy_and_validity_that_the_page_gives_their_kind(self):
        page = (SCRIPTS.parent / "docs" / "PKI.md").read_text()
        oid = re.search(r"certificate policy \| `([0-9.]+)\.K`", page).group(1)
        rows = {kind: (number, valid) for kind, number, valid in re.findall(r"\| ([a-z-]+) \| (\d) \| identity[^|]*\| ([^|]+) \|", page)}
        self.p.issue("engineer", "key")
        self.p.issue("vendor", "user", "--station", "station-vendor")
        for name, kind in (("platform", "platform"), ("master", "master-control"), ("engineer", "key"), ("vendor", "user")):
            number, valid = rows[kind]
            text = openssl("x509", "-in", self.certificate(self.p.serials[name]), "-noout", "-text").out
            self.assertIn(f"Policy: {oid}.{number}\n", text)
            self.assertIn("2.25.257309413882034711650418872301554927316.2.1", text)
            self.assertIn(f"OU = {kind},", text)
            begin, end = (datetime.datetime.strptime(t, "%b %d %H:%M:%S %Y GMT") for t in re.search(r"Not Before: (.*)\n\s+Not After : (.*)\n", text).groups())
            self.assertEqual((end - begin - datetime.timedelta(minutes=59)).days, 3650 if valid == "10 years" else 365, text)

    def test_the_kind_of_a_ukey_can_be_asked_for_as_a_policy(self):
        policy = "2.25.257309413882034711650418872301554927316.1."
        serial = self.p.issue("policy", "user", "--station", "station-policy")
        self.assertEqual(self.verdicts(serial, "-policy", policy + "4", "-explicit_policy"), [GOOD, GOOD])
        self.assertEqual(self.verdicts(serial, "-policy", policy + "3", "-explicit_policy"), ["no explicit policy"] * 2)


class Lists(WithRoot):
    """The platform's revocation list: there from the first day, published, renewed, watched over."""

    def warnings(self) -> list[str]:
        return [w for w in self.p.status().get("warnings", []) if "revocation list" in w]

    def shown(self) -> dict:
        return self.p.good_ctl("--json", "pki", "show").json()

    def test_the_ceremony_signs_an_empty_list_and_it_is_published(self):
        number = openssl("crl", "-in", str(self.p.home / "crl.pem"), "-noout", "-crlnumber", "-CAfile", str(self.anchor()))
        self.assertIn("crlNumber=", number.out)
        self.assertEqual(stat.S_IMODE((self.p.home / "crl.pem").stat().st_mode), 0o644)
        self.assertEqual(self.p.good_ctl("crl").out, (self.p.home / "crl.pem").read_text())
        self.assertEqual(self.warnings(), [])
        shown = self.shown()
        self.assertEqual(shown["crl_next_update_ms"] - shown["crl_this_update_ms"], 30 * 86400 * 1000)
        first = [e for e in self.p.events() if e["type"] == "crl_issued"][0]
        self.assertEqual((first["json"]["crl_number"], first["json"]["count"]), (1, 0))
        self.assertLess(first["index"], 10)

    def anchor(self) -> pathlib.Path:
        self.fetch()
        return self.public / "anchor.pem"

    def test_a_new_list_is_signed_without_a_change_and_only_with_the_masters_pin(self):
        before = self.shown()["crl_number"]
        self.refused(self.p.ctl("crl", "refresh", pins={"master": "not-the-pin"}), "wrong PIN")
        self.assertEqual(self.shown()["crl_number"], before)
        done = self.p.good_ctl("--json", "crl", "refresh", pins={"master": PINS["master"]}).json()
        self.assertEqual([(c["master"], c["number"]) for c in done["lists"]], [(self.p.serials["master"], before + 1)])
        self.assertEqual(self.shown()["crl_number"], before + 1)
        judged = openssl("crl", "-in", str(self.p.home / "crl.pem"), "-noout", "-crlnumber", "-CAfile", str(self.anchor()))
        self.assertIn("verify OK", judged.err)
        self.assertEqual(int(judged.out.strip().split("=")[1], 16), before + 1)

    def test_a_list_that_cannot_be_published_is_a_warning_and_heals(self):
        file = self.p.home / "crl.pem"
        file.unlink()
        file.mkdir()
        self.p.good_ctl("crl", "refresh", pins={"master": PINS["master"]})
        self.assertRegex(" ".join(self.warnings()), "is not published")
        file.rmdir()
        self.p.good_ctl("crl", "refresh", pins={"master": PINS["master"]})
        self.assertEqual(self.warnings(), [])
        self.assertEqual(self.p.good_ctl("crl").out, file.read_text())

    def test_a_list_whose_file_was_lost_stands_there_again_after_unsealing(self):
        file = self.p.home / "crl.pem"
        text = file.read_text()
        self.p.good_ctl("seal")
        file.unlink()
        self.p.unseal()
        self.assertEqual(file.read_text(), text)
        self.assertEqual(self.p.verify().code, 0)


class Root(WithRoot):
    """ca_scripts: what they refuse, and how."""

    def copy(self, name: str, text: str) -> pathlib.Path:
        file = self.folder / name
        file.write_text(text)
        return file

    def new(self, name: str) -> pathlib.Path:
        return self.folder / name

    def test_a_wrong_pin_is_one_line(self):
        self.refused(self.certify(self.request, self.new("none.pem"), pin="not-the-pin"), "wrong PIN")
        self.refused(script("make-crl", "--ca", str(self.root), pin="not-the-pin"), "wrong PIN")
        self.assertFalse(self.new("none.pem").exists())

    def test_a_token_without_the_key_is_one_line(self):
        other = self.folder / "other-root"
        self.assertEqual(script("make-root", "--organisation", "Other", str(other), pin=ROOT_PIN, so_pin=SO_PIN).code, 0)
        # Another root's token, with the same PIN, in its place.
        swapped = self.folder / "swapped"
        subprocess.run(["cp", "-r", str(self.root), str(swapped)], check=True)
        subprocess.run(["rm", "-r", str(swapped / "token")], check=True)
        subprocess.run(["cp", "-r", str(other / "token"), str(swapped / "token")], check=True)
        self.refused(script("make-crl", "--ca", str(swapped), pin=ROOT_PIN), "another authority's token")
        configuration = self.copy("swapped.conf", f"directories.tokendir = {swapped}/token\nobjectstore.backend = file\n")
        module = next(pathlib.Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"))
        for kind in ("privkey", "pubkey"):
            subprocess.run(["pkcs11-tool", "--module", str(module), "--token-label", "kmp-root", "--login", "--pin", "env:PIN", "--delete-object", "--type", kind, "--label",
                            "kmp-root-ca"], check=True, capture_output=True, env={**os.environ, "PIN": ROOT_PIN, "SOFTHSM2_CONF": str(configuration)})
        self.refused(script("make-crl", "--ca", str(swapped), pin=ROOT_PIN), "holds no key")
        subprocess.run(["rm", "-r", str(swapped / "token")], check=True)
        (swapped / "token").mkdir()
        self.refused(script("make-crl", "--ca", str(swapped), pin=ROOT_PIN), "there is no token")

    def test_a_request_changed_in_any_part_is_refused(self):
        text = self.request.read_text()
        begin = text.index("-----BEGIN CERTIFICATE REQUEST-----\n") + 36
        end = text.index("-----END CERTIFICATE REQUEST-----")
        body = text[begin:end].replace("\n", "")
        for at in (60, 150, len(body) - 20):
            changed = body[:at] + ("A" if body[at] != "A" else "B") + body[at + 1:]
            file = self.copy("tampered.pem", text[:begin] + "\n".join(changed[i:i + 64] for i in range(0, len(changed), 64)) + "\n" + text[end:])
            self.refused(self.certify(file, self.new("none.pem")), str(file))
        self.refused(self.certify(self.copy("half.pem", text[:end]), self.new("none.pem")), "no certificate request")
        alone = text[:text.index("-----BEGIN CERTIFICATE-----")]
        self.refused(self.certify(self.copy("alone.pem", alone), self.new("none.pem")), "lacks the trust anchor")
        self.assertFalse(self.new("none.pem").exists())

    def stranger(self, subject: str) -> tuple[str, str]:
        """A request and a self-signed certificate of a key outside any UKEY."""
        key, request, certificate = (str(self.folder / f"stranger.{kind}") for kind in ("key", "csr", "crt"))
        extensions = ["-addext", "basicConstraints=critical,CA:TRUE,pathlen:1", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        self.assertEqual(openssl("req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", subject, "-out", certificate, *extensions).code, 0)
        self.assertEqual(openssl("req", "-new", "-key", key, "-subj", subject, "-out", request).code, 0)
        return pathlib.Path(request).read_text(), pathlib.Path(certificate).read_text()

    def test_a_foreign_request_is_refused(self):
        text = self.request.read_text()
        anchor = text[text.index("-----BEGIN CERTIFICATE-----"):]
        # Another key under the UKEY's own name, beside the true anchor.
        request, certificate = self.stranger(f"/O=Test Utility/OU=master-control/CN={self.p.serials['master']}")
        self.refused(self.certify(self.copy("foreign.pem", request + anchor), self.new("none.pem")), "another key")
        # With an anchor of its own: only the ceremony's fingerprint tells.
        self.refused(self.certify(self.copy("foreign.pem", request + certificate), self.new("none.pem")), "fingerprint")
        # Something that is no master-control UKEY at all.
        request, certificate = self.stranger("/O=Test Utility/OU=user/CN=US-00000000")
        fingerprint = openssl("x509", "-in", str(self.copy("stranger.pem", certificate)), "-noout", "-fingerprint", "-sha256").out.split("=")[1].strip()
        self.refused(self.certify(self.copy("foreign.pem", request + certificate), self.new("none.pem"), fingerprint), "not from a master-control UKEY")
        self.assertFalse(self.new("none.pem").exists())

    def test_without_a_fingerprint_somebody_must_be_there_to_compare_it(self):
        self.refused(script("certify-issuing", "--ca", str(self.root), str(self.request), str(self.new("none.pem")), pin=ROOT_PIN), "no terminal")

    def test_at_a_terminal_pins_are_asked_for_unseen_and_the_fingerprint_is_shown(self):
        folder, out = self.folder / "typed", self.new("typed.pem")
        pins = [("SO PIN of the root's new token:", SO_PIN), ("once more:", SO_PIN), ("PIN of the root's new token:", ROOT_PIN), ("once more:", "something-else")]
        code, screen = at_terminal("make-root", "--organisation", "Typed", str(folder), answers=pins)
        self.assertEqual(code, 1, screen)
        self.assertIn("the two are not the same", screen)
        self.assertFalse(folder.exists())
        code, screen = at_terminal("make-root", "--organisation", "Typed", str(folder), answers=[*pins[:3], ("once more:", ROOT_PIN)])
        self.assertEqual(code, 0, screen)
        self.assertNotIn(ROOT_PIN, screen)
        certify = ["--ca", str(folder), str(self.request), str(out)]
        code, screen = at_terminal("certify-issuing", *certify, answers=[("Type yes:", "no")])
        self.assertEqual(code, 1, screen)
        self.assertIn(self.ceremony["trust_anchor_fingerprint"], screen)
        self.assertIn(self.p.serials["master"], screen)
        self.assertFalse(out.exists())
        code, screen = at_terminal("certify-issuing", *certify, answers=[("Type yes:", "yes"), ("PIN of the root's token:", ROOT_PIN)])
        self.assertEqual(code, 0, screen)
        self.assertNotIn(ROOT_PIN, screen)
        self.assertEqual(openssl("verify", "-no-CApath", "-no-CAstore", "-CAfile", str(folder / "root.pem"), str(out)).code, 0)

    def test_a_certificate_never_outlives_the_root(self):
        self.refused(script("certify-issuing", "--ca", str(self.root), "--days", "8000", "--fingerprint", self.ceremony["trust_anchor_fingerprint"], str(self.request),
                            str(self.new("none.pem")), pin=ROOT_PIN), "ends before that")

    def test_wrong_usage_ends_with_2(self):
        for name in ("make-root", "certify-issuing", "revoke-issuing", "make-crl", "verify-ukey"):
            done = script(name, "--nonsense")
            self.assertEqual(done.code, 2, repr(done))
            self.assertIn("usage: " + name, done.err)
        self.assertEqual(script("make-crl", "--ca").code, 2)

    def test_no_pin_is_ever_an_argument_or_left_in_a_file(self):
        seen = self.folder / "seen"
        shims = self.folder / "shims"
        shims.mkdir()
        for program in ("openssl", "pkcs11-tool"):
            real = subprocess.run(["which", program], capture_output=True, text=True, check=True).stdout.strip()
            shim = shims / program
            shim.write_text(f'#!/bin/sh\nprintf "arguments %s\\n" "$*" >>{seen}\n[ {program} = pkcs11-tool ] || env >>{seen}\nexec {real} "$@"\n')
            shim.chmod(0o755)
        path = f"{shims}:{os.environ['PATH']}"
        folder = self.folder / "watched"
        self.assertEqual(script("make-root", "--organisation", "W", str(folder), pin=ROOT_PIN, so_pin=SO_PIN, path=path).code, 0)
        self.assertEqual(script("make-crl", "--ca", str(folder), pin=ROOT_PIN, path=path).code, 0)
        self.assertEqual(script("make-crl", "--ca", str(folder), pin="wrong-" + ROOT_PIN, path=path).code, 1)
        text = seen.read_text()
        self.assertIn("--keypairgen", text)
        self.assertIn("-gencrl", text)
        self.assertNotIn(ROOT_PIN, text)
        self.assertNotIn(SO_PIN, text)
        for file in folder.rglob("*"):
            if file.is_file():
                self.assertNotIn(ROOT_PIN.encode(), file.read_bytes(), file)

    def test_the_key_of_the_root_was_born_in_its_token_and_cannot_leave_it(self):
        configuration = self.copy("root.conf", f"directories.tokendir = {self.root}/token\nobjectstore.backend = file\n")
        module = next(pathlib.Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"))
        listed = subprocess.run(["pkcs11-tool", "--module", str(module), "--token-label", "kmp-root", "--login", "--pin", "env:PIN", "--list-objects", "--type", "privkey"],
                                capture_output=True, text=True, check=True, env={**os.environ, "PIN": ROOT_PIN, "SOFTHSM2_CONF": str(configuration)}).stdout
        self.assertRegex(listed, "Access: +sensitive, always sensitive, never extractable, local")

    def test_any_pkcs11_module_can_hold_the_key(self):
        # SoftHSM2's module stands for a vendor's: the scripts are told of a file and a label, and its token lies elsewhere.
        module = str(next(pathlib.Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")))
        tokens = self.folder / "vendor"
        tokens.mkdir()
        configuration = self.copy("vendor.conf", f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        self.addCleanup(os.environ.pop, "SOFTHSM2_CONF")
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "vendor-1", "--pin", ROOT_PIN, "--so-pin", SO_PIN], check=True, capture_output=True)
        folder = self.folder / "vendor-root"
        arguments = ["--organisation", "V", "--module", module, "--token", "vendor-1", str(folder)]
        self.refused(script("make-root", *arguments, pin="not-the-pin"), "wrong PIN")
        self.assertFalse(folder.exists())
        made = script("make-root", *arguments, pin=ROOT_PIN)
        self.assertEqual(made.code, 0, repr(made))
        self.assertEqual(script("make-crl", "--ca", str(folder), pin=ROOT_PIN).code, 0)
        self.refused(script("make-root", "--organisation", "V", "--module", module, "--token", "vendor-1", str(folder) + "-2", pin=ROOT_PIN), "a root's key already")
        self.refused(script("make-root", "--organisation", "V", "--module", module, "--token", "vendor-9", str(folder) + "-3", pin=ROOT_PIN), "no token")

    def test_verify_ukey_says_good_or_why_not(self):
        self.fetch()
        serial = self.p.issue("judged", "user", "--station", "station-judged")
        certificate = self.certificate(serial)
        by_anchor = ["--anchor", f"{self.public}/anchor.pem", "--crl", f"{self.public}/crl.pem"]
        by_root = ["--root", f"{self.public}/root.pem", "--root-crl", f"{self.root}/crl.pem", "--issuing", f"{self.public}/issuing.pem", "--crl", f"{self.public}/crl.pem"]
        for way in (by_anchor, by_root):
            good = script("verify-ukey", *way, certificate)
            self.assertEqual(good.code, 0, repr(good))
            self.assertIn(serial, good.out)
            later = str(int(time.time()) + 31 * 86400)
            self.refused(script("verify-ukey", *way, "--at", later, certificate), "CRL has expired")
        self.change("suspend", "judged")
        self.fetch()
        for way in (by_anchor, by_root):
            self.refused(script("verify-ukey", *way, certificate), "certificate revoked (level 0)")
            self.refused(script("verify-ukey", *way, f"{self.root}/ca.conf"), "ca.conf")

    def test_only_a_certificate_of_this_issuing_key_from_its_root_is_installed(self):
        stranger = self.folder / "stranger-root"
        self.assertEqual(script("make-root", "--organisation", "Stranger", str(stranger), pin=ROOT_PIN, so_pin=SO_PIN).code, 0)
        install = lambda root, certificate: self.p.ctl("pki", "install", "--root", str(root), str(certificate))
        root = self.root / "root.pem"
        anchor = self.copy("anchor-alone.pem", self.ceremony["trust_anchor_pem"])
        self.refused(install(stranger / "root.pem", self.issuing), "did not sign")
        self.refused(install(root, root), "another key")
        self.refused(install(root, anchor), "did not sign")
        self.refused(install(anchor, anchor), "issuing key itself")
        self.refused(install(self.issuing, self.issuing), "issuing key itself")
        self.refused(install(root, self.request), "PEM block")
        self.refused(install(root, self.folder / "not-there.pem"), "not-there.pem")
        self.assertIn("vouches for the issuing key", self.p.good_ctl("pki", "install", "--root", str(root), str(self.issuing)).out)
        noted = [e for e in self.p.events() if e["type"] == "configuration"][-1]
        shown = self.p.good_ctl("--json", "pki", "show").json()
        self.assertIn(shown["root_fingerprint"], noted["json"]["note"])

    def test_an_issuing_key_that_the_root_gave_up_is_revoked_below_the_root_only(self):
        second = self.new("second.pem")
        self.assertEqual(self.certify(self.request, second).code, 0)
        serial = self.p.serials["master"]
        self.assertEqual(self.verdicts(serial), [GOOD, GOOD])
        revoke = lambda file: script("revoke-issuing", "--ca", str(self.root), "--reason", "keyCompromise", str(file), pin=ROOT_PIN)
        self.refused(revoke(self.root / "root.pem"), "not issued by this root")
        # The certificate in use stays while another of the same key goes.
        done = revoke(second)
        self.assertEqual(done.code, 0, repr(done))
        self.assertEqual(self.verdicts(serial), [GOOD, GOOD])
        self.refused(revoke(second), "revoked already")
        self.p.good_ctl("pki", "install", "--root", str(self.root / "root.pem"), str(second))
        self.assertEqual(self.verdicts(serial), [GOOD, REVOKED])
        self.p.good_ctl("pki", "install", "--root", str(self.root / "root.pem"), str(self.issuing))
        self.assertEqual(self.verdicts(serial), [GOOD, GOOD])


if __name__ == "__main__":
    unittest.main()
