#include "ui/log/proof_verdict.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <nlohmann/json.hpp>

#include "audit/consistency_file.h"
#include "audit/proof_file.h"
#include "ui/log/fields.h"
#include "ui/log/sentence.h"
#include "ui/log/values.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;
using parts::Tone;
using parts::Verdict;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(proof)
};

QString handbook() { return Say::tr("Change nothing and have the service sealed; keep what was shown or given to you, your exports and your checkpoints. The auditors' handbook says in section 10 what comes next."); }
QString either_or() { return Say::tr("Either the receipt is wrong, or the log was changed or set back since. Look where you have the receipt from. If it is right, it is evidence against the log:"); }
QString not_with_this_key() { return Say::tr("It cannot be checked with this key."); }
QString neither() { return Say::tr("That says nothing about the event, neither yes nor no: somebody may have made the proof up."); }

Verdict growth() { return {Tone::attention, Say::tr("This is a proof of growth, not of an event."), {Say::tr("It shows that a log only grew between two checkpoints: check this under Reports, Compare. It says nothing about any one event.")}}; }

/// Whether one of these signatures is, by what it says itself, of this key.
bool signed_by(const audit::Note& note, const audit::VerifierKey& key) {
    const auto id = audit::key_id(key.name, key.spki);
    return id && std::ranges::any_of(note.signatures, [&](const audit::NoteSignature& s) { return s.name == key.name && s.id == *id; });
}

/// As the log would show it; empty where the proof has the leaf hash alone.
pb::AuditEvent event_in(const QByteArray& json) {
    pb::AuditEvent out;
    const auto all = nlohmann::ordered_json::parse(json.toStdString(), nullptr, false);
    if (!all.is_object() || !all.contains("event") || !all["event"].is_object()) return out;
    const auto& event = all["event"];
    out.set_json(event.dump());
    out.set_type(parts::bytes(raw_field(out.json(), QStringLiteral("type"))));
    if (event.contains("time")) out.set_time_ms(moment_of(event["time"]).value_or(0));
    out.set_text(parts::bytes(raw_field(json.toStdString(), QStringLiteral("text"))));
    return out;
}

/// In all that is shown of it.
bool same(const pb::AuditEvent& shown, const pb::AuditEvent& proved) {
    const auto fields = [](const pb::AuditEvent& e) { return nlohmann::json::parse(e.json(), nullptr, false); };
    return shown.type() == proved.type() && shown.time_ms() == proved.time_ms() && shown.text() == proved.text() && fields(shown) == fields(proved);
}

}  // namespace

std::optional<Verdict> cannot_be_checked(const QByteArray& file, const QStringList& keys) {
    const std::string bytes = file.toStdString();
    if (bytes.starts_with(audit::kConsistencyHead)) return growth();
    const auto proof = audit::ProofFile::parse(bytes);
    if (!proof) return std::nullopt;
    const auto note = audit::parse_note(proof->note);
    const auto checkpoint = audit::read_checkpoint(proof->note);
    if (!note || !checkpoint) return std::nullopt;
    QStringList names;
    bool is_signed = false;
    for (const QString& given : keys) {
        const auto key = audit::parse_verifier_key(parts::bytes(given));
        if (!key) return Verdict{Tone::attention, not_with_this_key(), {Say::tr("What was put in is no key of checkpoints, or not all of one.")}, text(key.error().message)};
        names << text(key->name);
        is_signed = is_signed || signed_by(*note, *key);
    }
    if (is_signed) return std::nullopt;
    names.removeDuplicates();
    return Verdict{Tone::attention, not_with_this_key(),
                   {neither(), Say::tr("It is signed as the log %1, under another key than the one that is used here, which is of %2. Where the platform UKEY was replaced, it takes the key of that time as well.").arg(text(checkpoint->origin), names.join(QStringLiteral(", ")))}};
}

Verdict verdict_of_proof(const QByteArray& json, const Asked& asked) {
    const QJsonObject v = QJsonDocument::fromJson(json).object();
    const QString kind = v[QStringLiteral("kind")].toString();
    if (kind == QStringLiteral("consistency")) return growth();
    if (kind != QStringLiteral("event")) return parts::verdict_of_event(parts::Proved::unknown, Say::tr("kmp-audit did not say what it checked."));
    pb::AuditEvent proved = event_in(json);
    proved.set_index(static_cast<std::uint64_t>(v[QStringLiteral("index")].toInteger()));
    const QString leaf = v[QStringLiteral("leaf_hash")].toString();
    const QString what = proved.json().empty() ? Say::tr("Event %1. The proof has its leaf hash alone: %2").arg(parts::number(proved.index()), grouped(leaf))
                                               : Say::tr("Event %1 · %2 · %3: %4").arg(parts::number(proved.index()), parts::moment_to_seconds(proved.time_ms()), parts::event_word(proved.type()), breakable(sentence_of(proved)));
    if (asked && !asked->json().empty() && (asked->index() != proved.index() || !same(*asked, proved)))
        return {Tone::bad, Say::tr("No: the log has another event than the one that is shown."), {Say::tr("What is proved: %1").arg(what), Say::tr("Do not rely on what the service shows. %1").arg(handbook())}};
    if (asked && (asked->index() != proved.index() || (!asked->leaf_hash().empty() && text(base::to_hex(base::as_bytes(asked->leaf_hash()))) != leaf)))
        return {Tone::bad, Say::tr("No: the log has another event there."), {Say::tr("What is proved: %1").arg(what), either_or(), handbook()}, Say::tr("Its leaf hash is %1").arg(grouped(leaf))};
    Verdict out = parts::verdict_of_event(parts::Proved::holds, {});
    out.lines.prepend(what);
    return out;
}

Verdict verdict_of_bad_proof(const Asked& asked, const QString& line) {
    if (!asked) return parts::verdict_of_event(parts::Proved::fails, line);
    return {Tone::bad, Say::tr("No: the service gives no proof that holds."), {Say::tr("Do not rely on what it shows. %1").arg(handbook())}, line};
}

Verdict verdict_past_the_end(std::uint64_t index, const QString& line) { return {Tone::bad, Say::tr("No: the log has no event %1.").arg(parts::number(index)), {either_or(), handbook()}, line}; }

}  // namespace ui::log
