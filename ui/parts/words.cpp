#include "ui/parts/words.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "model/fen.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/word_table.h"

namespace ui::parts {
namespace {

constexpr std::array kKinds{
    Word{"master-control", QT_TRANSLATE_NOOP("words", "master-control UKEY")},
    Word{"officer", QT_TRANSLATE_NOOP("words", "officer UKEY")},
    Word{"key", QT_TRANSLATE_NOOP("words", "key UKEY")},
    Word{"user", QT_TRANSLATE_NOOP("words", "user UKEY")},
    Word{"auditor", QT_TRANSLATE_NOOP("words", "auditor UKEY")},
    Word{"platform", QT_TRANSLATE_NOOP("words", "platform UKEY")},
};
constexpr std::array kBriefKinds{
    Word{"master-control", QT_TRANSLATE_NOOP("words", "Master-control")},
    Word{"officer", QT_TRANSLATE_NOOP("words", "Officer")},
    Word{"key", QT_TRANSLATE_NOOP("words", "Key")},
    Word{"user", QT_TRANSLATE_NOOP("words", "User")},
    Word{"auditor", QT_TRANSLATE_NOOP("words", "Auditor")},
    Word{"platform", QT_TRANSLATE_NOOP("words", "Platform")},
};
constexpr std::array kStates{
    Word{"blank", QT_TRANSLATE_NOOP("words", "blank")},
    Word{"initialised", QT_TRANSLATE_NOOP("words", "initialised")},
    Word{"issued", QT_TRANSLATE_NOOP("words", "in use")},
    Word{"suspended", QT_TRANSLATE_NOOP("words", "suspended")},
    Word{"blocked", QT_TRANSLATE_NOOP("words", "blocked (PIN)")},
    Word{"expired", QT_TRANSLATE_NOOP("words", "expired")},
    Word{"lost", QT_TRANSLATE_NOOP("words", "lost")},
    Word{"revoked", QT_TRANSLATE_NOOP("words", "revoked")},
    Word{"destroyed", QT_TRANSLATE_NOOP("words", "erased")},
};
constexpr std::array kAccountStates{
    Word{"active", QT_TRANSLATE_NOOP("words", "active")},
    Word{"disabled", QT_TRANSLATE_NOOP("words", "disabled")},
    Word{"locked", QT_TRANSLATE_NOOP("words", "locked (password)")},
    Word{"expired", QT_TRANSLATE_NOOP("words", "expired")},
};
constexpr std::array kRequestStates{
    Word{"waiting", QT_TRANSLATE_NOOP("words", "waiting")},
    Word{"approved", QT_TRANSLATE_NOOP("words", "approved")},
    Word{"rejected", QT_TRANSLATE_NOOP("words", "rejected")},
    Word{"expired", QT_TRANSLATE_NOOP("words", "expired")},
    Word{"void", QT_TRANSLATE_NOOP("words", "void: the officers changed")},
    Word{"done", QT_TRANSLATE_NOOP("words", "done")},
    Word{"failed", QT_TRANSLATE_NOOP("words", "failed")},
};
constexpr std::array kOperations{
    Word{"authenticate", QT_TRANSLATE_NOOP("words", "authenticate meters")},
    Word{"open_account", QT_TRANSLATE_NOOP("words", "open accounts")},
    Word{"recharge", QT_TRANSLATE_NOOP("words", "recharge")},
    Word{"initialise_wallet", QT_TRANSLATE_NOOP("words", "initialise wallets")},
    Word{"refund", QT_TRANSLATE_NOOP("words", "refund")},
    Word{"relay", QT_TRANSLATE_NOOP("words", "switch relays")},
    Word{"write_parameter", QT_TRANSLATE_NOOP("words", "write parameters")},
    Word{"check_status", QT_TRANSLATE_NOOP("words", "check meters' answers")},
    Word{"download_keys", QT_TRANSLATE_NOOP("words", "download keys")},
    Word{"recover_keys", QT_TRANSLATE_NOOP("words", "recover keys")},
    Word{"card", QT_TRANSLATE_NOOP("words", "write charging cards")},
    Word{"sign", QT_TRANSLATE_NOOP("words", "sign data")},
    Word{"verify", QT_TRANSLATE_NOOP("words", "verify signatures")},
    Word{"encrypt", QT_TRANSLATE_NOOP("words", "encrypt data")},
    Word{"decrypt", QT_TRANSLATE_NOOP("words", "decrypt data")},
    Word{"mac", QT_TRANSLATE_NOOP("words", "authenticate data")},
    Word{"random", QT_TRANSLATE_NOOP("words", "draw random numbers")},
    Word{"certify", QT_TRANSLATE_NOOP("words", "show keys and certificates")},
};
constexpr std::array kClasses{
    Word{"control", QT_TRANSLATE_NOOP("words", "control")},
    Word{"identity", QT_TRANSLATE_NOOP("words", "identity")},
    Word{"remote", QT_TRANSLATE_NOOP("words", "remote")},
    Word{"parameter", QT_TRANSLATE_NOOP("words", "parameter")},
    Word{"credit", QT_TRANSLATE_NOOP("words", "credit")},
    Word{"card", QT_TRANSLATE_NOOP("words", "card")},
};
constexpr std::array kDeeds{
    Word{"issue", QT_TRANSLATE_NOOP("words", "Issue a UKEY")},
    Word{"renew", QT_TRANSLATE_NOOP("words", "Renew a UKEY")},
    Word{"reinject", QT_TRANSLATE_NOOP("words", "Give new masters to a UKEY")},
    Word{"set-grant", QT_TRANSLATE_NOOP("words", "Set the grant of a UKEY")},
    Word{"rotate", QT_TRANSLATE_NOOP("words", "Draw new masters of the meters' keys")},
    Word{"destroy-version", QT_TRANSLATE_NOOP("words", "Destroy a version of the meters' keys")},
    Word{"backup", QT_TRANSLATE_NOOP("words", "Make a backup")},
    Word{"restore", QT_TRANSLATE_NOOP("words", "Restore from a backup")},
    Word{"unblock", QT_TRANSLATE_NOOP("words", "Give a blocked UKEY a new PIN")},
    Word{"replace-platform", QT_TRANSLATE_NOOP("words", "Put another platform UKEY in place")},
    Word{"change-quorum", QT_TRANSLATE_NOOP("words", "Change the officers")},
    Word{"revoke", QT_TRANSLATE_NOOP("words", "Revoke a UKEY")},
    Word{"publish-crl", QT_TRANSLATE_NOOP("words", "Publish the revocation list")},
    Word{"retention", QT_TRANSLATE_NOOP("words", "Change how long records are kept")},
    Word{"recover-meter", QT_TRANSLATE_NOOP("words", "Let a meter download its keys once more")},
    Word{"destroy", QT_TRANSLATE_NOOP("words", "Erase a UKEY")},
    Word{"add-master", QT_TRANSLATE_NOOP("words", "Make a further master-control UKEY")},
    Word{"issue-account", QT_TRANSLATE_NOOP("words", "Add a network account")},
    Word{"enable-account", QT_TRANSLATE_NOOP("words", "Enable a network account")},
    Word{"reset-account", QT_TRANSLATE_NOOP("words", "Give a network account a new password")},
    Word{"bind-account", QT_TRANSLATE_NOOP("words", "Bind a network account to another certificate")},
    Word{"hold-ceremony", QT_TRANSLATE_NOOP("words", "Hold the ceremony")},
    Word{"request-certificate", QT_TRANSLATE_NOOP("words", "Have the issuing key ask a root for a certificate")},
};
// A UKEY is erased, whatever the wire calls it; what is destroyed are masters of a key version (docs/CONSOLE.md 1).
constexpr std::array kActions{
    Word{"initialise", QT_TRANSLATE_NOOP("words", "initialise")},
    Word{"issue", QT_TRANSLATE_NOOP("words", "issue")},
    Word{"suspend", QT_TRANSLATE_NOOP("words", "suspend")},
    Word{"resume", QT_TRANSLATE_NOOP("words", "resume")},
    Word{"block", QT_TRANSLATE_NOOP("words", "block")},
    Word{"unblock", QT_TRANSLATE_NOOP("words", "unblock with a new PIN")},
    Word{"expire", QT_TRANSLATE_NOOP("words", "expire")},
    Word{"renew", QT_TRANSLATE_NOOP("words", "renew")},
    Word{"report-lost", QT_TRANSLATE_NOOP("words", "report lost")},
    Word{"revoke", QT_TRANSLATE_NOOP("words", "revoke")},
    Word{"destroy", QT_TRANSLATE_NOOP("words", "erase")},
};
constexpr std::array kOrders{
    Word{"open_account", QT_TRANSLATE_NOOP("words", "opening an account")},
    Word{"recharge", QT_TRANSLATE_NOOP("words", "recharge")},
    Word{"initialise_wallet", QT_TRANSLATE_NOOP("words", "initialising the wallet")},
    Word{"refund", QT_TRANSLATE_NOOP("words", "refund")},
    Word{"clear", QT_TRANSLATE_NOOP("words", "clearing")},
    Word{"replace_card", QT_TRANSLATE_NOOP("words", "replacing the card")},
};
constexpr std::array kOutcomes{
    Word{"done", QT_TRANSLATE_NOOP("words", "done")},
    Word{"refused", QT_TRANSLATE_NOOP("words", "refused")},
    Word{"undone", QT_TRANSLATE_NOOP("words", "undone")},
    Word{"unknown", QT_TRANSLATE_NOOP("words", "outcome unknown")},
};
constexpr std::array kProofs{
    Word{"pin", QT_TRANSLATE_NOOP("words", "PIN")},
    Word{"user", QT_TRANSLATE_NOOP("words", "unix user")},
    Word{"password", QT_TRANSLATE_NOOP("words", "password")},
    Word{"key", QT_TRANSLATE_NOOP("words", "certificate")},
};
/// As short as a column's name; explain() says more.
constexpr std::array kCodes{
    Word{"invalid_argument", QT_TRANSLATE_NOOP("words", "impossible value")},
    Word{"malformed", QT_TRANSLATE_NOOP("words", "not readable")},
    Word{"not_found", QT_TRANSLATE_NOOP("words", "not found")},
    Word{"already_exists", QT_TRANSLATE_NOOP("words", "there already")},
    Word{"conflict", QT_TRANSLATE_NOOP("words", "changed meanwhile")},
    Word{"denied", QT_TRANSLATE_NOOP("words", "not allowed")},
    Word{"refused", QT_TRANSLATE_NOOP("words", "against a rule")},
    Word{"wrong_pin", QT_TRANSLATE_NOOP("words", "wrong PIN")},
    Word{"pin_locked", QT_TRANSLATE_NOOP("words", "PIN blocked")},
    Word{"sealed", QT_TRANSLATE_NOOP("words", "sealed")},
    Word{"uninitialised", QT_TRANSLATE_NOOP("words", "not set up")},
    Word{"busy", QT_TRANSLATE_NOOP("words", "too busy")},
    Word{"timeout", QT_TRANSLATE_NOOP("words", "no answer in time")},
    Word{"cancelled", QT_TRANSLATE_NOOP("words", "cancelled")},
    Word{"token_removed", QT_TRANSLATE_NOOP("words", "UKEY pulled")},
    Word{"token_failed", QT_TRANSLATE_NOOP("words", "UKEY failed")},
    Word{"token_unsuitable", QT_TRANSLATE_NOOP("words", "UKEY not suitable")},
    Word{"key_missing", QT_TRANSLATE_NOOP("words", "key missing")},
    Word{"key_invalid", QT_TRANSLATE_NOOP("words", "key or signature wrong")},
    Word{"outcome_unknown", QT_TRANSLATE_NOOP("words", "outcome unknown")},
    Word{"storage_full", QT_TRANSLATE_NOOP("words", "disk full")},
    Word{"storage_failed", QT_TRANSLATE_NOOP("words", "database failed")},
    Word{"tampered", QT_TRANSLATE_NOOP("words", "tampered with")},
    Word{"expired", QT_TRANSLATE_NOOP("words", "expired")},
    Word{"unsupported", QT_TRANSLATE_NOOP("words", "not supported")},
    Word{"io_failed", QT_TRANSLATE_NOOP("words", "connection or file failed")},
    Word{"internal", QT_TRANSLATE_NOOP("words", "internal error")},
};
constexpr std::array kEvents{
    Word{"genesis", QT_TRANSLATE_NOOP("words", "The log begins")},
    Word{"service_started", QT_TRANSLATE_NOOP("words", "Service started")},
    Word{"service_stopped", QT_TRANSLATE_NOOP("words", "Service stopped")},
    Word{"unsealed", QT_TRANSLATE_NOOP("words", "Unsealed")},
    Word{"sealed", QT_TRANSLATE_NOOP("words", "Sealed")},
    Word{"recovery", QT_TRANSLATE_NOOP("words", "Recovery at the start")},
    Word{"clock_jump", QT_TRANSLATE_NOOP("words", "Clock jumped")},
    Word{"configuration", QT_TRANSLATE_NOOP("words", "Configuration")},
    Word{"host_failed", QT_TRANSLATE_NOOP("words", "Token host failed")},
    Word{"pin_failed", QT_TRANSLATE_NOOP("words", "Wrong PIN")},
    Word{"pin_locked", QT_TRANSLATE_NOOP("words", "PIN locked")},
    Word{"pin_changed", QT_TRANSLATE_NOOP("words", "PIN changed")},
    Word{"copy_suspected", QT_TRANSLATE_NOOP("words", "Copy of a UKEY suspected")},
    Word{"ukey_inserted", QT_TRANSLATE_NOOP("words", "UKEY plugged in")},
    Word{"ukey_removed", QT_TRANSLATE_NOOP("words", "UKEY pulled")},
    Word{"ukey_initialised", QT_TRANSLATE_NOOP("words", "UKEY initialised")},
    Word{"ukey_issued", QT_TRANSLATE_NOOP("words", "UKEY issued")},
    Word{"ukey_state_changed", QT_TRANSLATE_NOOP("words", "UKEY's state changed")},
    Word{"grant_set", QT_TRANSLATE_NOOP("words", "Grant set")},
    Word{"masters_injected", QT_TRANSLATE_NOOP("words", "Masters given to a UKEY")},
    Word{"keys_rotated", QT_TRANSLATE_NOOP("words", "Keys rotated")},
    Word{"keys_destroyed", QT_TRANSLATE_NOOP("words", "Keys destroyed")},
    Word{"account_set", QT_TRANSLATE_NOOP("words", "Account set")},
    Word{"account_state_changed", QT_TRANSLATE_NOOP("words", "Account's state changed")},
    Word{"ukey_attended", QT_TRANSLATE_NOOP("words", "UKEY opens by itself")},
    Word{"ukey_renewed", QT_TRANSLATE_NOOP("words", "UKEY renewed")},
    Word{"intent_opened", QT_TRANSLATE_NOOP("words", "Work on a UKEY begun")},
    Word{"intent_concluded", QT_TRANSLATE_NOOP("words", "Work on a UKEY concluded")},
    Word{"ceremony_minutes", QT_TRANSLATE_NOOP("words", "Minutes of a ceremony")},
    Word{"quorum_set", QT_TRANSLATE_NOOP("words", "Officers set")},
    Word{"request_made", QT_TRANSLATE_NOOP("words", "Request made")},
    Word{"request_voted", QT_TRANSLATE_NOOP("words", "Officer's vote")},
    Word{"request_closed", QT_TRANSLATE_NOOP("words", "Request closed")},
    Word{"master_added", QT_TRANSLATE_NOOP("words", "Master-control UKEY added")},
    Word{"platform_replaced", QT_TRANSLATE_NOOP("words", "Platform UKEY replaced")},
    Word{"backup_made", QT_TRANSLATE_NOOP("words", "Backup made")},
    Word{"restored", QT_TRANSLATE_NOOP("words", "Restored")},
    Word{"session_opened", QT_TRANSLATE_NOOP("words", "Session opened")},
    Word{"session_refused", QT_TRANSLATE_NOOP("words", "Session refused")},
    Word{"session_closed", QT_TRANSLATE_NOOP("words", "Session closed")},
    Word{"denied", QT_TRANSLATE_NOOP("words", "Denied")},
    Word{"station_held", QT_TRANSLATE_NOOP("words", "Station held")},
    Word{"station_released", QT_TRANSLATE_NOOP("words", "Station released")},
    Word{"meter_authenticated", QT_TRANSLATE_NOOP("words", "Meter authenticated")},
    Word{"order", QT_TRANSLATE_NOOP("words", "Order")},
    Word{"order_repeated", QT_TRANSLATE_NOOP("words", "Order repeated")},
    Word{"order_refused", QT_TRANSLATE_NOOP("words", "Order refused")},
    Word{"status_checked", QT_TRANSLATE_NOOP("words", "Meter's answer checked")},
    Word{"relay_command", QT_TRANSLATE_NOOP("words", "Relay command")},
    Word{"keys_sent", QT_TRANSLATE_NOOP("words", "Keys sent")},
    Word{"keys_loaded", QT_TRANSLATE_NOOP("words", "Keys loaded")},
    Word{"download_allowed", QT_TRANSLATE_NOOP("words", "Download allowed")},
    Word{"validity_set", QT_TRANSLATE_NOOP("words", "Validity set")},
    Word{"parameter_written", QT_TRANSLATE_NOOP("words", "Parameter written")},
    Word{"read_back_checked", QT_TRANSLATE_NOOP("words", "Read-back checked")},
    Word{"card_authenticated", QT_TRANSLATE_NOOP("words", "Card authenticated")},
    Word{"card_key_written", QT_TRANSLATE_NOOP("words", "Card key written")},
    Word{"card_written", QT_TRANSLATE_NOOP("words", "Card written")},
    Word{"card_reported", QT_TRANSLATE_NOOP("words", "Card reported")},
    Word{"order_voided", QT_TRANSLATE_NOOP("words", "Order voided")},
    Word{"void_begun", QT_TRANSLATE_NOOP("words", "Voiding begun")},
    Word{"data_signed", QT_TRANSLATE_NOOP("words", "Data signed")},
    Word{"random_drawn", QT_TRANSLATE_NOOP("words", "Random drawn")},
    Word{"data_verified", QT_TRANSLATE_NOOP("words", "Data verified")},
    Word{"data_encrypted", QT_TRANSLATE_NOOP("words", "Data encrypted")},
    Word{"data_decrypted", QT_TRANSLATE_NOOP("words", "Data decrypted")},
    Word{"data_authenticated", QT_TRANSLATE_NOOP("words", "Data authenticated")},
    Word{"keys_shown", QT_TRANSLATE_NOOP("words", "Keys shown")},
    Word{"certificate_requested", QT_TRANSLATE_NOOP("words", "Certificate requested")},
    Word{"checkpoint_signed", QT_TRANSLATE_NOOP("words", "Checkpoint signed")},
    Word{"crl_issued", QT_TRANSLATE_NOOP("words", "Revocation list issued")},
    Word{"export_made", QT_TRANSLATE_NOOP("words", "Export made")},
    Word{"witness_answered", QT_TRANSLATE_NOOP("words", "Witness answered")},
    Word{"checkpoint_held_up", QT_TRANSLATE_NOOP("words", "Checkpoint held up")},
    Word{"checkpoint_witnessed", QT_TRANSLATE_NOOP("words", "Checkpoint witnessed")},
    Word{"retention_set", QT_TRANSLATE_NOOP("words", "Retention set")},
    Word{"archived", QT_TRANSLATE_NOOP("words", "Archived")},
    Word{"log_verified", QT_TRANSLATE_NOOP("words", "Log verified")},
    Word{"denials_coalesced", QT_TRANSLATE_NOOP("words", "Denials, many")},
    Word{"deed_signed", QT_TRANSLATE_NOOP("words", "Deed signed")},
    Word{"turned_away", QT_TRANSLATE_NOOP("words", "Turned away")},
    Word{"station_proved", QT_TRANSLATE_NOOP("words", "Station proved")},
    Word{"standby_began", QT_TRANSLATE_NOOP("words", "Standby feed begun")},
    Word{"standby_stopped", QT_TRANSLATE_NOOP("words", "Standby feed stopped")},
    Word{"standby_resumed", QT_TRANSLATE_NOOP("words", "Standby feed resumed")},
};

/// Where the translation of these words is looked for.
struct Say {
    Q_DECLARE_TR_FUNCTIONS(words)
};

QString word(std::span<const Word> words, std::string_view name) {
    const char* known = text_of(words, name);
    return known == nullptr ? text(name) : Say::tr(known);
}

/// Digits are grouped the same way in every language of this window.
QLocale digits() { return QLocale(QLocale::English, QLocale::UnitedKingdom); }

QString joined(const QStringList& words) { return words.join(Say::tr(", ")); }

}  // namespace

QString text(std::string_view s) {
    QString out = QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size()));
    const auto hidden = [](QChar c) {
        const char16_t u = c.unicode();
        if (u < 0x20) return u != u'\n' && u != u'\t';
        return (u >= 0x7F && u < 0xA0) || u == 0x061C || u == 0x200B || u == 0x200E || u == 0x200F || (u >= 0x2028 && u <= 0x202E) || (u >= 0x2066 && u <= 0x2069) || u == 0xFEFF;
    };
    if (std::ranges::any_of(std::as_const(out), hidden)) std::ranges::replace_if(out, hidden, QChar(QChar::ReplacementCharacter));
    return out;
}

