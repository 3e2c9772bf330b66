#include "ui/log/values.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

#include "base/bytes.h"
#include "kmp/terms/grant.h"
#include "ui/parts/word_table.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;
using parts::text_of;
using parts::Word;

constexpr std::array kChanges{
    Word{"disable", QT_TRANSLATE_NOOP("fields", "disable")},
    Word{"enable", QT_TRANSLATE_NOOP("fields", "enable")},
    Word{"lock", QT_TRANSLATE_NOOP("fields", "lock")},
    Word{"reset", QT_TRANSLATE_NOOP("fields", "reset the password")},
    Word{"change-password", QT_TRANSLATE_NOOP("fields", "change the password")},
};
constexpr std::array kKeyStates{
    Word{"factory", QT_TRANSLATE_NOOP("fields", "factory")},
    Word{"private", QT_TRANSLATE_NOOP("fields", "private")},
};
constexpr std::array kChannels{
    Word{"remote", QT_TRANSLATE_NOOP("fields", "remote")},
    Word{"card", QT_TRANSLATE_NOOP("fields", "card")},
};
/// Why a session ended, as kmp/service says it; a test looks for them there.
constexpr std::array kEnds{
    QT_TRANSLATE_NOOP("fields", "the client has gone"),
    QT_TRANSLATE_NOOP("fields", "the client closed it"),
    QT_TRANSLATE_NOOP("fields", "another session was opened"),
    QT_TRANSLATE_NOOP("fields", "the service was sealed"),
    QT_TRANSLATE_NOOP("fields", "the UKEY is not open any more"),
    QT_TRANSLATE_NOOP("fields", "the account has a new password"),
    QT_TRANSLATE_NOOP("fields", "the account has another certificate"),
    QT_TRANSLATE_NOOP("fields", "the account was disabled"),
    QT_TRANSLATE_NOOP("fields", "the account has expired"),
    QT_TRANSLATE_NOOP("fields", "the auditor logged out"),
};
constexpr std::array<std::string_view, 6> kTimes{"happened_at", "not_after", "previous", "first_at", "last_at", "made_at"};

struct Say {
    Q_DECLARE_TR_FUNCTIONS(fields)
};

QString word(std::span<const Word> words, std::string_view name) {
    const char* known = text_of(words, name);
    return known == nullptr ? text(name) : Say::tr(known);
}

/// DL/T 645-2007, relay control, N1.
QString relay_word(std::uint64_t n) {
    switch (n) {
        case 0x1A: return Say::tr("trip");
        case 0x1B: return Say::tr("close allowed");
        case 0x1C: return Say::tr("close");
        case 0x2A: return Say::tr("alarm on");
        case 0x2B: return Say::tr("alarm off");
        case 0x3A: return Say::tr("keep-power on");
        case 0x3B: return Say::tr("keep-power off");
        default: return QString::number(n);
    }
}

QString classes_words(std::uint64_t set) {
    QStringList out;
    for (const model::KeyClass c : model::kAllClasses)
        if ((set & model::class_bit(c)) != 0) out << parts::class_word(model::name(c));
    return out.isEmpty() ? Say::tr("no class") : out.join(Say::tr(", "));
}

QString grant_words(const std::string& hex) {
    const auto bytes = base::from_hex(hex);
    if (!bytes) return text(hex);
    const auto grant = model::Grant::decode(*bytes);
    return grant ? parts::grant_line(kmp::terms::terms_of(*grant)) : text(hex);
}

QString end_words(const std::string& reason) {
    if (const auto at = std::ranges::find(kEnds, reason, [](const char* known) { return std::string_view(known); }); at != kEnds.end()) return Say::tr(*at);
    // An auditor's ends with the UKEY.
    static const QRegularExpression ukey(QStringLiteral("^UKEY (\\S+) (?:is (\\S+)|(has expired)|was pulled out)$"));
    const auto said = ukey.match(text(reason));
    if (!said.hasMatch()) return text(reason);
    const QString serial = said.captured(1);
    if (said.hasCaptured(2)) return Say::tr("UKEY %1 is %2").arg(serial, parts::state_word(parts::bytes(said.captured(2))));
    return said.hasCaptured(3) ? Say::tr("UKEY %1 has expired").arg(serial) : Say::tr("UKEY %1 was pulled out").arg(serial);
}

QString name_words(std::string_view field, const std::string& name, std::string_view type) {
    if (field == "ukey_kind") return parts::kind_word(name);
    if (field == "state_from" || field == "state_to") return parts::state_word(name);
    if (field == "operation") return parts::operation_word(name);
    if (field == "order_kind") return parts::order_word(name);
    if (field == "outcome") return parts::outcome_word(name);
    if (field == "action") return parts::action_word(name);
    if (field == "account_change") return word(kChanges, name);
    if (field == "key_state") return word(kKeyStates, name);
    if (field == "channel") return word(kChannels, name);
    if (field == "proven_by") return parts::proof_word(name);
    if (field == "grant") return grant_words(name);
    if (field == "reason" && type == "session_closed") return end_words(name);
    return text(name);
}

}  // namespace

QString value_words(std::string_view field, const nlohmann::ordered_json& value, std::string_view type) {
    if (value.is_boolean()) return value.get<bool>() ? Say::tr("yes") : Say::tr("no");
    if (value.is_number_integer()) {
        if (field == "amount" && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max())) return parts::yuan(value.get<std::int64_t>());
        if (field == "classes") return classes_words(value.get<std::uint64_t>());
        if (field == "command") return relay_word(value.get<std::uint64_t>());
    }
    // What is no text of UTF-8 cannot be parsed, so that nothing is thrown here.
    if (!value.is_string()) return text(value.dump());
    if (std::ranges::find(kTimes, field) != kTimes.end())
        if (const auto time = moment_of(value)) return parts::moment_to_seconds(*time);
    return name_words(field, value.get_ref<const std::string&>(), type);
}

std::optional<base::Millis> moment_of(const nlohmann::ordered_json& value) {
    if (!value.is_string()) return std::nullopt;
    const QDateTime time = QDateTime::fromString(text(value.get_ref<const std::string&>()), Qt::ISODateWithMs);
    return time.isValid() ? std::optional<base::Millis>(time.toMSecsSinceEpoch()) : std::nullopt;
}

}  // namespace ui::log
