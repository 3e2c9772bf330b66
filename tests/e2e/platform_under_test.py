"""Real programs for a test: a home in a temporary folder, kmpd on it, people and stations beside it."""
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

BIN = pathlib.Path(os.environ["KMP_BIN_DIR"])
PINS = {"platform": "pf-pin-4711-ocean", "master": "mc-pin-0815-harbour", "key": "ky-pin-2342-granite", "user": "us-pin-9977-lantern",
        "auditor": "au-pin-1203-cedar"}
MASTER = {"master": PINS["master"]}  # whoever holds the master-control UKEY
# What kmpctl knows of logs goes with the test, not into the home of whoever runs it.
_state = tempfile.TemporaryDirectory(prefix="kmp-state-", dir="/tmp")
os.environ["XDG_STATE_HOME"] = _state.name
PATIENCE = 60.0  # seconds that anything may take on a busy machine


def wait_until(what: str, condition, patience: float = PATIENCE):
    end = time.monotonic() + patience
    pause = 0.02
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain for: {what}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.1)  # looking is often a program to start


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue
        children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(text.split(" ", 1)[0]))
    found, queue = [], [pid]
    while queue:
        of_one = children.get(queue.pop(), [])
        found += of_one
        queue += of_one
    return found


def officer_pin(number: int) -> str:
    return f"of-pin-{number}-{number * 7919}-juniper"


class Ended:
    """What a program said and how it ended."""

    def __init__(self, code: int, out: str, err: str):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


def run(program: str, *arguments: str, pins: dict[str, str] | None = None, timeout: float = PATIENCE * 2) -> Ended:
    """Runs a program of ours; PINs go by descriptors of their own."""
    readers, words = [], []
    for role, pin in (pins or {}).items():
        read_end, write_end = os.pipe()
        os.write(write_end, pin.encode() + b"\n")
        os.close(write_end)
        readers.append(read_end)
        words += ["--pin-fd", f"{role}={read_end}"]
    try:
        done = subprocess.run([str(BIN / program), *words, *arguments], capture_output=True, text=True, timeout=timeout, pass_fds=readers,
                              stdin=subprocess.DEVNULL)
    finally:
        for fd in readers:
            os.close(fd)
    return Ended(done.returncode, done.stdout, done.stderr)


