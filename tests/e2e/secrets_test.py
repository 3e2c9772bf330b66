"""No key leaves a token and no PIN stays: the keys that the meters ended up with, and the PINs, are looked for where they must not be."""
import os
import socket
import subprocess
import threading
import unittest

from platform_under_test import BIN, PINS, Platform, run

METER = "000000400001"
CUSTOMER = "000000000042"


def memory_of(pid: int) -> bytes:
    """Every readable page of a process."""
    out = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            span, mode, *_rest = line.split(None, 5)
            if not mode.startswith("r") or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = (int(x, 16) for x in span.split("-"))
            try:
                mem.seek(start)
                out.append(mem.read(end - start))
            except OSError:
                continue
    return b"\0".join(out)


class Tap(threading.Thread):
    """Stands on a line or a socket and keeps a copy of what passes."""

    def __init__(self, listener: socket.socket, connect):
        super().__init__(daemon=True)
        self.listener, self.connect, self.heard = listener, connect, bytearray()

    def run(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = self.connect()
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(a, b), daemon=True).start()

    def pass_on(self, a: socket.socket, b: socket.socket):
        try:
            while data := a.recv(65536):
                self.heard += data
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def unix_tap(path: str, target: str) -> Tap:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def connect():
        s = socket.socket(socket.AF_UNIX)
        s.connect(target)
        return s

    tap = Tap(listener, connect)
    tap.start()
    return tap


def tcp_tap(target_port: int) -> tuple[Tap, int]:
    listener = socket.create_server(("127.0.0.1", 0))
    tap = Tap(listener, lambda: socket.create_connection(("127.0.0.1", target_port)))
    tap.start()
    return tap, listener.getsockname()[1]


@unittest.skipUnless(os.geteuid() == 0, "reads the memory of other processes: run as root")
class Secrets(unittest.TestCase):
    def test_no_key_of_a_meter_is_found_outside_the_tokens_and_no_pin_stays(self):
        with Platform() as p:
            p.initialised(anew=True)
            meter = p.meter(METER, line="tcp")
            factory = set(meter.keys())
            line_tap, port = tcp_tap(int(meter.line.rsplit(":", 1)[1]))
            socket_tap = unix_tap(str(p.folder / "tap.sock"), p.socket("kmp.sock"))
            line = f"tcp:127.0.0.1:{port}"

            def vend(*arguments, kind):
                done = run("kmp-vend", "--socket", str(p.folder / "tap.sock"), "--ukey", p.serials[kind], *arguments, pins={"ukey": PINS[kind]})
                self.assertEqual(done.code, 0, repr(done))

            vend("keys", "download", "--line", line, "--meter", METER, kind="key")
            vend("remote", "open", "--line", line, "--meter", METER, "--customer", CUSTOMER, "--amount", "10", kind="user")
            words = {"account": "ac-word-5512-willow", "fresh": "ac-word-6623-poplar"}
            p.good_ctl("ukey", "attend", p.serials["user"], pins={"ukey": PINS["user"]})
            p.good_ctl("account", "add", "shop", "--ukey", p.serials["user"], "--holder", "H", pins={"master": PINS["master"], "account": words["account"]})
            p.good_ctl("account", "passwd", "shop", pins=words)
            sold = run("kmp-vend", "--socket", str(p.folder / "tap.sock"), "--account", "shop", "remote", "recharge", "--line", line, "--meter", METER, "--customer", CUSTOMER, "--amount", "5",
                       pins={"account": words["fresh"]})
            self.assertEqual(sold.code, 0, repr(sold))
            # A station that is still at work: its memory is searched while it waits for a line that answers nothing.
            silent = socket.create_server(("127.0.0.1", 0))
            read_end, write_end = os.pipe()
            os.write(write_end, PINS["user"].encode() + b"\n")
            os.close(write_end)
            station = subprocess.Popen([str(BIN / "kmp-vend"), "--pin-fd", f"ukey={read_end}", "--home", str(p.home), "--ukey", p.serials["user"], "remote", "status",
                                        "--line", f"tcp:127.0.0.1:{silent.getsockname()[1]}", "--meter", METER], pass_fds=[read_end], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            os.close(read_end)
            try:
                silent.settimeout(60)
                held, _ = silent.accept()
                # It speaks on the line when its session is open: until then the PIN is rightly on its way.
                held.settimeout(60)
                self.assertTrue(held.recv(1))
                private = [k for k in meter.keys() if k not in factory]
                self.assertEqual(len(private), 9, "the meter has nine private keys")
                places = {"kmpd's memory": memory_of(p.daemon.pid), "kmp-vend's memory": memory_of(station.pid),
                          "the line": bytes(line_tap.heard), "kmp.sock": bytes(socket_tap.heard)}
            finally:
                station.kill()
                station.wait()
            self.assertGreater(len(places["kmpd's memory"]), 1 << 20)
            self.assertGreater(len(places["the line"]), 200)
            self.assertGreater(len(places["kmp.sock"]), 200)
            for file in p.home.rglob("*"):
                # SoftHSM2 is software: its own folder is the token.
                if file.is_file() and p.readers not in file.parents:
                    places[f"file {file.name}"] = file.read_bytes()
            for place, content in places.items():
                for number, key in enumerate(private):
                    for form, needle in (("as it is", key), ("reversed", key[::-1]), ("in hex", key.hex().encode()), ("on the line", bytes((b + 0x33) & 255 for b in key[::-1]))):
                        self.assertFalse(needle in content, f"key {number} {form} was found in {place}")
                for role, pin in {**PINS, **words}.items():
                    if place == "kmp.sock":
                        continue  # a PIN has to get in somewhere
                    self.assertFalse(pin.encode() in content, f"the {role} PIN was found in {place}")

    def test_the_search_finds_what_is_there(self):
        needle = os.urandom(16)
        holder = subprocess.Popen(["/usr/bin/python3", "-c", f"import sys\nkept = bytes.fromhex('{needle.hex()}')\nsys.stdout.write('ready')\nsys.stdout.flush()\nsys.stdin.read()"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            holder.stdout.read(5)
            self.assertTrue(needle in memory_of(holder.pid))
        finally:
            holder.stdin.close()
            holder.wait()


if __name__ == "__main__":
    unittest.main()
