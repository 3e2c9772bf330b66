"""Runs a test beside the servers that a token needs: `sandbox.py opencryptoki|tpm2 PROGRAM [ARGUMENT...]`.

To be started inside `unshare -Urmni`: pkcsslotd insists on paths of the system, which are temporary file systems here, and on one shared memory for all; and the servers
have a network of their own. Every server is ended by its process id. Exits as the program does.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

TPM_PORT = 2321


def run(*command: str):
    subprocess.run(command, check=True)


def wait_for(what: str, condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.02)


def loopback_up():
    get_flags, set_flags, up = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        name, flags = struct.unpack("16sH", fcntl.ioctl(s, get_flags, struct.pack("16sH14x", b"lo", 0))[:18])
        fcntl.ioctl(s, set_flags, struct.pack("16sH14x", name, flags | up))


@contextlib.contextmanager
def server(*command: str):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # pkcsslotd sometimes waits for clients that are gone
            process.kill()
            process.wait()


@contextlib.contextmanager
def opencryptoki(folder: pathlib.Path):
    lock = os.path.realpath("/var/lock")
    for path in ["/run", "/var/lib/opencryptoki", "/var/log", "/dev/shm"]:
        run("mount", "-t", "tmpfs", "none", path)
    pathlib.Path("/var/log/opencryptoki").mkdir()  # the package leaves it to systemd, which need not run here
    pathlib.Path(lock).mkdir(parents=True, exist_ok=True)  # it lies in /run
    run("mount", "-t", "tmpfs", "none", lock)
    pathlib.Path(lock, "opencryptoki/swtok").mkdir(parents=True)
    pathlib.Path("/var/lib/opencryptoki/swtok/TOK_OBJ").mkdir(parents=True)
    for target, text in {"/etc/opencryptoki/opencryptoki.conf": "version opencryptoki-3.1\nslot 0\n{\nstdll = libpkcs11_sw.so\n}\n",
                         "/etc/group": "root:x:0:\npkcs11:x:0:root\n"}.items():
        ours = folder / pathlib.Path(target).name
        ours.write_text(text)
        run("mount", "--bind", str(ours), target)
    with server("pkcsslotd", "-f"):
        wait_for("pkcsslotd", lambda: os.path.exists("/run/pkcsslotd.socket"))
        yield


def listens(path: pathlib.Path) -> bool:
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(str(path)) == 0


def answers(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def tpm2(folder: pathlib.Path):
    """A TPM keeps three keys loaded; tpm2-abrmd swaps them, as the kernel does for a real one."""
    loopback_up()
    state, store, bus = folder / "tpm", folder / "store", folder / "bus"
    state.mkdir()
    store.mkdir()
    (folder / "bus.conf").write_text(
        f"<busconfig><type>session</type><listen>unix:path={bus}</listen><policy context='default'>"
        "<allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy></busconfig>")
    os.environ |= {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}", "TPM2_PKCS11_STORE": str(store), "TPM2_PKCS11_TCTI": "tabrmd:bus_type=session",
                   "TSS2_LOG": "all+none", "TPM2_PKCS11_LOG_LEVEL": "0"}
    # The port for control is asked for; a question at the port for commands would take the place of the one connection that it serves.
    with server("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server", f"type=tcp,port={TPM_PORT},bindaddr=127.0.0.1",
                "--ctrl", f"type=tcp,port={TPM_PORT + 1},bindaddr=127.0.0.1", "--flags", "not-need-init,startup-clear"):
        wait_for("swtpm", lambda: answers(TPM_PORT + 1))
        with server("dbus-daemon", "--nofork", f"--config-file={folder / 'bus.conf'}"):
            wait_for("dbus-daemon", lambda: listens(bus))  # its file is there before it listens
            with server("tpm2-abrmd", "--session", "--allow-root", f"--tcti=swtpm:host=127.0.0.1,port={TPM_PORT}"):
                owner = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetNameOwner",
                         "string:com.intel.tss2.Tabrmd"]
                wait_for("tpm2-abrmd", lambda: subprocess.run(owner, capture_output=True).returncode == 0)
                yield


def main() -> int:
    kind, *program = sys.argv[1:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kmp-tok-", dir="/tmp"))
    try:
        with {"opencryptoki": opencryptoki, "tpm2": tpm2}[kind](folder):
            return subprocess.run(program).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
