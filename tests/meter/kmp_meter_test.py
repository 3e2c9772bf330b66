#!/usr/bin/env python3
"""kmp-meter as a program: on a pseudo-terminal and on TCP, killed, restarted, fed with garbage.

kmp_meter_test.py PATH_OF_KMP_METER [TEST ...]. Secured fields come from suite_by_openssl.py.
"""
import contextlib
import json
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tty
import unittest

import suite_by_openssl as suite

PROGRAM = ""
NUMBER = "123456789012"
MASTERS = {c: bytes(range(c << 4, (c << 4) + 16)) for c in range(1, 7)}
R1 = bytes(range(1, 9))
WAIT = 20  # seconds; a bound, never a measure


def unpack(frame: bytes) -> tuple[str, int, bytes]:
    start = frame.index(b"\x68")
    body = frame[start:]
    if body[-1] != 0x16 or sum(body[:-2]) & 0xFF != body[-2] or len(body) != 12 + body[9]:
        raise AssertionError("a broken reply: " + frame.hex())
    return body[1:7][::-1].hex(), body[8], bytes((b - 0x33) & 0xFF for b in body[10:-2])


class Wire:
    """The station's end of a line: a file descriptor."""

    def __init__(self, fd: int, close):
        self.fd, self.close = fd, close

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.fd, data):]

    def read_frame(self, timeout: float) -> bytes | None:
        got = b""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0 and select.select([self.fd], [], [], left)[0]:
            chunk = os.read(self.fd, 4096)
            if not chunk:
                return None
            got += chunk
            start = got.find(b"\x68")
            if start >= 0 and len(got) >= start + 10 and len(got) >= start + 12 + got[start + 9]:
                return got[: start + 12 + got[start + 9]]
        return None

    def ask(self, control: int, data: bytes, address: str = NUMBER, timeout: float = WAIT) -> tuple[str, int, bytes] | None:
        self.write(b"\xfe\xfe" + suite.frame(address, control, data))
        reply = self.read_frame(timeout)
        return None if reply is None else unpack(reply)


class Station:
    """Drives one meter; `keys` are those that the meter has in force."""

    def __init__(self, wire: Wire, keys: dict[int, bytes], factor: bytes, number: str = NUMBER):
        self.wire, self.keys, self.factor, self.number, self.r2 = wire, keys, factor, number, b""

    def security(self, di: str, payload: bytes) -> tuple[int, bytes]:
        """SERR (0 for a success) and what stands behind the identifier."""
        reply = self.wire.ask(0x03, suite.payload(bytes.fromhex(di), b"\0\0\0\1") + payload, self.number)
        assert reply is not None, "no reply to " + di
        address, control, data = reply
        assert address == self.number
        if control == 0xC3:
            return int.from_bytes(data, "little"), b""
        assert control == 0x83 and data[:4] == bytes.fromhex(di)[::-1]
        return 0, data[4:]

    def mac(self, key: int, di: str, part: int, fields: bytes) -> bytes:
        return suite.mac(self.keys[key], 0, bytes.fromhex(di), part, self.r2, fields)

    def authenticate(self) -> int:
        k1 = suite.mac(self.keys[4], 0, bytes.fromhex("070000ff"), 0, R1, self.factor, 8)
        serr, data = self.security("070000ff", suite.payload(k1, R1, self.factor))
        self.r2 = data[:4][::-1]
        return serr

    def purchase(self, di: str, amount: int, count: int, customer: str = "000000654321") -> int:
        a, n, c = amount.to_bytes(4, "big"), count.to_bytes(4, "big"), bytes.fromhex(customer)
        return self.security(di, suite.payload(a, n, self.mac(5, di, 1, a + n), c, self.mac(5, di, 2, c + a + n)))[0]

    def update_key(self, key_id: int, key: bytes, state: int, version: int) -> int:
        di = suite.KEYS[key_id][2]
        info = bytes([state, 1, key_id, version])
        record = suite.encrypted_key(self.keys[0], key, self.number)
        return self.security(di, suite.payload(self.mac(1, di, 0, info + record), info, record))[0]


