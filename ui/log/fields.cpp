#include "ui/log/fields.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ui/log/values.h"
#include "ui/parts/word_table.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;
using parts::Word;
using Json = nlohmann::ordered_json;  // Qt's sorts the fields: people see them as the record has them

// docs/AUDIT_FORMAT.md 2.
constexpr std::array kLabels{
    Word{"actor", QT_TRANSLATE_NOOP("fields", "By")},
    Word{"uid", QT_TRANSLATE_NOOP("fields", "Unix user")},
    Word{"pid", QT_TRANSLATE_NOOP("fields", "Process")},
    Word{"session", QT_TRANSLATE_NOOP("fields", "Session")},
    Word{"holder", QT_TRANSLATE_NOOP("fields", "Holder")},
    Word{"happened_at", QT_TRANSLATE_NOOP("fields", "Happened at")},
    Word{"request", QT_TRANSLATE_NOOP("fields", "Request")},
    Word{"ukey", QT_TRANSLATE_NOOP("fields", "UKEY")},
    Word{"ukey_kind", QT_TRANSLATE_NOOP("fields", "Kind of UKEY")},
    Word{"state_from", QT_TRANSLATE_NOOP("fields", "State before")},
    Word{"state_to", QT_TRANSLATE_NOOP("fields", "State after")},
    Word{"action", QT_TRANSLATE_NOOP("fields", "Action")},
    Word{"reader", QT_TRANSLATE_NOOP("fields", "Reader")},
    Word{"token_serial", QT_TRANSLATE_NOOP("fields", "Serial of the token")},
    Word{"fingerprint", QT_TRANSLATE_NOOP("fields", "Fingerprint")},
    Word{"public_key", QT_TRANSLATE_NOOP("fields", "Public key")},
    Word{"certificate", QT_TRANSLATE_NOOP("fields", "Certificate")},
    Word{"classes", QT_TRANSLATE_NOOP("fields", "Key classes")},
    Word{"key_version", QT_TRANSLATE_NOOP("fields", "Key version")},
    Word{"key_state", QT_TRANSLATE_NOOP("fields", "Keys")},
    Word{"factory_wrapped", QT_TRANSLATE_NOOP("fields", "Under factory keys")},
    Word{"recover", QT_TRANSLATE_NOOP("fields", "Recovery")},
    Word{"station", QT_TRANSLATE_NOOP("fields", "Station")},
    Word{"meter", QT_TRANSLATE_NOOP("fields", "Meter")},
    Word{"customer", QT_TRANSLATE_NOOP("fields", "Customer")},
    Word{"order_id", QT_TRANSLATE_NOOP("fields", "Order")},
    Word{"operation", QT_TRANSLATE_NOOP("fields", "Operation")},
    Word{"amount", QT_TRANSLATE_NOOP("fields", "Amount")},
    Word{"count", QT_TRANSLATE_NOOP("fields", "Count")},
    Word{"r2", QT_TRANSLATE_NOOP("fields", "R2")},
    Word{"content_hash", QT_TRANSLATE_NOOP("fields", "Hash of the content")},
    Word{"command", QT_TRANSLATE_NOOP("fields", "Relay command")},
    Word{"genuine", QT_TRANSLATE_NOOP("fields", "Genuine")},
    Word{"known_count", QT_TRANSLATE_NOOP("fields", "Count known here")},
    Word{"data_hash", QT_TRANSLATE_NOOP("fields", "Hash of the data")},
    Word{"data_size", QT_TRANSLATE_NOOP("fields", "Size of the data")},
    Word{"grant_number", QT_TRANSLATE_NOOP("fields", "Grant number")},
    Word{"grant", QT_TRANSLATE_NOOP("fields", "Grant")},
    Word{"signature", QT_TRANSLATE_NOOP("fields", "Signature")},
    Word{"rule", QT_TRANSLATE_NOOP("fields", "Rule")},
    Word{"reason", QT_TRANSLATE_NOOP("fields", "Reason")},
    Word{"code", QT_TRANSLATE_NOOP("fields", "Code")},
    Word{"outcome", QT_TRANSLATE_NOOP("fields", "Outcome")},
    Word{"intent", QT_TRANSLATE_NOOP("fields", "Work begun as event")},
    Word{"not_after", QT_TRANSLATE_NOOP("fields", "Valid until")},
    Word{"wrong_pins", QT_TRANSLATE_NOOP("fields", "Wrong PINs")},
    Word{"size", QT_TRANSLATE_NOOP("fields", "Events covered")},
    Word{"root", QT_TRANSLATE_NOOP("fields", "Root")},
    Word{"first", QT_TRANSLATE_NOOP("fields", "From event")},
    Word{"origin", QT_TRANSLATE_NOOP("fields", "Log")},
    Word{"utility", QT_TRANSLATE_NOOP("fields", "Utility")},
    Word{"day_offset", QT_TRANSLATE_NOOP("fields", "Day begins")},
    Word{"trust_anchor", QT_TRANSLATE_NOOP("fields", "Trust anchor")},
    Word{"checkpoint_key", QT_TRANSLATE_NOOP("fields", "Key of checkpoints")},
    Word{"version", QT_TRANSLATE_NOOP("fields", "Version")},
    Word{"note", QT_TRANSLATE_NOOP("fields", "Note")},
    Word{"detail", QT_TRANSLATE_NOOP("fields", "Detail")},
    Word{"previous", QT_TRANSLATE_NOOP("fields", "Clock before")},
    Word{"crl_number", QT_TRANSLATE_NOOP("fields", "Revocation list")},
    Word{"quorum", QT_TRANSLATE_NOOP("fields", "Officers")},
    Word{"request_number", QT_TRANSLATE_NOOP("fields", "Request number")},
    Word{"statement", QT_TRANSLATE_NOOP("fields", "Statement")},
    Word{"agrees", QT_TRANSLATE_NOOP("fields", "Agrees")},
    Word{"officer", QT_TRANSLATE_NOOP("fields", "Officer")},
    Word{"account", QT_TRANSLATE_NOOP("fields", "Account")},
    Word{"account_statement", QT_TRANSLATE_NOOP("fields", "Statement of the account")},
    Word{"account_change", QT_TRANSLATE_NOOP("fields", "Change")},
    Word{"attended", QT_TRANSLATE_NOOP("fields", "Opens by itself")},
    Word{"order_kind", QT_TRANSLATE_NOOP("fields", "Kind of order")},
    Word{"channel", QT_TRANSLATE_NOOP("fields", "Channel")},
    Word{"card", QT_TRANSLATE_NOOP("fields", "Card")},
    Word{"handover", QT_TRANSLATE_NOOP("fields", "Handover")},
    Word{"file", QT_TRANSLATE_NOOP("fields", "File of the card")},
    Word{"offset", QT_TRANSLATE_NOOP("fields", "Offset")},
    Word{"data", QT_TRANSLATE_NOOP("fields", "Data")},
    Word{"erase", QT_TRANSLATE_NOOP("fields", "Erased")},
    Word{"usage", QT_TRANSLATE_NOOP("fields", "Use of the key")},
    Word{"identifier", QT_TRANSLATE_NOOP("fields", "Data identifier")},
    Word{"encrypted", QT_TRANSLATE_NOOP("fields", "Encrypted")},
    Word{"minutes", QT_TRANSLATE_NOOP("fields", "Minutes")},
    Word{"contradiction", QT_TRANSLATE_NOOP("fields", "Contradiction")},
    Word{"tariffs_now", QT_TRANSLATE_NOOP("fields", "Tariffs now")},
    Word{"tariffs_to_come", QT_TRANSLATE_NOOP("fields", "Tariffs to come")},
    Word{"denials", QT_TRANSLATE_NOOP("fields", "Refusals")},
    Word{"first_at", QT_TRANSLATE_NOOP("fields", "First at")},
    Word{"last_at", QT_TRANSLATE_NOOP("fields", "Last at")},
    Word{"proven_by", QT_TRANSLATE_NOOP("fields", "Proved by")},
    Word{"proven_key", QT_TRANSLATE_NOOP("fields", "Key that was proved")},
    Word{"made_at", QT_TRANSLATE_NOOP("fields", "Order made at")},
    Word{"order_index", QT_TRANSLATE_NOOP("fields", "Order's event")},
    Word{"charged", QT_TRANSLATE_NOOP("fields", "Charged to UKEY")},
    Word{"witness", QT_TRANSLATE_NOOP("fields", "Witness")},
    Word{"days", QT_TRANSLATE_NOOP("fields", "Days kept live")},
    Word{"keep_days", QT_TRANSLATE_NOOP("fields", "Days kept at all")},
    Word{"findings", QT_TRANSLATE_NOOP("fields", "Findings")},
    Word{"recipients", QT_TRANSLATE_NOOP("fields", "Sealed to")},
    Word{"deed", QT_TRANSLATE_NOOP("fields", "Deed signed as event")},
    Word{"rules", QT_TRANSLATE_NOOP("fields", "Rules owed")},
};
constexpr std::array<std::string_view, 23> kHex{"fingerprint", "public_key", "certificate", "r2", "content_hash", "data_hash", "grant", "signature", "root", "trust_anchor", "checkpoint_key", "quorum",
                                                "statement", "account_statement", "card", "handover", "data", "identifier", "tariffs_now", "tariffs_to_come", "proven_key", "leaf_hash", "token_serial"};
