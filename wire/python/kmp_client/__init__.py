"""Sell electricity through kmpd: a client for vending stations (docs/STATION.md, docs/PROTOCOL.md).

`Station` is the session, `pb` are the messages of the schema, `Pin` is what opens it, `KmpError` is what goes wrong.
"""
from . import kmp_pb2 as pb
from .errors import REPEATABLE, KmpError, Lost, Refused
from .known_log import KnownLog
from .pin import Pin
from .station import Habits, Pending, Station, new_order, order_id, order_text, tlog_proof

__all__ = ["Habits", "KmpError", "KnownLog", "Lost", "Pending", "Pin", "REPEATABLE", "Refused", "Station", "new_order", "order_id", "order_text", "pb", "tlog_proof"]
