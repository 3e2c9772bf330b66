"""A platform to put load on: the ceremony, one user UKEY without narrow caps that this unix user may use."""
import json
import os
import subprocess

from platform_under_test import BIN, PINS, Platform

TERMS = ("--station", "bench", "--per-order", "500", "--per-day", "100000000", "--per-month", "1000000000",
         "--orders-per-minute", "1000000000", "--uid", str(os.getuid()))


class BenchPlatform(Platform):
    def ready(self):
        self.start()
        self.ceremony()
        self.issue("user", "user", *TERMS)
        self.unseal_if_sealed()
        return self

    def unseal_if_sealed(self):
        if self.status()["state"] != "open":
            self.unseal()

    def load(self, connections: int, in_flight: int, work: str, seconds: float, warm_up: float = 0.5) -> dict:
        """The figures of one run of kmp-load. Raises when anything was refused."""
        reader, writer = os.pipe()
        os.write(writer, PINS["user"].encode() + b"\n")
        os.close(writer)
        try:
            done = subprocess.run(
                [str(BIN / "kmp-load"), "--home", str(self.home), "--ukey", self.serials["user"], "--pin-fd", f"ukey={reader}", "--connections", str(connections),
                 "--in-flight", str(in_flight), "--work", work, "--seconds", str(seconds), "--warm-up", str(warm_up)],
                pass_fds=[reader], capture_output=True, text=True, timeout=seconds + warm_up + 120)
        finally:
            os.close(reader)
        if done.returncode != 0:
            raise RuntimeError(f"kmp-load ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)