class Meter:
    """A running kmp-meter."""

    def __init__(self, line: str, meters: dict[str, pathlib.Path], *more: str):
        command = [PROGRAM, "run", "--line", line]
        for number, state in meters.items():
            command += ["--number", number, "--state", str(state)]
        self.process = subprocess.Popen(command + list(more), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if not select.select([self.process.stdout], [], [], WAIT)[0]:
            self.kill()
            raise AssertionError("kmp-meter is not ready")
        first = self.process.stdout.readline().decode().split()
        if len(first) != 2 or first[0] != "ready":
            raise AssertionError(f"kmp-meter said {first}: {self.process.stderr.read().decode()}")
        self.line = first[1]
        self.wires = []

    def connect(self) -> Wire:
        kind, rest = self.line.split(":", 1)
        if kind == "pty":
            fd = os.open(rest, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(fd)
            wire = Wire(fd, lambda: os.close(fd))
        else:
            host, port = rest.rsplit(":", 1)
            sock = socket.create_connection((host, int(port)), WAIT)
            sock.setblocking(True)
            wire = Wire(sock.fileno(), sock.close)
        self.wires.append(wire)
        return wire

    def close_wires(self) -> None:
        while self.wires:
            self.wires.pop().close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.finish()

    def kill(self) -> None:
        self.process.kill()
        self.finish()

    def finish(self) -> int:
        self.close_wires() if hasattr(self, "wires") else None
        code = self.process.wait(WAIT)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=WAIT)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / "meter.state"
        self.factory = suite.factory_keys()
        self.private = suite.private_keys(MASTERS, NUMBER, 1)

    def start(self, line: str = "tcp:0", *more: str, meters: dict[str, pathlib.Path] | None = None) -> Meter:
        meter = Meter(line, meters or {NUMBER: self.state}, *more)
        self.addCleanup(lambda: meter.process.poll() is None and meter.kill())
        return meter

    def factory_station(self, wire: Wire) -> Station:
        station = Station(wire, self.factory, suite.FACTORY_FACTOR)
        self.assertEqual(station.authenticate(), 0)
        return station

    def private_station(self, wire: Wire) -> Station:
        station = Station(wire, self.private, suite.number(NUMBER))
        self.assertEqual(station.authenticate(), 0)
        return station

    def download(self, wire: Wire) -> None:
        station = self.factory_station(wire)
        for key_id in range(9):
            self.assertEqual(station.update_key(key_id, self.private[key_id], 1, 1), 0)

    def shown(self) -> dict:
        return json.loads(run("show", "--state", str(self.state), "--json").stdout)


class Lines(Case):
    def life(self, line: str):
        meter = self.start(line)
        wire = meter.connect()
        self.assertEqual(wire.ask(0x13, b"", "aa" * 6), (NUMBER, 0x93, bytes.fromhex(NUMBER)[::-1]))
        self.download(wire)
        station = self.private_station(wire)
        self.assertEqual(station.purchase("070101ff", 10000, 1), 0)
        self.assertEqual(station.purchase("070102ff", 5000, 2), 0)
        self.assertEqual(station.purchase("070102ff", 5000, 2), 2)
        self.assertEqual(meter.stop(), 0)
        shown = self.shown()
        self.assertEqual((shown["balance_fen"], shown["count"], shown["keys"]), (15000, 2, {"state": "private", "version": 1}))

    def test_a_meter_lives_on_tcp(self):
        self.life("tcp:0")

    def test_a_meter_lives_on_a_pseudo_terminal(self):
        self.life("pty")

    def test_a_link_leads_to_the_pseudo_terminal_and_goes_with_it(self):
        link = self.folder / "line"
        os.symlink("/nowhere", link)  # left over by one that was killed
        meter = self.start(f"pty:{link}")
        self.assertEqual(meter.line, f"pty:{link}")
        self.assertIsNotNone(meter.connect().ask(0x13, b"", "aa" * 6))
        self.assertEqual(meter.stop(), 0)
        self.assertFalse(os.path.lexists(link))

    def test_a_link_never_takes_the_place_of_a_file(self):
        file = self.folder / "line"
        file.write_text("mine")
        done = run("run", "--line", f"pty:{file}", "--number", NUMBER, "--state", str(self.state))
        self.assertEqual((done.returncode, file.read_text()), (1, "mine"))

    def test_stations_come_and_go(self):
        for line in ("pty", "tcp:0"):
            meter = self.start(line)
            for _ in range(3):
                self.assertIsNotNone(meter.connect().ask(0x13, b"", "aa" * 6))
                meter.close_wires()
            wires = [meter.connect(), meter.connect()]
            for wire in wires:
                self.assertIsNotNone(wire.ask(0x13, b"", "aa" * 6))
            self.assertEqual(meter.stop(), 0)

    def test_garbage_never_stops_the_line(self):
        meter = self.start()
        wire = meter.connect()
        chance = random.Random(645)
        for _ in range(50):
            noise = bytes(chance.choice((0x68, 0x16, 0xFE, chance.randrange(256))) for _ in range(chance.randrange(1, 60)))
            wire.write(noise)
        self.assertIsNotNone(wire.ask(0x13, b"", "aa" * 6))
        frame = suite.frame(NUMBER, 0x13, b"")
        wire.write(frame[:7])  # half a frame, then silence, then a whole one
        wire.write(b"\x68\x11\xff" + frame)
        self.assertIsNotNone(wire.read_frame(WAIT))
        self.assertEqual(meter.stop(), 0)

    def test_other_numbers_and_broadcasts_are_left_alone(self):
        wire = self.start().connect()
        for address in ("123456789013", "999999999999"):
            wire.write(suite.frame(address, 0x13, b""))
        self.assertEqual(wire.ask(0x11, bytes.fromhex("02040004"))[2], bytes.fromhex("02040004129078563412"))
        self.assertIsNone(wire.read_frame(0.2))

    def test_several_meters_share_a_line(self):
        other = "000000000007"
        meters = {NUMBER: self.state, other: self.folder / "other.state"}
        wire = self.start(meters=meters).connect()
        for number in meters:
            station = Station(wire, self.factory, suite.FACTORY_FACTOR, number)
            self.assertEqual(station.authenticate(), 0)
        self.assertEqual(wire.ask(0x13, b"", other)[0], other)


class Durability(Case):
    def test_a_key_update_goes_on_after_each_kill(self):
        for key_id in range(9):
            meter = self.start()
            station = self.factory_station(meter.connect())
            self.assertEqual(station.update_key(key_id, self.private[key_id], 1, 1), 0)
            meter.kill()
            if key_id < 8:
                shown = self.shown()
                self.assertEqual((shown["keys"]["state"], shown["staged"]["count"]), ("factory", key_id + 1))
        self.assertEqual(self.shown()["keys"], {"state": "private", "version": 1})
        self.private_station(self.start().connect())

    def test_a_kill_at_any_moment_loses_nothing_acknowledged_and_never_half_a_set(self):
        chance = random.Random(9)
        count = 0
        meter = self.start()
        self.download(meter.connect())
        self.assertEqual(self.private_station(meter.connect()).purchase("070101ff", 1, 0), 0)
        for version in range(2, 14):
            keys = self.private
            fresh = suite.private_keys(MASTERS, NUMBER, version)
            wire = meter.connect()
            station = self.private_station(wire)
            acknowledged = 0
            if version % 2:  # in the middle of a recharge
                for count in range(count + 1, count + 1 + chance.randrange(3)):
                    self.assertEqual(station.purchase("070102ff", 1, count), 0)
                wire.write(suite.frame(NUMBER, 3, self.recharge(station, count + 1)))
            else:  # in the middle of a key update
                for key_id in range(8):
                    self.assertEqual(station.update_key(key_id, fresh[key_id], 1, version), 0)
                    acknowledged += 1
                wire.write(suite.frame(NUMBER, 3, self.record(station, 8, fresh[8], version)))
            time.sleep(chance.random() * 0.004)
            meter.kill()
            shown = self.shown()
            self.assertIn(shown["count"], (count, count + 1))
            count = shown["count"]
            self.assertEqual(shown["balance_fen"], count + 1)
            if version % 2 == 0:
                if shown["keys"]["version"] == version:
                    self.private = fresh
                    self.assertIsNone(shown["staged"])
                else:
                    self.assertEqual(shown["staged"]["count"], acknowledged)
            lines = run("keys", "--state", str(self.state), "--reveal-keys").stdout.split("\n")[:9]
            self.assertEqual(lines, [f"{i} {self.private[i].hex()}" for i in range(9)])
            self.assertTrue(self.private is fresh or self.private is keys)
            meter = self.start()

    def recharge(self, station: Station, count: int) -> bytes:
        a, n, c = (1).to_bytes(4, "big"), count.to_bytes(4, "big"), bytes.fromhex("000000654321")
        di = "070102ff"
        return suite.payload(bytes.fromhex(di), bytes(4), a, n, station.mac(5, di, 1, a + n), c, station.mac(5, di, 2, c + a + n))

    def record(self, station: Station, key_id: int, key: bytes, version: int) -> bytes:
        di, info = suite.KEYS[key_id][2], bytes([1, 1, key_id, version])
        sealed = suite.encrypted_key(station.keys[0], key, NUMBER)
        return suite.payload(bytes.fromhex(di), bytes(4), station.mac(1, di, 0, info + sealed), info, sealed)

    def test_one_meter_does_not_run_twice(self):
        self.start()
        done = run("run", "--line", "tcp:0", "--number", NUMBER, "--state", str(self.state))
        self.assertEqual(done.returncode, 1)
        self.assertIn("running already", done.stderr)

    def test_a_damaged_state_is_refused_with_one_clear_line(self):
        self.start().stop()
        record = bytearray(self.state.read_bytes())
        record[100] ^= 1
        self.state.write_bytes(record)
        for command in (("show", "--state"), ("run", "--line", "tcp:0", "--number", NUMBER, "--state"), ("keys", "--reveal-keys", "--state")):
            done = run(*command, str(self.state))
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done)
            self.assertIn("checksum", done.stderr)

    def test_a_state_of_another_meter_is_refused(self):
        self.start().stop()
        done = run("run", "--line", "tcp:0", "--number", "000000000007", "--state", str(self.state))
        self.assertEqual(done.returncode, 1)
        self.assertIn(NUMBER, done.stderr)

    def test_the_state_is_for_its_owner_only(self):
        self.start().stop()
        self.assertEqual(self.state.stat().st_mode & 0o777, 0o600)


