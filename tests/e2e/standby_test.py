"""A warm standby: a second machine takes over from the folder that the first one feeds."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time
import unittest

from operation_test import scrape, values
from platform_under_test import PINS, Platform, officer_pin, run, wait_until
from station import Station, order_id, pb

NEW_PIN = "pf-pin-8822-meadow"


class Seller(threading.Thread):
    """A station that sells to its own meters until kmpd goes; what was acknowledged, with the time before the answer was waited for."""

    def __init__(self, p: Platform, first: int):
        super().__init__()
        self.station = Station(p.socket("kmp.sock"))
        self.station.login(p.serials["user"], PINS["user"])
        self.first, self.sold, self.stopping = first, [], False

    def run(self):
        for n in range(1 << 30):
            if self.stopping:
                break
            meter, order, kind = self.first + n % 20, order_id(), pb.OPEN_ACCOUNT if n < 20 else pb.RECHARGE
            try:
                reply = self.station.order(meter, 100, kind=kind, order=order)
            except (OSError, ConnectionError):
                break
            self.sold.append((meter, order, kind, reply.purchase_count, reply.receipt.index))
        self.station.close()


class Standby(unittest.TestCase):
    def setUp(self):
        self.p = Platform()
        self.addCleanup(self.p.__exit__)
        self.folder = self.p.folder / "feed"
        self.folder.mkdir()
        self.configure(self.p, self.folder)

    def configure(self, p: Platform, folder: pathlib.Path, more: str = ""):
        (p.home / "kmp.toml").write_text(f'[standby]\nfolder = "{folder}"\ninterval_ms = 100\n{more}[audit]\ncheckpoint_interval_ms = 1000\n')

    def standby(self) -> dict:
        return self.p.good_ctl("--json", "standby", "status").json()

    def caught_up(self):
        wait_until("the feed has caught up", lambda: (s := self.standby())["whole"] and not s["problem"] and s["lag_events"] == 0)

    def check(self, folder: pathlib.Path) -> dict:
        done = run("kmpctl", "--json", "standby", "check", str(folder))
        self.assertEqual(done.code, 0, done)
        return done.json()

    def spare(self) -> Platform:
        """The second machine, with the master-control and the user UKEY carried to it and a blank UKEY of its own."""
        q = Platform()
        self.addCleanup(q.__exit__)
        for name in ("master", "user"):
            shutil.copytree((self.p.readers / name).resolve(), q.readers / name)
        q.start()
        q.plug_in_blank("platform")
        wait_until("the sticks are seen", lambda: all(q.reader(n).get("content") == "ukey" for n in ("master", "user")))
        return q

    def restore(self, q: Platform, folder: pathlib.Path, *more: str):
        return q.ctl("--json", "restore", str(folder), "--platform-reader", "platform", "--reason", "the first machine is dead", *more, pins={"platform": NEW_PIN, "master": PINS["master"]})

    def seller(self, first: bool = True) -> Station:
        """A station that is logged in, with an account on meter 1."""
        station = Station(self.p.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(self.p.serials["user"], PINS["user"])
        if first:
            station.order(1, 100, kind=pb.OPEN_ACCOUNT)
        return station

    def take_over(self, folder: pathlib.Path | None = None) -> tuple[Platform, dict]:
        q = self.spare()
        done = self.restore(q, folder or self.folder)
        self.assertEqual(done.code, 0, (done, q.log_text()[-2000:]))
        q.serials = dict(self.p.serials, platform=done.json()["platform"])
        pathlib.Path(q.anchor()).write_text(pathlib.Path(self.p.anchor()).read_text())
        return q, done.json()

    def sound(self, q: Platform, checkpoint: str = ""):
        arguments = ["kmp-audit", "verify", q.export(), "--certificate", q.anchor()]
        if checkpoint:
            path = q.folder / "carried.checkpoint"
            path.write_text(checkpoint)
            arguments += ["--checkpoint", str(path)]
        verdict = run(*arguments)
        self.assertEqual(verdict.code, 0, verdict)

    def test_a_machine_that_is_struck_down_while_it_sells_is_taken_over_from_with_every_order_that_was_fed(self):
        self.p.initialised()
        self.caught_up()
        sellers = [Seller(self.p, 1000 + 100 * i) for i in range(4)]
        for s in sellers:
            s.start()
        time.sleep(random.uniform(2, 4))
        self.p.kill()
        for s in sellers:
            s.join()
        sold = [order for s in sellers for order in s.sold]
        self.assertGreater(len(sold), 50)
        state = self.check(self.folder)
        q, answer = self.take_over()
        self.assertGreaterEqual(answer["events"], state["events"])
        self.assertIn("held against the checkpoint over", json.dumps(answer["notes"]))
        self.assertIn("From the feed of a standby", answer["minutes"])
        self.sound(q, state["checkpoint"])
        station = Station(q.socket("kmp.sock"))
        self.addCleanup(station.close)
        station.login(q.serials["user"], PINS["user"])
        kept = lost = 0
        for meter, order, kind, count, index in sold:
            reply = station.order(meter, 100, kind=kind, order=order)
            # The station repeats everything in its order: what was fed is answered again, the rest is sold here under the same count.
            self.assertEqual(reply.purchase_count, count, (meter, index))
            self.assertEqual(reply.repeated, index < answer["events"], (index, answer["events"]))
            kept, lost = kept + reply.repeated, lost + (not reply.repeated)
        self.assertGreater(kept, 0)
        for meter, order, kind, count, index in sold[:20]:
            self.assertTrue(station.order(meter, 100, kind=kind, order=order).repeated)
        spent = q.good_ctl("--json", "ukey", "show", q.serials["user"]).json()["ukey"]["spent_today_fen"]
        self.assertGreaterEqual(spent, 100 * len(sold))
        self.sound(q)
        # The platform UKEY of before opens nothing here any more.
        self.assertEqual(q.good_ctl("--json", "ukey", "show", self.p.serials["platform"]).json()["ukey"]["state"], "revoked")

    def test_after_a_seal_nothing_is_missing_and_the_series_goes_on_after_unseal_and_restart(self):
        self.p.initialised()
        self.caught_up()
        series = self.standby()["series"]
        self.p.good_ctl("seal")
        sealed = self.check(self.folder)
        closed = self.p.ctl("standby", "status")
        self.assertEqual(closed.code, 1)
        self.assertIn("nothing is fed", closed.err)
        self.p.unseal()
        self.caught_up()
        self.assertEqual(self.standby()["series"], series)
        self.assertGreater(self.check(self.folder)["segments"], sealed["segments"])
        self.p.stop()
        self.p.start()
        self.p.unseal()
        self.caught_up()
        self.assertEqual(self.standby()["series"], series)
        size = self.p.status()["log_size"]
        self.p.good_ctl("seal")
        _, answer = self.take_over()
        self.assertGreaterEqual(answer["events"], size)

    def test_kmpd_killed_again_and_again_while_it_feeds_leaves_a_folder_that_can_be_taken_over_from(self):
        self.configure(self.p, self.folder, "segments = 10\n")
        self.p.initialised()
        self.caught_up()
        for _ in range(4):
            seller = Seller(self.p, 5000)
            seller.first = random.randrange(1, 10 ** 9) * 100
            seller.start()
            time.sleep(random.uniform(0.2, 1.5))
            self.p.kill()
            seller.join()
            self.check(self.folder)
            self.p.start()
            self.p.unseal()
            wait_until("the user UKEY is ready", lambda: self.p.reader("user").get("content") == "ukey")
            self.caught_up()
        self.p.kill()
        q, _ = self.take_over()
        self.sound(q)

    def test_a_folder_that_is_away_stops_the_feed_and_nothing_else_and_it_catches_up(self):
        self.p.initialised()
        self.caught_up()
        metrics = lambda: values(scrape(self.p.socket("metrics.sock"))[1])
        wait_until("the metrics say that it is fed", lambda: metrics()["kmp_standby_fed"] == 1)
        away = self.p.folder / "feed.away"
        self.folder.rename(away)
        station = self.seller()
        wait_until("the log says so", lambda: "the feed of the standby has stopped" in self.p.log_text())
        status = self.p.status()
        self.assertTrue(any("the feed of the standby has stopped" in w for w in status["warnings"]), status)
        self.assertEqual(status["health"], "attention")
        self.assertIn("is away", status["standby_problem"])
        self.assertIn("is away", self.standby()["problem"])
        self.assertIn("stopped: ", self.p.good_ctl("standby", "status").out)
        station.order(1, 100)
        wait_until("the metrics say so", lambda: (m := metrics())["kmp_standby_fed"] == 0 and m["kmp_standby_lag_events"] > 0 and m["kmp_standby_lag_seconds"] > 0)
        self.assertFalse(self.folder.exists())
        away.rename(self.folder)
        self.caught_up()
        wait_until("the log says that it goes on", lambda: "the feed of the standby goes on" in self.p.log_text())
        self.assertEqual(self.p.log_text().count("the feed of the standby has stopped"), 1)
        types = [e["type"] for e in self.p.events()]
        self.assertEqual([t for t in types if t.startswith("standby_")], ["standby_began", "standby_stopped", "standby_resumed"])

    def test_a_folder_that_never_answers_holds_up_neither_orders_nor_sealing(self):
        self.p.initialised()
        station = self.seller()
        self.caught_up()
        # A pipe that nobody reads, where the next segments are written: whoever opens it waits for good.
        state = self.standby()
        for n in range(state["segments"] + 1, state["segments"] + 10):
            os.mkfifo(self.folder / state["series"] / f"segment-{n:010d}.new")
        for _ in range(50):
            station.order(1, 100)
        wait_until("it lags", lambda: self.standby()["lag_events"] >= 50)
        self.p.good_ctl("seal")
        self.assertIn("does not answer: what was sold last is not in it", self.p.log_text())
        self.p.unseal()
        self.seller(first=False).order(1, 100)

    def test_a_first_machine_that_gets_word_of_its_successor_ends_and_is_not_unsealed_again(self):
        self.p.initialised()
        station = self.seller()
        self.caught_up()
        carried = self.p.folder / "carried"
        shutil.copytree(self.folder, carried)
        q, answer = self.take_over(carried)
        word = carried / "taken-over.toml"
        self.assertIn(f"Copy {word}", json.dumps(answer["notes"]))
        there = self.folder / "taken-over.toml"
        # Whoever can write to the folder cannot stop the first machine: no master-control UKEY signed this, or it is its own.
        for forged in (word.read_text().replace(f"events = {answer['events']}", f"events = {answer['events'] + 1}"), word.read_text().replace(answer["platform"], self.p.serials["platform"])):
            self.assertNotEqual(forged, word.read_text())
            there.write_text(forged)
            for _ in range(3):
                station.order(1, 100)
                self.caught_up()
                time.sleep(0.5)
            self.assertEqual(self.p.status()["state"], "open")
        shutil.copyfile(word, there)
        wait_until("it ends", lambda: self.p.status()["state"] == "sealed")
        self.assertIn(f"a second machine has taken over with platform UKEY {answer['platform']}", self.p.log_text())

        def stays_shut():
            wait_until("the platform UKEY is ready", lambda: self.p.reader("platform").get("content") == "ukey")
            done = self.p.ctl("unseal", pins={"platform": PINS["platform"]})
            self.assertEqual(done.code, 1, done)
            self.assertIn("a second machine has taken over", done.err)
            self.assertEqual(self.p.status()["state"], "sealed")
        stays_shut()
        self.p.stop()
        self.p.start()
        stays_shut()
        # The successor itself feeds a folder in which its own word lies.
        own = self.p.folder / "own"
        own.mkdir()
        shutil.copyfile(word, own / word.name)
        q.stop()
        self.configure(q, own)
        q.start()
        wait_until("the platform UKEY is ready", lambda: q.reader("platform").get("content") == "ukey")
        q.good_ctl("unseal", pins={"platform": NEW_PIN})
        wait_until("it is fed", lambda: q.good_ctl("--json", "standby", "status").json()["whole"])
        time.sleep(1.5)
        self.assertEqual(q.status()["state"], "open")
        # Into the folder of before it does not write.
        q.stop()
        self.configure(q, self.folder)
        q.start()
        wait_until("the platform UKEY is ready", lambda: q.reader("platform").get("content") == "ukey")
        q.good_ctl("unseal", pins={"platform": NEW_PIN})
        wait_until("it refuses", lambda: "holds the feed of platform UKEY" in q.good_ctl("--json", "standby", "status").json()["problem"])

    def test_an_older_state_of_the_whole_folder_is_told_by_a_checkpoint_that_was_carried_away(self):
        self.p.initialised()
        station = self.seller()
        self.caught_up()
        old = self.p.folder / "old"
        shutil.copytree(self.folder, old)
        for _ in range(5):
            station.order(1, 100)
        self.p.good_ctl("audit", "checkpoint")
        self.caught_up()
        checkpoint = self.p.folder / "carried.checkpoint"
        checkpoint.write_text(self.check(self.folder)["checkpoint"])
        self.p.stop()
        q = self.spare()
        done = self.restore(q, old, "--checkpoint", str(checkpoint))
        self.assertEqual(done.code, 1, done)
        self.assertIn("the log is not what the checkpoint that was carried away says: it is over", done.err)
        garbled = self.p.folder / "garbled.checkpoint"
        garbled.write_text(checkpoint.read_text().replace("\n", "\nx", 1))
        self.assertEqual(self.restore(q, self.folder, "--checkpoint", str(garbled)).code, 1)
        self.assertEqual(self.restore(q, self.folder, "--checkpoint", str(self.p.folder / "none")).code, 1)
        self.assertEqual(q.reader("platform")["content"], "blank")
        self.assertEqual(q.status()["state"], "uninitialised")
        done = self.restore(q, self.folder, "--checkpoint", str(checkpoint))
        self.assertEqual(done.code, 0, done)
        # Who restored the old one without it is told by the auditor's program.
        late, _ = self.take_over(old)
        verdict = run("kmp-audit", "verify", late.export(), "--certificate", late.anchor(), "--checkpoint", str(checkpoint))
        self.assertEqual(verdict.code, 1, verdict)
        self.assertIn("checkpoint: the one given", verdict.out + verdict.err)

    def test_a_folder_that_was_tampered_with_is_refused_before_a_ukey_is_touched(self):
        self.p.initialised()
        self.caught_up()
        for _ in range(3):
            self.p.good_ctl("audit", "checkpoint")
            self.caught_up()
        self.p.stop()
        series = pathlib.Path(self.check(self.folder)["series"])
        segments = sorted(series.glob("segment-*"))
        self.assertGreater(len(segments), 3)
        q = self.spare()

        def refused(why: str):
            self.assertIn(why, run("kmpctl", "standby", "check", str(self.folder)).err)
            done = self.restore(q, self.folder)
            self.assertEqual(done.code, 1, done)
            self.assertIn(why, done.err)
            self.assertEqual(q.reader("platform")["content"], "blank")
            self.assertEqual(q.status()["state"], "uninitialised")
        good = segments[1].read_bytes()
        self.assertGreater(len(good), 148)
        segments[1].write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
        refused("it is not what was written")
        segments[1].unlink()
        refused(f"{segments[1].name} is missing")
        segments[1].write_bytes(segments[2].read_bytes())
        refused("does not follow")
        segments[1].write_bytes(good)
        # The last one, cut: left out, and said.
        whole = segments[-1].read_bytes()
        segments[-1].write_bytes(whole[:-5])
        self.assertIn("cut short", self.check(self.folder)["notes"][0])
        done = self.restore(q, self.folder)
        self.assertEqual(done.code, 0, done)
        self.assertIn("cut short", json.dumps(done.json()["notes"]))

    def test_segments_of_another_platform_and_an_old_base_with_newer_segments_are_refused(self):
        self.p.initialised()
        self.caught_up()
        old = self.p.folder / "old"
        shutil.copytree(self.folder, old)
        self.p.stop()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.p.start()
        self.p.unseal()
        self.caught_up()
        self.p.stop()
        newer = pathlib.Path(self.check(self.folder)["series"]) / "segment-0000000001"
        there = pathlib.Path(self.check(old)["series"]) / "segment-0000000001"
        shutil.copyfile(newer, there)
        self.assertIn("base and segments do not belong together", run("kmpctl", "standby", "check", str(old)).err)
        with Platform() as other:
            feed = other.folder / "feed"
            feed.mkdir()
            self.configure(other, feed)
            other.initialised()
            wait_until("it is fed", lambda: other.good_ctl("--json", "standby", "status").json()["whole"])
            other.stop()
            shutil.copyfile(next(feed.glob("series-*")) / "segment-0000000001", there)
            self.assertIn("of another database", run("kmpctl", "standby", "check", str(old)).err)


class ByQuorum(unittest.TestCase):
    def test_two_officers_take_over_and_one_does_not(self):
        with Platform() as p, Platform() as q:
            folder = p.folder / "feed"
            folder.mkdir()
            (p.home / "kmp.toml").write_text(f'[standby]\nfolder = "{folder}"\ninterval_ms = 100\n')
            p.quorum_ceremony(3, 2)
            wait_until("it is fed", lambda: (s := p.good_ctl("--json", "standby", "status").json())["whole"] and s["lag_events"] == 0)
            p.stop()
            for name in ("master", "officer-1", "officer-2"):
                shutil.copytree((p.readers / name).resolve(), q.readers / name)
            q.start()
            q.plug_in_blank("platform")
            wait_until("the sticks are seen", lambda: all(q.reader(n).get("content") == "ukey" for n in ("master", "officer-1", "officer-2")))
            base = ["--json", "restore", str(folder), "--platform-reader", "platform", "--reason", "the first machine is dead"]
            one = q.ctl(*base, "--officer", p.serials["officer-1"], pins={"platform": NEW_PIN, "officer1": officer_pin(1)})
            self.assertEqual(one.code, 1, one)
            self.assertIn("1 of the 2 that are needed", one.err)
            self.assertEqual(q.reader("platform")["content"], "blank")
            answer = q.good_ctl(*base, "--officer", p.serials["officer-1"], "--officer", p.serials["officer-2"],
                                pins={"platform": NEW_PIN, "officer1": officer_pin(1), "officer2": officer_pin(2)}).json()
            self.assertIn("From the feed of a standby", answer["minutes"])
            shutil.copy(p.anchor(), q.anchor())
            verdict = q.verify()
            self.assertEqual(verdict.code, 0, verdict)
            # The word lies in the folder already.
            p.start()
            wait_until("the platform UKEY is ready", lambda: p.reader("platform").get("content") == "ukey")
            done = p.ctl("unseal", pins={"platform": PINS["platform"]})
            self.assertEqual(done.code, 1, done)
            self.assertIn("a second machine has taken over", done.err)


class FullFolder(unittest.TestCase):
    """Runs itself in a mount namespace of its own, with a small file system for the folder."""

    def test_a_full_folder_stops_the_feed_and_nothing_else_and_it_catches_up(self):
        if os.environ.get("KMP_IN_NAMESPACE") != "1":
            space = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
            done = subprocess.run([*space, sys.executable, "-W", "ignore", "-m", "unittest", "standby_test.FullFolder"], env={**os.environ, "KMP_IN_NAMESPACE": "1"},
                                  capture_output=True, text=True, timeout=600)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return
        with Platform() as p:
            mount = p.folder / "mount"
            mount.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", str(mount)], check=True)
            try:
                (mount / "feed").mkdir()
                (p.home / "kmp.toml").write_text(f'[standby]\nfolder = "{mount}/feed"\ninterval_ms = 100\n')
                p.initialised()
                state = lambda: p.good_ctl("--json", "standby", "status").json()
                wait_until("it is fed", lambda: state()["whole"] and state()["lag_events"] == 0)

                def fill():
                    with open(mount / "ballast", "wb", 0) as f:
                        try:
                            while True:
                                f.write(b"\0" * 4096)
                        except OSError:
                            pass

                fill()
                station = Station(p.socket("kmp.sock"))
                station.login(p.serials["user"], PINS["user"])
                station.order(1, 100, kind=pb.OPEN_ACCOUNT)
                wait_until("it says so", lambda: "No space left" in state()["problem"] and "the feed of the standby has stopped" in p.log_text())
                for _ in range(20):
                    station.order(1, 100)
                station.close()
                self.assertEqual(p.status()["state"], "open")
                (mount / "ballast").unlink()
                wait_until("it catches up by itself", lambda: (s := state())["whole"] and not s["problem"] and s["lag_events"] == 0)
                done = run("kmpctl", "--json", "standby", "check", str(mount / "feed"))
                self.assertEqual(done.code, 0, done)
                self.assertGreaterEqual(done.json()["events"] + 1, p.status()["log_size"] - 5)
                fill()
                p.good_ctl("seal")
                wait_until("the end says what is not there", lambda: "what was sold last is not in the folder of the standby" in p.log_text())
            finally:
                p.stop()
                subprocess.run(["umount", str(mount)], check=False)


if __name__ == "__main__":
    unittest.main()