QString file_text(const QString& name) {
    QString out = text(name.toStdString());
    std::ranges::replace_if(out, [](QChar c) { return c == u'\n' || c == u'\t'; }, QChar(QChar::ReplacementCharacter));
    return out;
}

QString kind_word(std::string_view kind) { return word(kKinds, kind); }
QString kind_brief(std::string_view kind) { return word(kBriefKinds, kind); }
QString state_word(std::string_view state) { return word(kStates, state); }
QString account_state_word(std::string_view state) { return word(kAccountStates, state); }
QString request_state_word(std::string_view state) { return word(kRequestStates, state); }
QString operation_word(std::string_view operation) { return word(kOperations, operation); }
QString class_word(std::string_view key_class) { return word(kClasses, key_class); }
QString deed_word(std::string_view deed) { return word(kDeeds, deed); }
QString action_word(std::string_view action) { return word(kActions, action); }

QString masters_words(std::string_view masters) {
    QStringList out;
    for (const QString& master : text(masters).split(QStringLiteral(", "))) {
        const QString name = class_word(bytes(master.section(QLatin1Char(' '), 0, 0)));
        const QString version = master.section(QLatin1Char(' '), 1);
        out << (version == QStringLiteral("factory") ? Say::tr("%1 (factory)").arg(name) : Say::tr("%1 %2", "credit 2: a class and the version of its master").arg(name, version));
    }
    return joined(out);
}

