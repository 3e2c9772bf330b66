#include "ui/log/fields.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ui/log/values.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;
using Json = nlohmann::ordered_json;  // Qt's sorts the fields: people see them as the record has them

struct Label {
    std::string_view name;
    const char* text;
};

// docs/AUDIT_FORMAT.md 2.
constexpr std::array kLabels{
    Label{"actor", QT_TRANSLATE_NOOP("fields", "By")},
    Label{"uid", QT_TRANSLATE_NOOP("fields", "Unix user")},
    Label{"pid", QT_TRANSLATE_NOOP("fields", "Process")},
    Label{"session", QT_TRANSLATE_NOOP("fields", "Session")},
    Label{"holder", QT_TRANSLATE_NOOP("fields", "Holder")},
    Label{"happened_at", QT_TRANSLATE_NOOP("fields", "Happened at")},
    Label{"request", QT_TRANSLATE_NOOP("fields", "Request")},
    Label{"ukey", QT_TRANSLATE_NOOP("fields", "UKEY")},
    Label{"ukey_kind", QT_TRANSLATE_NOOP("fields", "Kind of UKEY")},
    Label{"state_from", QT_TRANSLATE_NOOP("fields", "State before")},
    Label{"state_to", QT_TRANSLATE_NOOP("fields", "State after")},
    Label{"action", QT_TRANSLATE_NOOP("fields", "Action")},
    Label{"reader", QT_TRANSLATE_NOOP("fields", "Reader")},
    Label{"token_serial", QT_TRANSLATE_NOOP("fields", "Serial of the token")},
    Label{"fingerprint", QT_TRANSLATE_NOOP("fields", "Fingerprint")},
    Label{"public_key", QT_TRANSLATE_NOOP("fields", "Public key")},
    Label{"certificate", QT_TRANSLATE_NOOP("fields", "Certificate")},
    Label{"classes", QT_TRANSLATE_NOOP("fields", "Key classes")},
    Label{"key_version", QT_TRANSLATE_NOOP("fields", "Key version")},
    Label{"key_state", QT_TRANSLATE_NOOP("fields", "Keys")},
    Label{"factory_wrapped", QT_TRANSLATE_NOOP("fields", "Under factory keys")},
    Label{"recover", QT_TRANSLATE_NOOP("fields", "Recovery")},
    Label{"station", QT_TRANSLATE_NOOP("fields", "Station")},
    Label{"meter", QT_TRANSLATE_NOOP("fields", "Meter")},
    Label{"customer", QT_TRANSLATE_NOOP("fields", "Customer")},
    Label{"order_id", QT_TRANSLATE_NOOP("fields", "Order")},
    Label{"operation", QT_TRANSLATE_NOOP("fields", "Operation")},
    Label{"amount", QT_TRANSLATE_NOOP("fields", "Amount")},
    Label{"count", QT_TRANSLATE_NOOP("fields", "Count")},
    Label{"r2", QT_TRANSLATE_NOOP("fields", "R2")},
    Label{"content_hash", QT_TRANSLATE_NOOP("fields", "Hash of the content")},
    Label{"command", QT_TRANSLATE_NOOP("fields", "Relay command")},
    Label{"genuine", QT_TRANSLATE_NOOP("fields", "Genuine")},
    Label{"known_count", QT_TRANSLATE_NOOP("fields", "Count known here")},
    Label{"data_hash", QT_TRANSLATE_NOOP("fields", "Hash of the data")},
    Label{"data_size", QT_TRANSLATE_NOOP("fields", "Size of the data")},
    Label{"grant_number", QT_TRANSLATE_NOOP("fields", "Grant number")},
    Label{"grant", QT_TRANSLATE_NOOP("fields", "Grant")},
    Label{"signature", QT_TRANSLATE_NOOP("fields", "Signature")},
    Label{"rule", QT_TRANSLATE_NOOP("fields", "Rule")},
    Label{"reason", QT_TRANSLATE_NOOP("fields", "Reason")},
    Label{"code", QT_TRANSLATE_NOOP("fields", "Code")},
    Label{"outcome", QT_TRANSLATE_NOOP("fields", "Outcome")},
    Label{"intent", QT_TRANSLATE_NOOP("fields", "Work begun as event")},
    Label{"not_after", QT_TRANSLATE_NOOP("fields", "Valid until")},
    Label{"wrong_pins", QT_TRANSLATE_NOOP("fields", "Wrong PINs")},
    Label{"size", QT_TRANSLATE_NOOP("fields", "Events covered")},
    Label{"root", QT_TRANSLATE_NOOP("fields", "Root")},
    Label{"first", QT_TRANSLATE_NOOP("fields", "From event")},
    Label{"origin", QT_TRANSLATE_NOOP("fields", "Log")},
    Label{"utility", QT_TRANSLATE_NOOP("fields", "Utility")},
    Label{"day_offset", QT_TRANSLATE_NOOP("fields", "Day begins")},
    Label{"trust_anchor", QT_TRANSLATE_NOOP("fields", "Trust anchor")},
    Label{"checkpoint_key", QT_TRANSLATE_NOOP("fields", "Key of checkpoints")},
    Label{"version", QT_TRANSLATE_NOOP("fields", "Version")},
    Label{"note", QT_TRANSLATE_NOOP("fields", "Note")},
    Label{"detail", QT_TRANSLATE_NOOP("fields", "Detail")},
    Label{"previous", QT_TRANSLATE_NOOP("fields", "Clock before")},
    Label{"crl_number", QT_TRANSLATE_NOOP("fields", "Revocation list")},
    Label{"quorum", QT_TRANSLATE_NOOP("fields", "Officers")},
    Label{"request_number", QT_TRANSLATE_NOOP("fields", "Request number")},
    Label{"statement", QT_TRANSLATE_NOOP("fields", "Statement")},
    Label{"agrees", QT_TRANSLATE_NOOP("fields", "Agrees")},
    Label{"officer", QT_TRANSLATE_NOOP("fields", "Officer")},
    Label{"account", QT_TRANSLATE_NOOP("fields", "Account")},
    Label{"account_statement", QT_TRANSLATE_NOOP("fields", "Statement of the account")},
    Label{"account_change", QT_TRANSLATE_NOOP("fields", "Change")},
    Label{"attended", QT_TRANSLATE_NOOP("fields", "Opens by itself")},
    Label{"order_kind", QT_TRANSLATE_NOOP("fields", "Kind of order")},
    Label{"channel", QT_TRANSLATE_NOOP("fields", "Channel")},
    Label{"card", QT_TRANSLATE_NOOP("fields", "Card")},
    Label{"handover", QT_TRANSLATE_NOOP("fields", "Handover")},
    Label{"file", QT_TRANSLATE_NOOP("fields", "File of the card")},
    Label{"offset", QT_TRANSLATE_NOOP("fields", "Offset")},
    Label{"data", QT_TRANSLATE_NOOP("fields", "Data")},
    Label{"erase", QT_TRANSLATE_NOOP("fields", "Erased")},
    Label{"usage", QT_TRANSLATE_NOOP("fields", "Use of the key")},
    Label{"identifier", QT_TRANSLATE_NOOP("fields", "Data identifier")},
    Label{"encrypted", QT_TRANSLATE_NOOP("fields", "Encrypted")},
    Label{"minutes", QT_TRANSLATE_NOOP("fields", "Minutes")},
    Label{"contradiction", QT_TRANSLATE_NOOP("fields", "Contradiction")},
    Label{"tariffs_now", QT_TRANSLATE_NOOP("fields", "Tariffs now")},
    Label{"tariffs_to_come", QT_TRANSLATE_NOOP("fields", "Tariffs to come")},
    Label{"denials", QT_TRANSLATE_NOOP("fields", "Refusals")},
    Label{"first_at", QT_TRANSLATE_NOOP("fields", "First at")},
    Label{"last_at", QT_TRANSLATE_NOOP("fields", "Last at")},
    Label{"proven_by", QT_TRANSLATE_NOOP("fields", "Proved by")},
    Label{"proven_key", QT_TRANSLATE_NOOP("fields", "Key that was proved")},
    Label{"made_at", QT_TRANSLATE_NOOP("fields", "Order made at")},
    Label{"order_index", QT_TRANSLATE_NOOP("fields", "Order's event")},
    Label{"charged", QT_TRANSLATE_NOOP("fields", "Charged to UKEY")},
    Label{"witness", QT_TRANSLATE_NOOP("fields", "Witness")},
    Label{"days", QT_TRANSLATE_NOOP("fields", "Days kept live")},
    Label{"keep_days", QT_TRANSLATE_NOOP("fields", "Days kept at all")},
    Label{"findings", QT_TRANSLATE_NOOP("fields", "Findings")},
    Label{"recipients", QT_TRANSLATE_NOOP("fields", "Sealed to")},
    Label{"deed", QT_TRANSLATE_NOOP("fields", "Deed signed as event")},
    Label{"rules", QT_TRANSLATE_NOOP("fields", "Rules owed")},
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
    const auto label = std::ranges::find(kLabels, name, &Label::name);
    out.label = label == kLabels.end() ? out.name : Say::tr(label->text);
    if (name == "note" && type == "checkpoint_signed") out.label = Say::tr("Checkpoint's text");
    const QString said = value_words(name, value);
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
    for (const Label& l : kLabels) out.push_back(l.name);
    return out;
}

}  // namespace ui::log
