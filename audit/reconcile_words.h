#pragma once
#include <string>

#include "audit/export_file.h"
#include "audit/reconcile.h"

namespace audit {

/// What a reconciliation was made of.
struct ReconcileBasis {
    ExportFile::Log log;
    Verdict verdict;
    Ledger ledger;
    Period period;
    std::string period_words;  ///< "2026-11-22 (+08:00)"
    std::set<std::string> stations;  ///< the only ones; empty: all
    bool readings = false;     ///< whether there was a meter reading round
};

/// For a person: one line when all agrees, otherwise each difference on a line of its own, and the sums in which the sides differ. `all_totals`: every
/// sum, also of those that agree.
std::string in_words(const ReconcileBasis& basis, const Reconciled& found, bool all_totals);
/// One JSON document, with all of it.
std::string in_json(const ReconcileBasis& basis, const Reconciled& found);
/// The differences as CSV, with a head.
std::string in_csv(const ReconcileBasis& basis, const Reconciled& found);
/// "2 differences of 13.00 yuan between the ledger and the log": one line, for an end that is not well.
std::string verdict_line(const Reconciled& found);

/// Whose word the anchor is: "trust anchor SHA-256 ..", and what to do where nobody named one.
std::string anchor_words(const Verdict& verdict);

}  // namespace audit
