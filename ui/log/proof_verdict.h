#pragma once
#include <QByteArray>
#include <QStringList>
#include <optional>

#include "ui/log/log_source.h"
#include "ui/parts/verdict.h"

namespace ui::log {

/// What a proof must be of. Nothing: of whichever event it is. Without `json`: of this number and leaf hash, as a receipt says them; with it: of the event as it is shown, in all that it says.
using Asked = std::optional<pb::AuditEvent>;

/// Before it is checked: why this file cannot be, with these keys. Nothing: it can. That it is signed under a key that is not here is neither yes nor no; whoever made it up could have it so.
std::optional<parts::Verdict> cannot_be_checked(const QByteArray& file, const QStringList& keys);
/// From the JSON of `kmp-audit verify-proof`, which found that it holds.
parts::Verdict verdict_of_proof(const QByteArray& json, const Asked& asked);
/// It does not hold; `line`: what of it. `asked`: the service gave it.
parts::Verdict verdict_of_bad_proof(const Asked& asked, const QString& line);
/// The log has no event of this number yet, or no more.
parts::Verdict verdict_past_the_end(std::uint64_t index, const QString& line);

}  // namespace ui::log
