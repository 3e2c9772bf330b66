"""A real pcscd with vsmartcard's virtual readers, in namespaces of its own, and what talks PC/SC inside them.

Both listen on all addresses and under /run: here nobody else reaches them, and several benches run side by side. Everything outside
/run is seen as it is, so kmpd's sockets and cards' files are reached by their paths.
"""
import ctypes
import fcntl
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from platform_under_test import BIN, PATIENCE, wait_until

READER = "Virtual PCD 00 00"
VPCD = "127.0.0.1:35963"  # where vpcd's first reader waits for its card


class Bench:
    """Use as a context manager; everything is ended behind it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmp-card-", dir="/tmp"))
        self.log = open(self.folder / "pcscd.log", "wb")
        self.pcscd = subprocess.Popen(["unshare", "-Urmn", sys.executable, "-W", "ignore", __file__, "pcscd"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.children: list[subprocess.Popen] = []

    def __enter__(self):
        try:
            wait_until("pcscd with vpcd", self._ready)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _ready(self) -> bool:
        if self.pcscd.poll() is not None:
            said = (self.folder / "pcscd.log").read_text(errors="replace").strip()
            raise AssertionError("no pcscd in namespaces of its own (are user namespaces allowed here? see 'sysctl kernel.unprivileged_userns_clone' "
                                 f"and 'user.max_user_namespaces'): {said or 'it ended with ' + str(self.pcscd.returncode)}")
        done = self.run([sys.executable, "-W", "ignore", __file__, "readers"])
        return READER in done.stdout

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream:
                    stream.close()
        if self.pcscd.poll() is None:
            self.pcscd.terminate()
            try:
                self.pcscd.wait(20)
            except subprocess.TimeoutExpired:
                self.pcscd.kill()
                self.pcscd.wait()
        self.log.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def inside(self, command: list) -> list[str]:
        return ["nsenter", "-t", str(self.pcscd.pid), "-U", "-m", "-n", "--preserve-credentials", "--", *map(str, command)]

    def run(self, command: list, **more) -> subprocess.CompletedProcess:
        return subprocess.run(self.inside(command), capture_output=True, text=True, timeout=PATIENCE * 2, stdin=subprocess.DEVNULL, **more)

    def start(self, command: list, **more) -> subprocess.Popen:
        """nsenter runs the program in its own place, so the process is the program's."""
        child = subprocess.Popen(self.inside(command), text=True, **more)
        self.children.append(child)
        return child

    def insert(self, file, *faults: str) -> "InsertedCard":
        return InsertedCard(self, file, faults)

    def connect(self) -> "PcscCard":
        return PcscCard(self)

    def wait_until_empty(self):
        """pcscd looks every few tenths of a second: a card that is put in before it saw the last one go is taken for that one."""
        done = self.run([sys.executable, "-W", "ignore", __file__, "empty"])
        if done.returncode != 0:
            raise AssertionError("the reader does not become empty: " + done.stdout + done.stderr)

    def wait_until_free(self):
        """pcscd resets the card of a program that was killed, a little later: a card that is pulled before that confuses it about the next one."""
        done = self.run([sys.executable, "-W", "ignore", __file__, "free"])
        if done.returncode != 0:
            raise AssertionError("the card stays in use: " + done.stdout + done.stderr)

    def clear(self):
        """Ends whatever a test that failed has left in the reader or before it."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        self.wait_until_empty()


class InsertedCard:
    """`kmp-meter card run` in the first virtual reader."""

    def __init__(self, bench: Bench, file, faults):
        self.bench = bench
        self.process = bench.start([BIN / "kmp-meter", "card", "run", file, "--vpcd", VPCD, *faults], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line.startswith("inserted "):
            raise AssertionError("the card was not inserted: " + self.process.stderr.read())

    def pull(self) -> int:
        """Pulls it out while it rests."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """For one that comes out by itself; negative: the signal that ended it."""
        code = self.process.wait(PATIENCE)
        self.bench.wait_until_empty()
        return code


class PcscCard:
    """APDUs through PC/SC, sent by a process inside the namespaces."""

    def __init__(self, bench: Bench):
        self.process = bench.start([sys.executable, "-W", "ignore", __file__, "apdus"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        answer = self._line()
        if not answer.startswith("atr "):
            raise AssertionError("no card: " + answer)
        self.atr = bytes.fromhex(answer[4:])

    def _line(self) -> str:
        return self.process.stdout.readline().strip()

    def send(self, apdu: bytes | str) -> tuple[bytes, int]:
        """Data and status word. CardGone when the card was pulled out."""
        self.process.stdin.write((apdu if isinstance(apdu, str) else apdu.hex()) + "\n")
        self.process.stdin.flush()
        answer = self._line()
        if answer.startswith("gone"):
            raise CardGone(answer)
        raw = bytes.fromhex(answer)
        return raw[:-2], int.from_bytes(raw[-2:], "big")

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)


class CardGone(Exception):
    pass


# ---------------------------------------------------------------- inside the namespaces


def become_pcscd():
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.makedirs("/run/pcscd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
    os.execv("/usr/sbin/pcscd", ["pcscd", "--foreground"])


class Pcsc:
    """The few calls of libpcsclite that a test needs."""

    class ReaderState(ctypes.Structure):
        _fields_ = [("reader", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", ctypes.c_ulong), ("event", ctypes.c_ulong),
                    ("atr_size", ctypes.c_ulong), ("atr", ctypes.c_ubyte * 33)]

    class Protocol(ctypes.Structure):
        _fields_ = [("protocol", ctypes.c_ulong), ("size", ctypes.c_ulong)]

    def __init__(self):
        self.library = ctypes.CDLL("libpcsclite.so.1")
        self.context = ctypes.c_long()
        self.check(self.library.SCardEstablishContext(2, None, None, ctypes.byref(self.context)))

    @staticmethod
    def check(rc: int):
        if rc != 0:
            raise OSError(f"{rc & 0xFFFFFFFF:#x}")

    def readers(self) -> list[str]:
        size = ctypes.c_ulong(4096)
        names = ctypes.create_string_buffer(4096)
        self.check(self.library.SCardListReaders(self.context, None, names, ctypes.byref(size)))
        return [n.decode() for n in names.raw[:size.value].split(b"\0") if n]

    def wait_for(self, present: bool):
        state = Pcsc.ReaderState(READER.encode(), None, 0, 0, 0)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.library.SCardGetStatusChange(self.context, ctypes.c_ulong(500), ctypes.byref(state), ctypes.c_ulong(1))
            if bool(state.event & 0x20) == present:
                return
            state.current = state.event & ~0x2
        raise OSError("no card came" if present else "the card does not go")

    def wait_until_free(self):
        end = time.monotonic() + PATIENCE
        self.card, self.protocol = ctypes.c_long(), ctypes.c_ulong()
        while (rc := self.library.SCardConnect(self.context, READER.encode(), ctypes.c_ulong(1), ctypes.c_ulong(3), ctypes.byref(self.card), ctypes.byref(self.protocol))) & 0xFFFFFFFF == 0x8010000B:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        self.check(rc)
        self.close(gone=True)  # as it is

    def connect(self) -> bytes:
        self.wait_for(present=True)
        self.card, self.protocol = ctypes.c_long(), ctypes.c_ulong()
        self.check(self.library.SCardConnect(self.context, READER.encode(), ctypes.c_ulong(1), ctypes.c_ulong(3), ctypes.byref(self.card), ctypes.byref(self.protocol)))
        name, name_size = ctypes.create_string_buffer(256), ctypes.c_ulong(256)
        state, protocol = ctypes.c_ulong(), ctypes.c_ulong()
        atr, atr_size = (ctypes.c_ubyte * 33)(), ctypes.c_ulong(33)
        self.check(self.library.SCardStatus(self.card, name, ctypes.byref(name_size), ctypes.byref(state), ctypes.byref(protocol), atr, ctypes.byref(atr_size)))
        return bytes(atr[:atr_size.value])

    def transmit(self, apdu: bytes) -> bytes:
        out, size = (ctypes.c_ubyte * 300)(), ctypes.c_ulong(300)
        header = Pcsc.Protocol(self.protocol.value, ctypes.sizeof(Pcsc.Protocol))
        self.check(self.library.SCardTransmit(self.card, ctypes.byref(header), apdu, ctypes.c_ulong(len(apdu)), None, out, ctypes.byref(size)))
        if size.value < 2:
            raise OSError("an empty answer")  # what vpcd makes of a card that goes while it is waited for
        return bytes(out[:size.value])

    def close(self, gone: bool):
        # Resetting a card that is gone confuses pcscd about the next one.
        self.library.SCardDisconnect(self.card, ctypes.c_ulong(0 if gone else 1))
        self.library.SCardReleaseContext(self.context)


def list_readers():
    try:
        print("\n".join(Pcsc().readers()))
    except OSError as error:
        print("no readers:", error)


def answer_apdus():
    pcsc = Pcsc()
    try:
        print("atr", pcsc.connect().hex(), flush=True)
    except OSError as error:
        print("failed", error, flush=True)
        return
    gone = False
    for line in sys.stdin:
        try:
            print(pcsc.transmit(bytes.fromhex(line)).hex(), flush=True)
        except OSError as error:
            gone = True
            print("gone", error, flush=True)
    pcsc.close(gone)


if __name__ == "__main__":
    {"pcscd": become_pcscd, "readers": list_readers, "apdus": answer_apdus, "empty": lambda: Pcsc().wait_for(present=False),
     "free": lambda: Pcsc().wait_until_free()}[sys.argv[1]]()
