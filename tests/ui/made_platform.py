#!/usr/bin/env python3
"""made_platform.py KIND FOLDER: copies a stopped platform that was made once for all tests into FOLDER (home/, anchor.pem, kept.json with the serials by reader).

KIND: initialised (a key and a user UKEY), auditor (an auditor UKEY and a blank one beside), officers (three, two of whom must agree; a user and an auditor UKEY),
held (as initialised; station-1 sold more at a time than is usual, and is held; meter 130000000009 has private keys), auditors (two auditor UKEYs),
archived (as initialised, nine days ago; what was sold then is in home/segments)."""
import json
import os
import pathlib
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import platform_under_test as under_test  # noqa: E402


def initialised(p: under_test.Platform):
    p._initialise()


def auditor(p: under_test.Platform):
    p._initialise()
    p.issue("auditor", "auditor")


def officers(p: under_test.Platform):
    p.quorum_ceremony(3, 2, anew=True)
    p.issue_by_quorum("user", "user", "--station", "station-1")
    p.issue_by_quorum("auditor", "auditor")


def held(p: under_test.Platform):
    (p.home / "kmp.toml").write_text("[velocity]\norders = 1\nwindow_minutes = 1440\n")
    p._initialise()
    from station import Refused, Station  # takes the generated messages, which the other kinds do without
    from wire import kmp_pb2 as pb

    station = Station(p.socket("kmp.sock"))
    station.login(p.serials["user"], under_test.PINS["user"])
    station.order(130000000001, 100, pb.OPEN_ACCOUNT)
    try:
        station.order(130000000002, 100, pb.OPEN_ACCOUNT)
        raise AssertionError("the station is not held")
    except Refused:
        station.close()
    engineer = Station(p.socket("kmp.sock"))
    engineer.login(p.serials["key"], under_test.PINS["key"])
    sent = engineer.ask(download_keys=pb.DownloadKeys(meter=130000000009, r2=b"abcd"))
    engineer.ask(keys_loaded=pb.KeysLoaded(meter=130000000009, done=True, key_version=sent.key_version))
    engineer.close()


def auditors(p: under_test.Platform):
    auditor(p)
    p.issue("auditor-2", "auditor")


def archived(p: under_test.Platform):
    from station import Station, order_id, pb

    days, day = 9, 86400 * 1000
    clock = p.folder / "clock"
    clock.write_bytes(struct.pack("=q", -days * day))
    preloaded = [str(under_test.BIN.parent / "tests" / "libkmp_set_clock.so")] + [x for x in [os.environ.get("LD_PRELOAD")] if x]
    p.environment = {"LD_PRELOAD": ":".join(preloaded), "KMP_TEST_CLOCK": str(clock)}
    p._initialise()
    station = Station(p.socket("kmp.sock"))
    station.login(p.serials["user"], under_test.PINS["user"])
    for n in range(300):
        raw = order_id()
        made = (int.from_bytes(raw[:6], "big") - days * day).to_bytes(6, "big") + raw[6:]
        station.order(130000000001 + n % 20, 100, kind=pb.OPEN_ACCOUNT if n < 20 else pb.RECHARGE, order=made)
    station.close()
    p.good_ctl("audit", "retention", "--live-days", "8", "--keep-days", "100", "--reason", "the law asks for it", pins=under_test.MASTER)
    with open(clock, "r+b") as file:  # kmpd has it mapped
        file.write(struct.pack("=q", 0))
    segments = p.home / "segments"
    segments.mkdir()
    p.good_ctl("audit", "archive", str(segments))


def main() -> int:
    kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    make = {"initialised": initialised, "auditor": auditor, "officers": officers, "held": held, "auditors": auditors, "archived": archived}[kind]
    made = under_test._made_once(f"ui-{kind}", make)
    shutil.copytree(made / "home", folder / "home", symlinks=True)
    for name in ("anchor.pem", "kept.json"):
        shutil.copy(made / name, folder / name)
    print(json.dumps(json.loads((folder / "kept.json").read_text())["serials"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