QString order_word(std::string_view kind) { return word(kOrders, kind); }
QString event_word(std::string_view type) { return word(kEvents, type); }
QString outcome_word(std::string_view outcome) { return word(kOutcomes, outcome); }
QString proof_word(std::string_view proof) { return word(kProofs, proof); }
QString code_word(std::string_view code) { return word(kCodes, code); }

std::vector<std::string_view> event_types() {
    std::vector<std::string_view> out;
    for (const Word& w : kEvents) out.push_back(w.name);
    return out;
}

QString moment(base::Millis time) { return time == 0 ? QStringLiteral("–") : QDateTime::fromMSecsSinceEpoch(time).toString(QStringLiteral("yyyy-MM-dd HH:mm")); }
QString moment_to_seconds(base::Millis time) { return time == 0 ? QStringLiteral("–") : QDateTime::fromMSecsSinceEpoch(time).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")); }
QString day(base::Millis time) { return time == 0 ? QStringLiteral("–") : QDateTime::fromMSecsSinceEpoch(time).toString(QStringLiteral("yyyy-MM-dd")); }

QString duration(base::Millis length) {
    const base::Millis l = std::max<base::Millis>(length, 0);
    if (l < base::kMinute) return Say::tr("%1 s").arg(l / base::kSecond);
    if (l < base::kHour) return Say::tr("%1 min").arg(l / base::kMinute);
    if (l < 2 * base::kDay) return Say::tr("%1 h").arg(l / base::kHour);
    return Say::tr("%1 d").arg(l / base::kDay);
}

QString from_now(base::Millis time, base::Millis now) {
    if (time == 0) return {};
    return time >= now ? Say::tr("in %1").arg(duration(time - now)) : Say::tr("%1 ago").arg(duration(now - time));
}

QString yuan(std::int64_t fen) {
    const QString plain = text(model::Fen(fen).yuan());
    const qsizetype point = plain.indexOf(u'.');
    return digits().toString(plain.left(point).toLongLong()) + plain.mid(point);
}

QString number(std::uint64_t n) { return digits().toString(static_cast<qulonglong>(n)); }

QString file_size(std::uint64_t size) { return digits().formattedDataSize(static_cast<qint64>(size), 1, QLocale::DataSizeIecFormat); }

QString fingerprint(std::string_view hex) {
    QString out;
    for (std::size_t i = 0; i < hex.size(); i += 8) out += (i == 0 ? QString() : QStringLiteral(" ")) + text(hex.substr(i, 8));
    return out;
}

QString meter_number(std::uint64_t meter) { return QStringLiteral("%1").arg(meter, 12, 10, QLatin1Char('0')); }

QString hours_text(std::uint32_t bits) {
    QStringList out;
    for (int h = 0; h < 24; ++h) {
        if ((bits >> h & 1U) == 0) continue;
        int end = h;
        while (end < 24 && (bits >> end & 1U) != 0) ++end;
        out << QStringLiteral("%1:00–%2:00").arg(h, 2, 10, QLatin1Char('0')).arg(end, 2, 10, QLatin1Char('0'));
        h = end;
    }
    return joined(out);
}

QString weekdays_text(std::uint32_t bits) {
    QStringList out;
    for (int d = 0; d < 7; ++d)
        if ((bits >> d & 1U) != 0) out << QLocale().dayName(d + 1, QLocale::ShortFormat);
    return joined(out);
}

namespace {

QString meters_sentence(const pb::GrantTerms& t) {
    if (t.meters().empty()) return Say::tr("no meter");
    if (is_every_meter(t)) return Say::tr("every meter");
    QStringList out;
    for (const pb::MeterRange& r : t.meters()) out << (r.first() == r.last() ? meter_number(r.first()) : meter_number(r.first()) + QStringLiteral("–") + meter_number(r.last()));
    return Say::tr("meters %1").arg(joined(out));
}

}  // namespace

QString utc_offset(int minutes) {
    const int away = std::abs(minutes);
    return QStringLiteral("%1%2:%3").arg(minutes < 0 ? QLatin1Char('-') : QLatin1Char('+')).arg(away / 60, 2, 10, QLatin1Char('0')).arg(away % 60, 2, 10, QLatin1Char('0'));
}

QStringList grant_sentences(const pb::GrantTerms& t) {
    QStringList out;
    if (!t.station().empty()) out << Say::tr("For station %1").arg(text(t.station()));
    QStringList operations;
    for (const std::string& o : t.operations()) operations << operation_word(o);
    out << Say::tr("May %1").arg(operations.isEmpty() ? Say::tr("do nothing") : joined(operations));
    QStringList classes;
    for (const std::string& c : t.classes()) classes << class_word(c);
    out << Say::tr("With keys of class %1").arg(joined(classes));
    out << Say::tr("For %1").arg(meters_sentence(t));
    if (may_sell(t)) out << Say::tr("At most %1 yuan an order, %2 a day, %3 a month").arg(yuan(t.per_order_fen()), yuan(t.per_day_fen()), yuan(t.per_month_fen()));
    if (t.orders_per_minute() != 0) out << Say::tr("At most %1 orders a minute").arg(t.orders_per_minute());
    if (t.hours() != 0 && t.hours() != kAllHours) out << Say::tr("From %1 of the utility's day").arg(hours_text(t.hours()));
    if (t.weekdays() != 0 && t.weekdays() != kAllDays) out << Say::tr("On %1").arg(weekdays_text(t.weekdays()));
    if (t.not_before_ms() != 0) out << Say::tr("From %1 until %2").arg(moment(t.not_before_ms()), moment(t.not_after_ms()));
    else if (t.not_after_ms() != 0) out << Say::tr("Until %1").arg(moment(t.not_after_ms()));
    QStringList users;
    for (const std::uint32_t u : t.uids()) users << QString::number(u);
    if (!users.isEmpty()) out << Say::tr("Without its PIN for the local users %1").arg(joined(users));
    return out;
}

QString grant_line(const pb::GrantTerms& terms) { return grant_sentences(terms).join(Say::tr("; ")); }

Explained explain(const base::Error& error) {
    Explained out;
    out.line = text(error.message);
    const auto say = [&](const char* meaning, const char* advice) {
        out.meaning = Say::tr(meaning);
        out.advice = Say::tr(advice);
    };
    switch (error.code) {
        case base::Code::invalid_argument: say(QT_TRANSLATE_NOOP("words", "Something that was entered cannot be."), QT_TRANSLATE_NOOP("words", "Correct what the line below names, and try again.")); break;
        case base::Code::malformed: say(QT_TRANSLATE_NOOP("words", "Something could not be read."), QT_TRANSLATE_NOOP("words", "Choose another file or text; if it came from the service, tell the administrator.")); break;
        case base::Code::not_found: say(QT_TRANSLATE_NOOP("words", "What was asked for is not there."), QT_TRANSLATE_NOOP("words", "Look whether it was plugged in, started or spelt as it should be.")); break;
        case base::Code::already_exists: say(QT_TRANSLATE_NOOP("words", "There is one already."), QT_TRANSLATE_NOOP("words", "Look at what is there; choose another name or UKEY.")); break;
        case base::Code::conflict: say(QT_TRANSLATE_NOOP("words", "It has changed meanwhile."), QT_TRANSLATE_NOOP("words", "Look at it as it is now, and ask again.")); break;
        case base::Code::denied: say(QT_TRANSLATE_NOOP("words", "You may not do this here."), QT_TRANSLATE_NOOP("words", "The line below says who may.")); break;
        case base::Code::refused: say(QT_TRANSLATE_NOOP("words", "A rule says no. Nothing was changed."), QT_TRANSLATE_NOOP("words", "The line below names the rule and what is possible.")); break;
        case base::Code::wrong_pin: say(QT_TRANSLATE_NOOP("words", "The PIN is wrong. It was counted."), QT_TRANSLATE_NOOP("words", "Try again with care: after ten wrong PINs the UKEY is blocked.")); break;
        case base::Code::pin_locked: say(QT_TRANSLATE_NOOP("words", "The UKEY is blocked: its PIN was wrong too often."), QT_TRANSLATE_NOOP("words", "An officer unblocks it with a new PIN.")); break;
        case base::Code::sealed: say(QT_TRANSLATE_NOOP("words", "The platform is sealed."), QT_TRANSLATE_NOOP("words", "Unseal it on the page Home, with the platform UKEY.")); break;
        case base::Code::uninitialised: say(QT_TRANSLATE_NOOP("words", "The platform has not been set up."), QT_TRANSLATE_NOOP("words", "Hold the ceremony: the page Home leads through it.")); break;
        case base::Code::busy: say(QT_TRANSLATE_NOOP("words", "The service has much to do just now."), QT_TRANSLATE_NOOP("words", "Try again in some seconds.")); break;
        case base::Code::timeout: say(QT_TRANSLATE_NOOP("words", "There was no answer in time."), QT_TRANSLATE_NOOP("words", "Look at the UKEY and at the page Home, then try again.")); break;
        case base::Code::cancelled: say(QT_TRANSLATE_NOOP("words", "It was cancelled."), QT_TRANSLATE_NOOP("words", "Nothing further happens.")); break;
        case base::Code::token_removed: say(QT_TRANSLATE_NOOP("words", "The UKEY was pulled."), QT_TRANSLATE_NOOP("words", "Plug it in and try again.")); break;
        case base::Code::token_failed: say(QT_TRANSLATE_NOOP("words", "The UKEY reports a failure."), QT_TRANSLATE_NOOP("words", "Pull it, plug it in and try again; if it stays, have it replaced.")); break;
        case base::Code::token_unsuitable: say(QT_TRANSLATE_NOOP("words", "This UKEY cannot do the job."), QT_TRANSLATE_NOOP("words", "Use another one; the line below names what it lacks.")); break;
        case base::Code::key_missing: say(QT_TRANSLATE_NOOP("words", "The UKEY lacks a key that this takes."), QT_TRANSLATE_NOOP("words", "Choose Give it masters, on its page.")); break;
        case base::Code::key_invalid: say(QT_TRANSLATE_NOOP("words", "A signature or a key does not hold."), QT_TRANSLATE_NOOP("words", "Do not go on with it: tell the auditor.")); break;
        case base::Code::outcome_unknown: say(QT_TRANSLATE_NOOP("words", "It may have been done: the answer was lost."), QT_TRANSLATE_NOOP("words", "Look at the list and at the log before you ask again.")); break;
        case base::Code::storage_full: say(QT_TRANSLATE_NOOP("words", "The disk is full. Nothing is signed until there is room."), QT_TRANSLATE_NOOP("words", "Tell the administrator.")); break;
        case base::Code::storage_failed: say(QT_TRANSLATE_NOOP("words", "The database cannot be written or read."), QT_TRANSLATE_NOOP("words", "Tell the administrator; nothing is signed meanwhile.")); break;
        case base::Code::tampered: say(QT_TRANSLATE_NOOP("words", "What is stored is not what was written, or the log was set back."), QT_TRANSLATE_NOOP("words", "Stop, change nothing, and tell the auditor.")); break;
        case base::Code::expired: say(QT_TRANSLATE_NOOP("words", "It has expired."), QT_TRANSLATE_NOOP("words", "Renew it, or use another one.")); break;
        case base::Code::unsupported: say(QT_TRANSLATE_NOOP("words", "The service cannot do this."), QT_TRANSLATE_NOOP("words", "It may be of another version: tell the administrator.")); break;
        case base::Code::io_failed: say(QT_TRANSLATE_NOOP("words", "The connection or a file failed."), QT_TRANSLATE_NOOP("words", "Look whether the service runs; this window connects again by itself.")); break;
        case base::Code::internal: say(QT_TRANSLATE_NOOP("words", "This should not happen."), QT_TRANSLATE_NOOP("words", "Write down the line below and tell whoever maintains this.")); break;
    }
    return out;
}

}  // namespace ui::parts
