"""An auditor finds events: filters, pages, one event with its fields, saved searches, and the index of a log that has grown."""
import hashlib
import os
import stat
import unittest

import exported_log
from cases import StationCase
from platform_under_test import Platform, wait_until
from station import order_id, uuid_text
from wire import kmp_pb2 as pb

METER, OTHER_METER = 12345678901, 12345678902
IN_FLIGHT = 16
INDEXING = 300.0  # seconds: it waits for a processor that nobody else wants


class Search(StationCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        os.environ["XDG_CONFIG_HOME"] = str(cls.p.folder / "config")
        cls.addClassCleanup(os.environ.pop, "XDG_CONFIG_HOME")
        cls.p.issue("second", "user", "--station", "station-2", "--per-order", "500")
        case = cls()
        first, second = case.session("user"), case.session("second")
        cls.order = order_id()
        first.order(METER, 5000, kind=pb.OPEN_ACCOUNT, order=cls.order)
        second.order(OTHER_METER, 700, kind=pb.OPEN_ACCOUNT)
        with case.refused("refused", "per_order"):
            second.order(OTHER_METER, 99900)
        case.doCleanups()
        cls.all = cls.p.events()

    def old(self, events: list[dict]) -> list[int]:
        """Those that were there when the tests began: these add some themselves."""
        return [e["index"] for e in events if e["index"] < len(self.all)]

    def found(self, *filters: str) -> list[int]:
        return self.old(self.p.good_ctl("--json", "audit", "list", "--limit", "1000", *filters).json()["events"])

    def by_hand(self, fits) -> list[int]:
        """What the fields of the whole list say: a filter of the test's own."""
        out = [e["index"] for e in self.all if fits(e["json"])]
        self.assertTrue(out, "nothing fits: that shows nothing")
        return out

    def test_each_filter_finds_what_its_fields_say_and_nothing_else(self):
        serial = self.p.serials["second"]
        for filters, fits in (
            (("--type", "order"), lambda f: f["type"] == "order"),
            (("--type", "order", "--type", "genesis"), lambda f: f["type"] in ("order", "genesis")),
            (("--station", "station-2"), lambda f: f.get("station") == "station-2"),
            (("--meter", f"{METER:012}"), lambda f: f.get("meter") == f"{METER:012}"),
            (("--ukey", serial), lambda f: f.get("ukey") == serial),
            (("--order", uuid_text(self.order)), lambda f: f.get("order_id") == uuid_text(self.order)),
            (("--outcome", "refused"), lambda f: f["type"] in ("denied", "order_refused", "session_refused", "pin_failed")),
            (("--amount-from", "7", "--amount-to", "50"), lambda f: 700 <= f.get("amount", 0) <= 5000),
            (("--amount-from", "7.01", "--type", "order"), lambda f: f["type"] == "order" and f["amount"] > 700),
            (("--text", "GENES*"), lambda f: f["type"] == "genesis"),
            (("--text", f"station-1 {METER:012}"), lambda f: f.get("station") == "station-1" and f.get("meter") == f"{METER:012}"),
        ):
            self.assertEqual(self.found(*filters), self.by_hand(fits), filters)
        self.assertEqual(self.found("--text", "nobodywroteso"), [])
        self.assertEqual(self.found("--type", "order", "--station", "station-3"), [])

    def test_times_bound_a_search_from_both_sides(self):
        middle = self.all[len(self.all) // 2]["json"]["time"]
        self.assertEqual(self.found("--from", middle), self.by_hand(lambda f: f["time"] >= middle))
        self.assertEqual(self.found("--until", middle), self.by_hand(lambda f: f["time"] < middle))
        self.assertEqual(self.found("--until", "2000-01-01"), [])
        self.assertEqual(self.found("--from", "1d"), [e["index"] for e in self.all])

    def test_pages_follow_on_each_other_in_both_directions(self):
        everything = self.by_hand(lambda f: "ukey" in f)
        serials = {e["json"]["ukey"] for e in self.all if "ukey" in e["json"]}
        filters = [word for s in sorted(serials) for word in ("--ukey", s)]
        self.assertEqual(self.found(*filters), everything)
        for option, order in (("--before", reversed), ("--first", iter)):
            pages, where = [], [] if option == "--before" else ["--first", "0"]
            while True:
                page = self.p.good_ctl("--json", "audit", "list", "--limit", "3", *filters, *where).json()
                self.assertLessEqual(len(page["events"]), 3)
                pages.append(self.old(page["events"]))
                if page["end"]:
                    break
                where = [option, str(page["next"])]
            self.assertEqual([i for page in order(pages) for i in page], everything, option)

    def test_one_event_is_shown_with_its_fields_and_the_hash_that_the_export_gives(self):
        index = self.by_hand(lambda f: f["type"] == "order")[0]
        shown = self.p.good_ctl("audit", "show", str(index)).out
        for words in ("50.00 yuan", f"{METER:012}", uuid_text(self.order), "station-1"):
            self.assertIn(words, shown)
        leaf = hashlib.sha256(b"\0" + exported_log.read(self.p.export("shown.kmpaudit"))[index].raw).hexdigest()
        self.assertIn(leaf, shown)
        self.assertEqual(self.p.good_ctl("--json", "audit", "show", str(index)).json()["leaf_hash"], leaf)
        none = self.p.ctl("audit", "show", "999999")
        self.assertEqual((none.code, len(none.err.strip().splitlines())), (1, 1), none)

    def test_what_is_no_filter_is_refused(self):
        for filters in (("--type", "no_such"), ("--text", "*"), ("--text", "-")):
            refused = self.p.ctl("audit", "list", *filters)
            self.assertEqual((refused.code, len(refused.err.strip().splitlines())), (1, 1), refused)
        self.assertEqual(self.p.ctl("audit", "list", "--outcome", "no_such").code, 2)

    def test_a_saved_search_finds_what_it_found_when_it_was_typed(self):
        self.p.good_ctl("audit", "search", "save", "refusals", "--outcome", "refused", "--from", "1d")
        run_again = self.p.good_ctl("--json", "audit", "search", "run", "refusals").json()
        self.assertEqual(self.old(run_again["events"]), self.found("--outcome", "refused"))
        self.assertIn("--outcome refused --from 1d", self.p.good_ctl("audit", "search", "list").out)
        self.p.good_ctl("audit", "search", "remove", "refusals")
        self.assertEqual(self.p.ctl("audit", "search", "run", "refusals").code, 1)


class Indexed(StationCase):
    """A log longer than a segment of the index (16384 events)."""

    def test_the_index_of_a_log_that_has_grown_is_kept_beside_it_and_made_again_when_it_is_lost(self):
        with Platform() as p:
            self.p = p
            p.initialised()
            p.issue("busy", "user", "--station", "station-2", "--operations", "authenticate,open_account,recharge,random")
            s = self.session("busy")
            s.order(METER, 100, kind=pb.OPEN_ACCOUNT)
            for begin in range(0, 16384, IN_FLIGHT):
                for i in range(IN_FLIGHT):
                    s.send(pb.StationRequest(id=begin + i + 100, random=pb.Random(size=16)))
                for _ in range(IN_FLIGHT):
                    self.assertFalse(s.receive(pb.StationReply).HasField("failure"))
            s.last = 100000
            s.order(METER, 100)
            wait_until("a segment is indexed", lambda: p.status().get("searchable", 0) == 16384, INDEXING)
            file = p.home / "search.db"
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            found = lambda *f: [e["index"] for e in p.good_ctl("--json", "audit", "list", *f).json()["events"]]
            opened = found("--type", "order")
            self.assertEqual(len(opened), 2)
            p.stop()
            for name in ("search.db", "search.db-wal", "search.db-shm"):
                (p.home / name).unlink(missing_ok=True)
            p.start()
            p.unseal()
            self.assertEqual(found("--type", "order"), opened)
            wait_until("it is indexed again", lambda: p.status().get("searchable", 0) == 16384, INDEXING)
            self.assertEqual(found("--type", "order"), opened)
            self.sound()


if __name__ == "__main__":
    unittest.main()
