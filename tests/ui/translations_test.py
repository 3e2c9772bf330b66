#!/usr/bin/env python3
"""Every text of the window is in every language: lupdate finds none that is not in the .ts files, none of these is unfinished, and none lost a placeholder."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

LUPDATE = "/usr/lib/qt6/bin/lupdate"


def texts(file: pathlib.Path) -> dict[tuple[str, str], ET.Element]:
    out = {}
    for context in ET.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            out[(context.findtext("name"), message.findtext("source"))] = message
    return out


def translations(message: ET.Element) -> list[str]:
    translation = message.find("translation")
    forms = translation.findall("numerusform")
    return [f.text or "" for f in forms] if forms else [translation.text or ""]


def faults(top: pathlib.Path) -> list[str]:
    found = []
    sources = sorted(str(p.relative_to(top)) for suffix in ("cpp", "h") for p in (top / "ui").rglob(f"*.{suffix}"))
    with tempfile.TemporaryDirectory() as folder:
        for kept in sorted((top / "ui/translations").glob("*.ts")):
            fresh = pathlib.Path(folder) / kept.name
            shutil.copy(kept, fresh)
            subprocess.run([LUPDATE, "-silent", "-no-obsolete", "-locations", "none", "-I", ".", *sources, *(["-pluralonly"] if kept.stem.endswith("_en") else []), "-ts", str(fresh)], cwd=top, check=True)
            now, before = texts(fresh), texts(kept)
            found += [f"{kept.name}: {c}: '{s}' is not in it yet: run scripts/translations" for c, s in now if (c, s) not in before]
            found += [f"{kept.name}: {c}: '{s}' is no text of the window any more: run scripts/translations" for c, s in before if (c, s) not in now]
            for (context, source), message in now.items():
                # lupdate loses the namespace where a function's return type is qualified; the window would look for the text elsewhere.
                if context[0].isupper():
                    found.append(f"{kept.name}: '{source}' stands under '{context}', without its namespace")
                if message.find("translation").get("type") == "unfinished":
                    found.append(f"{kept.name}: {context}: '{source}' is not translated")
                    continue
                for text in translations(message):
                    if sorted(set(re.findall(r"%(?:\d+|n)", source))) != sorted(set(re.findall(r"%(?:\d+|n)", text))):
                        found.append(f"{kept.name}: {context}: '{source}' and '{text}' have other placeholders")
    return found


def main() -> int:
    found = faults(pathlib.Path(sys.argv[1]))
    print("\n".join(found[:50]) if found else "every text is there in every language")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
