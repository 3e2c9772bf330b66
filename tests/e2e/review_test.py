"""The auditor's routine on a real log: a station's ledger held against it, faults planted in the ledger, a day on paper."""
import csv
import resource
import subprocess
import unittest

from cases import ProgramCase
from platform_under_test import BIN, Ended, run

import exported_log

CUSTOMER = "000000000042"
METERS = ("000000400001", "000000400002")


def rows_of(path) -> list[dict]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows: list[dict]):
    with open(path, "w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)


class Review(ProgramCase):
    @classmethod
    def setUpClass(cls):
        cls.initialised()
        p = cls.p
        p.issue("desk", "user", "--station", "desk-1", "--operations", "authenticate,open_account,recharge,refund,check_status", "--per-order", "500", "--per-day", "2000")
        for number in METERS:
            meter = p.meter(number)
            p.good_vend("keys", "download", "--line", meter.line, "--meter", number, kind="key")
            at = ("--line", meter.line, "--meter", number)
            p.good_vend("remote", "open", *at, "--amount", "50", "--customer", CUSTOMER, name="desk")
            p.good_vend("remote", "recharge", *at, "--amount", "30.50", name="desk")
        p.good_vend("remote", "refund", "--line", meter.line, "--meter", METERS[1], "--amount", "10", name="desk")
        p.good_vend("remote", "status", "--line", meter.line, "--meter", METERS[1], name="desk")
        assert p.vend("remote", "recharge", *at, "--amount", "501", name="desk").code == 1  # over its cap
        cls.ledger = p.folder / "orders.csv"
        p.good_vend("orders", "export", str(cls.ledger), "--station", "desk-1")
        cls.log = p.folder / "log.kmpaudit"
        p.good_ctl("audit", "export", str(cls.log))
        cls.orders = [r for r in exported_log.read(str(cls.log)) if r.type == exported_log.ORDER]

    def planted(self, change) -> str:
        rows = rows_of(self.ledger)
        rows = change(rows) or rows
        path = self.p.folder / f"{self.id().rsplit('.', 1)[1][:40]}.csv"
        write(path, rows)
        return str(path)

    def found(self, ledger: str, *words: str) -> list[tuple[str, str]]:
        done = run("kmp-audit", "reconcile", str(self.log), ledger, "--json", *words)
        document = done.json()
        self.assertEqual(done.code, 1 if document["differences"] else 0, done)
        return [(d["kind"], d["order_id"]) for d in document["differences"]]

    # ---- the books

    def test_a_station_exports_its_ledger_and_it_agrees_with_the_log(self):
        self.assertEqual([r["kind"] for r in rows_of(self.ledger)], ["open", "recharge", "open", "recharge", "refund"])
        for done in (self.p.ctl("audit", "reconcile", str(self.ledger)), run("kmp-audit", "reconcile", str(self.log), str(self.ledger)),
                     self.p.ctl("audit", "reconcile", str(self.ledger), "--export", str(self.log))):
            self.assertEqual(done.code, 0, done)
            self.assertTrue(done.out.startswith("5 orders, 151.00 yuan: the ledger and the log agree\n"), done.out)
            # A station has a status verified before each order: it shows what came before.
            self.assertIn("1 order, 30.50 yuan, was not shown as credited", done.out)

    def test_planted_faults_are_found_and_nothing_else(self):
        ids = [r["order_id"] for r in rows_of(self.ledger)]
        fresh = "0" * 8 + ids[0][8:]

        def all_of_them(rows):
            rows[0]["amount"] = "50.01"
            rows[1]["meter"] = METERS[1]
            rows[2]["kind"] = "recharge"
            rows[3]["state"] = "voided"
            lost = rows.pop(4)
            rows.append(dict(rows[0], amount="50"))
            rows.append(dict(lost, order_id=fresh))

        path = self.planted(all_of_them)
        self.assertEqual(self.found(path), [("amount", ids[0]), ("meter", ids[1]), ("kind", ids[2]), ("voided_in_ledger", ids[3]), ("duplicate", ids[0]), ("missing", fresh), ("extra", ids[4])])
        done = self.p.ctl("audit", "reconcile", path, "--csv", str(self.p.folder / "differences.csv"))
        self.refused(done, "7 differences between the ledger and the log")
        self.assertEqual([r["order_id"] for r in rows_of(self.p.folder / "differences.csv")], [ids[0], ids[1], ids[2], ids[3], ids[0], fresh, ids[4]])

    def test_sums_are_those_of_the_log(self):
        document = run("kmp-audit", "reconcile", str(self.log), str(self.ledger), "--json").json()
        worth = sum(r.worth() for r in self.orders)
        self.assertEqual(document["totals"]["log"]["net_fen"], worth)
        self.assertEqual(document["stations"]["desk-1"]["ledger"], document["stations"]["desk-1"]["log"])
        self.assertEqual(list(document["ukeys"]), [self.p.serials["desk"]])

    def test_a_bad_line_is_named_and_nothing_is_judged(self):
        path = self.planted(lambda rows: rows[2].update(amount="5O"))
        done = run("kmp-audit", "reconcile", str(self.log), path)
        self.refused(done, "line 4: amount: '5O'")
        self.assertEqual(done.out, "")

    def test_a_meter_reading_round_shows_what_has_not_arrived_and_what_was_never_signed(self):
        readings = self.p.folder / "meters.csv"
        write(readings, [{"meter": METERS[0], "count": "1", "credited": "50", "time": "2099-01-01"}, {"meter": METERS[1], "count": "4", "credited": "", "time": ""}])
        done = run("kmp-audit", "reconcile", str(self.log), str(self.ledger), "--readings", str(readings), "--json")
        self.assertEqual(done.code, 1, done)
        back = done.json()["write_backs"]
        self.assertEqual([(n["meter"], n["purchase_count"], n["not_at_reading"]) for n in back["not_shown"]], [(METERS[0], 2, True)])
        self.assertEqual([(c["kind"], c["meter"]) for c in back["contradictions"]], [("more_than_signed", METERS[1])])

    def test_a_log_that_is_not_sound_is_no_measure(self):
        bent = self.p.folder / "bent.kmpaudit"
        data = bytearray(self.log.read_bytes())
        at = data.rindex(b"desk-1")
        data[at] ^= 1
        bent.write_bytes(bytes(data))
        self.refused(run("kmp-audit", "reconcile", str(bent), str(self.ledger)), "is not sound", "--unsound")
        done = run("kmp-audit", "reconcile", str(bent), str(self.ledger), "--unsound")
        self.refused(done, "proves nothing")

    def test_an_export_for_which_there_is_no_room_is_named_whatever_is_taken_in_with_it(self):
        for more in ((), ("--with", str(self.log))):
            with subprocess.Popen([str(BIN / "kmpctl"), "--home", str(self.p.home), "audit", "reconcile", str(self.ledger), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  restore_signals=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))) as program:
                out, err = program.communicate()
            self.refused(Ended(program.returncode, out, err), "cannot write the export: ")

    # ---- the day on paper

    def text_of(self, pdf) -> str:
        return subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout

    def test_a_day_on_paper_says_what_the_log_says(self):
        pdf = self.p.folder / "day.pdf"
        self.p.good_ctl("audit", "report", str(pdf))
        text = self.text_of(pdf)
        self.assertIn("The log is sound", text)
        self.assertNotIn("NOT SOUND", text)
        self.assertRegex(text, r"desk-1 +5 +161\.00 +0 +0\.00 +10\.00 +151\.00 +1\n")
        self.assertIn("Requests that wait for officers: none", text)
        for serial in self.p.serials.values():
            self.assertIn(serial, text)
        figures = self.p.good_ctl("audit", "report", "--json").json()
        self.assertEqual((figures["figures"]["orders"], figures["figures"]["net_fen"], figures["figures"]["refused_orders"]), (5, 15100, 1))

    def test_the_code_on_paper_is_a_checkpoint_that_the_log_is_verified_against(self):
        pdf, picture = self.p.folder / "code.pdf", self.p.folder / "code"
        self.p.good_ctl("audit", "report", str(pdf))
        subprocess.run(["pdftoppm", "-r", "150", "-png", str(pdf), str(picture)], check=True)
        read = "".join(subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", "-Sbinary", str(page)], capture_output=True, text=True).stdout for page in sorted(self.p.folder.glob("code-*.png")))
        note = self.p.folder / "paper.note"
        note.write_text(read)
        later = self.p.folder / "later.kmpaudit"
        self.p.good_ctl("audit", "export", str(later))
        done = run("kmp-audit", "verify", str(later), "--checkpoint", str(note))
        self.assertEqual(done.code, 0, done)
        # The export of before does not hold all that the paper was signed over.
        self.assertEqual(run("kmp-audit", "verify", str(self.log), "--checkpoint", str(note)).code, 1)

    def test_a_log_that_is_not_sound_is_drawn_and_says_so(self):
        bent, pdf = self.p.folder / "bent2.kmpaudit", self.p.folder / "bent.pdf"
        data = bytearray(self.log.read_bytes())
        data[data.rindex(b"desk-1")] ^= 1
        bent.write_bytes(bytes(data))
        self.refused(self.p.ctl("audit", "report", str(pdf), "--export", str(bent)), "NOT SOUND")
        text = self.text_of(pdf)
        self.assertIn("THE LOG IS NOT SOUND", text)
        self.assertNotIn("The log is sound", text)
        self.assertRegex(text, r"[0-9]+ findings?\. Nothing on this report proves anything")


if __name__ == "__main__":
    unittest.main()
