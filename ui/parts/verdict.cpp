#include "ui/parts/verdict.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <utility>

#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

constexpr int kMostFindings = 12;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(verdict)
};

/// Words of a file or a service that nobody vouches for yet.
QString words(const QJsonValue& value) { return text(bytes(value.toString())); }
quint64 count(const QJsonValue& value) { return static_cast<quint64>(value.toInteger()); }

void add_more(QStringList& lines, quint64 all) {
    const quint64 more = all - std::min(all, static_cast<quint64>(lines.size()));
    if (more > 0) lines << Say::tr("%n more finding(s)", nullptr, static_cast<int>(std::min<quint64>(more, 1'000'000)));
}

/// The first findings, each with its event.
QStringList findings_of(const QJsonObject& verdict) {
    QStringList out;
    const QJsonArray all = verdict[QStringLiteral("findings")].toArray();
    for (const QJsonValue finding : all) {
        if (out.size() == kMostFindings) break;
        const QString rule = words(finding[QStringLiteral("rule")]);
        const QString message = words(finding[QStringLiteral("message")]);
        const QJsonValue index = finding[QStringLiteral("index")];
        out << (index.isDouble() ? Say::tr("Event %1, rule %2: %3").arg(number(count(index)), rule, message) : Say::tr("Rule %1: %2").arg(rule, message));
    }
    add_more(out, count(verdict[QStringLiteral("finding_count")]));
    return out;
}

/// What it was held against.
void add_basis(Verdict& out, const QJsonObject& v, const QString& known_field, const Seen& seen) {
    const QJsonValue known = v[known_field];
    const QString when = seen.when != 0 ? moment(seen.when) : Say::tr("an unknown time");
    if (known.isDouble() && seen.given) out.lines << Say::tr("It still holds all %1 events of the checkpoint that you gave. The one that this computer kept was not looked at.").arg(number(count(known)));
    else if (known.isDouble()) out.lines << Say::tr("It still holds all %1 events of the checkpoint that this computer kept, of %2.").arg(number(count(known)), when);
    else if (seen.events > count(v[QStringLiteral("size")])) out.lines << Say::tr("This computer has seen %1 events of this log (%2), and this file ends at %3: what follows is not in it, or was cut.").arg(number(seen.events), when, number(count(v[QStringLiteral("size")])));
    else out.lines << Say::tr("It was held against no earlier checkpoint: whether the log was set back does not show.");
    const QString print = v[QStringLiteral("trust_anchor_sha256")].toString();
    if (v[QStringLiteral("trust_anchor_from_export")].toBool()) out.lines << Say::tr("The trust anchor comes out of the log itself. Compare its fingerprint with that of the ceremony: %1").arg(print);
    else out.lines << Say::tr("It was held against the trust anchor that you gave: %1").arg(print);
    if (!v[QStringLiteral("rules_replayed")].toBool()) out.lines << Say::tr("It does not begin at the first event: the rules of what was done could not be replayed.");
}

QString not_checked() { return Say::tr("It could not be checked."); }
QString holds_not() { return Say::tr("It does NOT hold."); }

Verdict failed(const QString& line) { return {Tone::bad, not_checked(), {line.isEmpty() ? Say::tr("The program said nothing.") : line}}; }

QString handbook() { return Say::tr("Mend, restart and delete nothing. Have the platform sealed, keep its files, its exports and your checkpoints, and go on with section 10 of the auditors' handbook."); }

/// `lines`: what was found.
Verdict not_sound(QStringList lines) {
    lines << handbook();
    return {Tone::bad, Say::tr("THE LOG IS NOT SOUND: it is not as it was written, or something was done against the rules."), std::move(lines)};
}

bool is_within(std::uint64_t size, const QJsonObject& v) { return size >= count(v[QStringLiteral("first")]) && size <= count(v[QStringLiteral("size")]); }

