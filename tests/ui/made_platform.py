#!/usr/bin/env python3
"""made_platform.py KIND FOLDER: copies a stopped platform that was made once for all tests into FOLDER (home/, anchor.pem, kept.json with the serials by reader).

KIND: initialised (a key and a user UKEY), auditor (an auditor UKEY and a blank one beside), officers (three, two of whom must agree; a user and an auditor UKEY),
held (as initialised; station-1 sold more at a time than is usual, and is held; meter 130000000009 has private keys), auditors (two auditor UKEYs)."""
import json
import pathlib
import shutil
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


def main() -> int:
    kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    make = {"initialised": initialised, "auditor": auditor, "officers": officers, "held": held, "auditors": auditors}[kind]
    made = under_test._made_once(f"ui-{kind}", make)
    shutil.copytree(made / "home", folder / "home", symlinks=True)
    for name in ("anchor.pem", "kept.json"):
        shutil.copy(made / name, folder / name)
    print(json.dumps(json.loads((folder / "kept.json").read_text())["serials"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
