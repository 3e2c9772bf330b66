"""The commands that the handbooks show exist: each subcommand, and each option, is in the help of its program."""
import functools
import pathlib
import re
import shlex
import subprocess
import unittest

from platform_under_test import BIN

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PROGRAMS = ("kmpctl", "kmp-audit", "kmp-vend", "kmp-meter")
CODE = re.compile(r"`((?:" + "|".join(PROGRAMS) + r") [^`]*)`")


@functools.cache
def help_of(program: str, *words: str) -> str:
    done = subprocess.run([BIN / program, *words, "--help"], capture_output=True, text=True, timeout=60)
    return done.stdout if done.returncode == 0 else ""


@functools.cache
def subcommands(program: str, *words: str) -> frozenset[str]:
    _, _, listed = help_of(program, *words).partition("\nSubcommands:\n")
    return frozenset(re.findall(r"^  (\S+)", listed, re.MULTILINE))


@functools.cache
def options(program: str, *words: str) -> dict[str, bool]:
    """Of this command and of those that it belongs to, and whether they take a value."""
    out = dict(options(program, *words[:-1])) if words else {}
    for names, value in re.findall(r"^ {2,4}(-[^ ]+)( (?:[A-Z][\w:=<>]*|\S*[A-Z]\S*))?", help_of(program, *words).partition("\nOptions:\n")[2], re.MULTILINE):
        out |= {name: bool(value) for name in names.split(",")}
    return out


def commands(page: str) -> list[str]:
    """Of the indented blocks and of the text. Where several ways stand in one (`suspend|resume`), or a part is left out (`..`), the rest is judged."""
    out = []
    for block in re.findall(r"(?:^(?: {4}|\t).*\n)+", page, re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            line = re.split(r" {3,}", line.strip())[0].split(" #")[0]  # what it is for stands behind it
            if line.startswith(tuple(p + " " for p in PROGRAMS)):
                out.append(line)
    out += CODE.findall(page)
    return out


def judge(command: str) -> str | None:
    """What of it does not exist; None: all of it does."""
    command = re.split(r"\s(?:[|;&<>]|\d[<>]|2>)", command)[0].replace("..", " ")
    try:
        program, *words = shlex.split(re.sub(r"[\[\]]", " ", command))
    except ValueError as e:
        return f"cannot be pasted: {e}"
    path: tuple[str, ...] = ()
    value = False  # of the option before it
    for word in words:
        if word.startswith("--"):
            name, given, _ = word.partition("=")
            known_options = options(program, *path)
            if name != "--help" and name not in known_options:
                return f"{' '.join((program, *path))} has no {name}"
            value = known_options.get(name, False) and not given
        elif value:
            value = False
        elif known := subcommands(program, *path):
            ways = word.split("|")
            if not all(w in known for w in ways):
                if word.isupper() or not word:
                    return None  # a place-holder
                return f"{' '.join((program, *path))} has no {word}"
            path += (ways[0],)
    return None


class Handbooks(unittest.TestCase):
    def test_every_command_that_a_page_shows_exists(self):
        judged = 0
        for page in sorted(DOCS.glob("*.md")):
            for command in commands(page.read_text()):
                with self.subTest(page=page.name, command=command):
                    self.assertIsNone(judge(command))
                judged += 1
        self.assertGreater(judged, 100)

    def test_every_rule_that_a_finding_names_is_in_the_auditors_handbook(self):
        named = {rule for source in (DOCS.parent / "audit").glob("*.cpp") for rule in re.findall(r'\b(?:find_?|on_damage|on_finding_)\([^;"]*, "([a-z]+)",', source.read_text())}
        self.assertGreater(len(named), 25)
        _, _, part = (DOCS / "AUDITOR.md").read_text().partition("\n## 7. ")
        told = {rule for line in part.partition("\n## 8. ")[0].splitlines() if line.startswith("| `") for rule in re.findall(r"`([a-z]+)`", line.split(" | ")[0])}
        self.assertEqual(named, told)

    def test_a_command_that_does_not_exist_is_found(self):
        for wrong in ("kmpctl ukey isue", "kmpctl ukey issue --kinde user", "kmp-audit verify --nothing FILE"):
            self.assertIsNotNone(judge(wrong), wrong)
        for right in ("kmpctl ukey suspend|resume SERIAL --reason TEXT", "kmp-audit --json verify FILE --certificate anchor.pem"):
            self.assertIsNone(judge(right), right)
