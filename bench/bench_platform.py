"""A platform to put load on: the ceremony, one user UKEY without narrow caps that this unix user may use."""
import os
import pathlib
import shutil
import subprocess
import time

from admin import Admin, pb
from platform_under_test import PINS, Platform, run, wait_until

TERMS = ("--station", "bench", "--per-order", "500", "--per-day", "100000000", "--per-month", "1000000000",
         "--orders-per-minute", "1000000000", "--uid", str(os.getuid()))

PASSWORD = "pw-of-the-shops-river-7"
FIRST_KNOWN = 1_000_000  # number of the first meter that grow() makes
GROWTH_PATIENCE = 7200.0  # seconds
SEGMENT = 16384  # events, of the search index
PAGE = 50  # events of a search

ISSUE = ("ukey", "issue", "--kind", "user", "--holder", "Bench", "--holder-present", "--station", "bench")
STEPS = ("open_master", "intent", "keys", "certificates", "masters", "grant", "entry")  # each ends with a progress message, the last with the reply


class BenchPlatform(Platform):
    def ready(self):
        (self.home / "kmp.toml").write_text('[network]\nlisten = "127.0.0.1:0"\n')
        self.start()
        answer = self.ceremony()
        pathlib.Path(self.anchor()).write_text(answer["trust_anchor_pem"])
        self.issue("user", "user", *TERMS)
        self.unseal_if_sealed()
        return self

    def unseal_if_sealed(self):
        if self.status()["state"] != "open":
            self.unseal()

    def add_accounts(self, count: int):
        """Network accounts of the user UKEY, all with the same password. The master-control UKEY is plugged in."""
        for number in range(1, count + 1):
            self.good_ctl("account", "add", f"shop-{number}", "--ukey", self.serials["user"], "--holder", f"Shop {number}", "--holder-present",
                          pins={"master": PINS["master"], "account": PASSWORD})
        self.accounts = count

    def load(self, connections: int, in_flight: int, work: str, seconds: float, warm_up: float = 0.5, *, ukeys: tuple[str, ...] = ("user",), network: bool = False,
             more: tuple[str, ...] = (), patience: float = 120) -> dict:
        """The figures of one run of kmp-load. Raises when anything was refused."""
        if network:
            where = ["--connect", self.status()["network"], "--trust", self.anchor(), *(w for n in range(self.accounts) for w in ("--account", f"shop-{n + 1}"))]
            pins = {"account": PASSWORD}
        else:
            where = ["--home", str(self.home), *(w for name in ukeys for w in ("--ukey", self.serials[name]))]
            pins = {"ukey": PINS["user"]}
        done = run("kmp-load", *where, "--connections", str(connections), "--in-flight", str(in_flight), "--work", work, "--seconds", str(seconds), "--warm-up", str(warm_up),
                   *more, pins=pins, timeout=seconds + warm_up + patience)
        if done.code != 0:
            raise RuntimeError(f"kmp-load ended with {done.code}: {done.err.strip()}")
        return done.json()

    def grow(self, records: int, meters: int):
        """So many meters with accounts, and so many records of their orders, made as any others: through the socket. Then the service starts afresh."""
        first = ("--first-meter", str(FIRST_KNOWN))
        self.load(16, 16, "open-account", 1, more=(*first, "--count", str(meters)), patience=GROWTH_PATIENCE)
        missing = records - self.status()["log_size"]
        if missing > 0:
            self.load(16, 16, "recharge", 1, more=("--count", str(missing)), patience=GROWTH_PATIENCE)
        self.stop()
        self.start()
        self.unseal()
        self.known = meters

    def wait_for_index(self) -> float:
        """Until the search index has every whole segment of the log; seconds that it took."""
        begin = time.monotonic()
        wait_until("the log is indexed", lambda: (lambda s: s.get("log_size", 0) - s.get("searchable", 0) < SEGMENT)(self.status()), patience=GROWTH_PATIENCE)
        return time.monotonic() - begin

    def index_bytes(self) -> float:
        """Of the search index, for each event in it."""
        return (self.home / "search.db").stat().st_size / self.status()["searchable"]

    def time_search(self, **filters) -> float:
        """Milliseconds to the first page: 50 events, or the end of the log."""
        with Admin(self.socket("admin.sock")) as admin:
            begin = time.monotonic()
            found, before = 0, 0
            while True:
                page = admin.ask(audit_list=pb.AuditList(newest=True, limit=PAGE - found, before=before, filter=pb.AuditFilter(**filters))).audit_list
                found, before = found + len(page.events), page.next
                if page.end or found == PAGE:
                    return (time.monotonic() - begin) * 1000

    def load_known(self, seconds: float, warm_up: float = 0.5) -> dict:
        """One client, each order for another one of the meters that grow() made."""
        return self.load(1, 1, "known", seconds, warm_up, more=("--first-meter", str(FIRST_KNOWN), "--meters", str(self.known)))

    def wait_for(self, name: str):
        wait_until(f"reader {name} is ready", lambda: self.reader(name).get("content") == "ukey")

    def take_away(self, name: str):
        self.pull(name)
        shutil.rmtree(self.away / name)
        wait_until("it is gone", lambda: not self.reader(name))

    def time_issue(self, name: str) -> float:
        """Milliseconds from the command to its end, the master-control UKEY opened and closed again on the way."""
        self.plug_in_blank(name)
        begin = time.monotonic()
        self.good_ctl(*ISSUE, "--reader", name, pins={"master": PINS["master"], "ukey": PINS["user"]})
        out = (time.monotonic() - begin) * 1000
        self.take_away(name)
        return out

    def time_steps(self, name: str) -> dict[str, float]:
        """The same without kmpctl, in milliseconds by step, as kmpd tells of them."""
        self.plug_in_blank(name)
        marks: list[float] = []
        terms = pb.GrantTerms(station="bench", operations=["recharge"], classes=["credit", "identity"], meters=[pb.MeterRange(first=1, last=99)], per_order_fen=100,
                              per_day_fen=100, per_month_fen=100, orders_per_minute=1)
        with Admin(self.socket("admin.sock")) as admin:
            admin.pin("master", PINS["master"])
            admin.pin("ukey", PINS["user"])
            begin = time.monotonic()
            reply = admin.ask(lambda _: marks.append(time.monotonic()), ukey_issue=pb.UkeyIssue(kind="user", reader=name, holder="Bench", terms=terms, holder_chose_pin=True))
            marks.append(time.monotonic())
        if reply.HasField("failure"):
            raise RuntimeError(f"issuing: {reply.failure.message}")
        self.take_away(name)
        return {step: (after - before) * 1000 for step, before, after in zip(STEPS, [begin, *marks[:-1]], marks, strict=True)}

    def fill(self, count: int):
        """So many UKEYs in the registry, beside those that there are."""
        self.stop()
        done = run("kmp-fill", "--home", str(self.home), "--like", self.serials["user"], "--count", str(count), pins={"platform": PINS["platform"]}, timeout=600)
        if done.code != 0:
            raise RuntimeError(f"kmp-fill: {done.err.strip()}")
        self.start()
        self.unseal()

    def time_export(self, end: int, *words: str) -> dict:
        """The first `end` records and what follows up to the next checkpoint, as kmpctl writes them."""
        file = self.folder / "exported"
        begin = time.monotonic()
        told = self.good_ctl("--json", "audit", "export", str(file), "--end", str(end), *words).json()
        seconds = time.monotonic() - begin
        file.unlink()
        return {"bytes": told["bytes"], "records": told["end"] - told["first"], "seconds": seconds}

    def time_dd(self, size: int) -> float:
        file = self.folder / "written"
        begin = time.monotonic()
        subprocess.run(["dd", "if=/dev/zero", f"of={file}", "bs=32K", f"count={max(1, size // 32768)}", "conv=fsync"], check=True, capture_output=True)
        seconds = time.monotonic() - begin
        file.unlink()
        return seconds

    def time_list(self) -> float:
        begin = time.monotonic()
        self.good_ctl("ukey", "list")
        return (time.monotonic() - begin) * 1000

    def time_list_answer(self) -> float:
        """The service's part, with what it takes to read it."""
        with Admin(self.socket("admin.sock")) as admin:
            begin = time.monotonic()
            admin.ask(ukey_list=pb.UkeyList())
            return (time.monotonic() - begin) * 1000