class Faults(Case):
    def test_a_mute_meter_does_what_it_does_not_say(self):
        self.start().stop()
        wire = self.start("tcp:0", "--mute", "1").connect()
        self.assertIsNone(wire.ask(0x1C, bytes(8) + bytes.fromhex("1a00595923311299"), timeout=0.3))
        self.assertEqual(self.shown()["relay"], "open")
        self.assertIsNotNone(wire.ask(0x13, b"", "aa" * 6))

    def test_a_deaf_meter_does_nothing(self):
        wire = self.start("tcp:0", "--deaf", "1").connect()
        self.assertIsNone(wire.ask(0x1C, bytes(8) + bytes.fromhex("1a00595923311299"), timeout=0.3))
        self.assertEqual(self.shown()["relay"], "closed")

    def test_one_answer_is_turned_into_a_refusal(self):
        wire = self.start("tcp:0", "--error-word", "04").connect()
        self.assertEqual(wire.ask(0x11, bytes(4))[1:], (0xD1, b"\x04"))
        self.assertEqual(wire.ask(0x11, bytes(4))[1], 0x91)

    def heard(self, wire: Wire, times: int) -> int:
        """How many of so many readings were answered as they should be."""
        good = 0
        for _ in range(times):
            try:
                good += wire.ask(0x13, b"", timeout=0.1) == (NUMBER, 0x93, bytes.fromhex(NUMBER)[::-1])
            except (AssertionError, ValueError, IndexError):
                pass  # the answer was garbled: what a station has to notice
        return good

    def test_a_line_that_loses_frames_loses_some_and_not_all(self):
        wire = self.start("tcp:0", "--loss", "0.3", "--seed", "7").connect()
        self.assertIn(self.heard(wire, 40), range(8, 34))

    def test_a_noisy_line_garbles_some_frames_and_never_stops_the_meter(self):
        meter = self.start("tcp:0", "--noise", "0.02", "--seed", "7")
        wire = meter.connect()
        self.assertIn(self.heard(wire, 40), range(5, 39))
        self.assertEqual(meter.stop(), 0)

    def test_garbage_before_an_answer_leaves_the_answer_whole(self):
        wire = self.start("tcp:0", "--garbage", "1", "--seed", "3").connect()
        wire.write(suite.frame(NUMBER, 0x13, b""))
        got = b""
        end = time.monotonic() + WAIT
        answer = suite.frame(NUMBER, 0x93, bytes.fromhex(NUMBER)[::-1])
        while answer not in got and time.monotonic() < end:
            got += os.read(wire.fd, 4096)
        self.assertFalse(got.startswith(b"\xfe\xfe\xfe\xfe" + answer))

    def test_a_paced_line_takes_the_time_that_its_speed_needs(self):
        wire = self.start(f"pty:{self.folder / 'l'}", "--paced", "--baud", "1200").connect()
        begun = time.monotonic()
        self.assertIsNotNone(wire.ask(0x13, b""))
        self.assertGreaterEqual(time.monotonic() - begun, 22 * 11 / 1200)

    def test_a_delay_keeps_the_order_of_answers(self):
        wire = self.start("tcp:0", "--delay", "30").connect()
        wire.write(suite.frame(NUMBER, 0x11, bytes(4)) + suite.frame(NUMBER, 0x13, b""))
        self.assertEqual(unpack(wire.read_frame(WAIT))[1], 0x91)
        self.assertEqual(unpack(wire.read_frame(WAIT))[1], 0x93)


