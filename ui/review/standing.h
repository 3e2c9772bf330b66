#pragma once
#include <QByteArray>

#include "ui/parts/verdict.h"
#include "ui/parts/verified.h"

namespace ui::link {
class Link;
struct Kept;
}

namespace ui::review {

/// What this computer keeps of the log, for a verdict to say what it was held against. `own`: a checkpoint that takes its place; empty: none.
parts::Seen seen_of(const link::Link& link, const link::Kept& kept, const std::string& own);
/// A verdict as it counts now: what was found well is greyed, with the reason, while the log is not believed, or where the trust anchor is another since. What was found bad stays.
parts::Verdict as_of_now(parts::Verdict verdict, const link::Link& link, bool same_anchor = true);
/// Nothing was verified, for the checkpoint to hold it against is not at hand: without it less would be checked than is said. `why`: one line.
parts::Verdict verdict_without_checkpoint(const QString& why);
/// Whether something that was made when `platform` was open is of another one than is open now. While none is open it is not.
bool is_of_another(const std::string& platform, const link::Link& link);
/// Keeps what kmp-audit or kmpctl found, for Home. `json`: as they write it; where it holds no verdict, or speaks well of a log that is not believed, nothing is kept. `held`: against what this computer knows of the log; a file that could not be is sound as far as it goes, and that is kept of none.
void keep_found(const link::Link& link, parts::Verified::By by, const QByteArray& json, bool held = true);

}  // namespace ui::review