constexpr qsizetype kShown = 128;  ///< hex digits of a value that is longer

/// A line may end behind white space, and anywhere in Chinese.
bool ends_word(QChar c) { return c.isSpace() || c.unicode() >= 0x2E80; }

/// Where the labels are translated.
struct Say {
    Q_DECLARE_TR_FUNCTIONS(fields)
};

template <class All>
bool is_one_of(const All& all, std::string_view name) {
    return std::ranges::find(all, name) != all.end();
}

bool is_hex(const QString& value) {
    return !value.isEmpty() && std::ranges::all_of(value, [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); });
}

/// `type`: of the event. The note of a checkpoint is none that somebody took down.
Field field_of(std::string_view type, const std::string& name, const Json& value) {
    Field out;
    out.name = text(name);
    const char* label = parts::text_of(kLabels, name);
    out.label = label == nullptr ? out.name : Say::tr(label);
    if (name == "note" && type == "checkpoint_signed") out.label = Say::tr("Checkpoint's text");
    const QString said = value_words(name, value, type);
    if (name == "amount" && value.is_number_integer()) {
        out.value = Say::tr("%1 yuan").arg(said);
    } else if (name == "data_size" && value.is_number_unsigned()) {
        out.value = parts::file_size(value.get<std::uint64_t>());
    } else if (value.is_string() && is_one_of(kHex, name) && is_hex(said)) {
        out.value = grouped(said.left(kShown));
        if (said.size() > kShown) {
            out.value += Say::tr(" … (%1 bytes)").arg(said.size() / 2);
            out.whole = said;
        }
    } else {
        out.value = said;
    }
    return out;
}

}  // namespace

