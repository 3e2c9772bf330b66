"""Checkpoints leave the machine: to a folder, and to witnesses that cosign them. What went back is noticed against them."""
import base64
import hashlib
import http.client
import os
import re
import shutil
import unittest

from cases import ProgramCase
from cosigner import Cosigner, Openssl, cosigned_at, key_id, signatures, verifier_key
from operation_test import scrape, values
from platform_under_test import PINS, Platform, run, wait_until
from standby_test import Seller

LATER = "0" * 64


class Vouching(ProgramCase):
    def platform(self, more: str = "", audit: str = "") -> Platform:
        p = Platform()
        self.addCleanup(p.__exit__)
        (p.home / "kmp.toml").write_text(f'[audit]\ncheckpoint_interval_ms = 1000\n{audit}{more}')
        return p

    def outlet(self, p: Platform, name: str) -> dict:
        return next((o for o in p.status()["outlets"] if o["name"] == name), {})

    def newest(self, p: Platform) -> str:
        return (p.home / "checkpoint").read_text()

    def size(self, note: str) -> int:
        return int(note.split("\n")[1])

    def add_witness(self, p: Platform, name: str, url: str, key: str):
        (p.home / "witnesses").mkdir(exist_ok=True)
        (p.home / "witnesses" / f"{name}.toml").write_text(f'url = "{url}"\nkey = "{key}"\n')

    def seller(self, p: Platform, first: int) -> Seller:
        wait_until("the user UKEY is ready", lambda: p.reader("user").get("content") == "ukey")
        seller = Seller(p, first)
        self.addCleanup(lambda: setattr(seller, "stopping", True))
        seller.start()
        return seller

    def carried(self, p: Platform, name: str) -> int:
        """What is in the log by now is vouched for there."""
        size = p.status()["log_size"]
        p.good_ctl("audit", "checkpoint")
        wait_until(f"{name} has a checkpoint over {size} records", lambda: self.outlet(p, name).get("size", 0) >= size)
        return size

    def went_back(self, p: Platform, *words: str):
        """It does not open, or not for longer than a witness takes to answer; and then it does not open again."""
        wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
        done = p.ctl("unseal", pins={"platform": PINS["platform"]})
        if done.code == 0:
            wait_until("it is sealed again", lambda: p.status()["state"] == "sealed")
            wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
            done = p.ctl("unseal", pins={"platform": PINS["platform"]})
        self.refused(done, "an older state was put in its place", *words)
        self.assertIn("an older state was put in its place", " ".join(p.status()["warnings"]), "whoever looks at the status is told as well")

    def forget(self, p: Platform):
        """kmpctl has noticed as well, by what it kept itself."""
        self.refused(p.ctl("audit", "checkpoint"), "the log of the service was set back")
        p.good_ctl("log", "forget")