class Bench:
    """The control socket of a running meter."""

    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")

    def ask(self, line: str) -> dict:
        self.file.write(line + "\n")
        self.file.flush()
        return json.loads(self.file.readline())

    def do(self, command: str, **what) -> dict:
        answer = self.ask(json.dumps({"command": command, **what}))
        assert answer["ok"], answer
        return answer

    def close(self):
        with contextlib.suppress(OSError):
            self.file.close()
        self.socket.close()


class Grades(Case):
    def high_keys(self) -> dict[int, bytes]:
        return self.private | {key_id: bytes([key_id]) * 16 for key_id in range(9, 20)}

    def update_2013(self, station: Station, ids: list[int], keys: dict[int, bytes], total: int, version: int = 1) -> bytes:
        """The payload of one frame behind the operator code."""
        records = [bytes([total, version, i, 1]) + suite.encrypted_key(station.keys[0], keys[i], NUMBER) for i in ids]
        return b"".join(r[::-1] for r in records) + station.mac(1, "070301ff", 0, b"".join(records))[::-1]

    def download_2013(self, wire: Wire, keys: dict[int, bytes]) -> None:
        station = self.factory_station(wire)
        for first in range(0, len(keys), 4):
            ids = list(range(first, min(first + 4, len(keys))))
            self.assertEqual(station.security("070301ff", self.update_2013(station, ids, keys, len(keys)))[0], 0, ids)

    def bench(self, path: pathlib.Path) -> Bench:
        bench = Bench(str(path))
        self.addCleanup(bench.close)
        return bench

    def test_a_high_grade_meter_lives_on_three_interfaces_at_once(self):
        a, b = self.folder / "a", self.folder / "b"
        command = [PROGRAM, "run", "--grade", "high", "--pty", str(a), "--ir", str(b), "--tcp", "0", "--number", NUMBER, "--state", str(self.state)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: (process.terminate(), process.wait(WAIT)))
        ready = [process.stdout.readline().split()[1] for _ in range(3)]
        self.assertEqual(ready[:2], [f"pty:{a}", f"pty:{b}"])
        meter = Meter.__new__(Meter)
        meter.wires = []
        wires = []
        for line in ready:
            meter.line = line
            wires.append(meter.connect())
        self.addCleanup(meter.close_wires)
        keys = self.high_keys()
        self.download_2013(wires[0], keys)
        for wire in wires:
            self.assertEqual(wire.ask(0x11, bytes.fromhex("08020004"))[2][4:], b"\x20")
        station = self.private_station(wires[2])
        self.assertEqual(station.purchase("070101ff", 10000, 1), 0)
        self.assertEqual(wires[1].ask(0x11, bytes.fromhex("00029000"))[2][4:].hex(), "00000100")
        shown = self.shown()
        self.assertEqual((shown["grade"], shown["key_count"], shown["balance_fen"]), ("high", 20, 10000))
        self.assertIn("secure element", run("show", "--state", str(self.state)).stdout)
        self.assertEqual(run("keys", "--reveal-keys", "--state", str(self.state)).stdout.split()[1::2], [keys[i].hex() for i in range(20)])
        beside = self.state.with_name("meter.state.esam")
        self.assertEqual(beside.stat().st_mode & 0o777, 0o600)
        for key in keys.values():
            self.assertNotIn(key, self.state.read_bytes())
            self.assertIn(key, beside.read_bytes())

    def test_the_power_cut_at_any_frame_of_a_key_update_leaves_the_old_set_or_the_new_one(self):
        for grade, total in (("low", 9), ("high", 20)):
            keys = {i: k for i, k in self.high_keys().items() if i < total}
            frames = [list(range(f, min(f + 4, total))) for f in range(0, total, 4)]
            for cut in range(len(frames)):
                self.state = self.folder / f"{grade}-{cut}.state"
                meter = self.start("tcp:0", "--grade", grade, "--power-cut", str(cut + 2))  # the first frame is the authentication
                wire = meter.connect()
                station = self.factory_station(wire)
                for ids in frames[:cut]:
                    self.assertEqual(station.security("070301ff", self.update_2013(station, ids, keys, total))[0], 0)
                wire.write(suite.frame(NUMBER, 3, suite.payload(bytes.fromhex("070301ff"), b"\0\0\0\1") + self.update_2013(station, frames[cut], keys, total)))
                self.assertIsNone(wire.read_frame(WAIT), "it exits without an answer")
                self.assertEqual(meter.finish(), 1)
                whole = cut + 1 == len(frames)
                shown = self.shown()
                self.assertEqual(shown["keys"], {"state": "private", "version": 1} if whole else {"state": "factory", "version": 0})
                self.assertEqual(shown["staged"] and shown["staged"]["count"], None if whole else min(4 * (cut + 1), total))
                meter = self.start("tcp:0", "--grade", grade)
                wire = meter.connect()
                if not whole:
                    station = self.factory_station(wire)
                    for ids in frames[cut + 1:]:
                        self.assertEqual(station.security("070301ff", self.update_2013(station, ids, keys, total))[0], 0)
                self.private_station(wire)
                self.assertEqual(meter.stop(), 0)

    def test_a_file_of_one_grade_is_refused_for_the_other_and_an_element_that_is_gone_is_told(self):
        self.start("tcp:0", "--grade", "high").stop()
        arguments = ("run", "--line", "tcp:0", "--number", NUMBER, "--state", str(self.state))
        done = run(*arguments)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done)
        self.assertIn("--grade", done.stderr)
        self.state.with_name("meter.state.esam").unlink()
        for command in ((*arguments, "--grade", "high"), ("show", "--state", str(self.state))):
            done = run(*command)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done)
            self.assertIn("esam", done.stderr)

    def test_consumption_uses_credit_on_a_clock_that_is_advanced_and_survives_a_restart(self):
        control = self.folder / "control"
        for grade in ("low", "high"):
            self.state = self.folder / f"{grade}.state"
            meter = self.start("tcp:0", "--grade", grade, "--control", str(control))
            wire = meter.connect()
            self.download_2013(wire, self.private if grade == "low" else self.high_keys())
            self.assertEqual(self.private_station(wire).purchase("070101ff", 1000, 1), 0)
            bench = self.bench(control)
            bench.do("load", watts=2000)
            bench.do("advance", seconds=3600)
            shown = bench.do("show")["meter"]
            self.assertEqual((shown["balance_fen"], shown["energy"], shown["relay"]), (900, 200, "closed"))
            bench.do("fail-phase", phase="B")
            self.assertEqual(bench.do("show")["meter"]["phases_lost"], "B")
            clock = bench.do("show")["meter"]["clock"]
            self.assertEqual(meter.stop(), 0)
            self.assertFalse(control.exists())
            shown = self.shown()
            self.assertEqual((shown["balance_fen"], shown["energy"]), (900, 200))
            meter = self.start("tcp:0", "--grade", grade, "--control", str(control), "--load", "100000")
            bench = self.bench(control)
            self.assertGreaterEqual(bench.do("show")["meter"]["clock"], clock, "its clock does not go back")
            bench.do("advance", seconds=3600)
            shown = bench.do("show")["meter"]
            self.assertEqual((shown["relay"], shown["balance_fen"], shown["arrears"]), ("open", 0, True))
            self.assertFalse(bench.do("button")["closed"])
            self.assertEqual(self.private_station(meter.connect()).purchase("070102ff", 500, 2), 0)
            self.assertTrue(bench.do("button")["closed"])
            meter.kill()

    def test_a_clock_that_runs_faster_uses_the_credit_faster(self):
        control = self.folder / "control"
        self.start("tcp:0", "--control", str(control), "--speed", "3600", "--load", "1000")
        bench = self.bench(control)
        end = time.monotonic() + WAIT
        while bench.do("show")["meter"]["energy"] < 100 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertGreaterEqual(bench.do("show")["meter"]["energy"], 100)

    def test_bad_commands_at_the_control_socket_are_refused_in_words(self):
        control = self.folder / "control"
        meter = self.start("tcp:0", "--control", str(control))
        self.assertEqual(control.stat().st_mode & 0o777, 0o600)
        bench = self.bench(control)
        for line in ("", "x", "[]", "{}", '{"command":1}', '{"command":"explode"}', '{"command":"advance"}', '{"command":"advance","seconds":-1}',
                     '{"command":"advance","seconds":1e99}', '{"command":"advance","seconds":99999999999999999999}', '{"command":"load","watts":"much"}',
                     '{"command":"fail-phase","phase":"D"}', '{"command":"insert","card":"x","pull_at":0}', '{"command":"insert","card":"x","pull_after":"1"}',
                     '{"command":"fail-phase","phase":"A","failed":1}', '{"command":"show","number":"1"}',
                     '{"command":"show","number":"000000000007"}', "\xff"):
            answer = bench.ask(line)
            self.assertFalse(answer["ok"], line)
            self.assertTrue(answer["error"], line)
        with contextlib.suppress(OSError):
            bench.socket.sendall(b"x" * 5000 + b"\n")
        with self.assertRaises((ConnectionResetError, json.JSONDecodeError), msg="a line that is too long ends the conversation"):
            json.loads(bench.file.readline())
        self.assertEqual(self.bench(control).do("show")["meter"]["number"], NUMBER)
        self.assertEqual(meter.stop(), 0)

    def test_the_control_socket_never_takes_the_place_of_a_file(self):
        file = self.folder / "control"
        file.write_text("mine")
        done = run("run", "--line", "tcp:0", "--number", NUMBER, "--state", str(self.state), "--control", str(file))
        self.assertEqual((done.returncode, done.stderr.count("\n"), file.read_text()), (1, 1, "mine"), done)

    def test_hundreds_of_meters_share_a_line_and_keep_their_states_apart(self):
        first, last = 100, 399
        folder = self.folder / "many"
        folder.mkdir()
        command = [PROGRAM, "run", "--tcp", "0", "--meters", f"{first:012}-{last:012}", "--states", str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: (process.terminate(), process.wait(WAIT)))
        meter = Meter.__new__(Meter)
        meter.wires, meter.line = [], process.stdout.readline().split()[1]
        self.addCleanup(meter.close_wires)
        wire = meter.connect()
        for number in (first, 250, last):
            station = Station(wire, self.factory, suite.FACTORY_FACTOR, f"{number:012}")
            self.assertEqual(station.authenticate(), 0)
        self.assertEqual(len(list(folder.glob("*.state"))), last - first + 1)

    def test_wrong_usage_is_told(self):
        state = str(self.state)
        for arguments in (["--number", NUMBER, "--state", state], ["--tcp", "0"], ["--tcp", "0", "--meters", "1-2", "--states", state],
                          ["--tcp", "0", "--meters", f"{1:012}-{501:012}", "--states", state], ["--tcp", "0", "--meters", f"{2:012}-{1:012}", "--states", state],
                          ["--tcp", "0", "--meters", f"{1:012}-{2:012}"], ["--tcp", "0", "--number", NUMBER, "--state", state, "--grade", "middle"],
                          ["--tcp", "0", "--number", NUMBER, "--state", state, "--loss", "2"]):
            self.assertEqual(run("run", *arguments).returncode, 2, arguments)


