#include "ui/review/verdict.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "ui/parts/words.h"

namespace ui::review {
namespace {

using parts::Tone;

constexpr int kMostFindings = 8;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(verdict)
};

quint64 count(const QJsonValue& value) { return static_cast<quint64>(value.toInteger()); }

/// The first findings, each with its event.
QStringList findings_of(const QJsonObject& verdict) {
    QStringList out;
    const QJsonArray all = verdict[QStringLiteral("findings")].toArray();
    for (const QJsonValue finding : all) {
        if (out.size() == kMostFindings) break;
        const QString rule = finding[QStringLiteral("rule")].toString();
        const QString message = finding[QStringLiteral("message")].toString();
        const QJsonValue index = finding[QStringLiteral("index")];
        out << (index.isDouble() ? Say::tr("Event %1, rule %2: %3").arg(parts::number(count(index)), rule, message) : Say::tr("Rule %1: %2").arg(rule, message));
    }
    const quint64 more = count(verdict[QStringLiteral("finding_count")]) - static_cast<quint64>(out.size());
    if (more > 0) out << Say::tr("%n more finding(s)", nullptr, static_cast<int>(std::min<quint64>(more, 1'000'000)));
    return out;
}

/// What it was held against.
void add_basis(Verdict& out, const QJsonObject& v, const QString& known_field) {
    const QJsonValue known = v[known_field];
    if (known.isDouble()) out.lines << Say::tr("It still holds all %1 events of the checkpoint that was kept.").arg(parts::number(count(known)));
    else out.lines << Say::tr("It was held against no earlier checkpoint: whether the log was set back does not show.");
    const QString print = v[QStringLiteral("trust_anchor_sha256")].toString();
    if (v[QStringLiteral("trust_anchor_from_export")].toBool()) out.lines << Say::tr("The trust anchor comes out of the log itself. Compare its fingerprint with that of the ceremony: %1").arg(print);
    else out.lines << Say::tr("It was held against the trust anchor that you gave.");
    if (!v[QStringLiteral("rules_replayed")].toBool()) out.lines << Say::tr("It does not begin at the first event: the rules of what was done could not be replayed.");
}

Verdict failed(const QString& line) { return {Tone::bad, Say::tr("It could not be checked."), {line.isEmpty() ? Say::tr("The program said nothing.") : line}}; }

void not_sound(Verdict& out, const QJsonObject& v) {
    out.tone = Tone::bad;
    out.title = Say::tr("NOT SOUND: the log is not as it was written.");
    out.lines = findings_of(v);
    out.lines << Say::tr("Mend and delete nothing. Keep this file, and do as the auditor's handbook says in section 10.");
}

}  // namespace

Verdict verdict_of_export(const QByteArray& json, const QString& line) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    if (!v.contains(QStringLiteral("sound"))) return failed(line);
    Verdict out;
    if (!v[QStringLiteral("sound")].toBool()) {
        not_sound(out, v);
        return out;
    }
    const quint64 first = count(v[QStringLiteral("first")]);
    const quint64 size = count(v[QStringLiteral("size")]);
    out.tone = Tone::good;
    out.title = first == 0 ? Say::tr("Sound: all %1 events are there, in order and unchanged.").arg(parts::number(size)) : Say::tr("Sound: the events from %1 to %2 are there, in order and unchanged.").arg(parts::number(first), parts::number(size - 1));
    out.lines << Say::tr("Signed by %1").arg(v[QStringLiteral("signed_by")].toString());
    add_basis(out, v, QStringLiteral("checkpoint_given_size"));
    return out;
}

bool lies_within(std::uint64_t size, const QByteArray& json) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    // Nothing was told: another run would tell no more.
    return !v.contains(QStringLiteral("size")) || (size >= count(v[QStringLiteral("first")]) && size <= count(v[QStringLiteral("size")]));
}

Verdict verdict_of_report(const QByteArray& json, const QString& line) {
    const QJsonObject all = QJsonDocument::fromJson(json).object();
    const QJsonObject v = all[QStringLiteral("verification")].toObject();
    if (v.isEmpty()) return failed(line);
    Verdict out;
    if (!v[QStringLiteral("sound")].toBool()) {
        not_sound(out, v);
        return out;
    }
    const QString day = all[QStringLiteral("day")].toString();
    out.tone = Tone::good;
    out.title = Say::tr("The log is sound. This is %1.").arg(day);
    if (!all[QStringLiteral("over")].toBool()) {
        out.tone = Tone::attention;
        out.title = Say::tr("The log is sound. %1 is not over: these are figures of a part of the day.").arg(day);
    }
    if (all[QStringLiteral("lacks_its_beginning")].toBool()) {
        out.tone = Tone::attention;
        out.title = Say::tr("The log is sound, but the beginning of %1 is in the archive.").arg(day);
        out.lines << Say::tr("Add the archive segment that holds it, and make the report again.");
    }
    add_basis(out, v, QStringLiteral("earlier_checkpoint_size"));
    return out;
}

Verdict verdict_of_proof(const QByteArray& json, const QString& line, const Note& asked, std::uint64_t at_least) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    if (!v[QStringLiteral("holds")].toBool()) return {Tone::bad, Say::tr("The proof does not hold."), {line}};
    const quint64 older = count(v[QStringLiteral("older_size")]);
    const quint64 newer = count(v[QStringLiteral("newer_size")]);
    // A proof that holds may still be another one: of an older checkpoint, of another log, up to a log that was set back since.
    const bool of_it = v[QStringLiteral("kind")].toString() == QStringLiteral("consistency") && older == asked.size && v[QStringLiteral("older_root")].toString().toStdString() == asked.root && v[QStringLiteral("origin")].toString().toStdString() == asked.origin;
    if (!of_it || newer < at_least) return {Tone::bad, Say::tr("It does NOT hold."), {Say::tr("The service proved something else: from %1 events to %2, of %3.").arg(parts::number(older), parts::number(newer), v[QStringLiteral("origin")].toString())}};
    return {Tone::good, Say::tr("It holds: the log of today begins with all %1 events of that checkpoint.").arg(parts::number(older)),
            {Say::tr("None of them was changed, removed or put in between. The log has %1 events now.").arg(parts::number(newer)), Say::tr("Whose log: %1").arg(v[QStringLiteral("origin")].toString())}};
}

}  // namespace ui::review