class SecondKmp(Vouching):
    def test_cosigns_while_sales_go_on_is_missed_when_it_is_down_and_knows_a_home_that_went_back(self):
        q = self.platform(more='[witness]\nlisten = "127.0.0.1:0"\n').start()
        q.ceremony()
        p = self.platform().initialised()
        key, witness_key = (x.good_ctl("audit", "checkpoint", flag).out.strip() for x, flag in ((p, "--key"), (q, "--witness-key")))
        (q.home / "witnessed").mkdir()
        (q.home / "witnessed" / "shop.toml").write_text(f'key = "{key}"\n')
        address = q.status()["witness_address"]
        q.stop()
        (q.home / "kmp.toml").write_text((q.home / "kmp.toml").read_text().replace("127.0.0.1:0", address))
        q.start().unseal()
        p.stop()
        shutil.copytree(p.home, p.folder / "yesterday", symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        self.add_witness(p, "next-door", f"http://{address}/", witness_key)
        p.start().unseal()

        seller = self.seller(p, 1000)
        with self.subTest("its cosignature stands under the checkpoint, wherever that is shown"):
            self.carried(p, "next-door")
            note = p.good_ctl("audit", "checkpoint").out
            self.assertGreater(cosigned_at(note, witness_key), 1700000000)
            wait_until("it stands in HOME/checkpoint", lambda: cosigned_at(self.newest(p), witness_key))
            export = p.export()
            verdict = run("kmp-audit", "verify", export, "--witness", witness_key, "--json")
            self.assertEqual((verdict.code, list(verdict.json()["witnessed"])), (0, [witness_key.split("+")[0]]), verdict)
            stranger = run("kmp-audit", "verify", export, "--witness", "w+a1c05bb1+BMCZJDpMsWrcnYcyJY3ItLhhMqxUXOmsBWGMEyUo9AVO")
            self.assertEqual(stranger.code, 1, stranger)
            self.refused(run("kmp-audit", "verify", export, "--witness", key), "it is the key of a log's checkpoints")
        with self.subTest("the witness has it in its own log and shows whom it witnesses and up to where"):
            known = q.status()["witnessed"][0]
            self.assertEqual((known["name"], known["origin"]), ("shop", key.split("+")[0]))
            self.assertGreaterEqual(known["size"], self.outlet(p, "next-door")["size"] - 1000)
            self.assertIn("checkpoint_witnessed", {e["type"] for e in q.events()})
            self.assertIn("witnessed", q.good_ctl("status").out)
        with self.subTest("it answers nobody else"):
            self.no_one_else(address, note)
        with self.subTest("when it is down orders go on, and everybody is told"):
            q.stop()
            sold = len(seller.sold)
            wait_until("the alarm is there", lambda: self.outlet(p, "next-door")["problem"])
            wait_until("sales go on", lambda: len(seller.sold) > sold + 20)
            wait_until("checkpoints wait", lambda: self.outlet(p, "next-door")["waiting"] > 0)
            status = p.status()
            self.assertEqual((status["state"], status["health"]), ("open", "attention"))
            self.assertTrue(any("no cosignature of the witness next-door" in w for w in status["warnings"]), status["warnings"])
            bare = p.good_ctl("audit", "checkpoint")
            self.assertEqual((cosigned_at(bare.out, witness_key), "without the cosignature of next-door" in bare.err), (0, True), bare)
            self.assertEqual(run("kmp-audit", "verify", p.export(), "--certificate", p.anchor()).code, 0)
            self.assertEqual(run("kmp-audit", "verify", p.export(), "--witness", witness_key).code, 1)
            numbers = values(scrape(p.socket("metrics.sock"))[1])
            self.assertEqual(numbers['kmp_outlet_up{outlet="next-door"}'], 0)
            self.assertGreater(numbers['kmp_outlet_failures_total{outlet="next-door"}'], 0)
        with self.subTest("when it is back all goes on by itself"):
            q.start().unseal()
            wait_until("it has the newest", lambda: not self.outlet(p, "next-door")["problem"] and self.outlet(p, "next-door")["waiting"] == 0)
            seller.stopping = True
            seller.join()
            told = lambda: [e["type"] for e in p.events() if e["type"] in ("checkpoint_held_up", "witness_answered")]
            wait_until("the log says that too", lambda: told()[-1:] == ["witness_answered"])
            types = told()
            self.assertEqual(types, ["checkpoint_held_up", "witness_answered"] * (len(types) // 2))
            self.assertGreaterEqual(len(types), 2)
            self.assertEqual(q.verify().code, 0)
            self.assertEqual(p.verify().code, 0)

        lost = self.carried(p, "next-door")
        kept = p.folder / "kept"
        kept.write_text(self.newest(p))
        p.stop()
        p.home.rename(p.folder / "today")
        (p.folder / "yesterday").rename(p.home)
        with self.subTest("a home that was set back whole opens where nobody is asked, and a checkpoint that was kept shows it"):
            p.start().unseal()
            self.forget(p)
            self.assertEqual(run("kmp-audit", "verify", p.export(), "--checkpoint", str(kept)).code, 1)
            self.assertIn("it was rolled back", run("kmp-audit", "verify", p.export(), "--checkpoint", str(kept)).out)
        with self.subTest("the witness knows it, and the service ends"):
            self.add_witness(p, "next-door", f"http://{address}/", witness_key)
            p.stop()
            p.start()
            self.went_back(p, "the witness next-door has a checkpoint over")
        with self.subTest("it goes on when an auditor has looked, for good in its log, and without the witness until that forgets"):
            note = self.seen(address, key)
            self.assertGreaterEqual(self.size(note), lost)
            p.good_ctl("unseal", "--accept-rollback", str(self.size(note)), pins={"platform": PINS["platform"]})
            self.assertTrue(any("whoever opened it says that an auditor has looked" in e["text"] for e in p.events()))
            wait_until("the witness refuses", lambda: "shows no checkpoint that proves it" in self.outlet(p, "next-door").get("problem", ""))
            (q.home / "witnessed" / "shop.toml").write_text(f'key = "{key}"\nforget = {self.size(note)}\n')
            wait_until("it begins anew", lambda: self.outlet(p, "next-door")["problem"] == "" and self.outlet(p, "next-door")["size"] > 0)
            self.assertTrue(any("is forgotten" in str(e["json"]) for e in q.events()))
        with self.subTest("that log being set back is noticed too, below the size that was accepted"):
            p.stop()
            shutil.copytree(p.home, p.folder / "anew", symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
            p.start().unseal()
            self.assertLess(self.carried(p, "next-door"), self.size(note))
            p.stop()
            shutil.rmtree(p.home)
            (p.folder / "anew").rename(p.home)
            p.start()
            self.went_back(p, "the witness next-door has a checkpoint over")

    def seen(self, address: str, key: str) -> str:
        host = http.client.HTTPConnection(address, timeout=60)
        host.request("GET", f"/{hashlib.sha256(key.split('+')[0].encode()).hexdigest()}/checkpoint")
        return host.getresponse().read().decode()

    def no_one_else(self, address: str, note: str):
        def ask(method: str, path: str, body: str | bytes = "") -> tuple[int, str, str]:
            host = http.client.HTTPConnection(address, timeout=60)
            host.request(method, path, body if isinstance(body, bytes) else body.encode())
            reply = host.getresponse()
            return reply.status, reply.headers["Content-Type"], reply.read().decode()

        self.assertEqual(ask("POST", "/add-checkpoint", "rubbish")[0], 400)
        self.assertEqual(ask("POST", "/add-checkpoint", os.urandom(4000))[0], 400)
        self.assertEqual(ask("POST", "/add-checkpoint", "x" * 100000)[0], 413)
        self.assertEqual(ask("GET", "/add-checkpoint")[0], 405)
        self.assertEqual(ask("GET", "/")[0], 404)
        self.assertEqual(ask("GET", f"/{LATER}/checkpoint")[0], 404)
        body, _ = signatures(note)
        self.assertEqual(ask("POST", "/add-checkpoint", "old 0\n\n" + note.replace(body.split("\n")[0], "kmp/other/X-1"))[0], 404)
        forged = re.sub(r"(?m)^\u2014 (\S+) (.{20}).", lambda m: f"\u2014 {m[1]} {m[2]}{'A' if m[0][-1] != 'A' else 'B'}", note)
        self.assertEqual(ask("POST", "/add-checkpoint", "old 0\n\n" + forged)[0], 403)
        status, kind, held = ask("POST", "/add-checkpoint", "old 0\n\n" + note)
        self.assertEqual((status, kind), (409, "text/x.tlog.size"))
        self.assertGreaterEqual(int(held), self.size(note))


class Forgetting(Vouching):
    def test_what_was_held_is_forgotten_once_and_not_again_when_the_log_comes_to_that_size_once_more(self):
        q = self.platform(more='[witness]\nlisten = "127.0.0.1:0"\n').start()
        q.ceremony()
        (q.folder / "log").mkdir()
        key, origin = Openssl(q.folder / "log"), "kmp/elsewhere/P-1"
        (q.home / "witnessed").mkdir()
        file = q.home / "witnessed" / "shop.toml"
        file.write_text(f'key = "{verifier_key(origin, 1, key.public)}"\n')

        def ask(old: int, size: int, history: bytes) -> int:
            body = f"{origin}\n{size}\n{base64.b64encode(hashlib.sha256(history).digest()).decode()}\n"
            note = body + f"\n\u2014 {origin} {base64.b64encode(key_id(origin, 1, key.public) + key.sign(body.encode())).decode()}\n"
            host = http.client.HTTPConnection(q.status()["witness_address"], timeout=60)
            host.request("POST", "/add-checkpoint", f"old {old}\n\n{note}".encode())
            return host.getresponse().status

        self.assertEqual(ask(0, 5203, b"first"), 200)
        self.assertEqual(ask(0, 5203, b"second"), 409)
        file.write_text(file.read_text() + "forget = 5203\n")
        self.assertEqual(ask(0, 5203, b"second"), 200, "as whoever runs the witness said")
        self.assertEqual(ask(0, 5203, b"third"), 409, "nobody said that of the second")
        self.assertEqual(ask(5203, 5203, b"third"), 422)
        q.stop()
        q.start().unseal()
        self.assertEqual(ask(0, 5203, b"third"), 409)
        file.write_text(file.read_text().replace("forget = 5203\n", ""))
        self.assertEqual(ask(5203, 5203, b"second"), 200)
        file.write_text(file.read_text() + "forget = 5203\n")
        self.assertEqual(ask(0, 5203, b"third"), 200, "it was taken out and said once more")


class OtherPrograms(Vouching):
    def test_a_witness_comes_gets_another_key_and_goes_by_a_reload_and_the_log_says_so(self):
        p = self.platform().initialised()
        witness = Cosigner(p.folder / "cosigner", p.good_ctl("audit", "checkpoint", "--key").out)
        another = Cosigner(p.folder / "another", p.good_ctl("audit", "checkpoint", "--key").out)
        for cosigner in (witness, another):
            self.addCleanup(cosigner.stop)
        reload = lambda: p.good_ctl("reload").out
        self.add_witness(p, "python", witness.url, witness.vkey)
        came = f'witness python: "" -> "{witness.url}"'
        self.assertEqual(reload(), f"changed: {came}\n")
        self.carried(p, "python")
        self.assertTrue(cosigned_at(p.good_ctl("audit", "checkpoint").out, witness.vkey))
        self.assertEqual(reload(), "Nothing is different from before.\n")
        self.add_witness(p, "python", witness.url, another.vkey)
        self.assertEqual(reload(), "changed: witness python: another key\n")
        p.good_ctl("audit", "checkpoint")
        wait_until("its cosignature is not what is expected now", lambda: "has no cosignature of the witness" in self.outlet(p, "python")["problem"])
        (p.home / "witnesses" / "python.toml").write_text('url = "ftp://nowhere"\n')
        went = f'witness python: "{witness.url}" -> ""'
        self.assertEqual(reload(), f"changed: {went}\n")
        self.assertTrue(any("no witness is asked as it says in" in w for w in p.status()["warnings"]), p.status()["warnings"])
        (p.home / "witnesses" / "python.toml").unlink()
        self.assertEqual(reload(), "Nothing is different from before.\n")
        self.assertEqual([w for w in p.status()["warnings"] if "witness" in w], [])
        self.assertEqual([e["json"]["note"] for e in p.events() if e["type"] == "configuration"][-3:], [came, "witness python: another key", went])

    def test_a_cosigner_of_another_maker_vouches_and_lying_ones_are_told_apart_without_holding_up_an_order(self):
        p = self.platform().initialised()
        witness = Cosigner(p.folder / "cosigner", p.good_ctl("audit", "checkpoint", "--key").out)
        self.addCleanup(witness.stop)
        self.add_witness(p, "python", witness.url, witness.vkey)
        expected = {"wrong-key": "has no cosignature of the witness", "wrong-signature": "does not hold", "nonsense": "no size that it could have cosigned: soon", "same": "no size that it could have cosigned",
                    "larger": f"it says that it has cosigned {1 << 60} records", "slow": "does not answer in time", "huge": "answered with more than 65536 bytes", "garbage": "its answer: checkpoint:",
                    "refuses": "it answers 403: no? entry?", "contradicts": "it says that the log does not go on from"}
        for lie in expected:
            self.add_witness(p, lie, f"{witness.url}/{lie}", witness.vkey)
        (p.home / "witnesses" / "broken.toml").write_text('url = "ftp://nowhere"\n')
        p.stop()
        p.start().unseal()
        self.carried(p, "python")
        self.assertTrue(cosigned_at(p.good_ctl("audit", "checkpoint").out, witness.vkey))
        for lie, words in expected.items():
            with self.subTest(lie):
                wait_until(f"{lie} is found out", lambda: words in self.outlet(p, lie)["problem"])
        seller = self.seller(p, 5000)
        wait_until("sales go on", lambda: len(seller.sold) > 50)
        seller.stopping = True
        seller.join()
        self.carried(p, "python")
        status = p.status()
        self.assertEqual(status["state"], "open")
        self.assertTrue(any("no witness is asked as it says in" in w for w in status["warnings"]), status["warnings"])
        self.assertEqual(witness.trouble, [])
        self.p = p
        self.sound()


class Drop(Vouching):
    def setUp(self):
        self.p = self.platform()
        self.folder = self.p.folder / "drop"
        self.folder.mkdir()
        (self.p.home / "kmp.toml").write_text(f'[audit]\ncheckpoint_interval_ms = 1000\ndrop = "{self.folder}"\n')

    def dropped(self) -> list[int]:
        return sorted(int(f.name.split(".")[0]) for f in self.folder.glob("*.checkpoint"))

    def test_every_checkpoint_gets_there_also_those_made_while_it_was_away_and_a_database_that_went_back_is_known(self):
        p = self.p.initialised()
        with self.subTest("each is a file of its own, the newest beside them"):
            size = self.carried(p, "drop")
            newest = (self.folder / "newest").read_text()
            self.assertGreaterEqual(self.size(newest), size)
            self.assertIn(self.size(newest), self.dropped())
            windows = p.folder / "scanned"
            windows.write_bytes(newest.replace("\n", "\r\n").encode() + b" \r\n")
            for kept in (self.folder / "newest", windows):
                verdict = run("kmp-audit", "verify", p.export(), "--checkpoint", str(kept), "--certificate", p.anchor())
                self.assertEqual(verdict.code, 0, verdict)
        with self.subTest("as a QR code too"):
            picture = p.folder / "point.png"
            shown = p.good_ctl("audit", "checkpoint", "--qr", "--qr-png", str(picture)).out
            self.assertRegex(shown, "(?s)^kmp/Test-Utility/.*\n\n\x1b\\[38;5;16;48;5;231m +\x1b")
            self.assertTrue(picture.read_bytes().startswith(b"\x89PNG"))
        with self.subTest("while the folder is away orders go on and checkpoints wait"):
            self.folder.rename(p.folder / "unmounted")
            made = []
            for _ in range(3):
                made.append(self.size(p.good_ctl("audit", "checkpoint").out))
            p.issue("user2", "user", "--station", "station-2", "--per-order", "500")
            wait_until("the alarm is there", lambda: "is away" in self.outlet(p, "drop")["problem"])
            self.assertGreaterEqual(self.outlet(p, "drop")["waiting"], 3)
            self.assertTrue(any("checkpoints are not dropped" in w for w in p.status()["warnings"]))
            wait_until("the log says so", lambda: any(e["type"] == "checkpoint_held_up" for e in p.events()))
            self.assertFalse(self.folder.exists(), "it is never made: a disk that is not mounted would be taken for an empty folder")
            (p.folder / "unmounted").rename(self.folder)
            wait_until("all are there", lambda: set(made) <= set(self.dropped()) and not self.outlet(p, "drop")["problem"])
            wait_until("the log says that too", lambda: any(e["type"] == "witness_answered" for e in p.events()))
        p.stop()
        for name in ("kmp.db", "kmp.db-wal", "kmp.db-shm"):
            if (p.home / name).exists():
                shutil.copy2(p.home / name, p.folder / f"old-{name}")
        p.start().unseal()
        self.carried(p, "drop")
        p.stop()
        for name in ("kmp.db", "kmp.db-wal", "kmp.db-shm"):
            (p.home / name).unlink(missing_ok=True)
            if (p.folder / f"old-{name}").exists():
                shutil.copy2(p.folder / f"old-{name}", p.home / name)
        with self.subTest("an older database is known by HOME/checkpoint"):
            p.start()
            self.went_back(p, f"{p.home}/checkpoint has a checkpoint over")
        with self.subTest("and where that is gone too by what was dropped"):
            (p.home / "checkpoint").unlink()
            self.went_back(p, f"{self.folder} has a checkpoint over")
        with self.subTest("what no key of this log has signed proves nothing"):
            for file in self.folder.iterdir():
                file.unlink()
            forged = newest.replace(f"\n{self.size(newest)}\n", f"\n{self.size(newest) + 100000}\n")
            (self.folder / "newest").write_text(forged)
            p.unseal()
            self.forget(p)
            self.carried(p, "drop")
        with self.subTest("a folder of another log is left alone"):
            p.stop()
            other = newest.replace("kmp/Test-Utility/", "kmp/Other/")
            (self.folder / "newest").write_text(other)
            p.start().unseal()
            wait_until("it is told", lambda: "holds checkpoints of another log" in self.outlet(p, "drop")["problem"])
            self.assertEqual((self.folder / "newest").read_text(), other)


if __name__ == "__main__":
    unittest.main()
