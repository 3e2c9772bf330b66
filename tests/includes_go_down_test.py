#!/usr/bin/env python3
"""Includes go down only: each room may include itself and the rooms named here (design: the rooms and their order)."""
import pathlib
import re
import sys

ROOMS = {
    "base": [],
    "cli": ["base"],
    "model": ["base"],
    "store": ["base"],
    "pki": ["base", "model"],
    "pkcs11": ["base"],
    "pcsc": ["base"],
    "sheet": ["base"],
    "qr": ["base"],
    "standby": ["base"],
    "tls": ["base"],
    "wire": ["tls", "base", "model"],
    "tokens/host": ["pkcs11", "model", "base"],
    "tokens": ["tokens/host", "pki", "store", "model", "base"],
    # What a UKEY takes to be opened without a service, for kmp-audit alone: readers, PINs, and the host's frames.
    "tokens/alone": ["tokens", "tokens/host", "model", "base"],
    "audit": ["tokens/alone", "cli", "sheet", "pki", "store", "model", "base"],
    "report": ["audit", "cli", "qr", "model", "base"],
    "kmp/suite": ["tokens/host", "base", "model"],
    "kmp/policy": ["base", "model", "store"],
    "kmp/service": ["kmp/suite", "kmp/policy", "kmp/terms", "audit", "tokens", "tokens/host", "wire", "tls", "standby", "pki", "store", "model", "base"],
    "kmp/searches": ["wire", "model", "base"],
    "kmp/terms": ["wire", "model", "base"],
    "kmp": ["kmp/searches", "kmp/terms", "cli", "sheet", "report", "qr", "standby", "kmp/service", "kmp/suite", "kmp/policy", "audit", "tokens", "tokens/host", "wire", "pki", "store", "model", "base"],
    "meter/dlt645": ["base"],
    "meter": ["cli", "pcsc", "meter/dlt645", "base"],
    "vending": ["cli", "wire", "sheet", "pcsc", "meter/dlt645", "model", "base"],
    "ui": ["kmp/searches", "kmp/terms", "cli", "qr", "sheet", "wire", "model", "base"],
}
# Of a room that stands above: what stands on base alone, and is a target of its own (audit_tree).
BESIDES = {"wire": ["audit/checkpoint.h", "audit/merkle.h"], "ui": ["audit/checkpoint.h", "audit/consistency_file.h", "audit/note.h", "audit/proof_file.h"]}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def room_of(path: str) -> str | None:
    for room in sorted(ROOMS, key=len, reverse=True):
        if path == room or path.startswith(room + "/"):
            return room
    return None


def offences(top: pathlib.Path) -> list[str]:
    found = []
    for room in sorted({r.split("/")[0] for r in ROOMS}):
        for file in sorted((top / room).rglob("*")):
            if file.suffix not in {".h", ".cpp"}:
                continue
            relative = file.relative_to(top).as_posix()
            own = room_of(relative)
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = room_of(match.group(1))
                if target is None:
                    found.append(f"{relative}:{number}: '{match.group(1)}' is in no room (paths start at the top of the tree)")
                elif target != own and target not in ROOMS[own] and match.group(1) not in BESIDES.get(own, []):
                    found.append(f"{relative}:{number}: {own} may not include {target}")
    return found


def main() -> int:
    top = pathlib.Path(sys.argv[1])
    found = offences(top)
    print("\n".join(found) if found else "every include goes down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
