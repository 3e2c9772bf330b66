"""What people use where they have no platform: p11-kit's server and ssh-agent, each before a SoftHSM2 token, and the token alone. None of them authenticates a station,
knows a limit, or keeps a log."""
import json
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import threading
import time

from platform_under_test import BIN, wait_until

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
P11_KIT_CLIENT = f"/usr/lib/{os.uname().machine}-linux-gnu/pkcs11/p11-kit-client.so"
CLIENTS = (1, 4)

# ssh-agent's protocol: draft-miller-ssh-agent, 5.1
IDENTITIES, IDENTITIES_ANSWER, SIGN, SIGN_RESPONSE = 11, 12, 13, 14


def text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


class Peers:
    """A token with an HMAC and a P-256 key; p11-kit's server and ssh-agent before it. Use as a context manager: both are ended behind it."""

    def __init__(self):
        self.place = tempfile.TemporaryDirectory(prefix="kmp-peers-", dir="/tmp")
        self.folder = pathlib.Path(self.place.name)
        made = json.loads(self.direct("make-token", "--folder", str(self.folder)))
        self.pin = made["pin"]
        self.token = {**os.environ, "SOFTHSM2_CONF": made["configuration"]}
        self.processes: list[subprocess.Popen] = []

    def __enter__(self):
        try:
            self.start_p11_kit()
            self.start_ssh_agent()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait(30)
        self.place.cleanup()

    def start(self, words: list[str], listens: pathlib.Path, **more):
        with open(self.folder / f"{listens.name}.log", "wb") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        self.processes.append(process)
        wait_until(f"{words[0]} listens", lambda: listens.exists() or process.poll() is not None)
        assert process.poll() is None, (self.folder / f"{listens.name}.log").read_text()

    def start_p11_kit(self):
        listens = self.folder / "p11.sock"
        self.start(["p11-kit", "server", "-f", "-n", str(listens), "--provider", SOFTHSM, "pkcs11:token=bench"], listens, env=self.token)
        self.remote = {**os.environ, "P11_KIT_SERVER_ADDRESS": f"unix:path={listens}"}

    def start_ssh_agent(self):
        self.agent = self.folder / "agent.sock"
        self.start(["ssh-agent", "-D", "-a", str(self.agent)], self.agent, env=self.token)
        # It asks a program for the PIN where there is no terminal.
        ask = self.folder / "ask"
        ask.write_text('#!/bin/sh\nexec printf "%s\\n" "$KMP_BENCH_PIN"\n')
        ask.chmod(0o700)
        done = subprocess.run(["ssh-add", "-s", SOFTHSM], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, start_new_session=True,
                              env={**self.token, "SSH_AUTH_SOCK": str(self.agent), "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "KMP_BENCH_PIN": self.pin})
        assert done.returncode == 0, done.stderr

    def direct(self, *words: str, env: dict[str, str] | None = None) -> str:
        return subprocess.run([str(BIN / "kmp-direct"), *words], check=True, stdout=subprocess.PIPE, text=True, timeout=600, env=env).stdout

    def measure_direct(self, clients: int, seconds: float) -> dict[str, float]:
        """Signatures a second by key, `clients` processes with SoftHSM2 loaded."""
        return json.loads(self.direct("sign", "--module", SOFTHSM, "--clients", str(clients), "--seconds", str(seconds), env=self.token))

    def measure_p11_kit(self, clients: int, seconds: float) -> dict[str, float]:
        return json.loads(self.direct("sign", "--module", P11_KIT_CLIENT, "--clients", str(clients), "--seconds", str(seconds), env=self.remote))

    def measure_ssh_agent(self, clients: int, seconds: float) -> float:
        """P-256 signatures a second."""
        rates = [0.0] * clients

        def sign(number: int):
            with AgentClient(self.agent) as client:
                key = client.first_key()
                begin = now = time.monotonic()
                count = 0
                while now - begin < seconds:
                    client.sign(key, b"m" * 64)
                    count += 1
                    now = time.monotonic()
                rates[number] = count / (now - begin)

        threads = [threading.Thread(target=sign, args=(i,)) for i in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(rates), "a client of ssh-agent got no signature"
        return sum(rates)


class AgentClient:
    def __init__(self, path: pathlib.Path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, kind: int, body: bytes, answer: int) -> bytes:
        self.socket.sendall(text(bytes([kind]) + body))
        said = self.take(struct.unpack(">I", self.take(4))[0])
        assert said[0] == answer, f"ssh-agent answered with {said[0]}"
        return said[1:]

    def take(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            more = self.socket.recv(size - len(out))
            assert more, "ssh-agent hung up"
            out += more
        return out

    def first_key(self) -> bytes:
        listed = self.ask(IDENTITIES, b"", IDENTITIES_ANSWER)
        count, size = struct.unpack_from(">II", listed)
        assert count == 1, f"ssh-agent has {count} keys"
        return listed[8:8 + size]

    def sign(self, key: bytes, message: bytes) -> bytes:
        return self.ask(SIGN, text(key) + text(message) + struct.pack(">I", 0), SIGN_RESPONSE)