class Commands(Case):
    def test_decode_prints_one_json_document(self):
        done = run("decode", "FEFE6812907856341268D101358D16")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {"address": NUMBER, "control": 0xD1, "direction": "reply", "error": True, "data": "02"})

    def test_decode_refuses_a_bad_frame_in_one_line(self):
        for frame in ("6812907856341268D101358E16", "68", "", "zz", "6812907856341268D101358D1600"):
            done = run("decode", frame)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), frame)

    def test_keys_are_shown_only_on_demand_and_never_by_show(self):
        self.start().stop()
        self.assertEqual(run("keys", "--state", str(self.state)).returncode, 2)
        keys = run("keys", "--state", str(self.state), "--reveal-keys").stdout.split()
        self.assertEqual(keys[1::2], [self.factory[i].hex() for i in range(9)])
        said = run("show", "--state", str(self.state)).stdout + run("show", "--state", str(self.state), "--json").stdout
        self.assertIn(NUMBER, said)
        for key in self.factory.values():
            self.assertNotIn(key.hex(), said)

    def test_wrong_usage_exits_with_2_and_a_refusal_with_1(self):
        state = str(self.state)
        usage = (["nonsense"], [], ["run"], ["show"], ["run", "--line", "tcp:x", "--number", NUMBER, "--state", state],
                 ["run", "--line", "smoke:1", "--number", NUMBER, "--state", state],
                 ["run", "--line", "pty", "--number", NUMBER, "--number", "000000000007", "--state", state])
        refused = (["show", "--state", state], ["run", "--line", "serial:/nowhere", "--number", NUMBER, "--state", state],
                   ["run", "--line", "pty", "--number", "12345", "--state", state],
                   ["run", "--line", "pty", "--number", "999999999999", "--state", state],
                   ["run", "--line", "pty", "--number", NUMBER, "--state", str(self.folder / "none" / "meter.state")])
        for arguments in usage:
            self.assertEqual(run(*arguments).returncode, 2, arguments)
        for arguments in refused:
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), (arguments, done.stderr))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