std::vector<Field> fields_of(const std::string& json) {
    std::vector<Field> out;
    const Json fields = Json::parse(json, nullptr, false);
    if (!fields.is_object()) return out;
    const std::string type = parts::bytes(raw_field(json, QStringLiteral("type")));
    for (const auto& [name, value] : fields.items())
        if (name != "index" && name != "time" && name != "type") out.push_back(field_of(type, name, value));
    return out;
}

QString raw_field(const std::string& json, const QString& name) {
    const Json fields = Json::parse(json, nullptr, false);
    if (!fields.is_object()) return {};
    const auto at = fields.find(name.toStdString());
    if (at == fields.end()) return {};
    return text(at->is_string() ? at->get<std::string>() : at->dump());
}

QString grouped(const QString& hex) {
    constexpr qsizetype kGroup = 4;
    QString out;
    for (qsizetype i = 0; i < hex.size(); i += kGroup) out += (i == 0 ? QString() : QStringLiteral(" ")) + hex.mid(i, kGroup);
    return out;
}

QString breakable(const QString& value) {
    constexpr qsizetype kLongWord = 28;
    constexpr qsizetype kPiece = 8;
    QString out;
    qsizetype run = 0;
    for (qsizetype i = 0; i < value.size(); ++i) {
        if (ends_word(value[i])) {
            run = 0;
        } else if (run == 0) {
            qsizetype end = i;
            while (end < value.size() && !ends_word(value[end])) ++end;
            run = end - i > kLongWord ? 1 : -1;
        } else if (run > 0 && run++ % kPiece == 0) {
            out += QChar(0x200B);  // of no width
        }
        out += value[i];
    }
    return out;
}

std::vector<std::string_view> known_fields() {
    std::vector<std::string_view> out;
    for (const Word& l : kLabels) out.push_back(l.name);
    return out;
}

}  // namespace ui::log
