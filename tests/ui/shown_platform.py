#!/usr/bin/env python3
"""shown_platform.py STATE -- COMMAND ...: runs COMMAND with $KMP_HOME on a platform that has something to show; ends with its exit code.

STATE: officers (three, two of whom must agree; stations, sales, refusals, requests that wait), one-person (who holds the master-control UKEY alone), sealed, empty (no ceremony yet)."""
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import station as stations  # noqa: E402
import platform_under_test as under_test  # noqa: E402
from platform_under_test import PINS, Platform, officer_pin  # noqa: E402
from wire import kmp_pb2 as pb  # noqa: E402

STATIONS = {"north": "Han Meimei", "south": "Wang Fang", "harbour": "Zhao Min"}
LATER = "market"


def issue(p: Platform, reader: str, kind: str, holder: str, *terms: str):
    """By officers 1 and 2."""
    p.plug_in_blank(reader)
    made = p.good_ctl("--json", "ukey", "issue", "--kind", kind, "--reader", reader, "--holder", holder, "--holder-present", *terms).json()
    p.approve(made["number"], 1, 2)
    p.serials[reader] = p.good_ctl("--json", "request", "run", str(made["number"]), pins={"ukey": PINS[kind]}).json()["ukey"]["serial"]


def sell(p: Platform, reader: str, orders: int, chance: random.Random):
    station = stations.Station(p.socket("kmp.sock"))
    station.login(p.serials[reader], PINS["user"])
    opened: set[int] = set()
    for _ in range(orders):
        meter = 1000 * (1 + [*STATIONS, LATER].index(reader)) + chance.randrange(40)
        amount = chance.choice([2000, 5000, 10000, 20000, 90000])
        kind = pb.RECHARGE if meter in opened else pb.OPEN_ACCOUNT
        try:
            station.order(meter, amount, kind=kind, customer=meter)
            opened.add(meter)
        except stations.Refused:
            pass
    station.close()


def with_officers(p: Platform):
    p.quorum_ceremony(3, 2)
    for reader, holder in STATIONS.items():
        issue(p, reader, "user", holder, "--station", reader, "--per-order", "500", "--per-day", "20000", "--orders-per-minute", "6000")
    issue(p, "engineer", "key", "Li Lei, meter engineer")
    issue(p, "auditor", "auditor", "Chen Jing")
    chance = random.Random(7)
    for reader in STATIONS:
        sell(p, reader, 60, chance)
    p.ctl("ukey", "suspend", p.serials["harbour"], "--reason", "the shop moves", "--officer", p.serials["officer-1"], pins={"officer": officer_pin(1)})
    p.pull("south")
    p.plug_in_blank("new-stick")
    p.ctl("keys", "rotate", "--reason", "every year")
    made = p.good_ctl("--json", "ukey", "revoke", p.serials["officer-3"], "--reason", "left the company").json()
    p.approve(made["number"], 1)
    issue(p, LATER, "user", "Liu Yang", "--station", LATER, "--per-order", "500", "--per-day", "20000", "--orders-per-minute", "6000")
    sell(p, LATER, 40, chance)
    made = p.good_ctl("--json", "backup", str(p.folder / "backup")).json()
    p.approve(made["number"], 1, 2)
    p.good_ctl("request", "run", str(made["number"]))
    p.good_ctl("audit", "checkpoint")


def one_person(p: Platform):
    p.initialised()
    p.issue("auditor", "auditor")
    p.good_ctl("account", "add", "shop-east", "--ukey", p.serials["user"], "--holder", "Sun Li", pins={"master": PINS["master"], "account": "ac-pin-5150-willow"})
    p.plug_in_blank("new-stick")


def sealed(p: Platform):
    p.initialised()
    p.good_ctl("seal")


def empty(p: Platform):
    p.start()
    for reader in ("left", "middle", "right"):
        p.plug_in_blank(reader)


def main() -> int:
    state, command = sys.argv[1], sys.argv[3:]
    with Platform() as p:
        {"officers": with_officers, "one-person": one_person, "sealed": sealed, "empty": empty}[state](p)
        time.sleep(1)
        return subprocess.run(command, env=os.environ | {"KMP_HOME": str(p.home)}).returncode


if __name__ == "__main__":
    sys.exit(main())