/// In front of what was found without the checkpoint that was given.
void add_beside(Verdict& out, Beside where, const Note& given, const QJsonObject& v) {
    QStringList lines;
    const QString title = std::exchange(out.title, where == Beside::before ? Say::tr("Not held against your checkpoint: it lies before what was verified.") : Say::tr("This file ends before your checkpoint: is it an older file?"));
    if (where == Beside::before)
        lines << Say::tr("Your checkpoint is over %1 events; what was verified begins behind them, with event %2. Take all of the log, or a file that begins earlier, to hold against it. What is archived comes in segments, which the daily report takes too.").arg(number(given.size), number(count(v[QStringLiteral("first")])));
    else
        lines << Say::tr("The file ends at %1 events, and your checkpoint is over %2. If there is a newer file, verify that one.").arg(number(count(v[QStringLiteral("size")])), number(given.size)) << Say::tr("If this is all there is, the log was set back: an alarm.") + QLatin1Char(' ') + handbook();
    out.tone = Tone::attention;
    out.lines = lines + QStringList{Say::tr("What was found without it: %1").arg(title)} + out.lines;
    out.line = words(v[QStringLiteral("findings")][0][QStringLiteral("message")]);
}

}  // namespace

Verdict verdict_of_export(const QByteArray& json, const QString& line, const Seen& seen) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    if (!v.contains(QStringLiteral("sound"))) return failed(line);
    const Beside beside = lies_beside(seen.given, json);
    if (!v[QStringLiteral("sound")].toBool() && beside == Beside::no) return not_sound(findings_of(v));
    Verdict out;
    const quint64 first = count(v[QStringLiteral("first")]);
    const quint64 size = count(v[QStringLiteral("size")]);
    out.tone = Tone::good;
    out.title = first == 0 ? Say::tr("Sound: all %1 events of this file are there, in order and unchanged.").arg(number(size)) : Say::tr("Sound: the events from %1 to %2 are there, in order and unchanged.").arg(number(first), number(size - 1));
    const QString origin = v[QStringLiteral("origin")].toString();
    const bool another = seen.events > 0 && bytes(origin) != seen.origin;
    if (!another && seen.events > size) {
        out.tone = Tone::attention;
        out.title = Say::tr("Sound as far as it goes: the events from %1 to %2 are there, in order and unchanged.").arg(number(first), number(size - 1));
    }
    add_basis(out, v, QStringLiteral("checkpoint_given_size"), another ? Seen{.given = seen.given} : seen);
    if (another) {
        out.tone = Tone::attention;
        out.lines.prepend(Say::tr("It is of the log %1, not of the one that this computer knows: %2").arg(text(bytes(origin)), text(seen.origin)));
    }
    out.lines << Say::tr("Signed by %1").arg(words(v[QStringLiteral("signed_by")]));
    if (beside != Beside::no) add_beside(out, beside, *seen.given, v);
    return out;
}

bool lies_within(std::uint64_t size, const QByteArray& json) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    // Nothing was told: another run would tell no more.
    return !v.contains(QStringLiteral("size")) || is_within(size, v);
}

Beside lies_beside(const std::optional<Note>& given, const QByteArray& json) {
    const QJsonObject all = QJsonDocument::fromJson(json).object();
    const QJsonObject v = all.contains(QStringLiteral("verification")) ? all[QStringLiteral("verification")].toObject() : all;
    // Of one that lies beside there is one finding, always: that it does, or that its signature or origin is not the log's.
    // A key of before or after what was verified does not show in it, so that such a signature may be genuine all the same.
    if (!given || count(v[QStringLiteral("finding_count")]) != 1 || bytes(v[QStringLiteral("origin")].toString(all[QStringLiteral("origin")].toString())) != given->origin || is_within(given->size, v)) return Beside::no;
    return given->size < count(v[QStringLiteral("first")]) ? Beside::before : Beside::behind;
}

Verdict verdict_of_report(const QByteArray& json, const QString& line, const Seen& seen) {
    const QJsonObject all = QJsonDocument::fromJson(json).object();
    const QJsonObject v = all[QStringLiteral("verification")].toObject();
    if (v.isEmpty()) return failed(line);
    if (!v[QStringLiteral("sound")].toBool()) return not_sound(findings_of(v));
    Verdict out;
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
    add_basis(out, v, QStringLiteral("earlier_checkpoint_size"), seen);
    if (seen.given && !v[QStringLiteral("earlier_checkpoint_size")].isDouble()) add_beside(out, Beside::before, *seen.given, v);
    return out;
}

