"""What can go wrong, as exceptions. A program decides by the code; the message is one line for a person."""
from __future__ import annotations

#: The codes after which the very same request may be sent again, later or after what the message says was mended. An order that was charged already is answered again under its id
#: and charged no second time. After any other code repeating it as it is changes nothing.
REPEATABLE = frozenset({"sealed", "busy", "timeout", "cancelled", "token_removed", "token_failed", "outcome_unknown", "storage_full", "storage_failed", "io_failed"})


class KmpError(Exception):
    """A request that was not done, or of which nobody knows.

    code         the stable name of docs/PROTOCOL.md 5: "refused", "wrong_pin", "io_failed" ..
    message      one line for a person: what happened and what to do next
    retry_after  seconds, with "busy"; otherwise 0.0
    """

    def __init__(self, code: str, message: str, retry_after: float = 0.0):
        super().__init__(message)
        self.code, self.message, self.retry_after = code, message, retry_after

    @property
    def repeatable(self) -> bool:
        """Whether the same request, with the same order id, may be sent again."""
        return self.code in REPEATABLE


class Refused(KmpError):
    """A rule of the grant or of the platform says no; nothing was charged."""

    @property
    def rule(self) -> str:
        """The rule that said no, "per_order" say; empty where the message names none."""
        head, colon, _ = self.message.partition(":")
        return head if colon and head.replace("_", "").isalnum() else ""


class Lost(KmpError):
    """No answer came: the connection broke ("io_failed") or the time was up ("timeout"). What was asked may have happened. Ask for the same order again, with the same id."""


def error_of(code: str, message: str, retry_after_ms: int = 0) -> KmpError:
    """The exception that a Failure of kmpd's stands for."""
    kind = Refused if code == "refused" else KmpError
    return kind(code or "internal", message, retry_after_ms / 1000)
