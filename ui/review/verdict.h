#pragma once
#include <QByteArray>
#include <QStringList>

#include "ui/parts/theme.h"
#include "ui/review/kept.h"

namespace ui::review {

/// What came of a verification, for a person: one sentence that decides, and what it rests on.
struct Verdict {
    parts::Tone tone = parts::Tone::bad;
    QString title;
    QStringList lines;
};
/// From the JSON of `kmp-audit verify`; `line`: what it said when there is none.
Verdict verdict_of_export(const QByteArray& json, const QString& line);
/// Whether a checkpoint over `size` events can be held against the export that `kmp-audit verify` told of: it is over as many as that holds, or fewer, and not before it begins.
bool lies_within(std::uint64_t size, const QByteArray& json);
/// From the JSON of `kmpctl audit report`.
Verdict verdict_of_report(const QByteArray& json, const QString& line);
/// From the JSON of `kmp-audit verify-proof` of two checkpoints. It must be the proof that was asked for, from `asked`, and lead to a log of `at_least` events: as many as this computer has seen.
Verdict verdict_of_proof(const QByteArray& json, const QString& line, const Note& asked, std::uint64_t at_least);

}  // namespace ui::review