class Platform:
    """One home with its kmpd. Use as a context manager; everything is ended and removed behind it."""

    def __init__(self, folder: str | None = None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="kmp-", dir="/tmp"))
        self.home = self.folder / "home"
        self.away = self.folder / "away"
        self.readers = self.home / "readers"
        self.readers.mkdir(parents=True)
        self.away.mkdir()
        self.daemon: subprocess.Popen | None = None
        self.meters: list["Meter"] = []
        self.serials: dict[str, str] = {}
        self.environment: dict[str, str] = {}  # of kmpd, beyond ours

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for meter in self.meters:
            meter.stop()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- kmpd

    def start(self):
        with open(self.folder / "kmpd.log", "ab") as log:
            self.daemon = subprocess.Popen([str(BIN / "kmpd"), "--home", str(self.home)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                           start_new_session=True, env={**os.environ, **self.environment})
        wait_until("kmpd listens", lambda: self.ctl("status", "--json").code == 0 or self.daemon.poll() is not None)
        if self.daemon.poll() is not None:
            raise AssertionError("kmpd ended at once: " + self.log_text())
        return self

    def stop(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
                raise AssertionError("kmpd did not stop on SIGTERM: " + self.log_text())
        self.daemon = None

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def log_text(self) -> str:
        return (self.folder / "kmpd.log").read_text(errors="replace")

    def restart(self):
        self.stop()
        self.start()
        self.unseal()

    def socket(self, name: str) -> str:
        return str(self.home / "run" / name)

    def tokenhosts(self) -> list[int]:
        """The processes that hold UKEYs: descendants of kmpd."""
        found = []
        for child in descendants(self.daemon.pid):
            try:
                if "kmp-tokenhost" in pathlib.Path(f"/proc/{child}/cmdline").read_text():
                    found.append(child)
            except OSError:
                continue
        return found

    def tokenhost_of(self, reader: str) -> int:
        def find() -> int:
            for pid in self.tokenhosts():
                try:
                    if str(self.readers / reader) in pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                        return pid
                except OSError:
                    continue
            return 0

        # Processes come and go while /proc is read: one look can miss one.
        return wait_until(f"reader {reader} has a tokenhost", find)

    # ---- people

    def ctl(self, *arguments: str, pins: dict[str, str] | None = None) -> Ended:
        return run("kmpctl", "--home", str(self.home), *arguments, pins=pins)

    def good_ctl(self, *arguments: str, pins: dict[str, str] | None = None) -> Ended:
        done = self.ctl(*arguments, pins=pins)
        assert done.code == 0, f"kmpctl {' '.join(arguments)}: {done!r}\nkmpd said: {self.log_text()[-2000:]}"
        return done

    def status(self) -> dict:
        return self.good_ctl("--json", "status").json()

    def reader(self, name: str) -> dict:
        return next((r for r in self.status()["readers"] if r["name"] == name), {})

    def plug_in_blank(self, name: str):
        (self.readers / name).mkdir()
        wait_until(f"reader {name} shows a blank UKEY", lambda: self.reader(name).get("content") == "blank")

    def pull(self, name: str):
        (self.readers / name).rename(self.away / name)

    def plug_in(self, name: str):
        (self.away / name).rename(self.readers / name)

    def plug_in_copy(self, of: pathlib.Path, name: str):
        """Whole at once: a stick that is half there when it is first looked at may look blank."""
        shutil.copytree(of, self.folder / f"copy-{name}")
        (self.folder / f"copy-{name}").rename(self.readers / name)

    def ceremony(self):
        self.plug_in_blank("platform")
        self.plug_in_blank("master")
        done = self.good_ctl("--json", "init", "--utility", "Test Utility", "--platform-reader", "platform", "--master-reader", "master",
                             pins={"platform": PINS["platform"], "master": PINS["master"]})
        answer = done.json()
        self.serials["platform"], self.serials["master"] = answer["platform"], answer["master"]
        pathlib.Path(self.anchor()).write_text(answer["trust_anchor_pem"])
        return answer

    def issue(self, name: str, kind: str, *terms: str) -> str:
        if not (self.readers / f"{name}.toml").exists():
            self.plug_in_blank(name)
        done = self.good_ctl("--json", "ukey", "issue", "--kind", kind, "--reader", name, "--holder", f"holder-of-{name}", "--holder-present", *terms,
                             pins={"master": PINS["master"], "ukey": PINS[kind]})
        self.serials[name] = done.json()["ukey"]["serial"]
        return self.serials[name]

    # ---- dual control

    def quorum_ceremony(self, officers: int, needed: int, anew: bool = False):
        """N officers, K of whom must agree. Officer i has the reader officer-i and the PIN officer_pin(i). A copy of one made once, as initialised()."""
        if not anew and self._untouched():
            return self._copy_of(f"officers-{officers}-{needed}", lambda p: p.quorum_ceremony(officers, needed, anew=True))
        self.start()
        for name in ("platform", "master", *(f"officer-{i}" for i in range(1, officers + 1))):
            self.plug_in_blank(name)
        words = [w for i in range(1, officers + 1) for w in ("--officer", f"officer-{i}=Officer {i}")]
        done = self.good_ctl("--json", "init", "--utility", "Test Utility", "--platform-reader", "platform", "--master-reader", "master", "--officers", str(officers),
                             "--quorum", str(needed), *words,
                             pins={"platform": PINS["platform"], **{f"officer{i}": officer_pin(i) for i in range(1, officers + 1)}})
        answer = done.json()
        self.serials["platform"], self.serials["master"] = answer["platform"], answer["master"]
        for i, serial in enumerate(answer["officers"], 1):
            self.serials[f"officer-{i}"] = serial
        pathlib.Path(self.anchor()).write_text(answer["trust_anchor_pem"])
        return answer

    def vote(self, number: int, officer: int, verdict: str = "approve", pin: str | None = None) -> Ended:
        return self.ctl("--json", "request", verdict, str(number), "--officer", self.serials[f"officer-{officer}"], pins={"officer": pin or officer_pin(officer)})

    def approve(self, number: int, *officers: int):
        for officer in officers:
            done = self.vote(number, officer)
            assert done.code == 0, f"officer {officer} approves request {number}: {done!r}"

    def issue_by_quorum(self, name: str, kind: str, *terms: str, officers: tuple[int, ...] = (1, 2)) -> str:
        self.plug_in_blank(name)
        made = self.good_ctl("--json", "ukey", "issue", "--kind", kind, "--reader", name, "--holder", f"holder-of-{name}", "--holder-present", *terms).json()
        self.approve(made["number"], *officers)
        done = self.good_ctl("--json", "request", "run", str(made["number"]), pins={"ukey": PINS[kind]}).json()
        self.serials[name] = done["ukey"]["serial"]
        return self.serials[name]

    def unseal(self) -> Ended:
        wait_until("the platform UKEY is ready", lambda: self.reader("platform").get("content") == "ukey")
        return self.good_ctl("unseal", pins={"platform": PINS["platform"]})

    def vend(self, *arguments: str, kind: str = "user", name: str | None = None, pin: str | None = None) -> Ended:
        serial = self.serials[name or kind]
        return run("kmp-vend", "--home", str(self.home), "--ukey", serial, *arguments, pins={"ukey": pin or PINS[kind]})

    def good_vend(self, *arguments: str, **more) -> Ended:
        done = self.vend(*arguments, **more)
        assert done.code == 0, f"kmp-vend {' '.join(arguments)}: {done!r}\nkmpd said: {self.log_text()[-2000:]}"
        return done

    def meter(self, number: str, *options: str, line: str = "pty") -> "Meter":
        meter = Meter(self.folder, number, options, line)
        self.meters.append(meter)
        return meter.start()

    # ---- the log

    def export(self, name: str = "export.kmpaudit") -> str:
        path = str(self.folder / name)
        if os.path.exists(path):
            os.unlink(path)
        self.good_ctl("audit", "export", path)
        return path

    def anchor(self) -> str:
        """The public certificate, as the ceremony printed it."""
        return str(self.folder / "anchor.pem")

    def verify(self) -> Ended:
        return run("kmp-audit", "verify", self.export(), "--certificate", self.anchor(), "--json")

    def events(self) -> list[dict]:
        out, first = [], 0
        while True:
            page = self.good_ctl("--json", "audit", "list", "--first", str(first), "--limit", "1000").json()
            out += page["events"]
            first += len(page["events"])
            if not page["events"] or first >= page["size"]:
                return out

    def initialised(self, anew: bool = False):
        """kmpd, ceremony, a key and a user UKEY. Unless it is to be made anew, or something was set before, a copy of one that was made once for all tests."""
        if anew or not self._untouched():
            self._initialise()
        else:
            self._copy_of("initialised", Platform._initialise)
        return self

    def _initialise(self):
        self.start()
        self.ceremony()
        self.issue("key", "key")
        self.issue("user", "user", "--station", "station-1", "--per-order", "500", "--per-day", "2000000", "--per-month", "30000000", "--orders-per-minute", "1000000")

    def _untouched(self) -> bool:
        return type(self) is Platform and not self.environment and list(self.home.iterdir()) == [self.readers] and not any(self.readers.iterdir())

    def _copy_of(self, name: str, make):
        """Open, as one would be that `make` was just done to, but for a stop and a start in its log. Answers what `make` answered."""
        made = _made_once(name, make)
        shutil.copytree(made / "home", self.home, symlinks=True, dirs_exist_ok=True)
        shutil.copy(made / "anchor.pem", self.anchor())
        kept = json.loads((made / "kept.json").read_text())
        self.serials = kept["serials"]
        self.start()
        self.unseal()
        wait_until("the UKEYs are ready", lambda: all(self.reader(reader).get("content") == "ukey" for reader in self.serials))
        return kept["answer"]


def _made_once(name: str, make) -> pathlib.Path:
    """A stopped platform's folder: of these very programs and this hour, beside the programs, made by the first test that asks."""
    programs = hashlib.sha256("".join(f"{p} {p.stat().st_mtime_ns}" for p in (BIN / "kmpd", BIN / "kmp-tokenhost", BIN / "kmpctl")).encode()).hexdigest()[:16]
    hour = int(time.time() // 3600)
    place = BIN.parent / "tests" / "made_once" / name
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = place / f"{programs}-{hour}"
        if not made.exists():
            for old in place.glob("*-*"):
                if not old.name.endswith(f"-{hour - 1}"):  # somebody may be copying that one
                    shutil.rmtree(old, ignore_errors=True)
            with Platform() as p:
                answer = make(p)
                p.stop()
                (p.folder / "kept.json").write_text(json.dumps({"serials": p.serials, "answer": answer}))
                shutil.rmtree(p.home / "run", ignore_errors=True)
                shutil.copytree(p.folder, place / f"new-{os.getpid()}", symlinks=True)
            (place / f"new-{os.getpid()}").rename(made)
        return made


class Meter:
    """A kmp-meter process on a line of its own."""

    def __init__(self, folder: pathlib.Path, number: str, options: tuple[str, ...], line: str):
        self.number, self.options, self.kind = number, options, line
        self.state = str(folder / f"meter-{number}.state")
        self.link = str(folder / f"meter-{number}.line")
        self.process: subprocess.Popen | None = None

    def start(self):
        line = f"pty:{self.link}" if self.kind == "pty" else "tcp:127.0.0.1:0"
        self.process = subprocess.Popen([str(BIN / "kmp-meter"), "run", "--line", line, "--number", self.number, "--state", self.state, *self.options],
                                        stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        said = []
        while True:
            text = self.process.stdout.readline()
            said.append(text)
            if text.startswith("ready"):
                break
            assert text, f"kmp-meter ended: {said}"
        if self.kind == "pty":
            self.line = f"serial:{self.link}"
        else:
            self.line = "tcp:127.0.0.1:" + re.search(r":(\d+)\s*$", said[-1].strip()).group(1)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process.stdout.close()
        self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def show(self) -> dict:
        return run("kmp-meter", "show", "--state", self.state, "--json").json()

    def keys(self) -> list[bytes]:
        done = run("kmp-meter", "keys", "--reveal-keys", "--state", self.state)
        assert done.code == 0, repr(done)
        return [bytes.fromhex(line.split()[-1]) for line in done.out.splitlines() if line.strip()]