Verdict verdict_of_database(const wire::pb::AuditVerifyReply& reply) {
    if (reply.sound())
        return {Tone::plain, Say::tr("The service found its log sound."),
                {Say::tr("That is its own word: this computer checked nothing of it. Daily report and Export, under Reports, have the log checked on this computer."),
                 Say::tr("Every event in the database is as it was written, in its place, and followed the rules. Whether the whole log was set back shows only against a checkpoint that you keep elsewhere.")}};
    QStringList found;
    for (int i = 0; i < std::min(reply.findings_size(), kMostFindings); ++i) found << QStringLiteral("•  ") + text(reply.findings(i));
    add_more(found, reply.finding_count());
    return not_sound(std::move(found));
}

Verdict verdict_of_growth(const QByteArray& json, const QString& line, const Note& asked, std::uint64_t at_least) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    Verdict bad{Tone::bad, holds_not(), {Say::tr("The service gave a proof that this key does not confirm."), Say::tr("Is it the key of this log? If the platform UKEY was replaced since that checkpoint, put in the key of before as well. Otherwise tell whoever is responsible, and do not trust what the service shows.")}, line};
    if (!v[QStringLiteral("holds")].toBool()) return bad;
    const quint64 older = count(v[QStringLiteral("older_size")]);
    const quint64 newer = count(v[QStringLiteral("newer_size")]);
    const QString origin = v[QStringLiteral("origin")].toString();
    // A proof that holds may still be another one: of an older checkpoint, of another log, up to a log that was set back since.
    const bool of_it = v[QStringLiteral("kind")].toString() == QStringLiteral("consistency") && older == asked.size && bytes(v[QStringLiteral("older_root")].toString()) == asked.root && bytes(origin) == asked.origin;
    bad.line = Say::tr("The service proved something else: from %1 events to %2, of %3.").arg(number(older), number(newer), text(bytes(origin)));
    if (!of_it || newer < at_least) return bad;
    return {Tone::good, Say::tr("It holds: the log of today begins with all %1 events of that checkpoint.").arg(number(older)),
            {Say::tr("None of them was changed, removed or put in between. The log has %1 events now.").arg(number(newer)), Say::tr("Whose log: %1").arg(text(bytes(origin)))}};
}

Verdict verdict_of_refusal(const base::Error& error, bool genuine) {
    const QString line = text(error.message);
    const QString next = Say::tr("Change nothing and have the service sealed. Keep the checkpoint: it is the evidence. The auditor's handbook says in section 10 what comes next.");
    if (error.code == base::Code::tampered)
        return {Tone::bad, holds_not(), {Say::tr("The log of today does not hold what it held at that checkpoint: it was changed, or set back."), next}, line};
    if (error.code != base::Code::key_invalid && error.code != base::Code::invalid_argument) return verdict_of_error(error);
    if (genuine)
        return {Tone::bad, Say::tr("ALARM: the service disowns a checkpoint that the key of its log signed."), {Say::tr("Its signature was checked on this computer, with the key above, and it holds. A log that was written anew would answer just so."), next}, line};
    return {Tone::bad, error.code == base::Code::key_invalid ? Say::tr("The service says that no platform UKEY of its log signed that checkpoint.") : Say::tr("The service says that it is of another log."),
            {Say::tr("None of the keys above confirms it either. Look where you have it from: is it of this platform, and all of it? If the platform UKEY was replaced since, put in the key of before as well, and compare again."), Say::tr("If you know that the checkpoint is genuine, this is an alarm: a log that was written anew would answer just so. Go on with section 10 of the auditors' handbook.")}, line};
}

Verdict verdict_of_error(const base::Error& error) {
    const Explained e = explain(error);
    return {error.code == base::Code::cancelled ? Tone::muted : Tone::bad, e.meaning, {e.advice}, e.line};
}

Verdict verdict_of_event(Proved proved, const QString& line) {
    switch (proved) {
        case Proved::holds: return {Tone::good, Say::tr("Yes: the proof holds."), {Say::tr("The event is in the log, just as the proof has it. This was checked on this computer with the keys of the log's checkpoints that stand above, not by the service.")}, line};
        case Proved::fails: return {Tone::bad, Say::tr("No: this proves nothing."), {Say::tr("Do not rely on it. The file is no proof of this log, was changed, or is about another event; keep it, and ask whoever gave it to you.")}, line};
        case Proved::unknown: break;
    }
    return {Tone::attention, not_checked(), {Say::tr("That says nothing about the event, neither yes nor no.")}, line};
}

void say(Notice& notice, const Verdict& v) { notice.say(v.tone, v.title, v.lines.join(QLatin1Char('\n')), v.line); }

}  // namespace ui::parts
