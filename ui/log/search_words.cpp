#include "ui/log/search_words.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>

#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;

/// Where these words are translated.
struct Say {
    Q_DECLARE_TR_FUNCTIONS(searches)
};

const QString kDay = QStringLiteral("yyyy-MM-dd");
const QString kMoment = QStringLiteral("yyyy-MM-dd HH:mm");
const QString kSecond = QStringLiteral("yyyy-MM-dd HH:mm:ss");
constexpr qsizetype kDayLength = 10;
const QString kUtc = QStringLiteral(" UTC");

std::string with_offset(const QDateTime& time) { return parts::bytes(time.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")) + parts::utc_offset(time.offsetFromUtc() / 60)); }

}  // namespace

QString label_of(const std::string& name) {
    if (name == "type") return Say::tr("Type");
    if (name == "ukey") return Say::tr("UKEY");
    if (name == "station") return Say::tr("Station");
    if (name == "meter") return Say::tr("Meter");
    if (name == "account") return Say::tr("Account");
    if (name == "actor") return Say::tr("By");
    if (name == "order") return Say::tr("Order");
    if (name == "outcome") return Say::tr("Outcome");
    if (name == "from") return Say::tr("From");
    if (name == "until") return Say::tr("Until");
    if (name == "amount_from") return Say::tr("At least (yuan)");
    if (name == "amount_to") return Say::tr("At most (yuan)");
    return Say::tr("Words");
}

QString value_of(const std::string& name, const std::string& value) {
    if (name == "type") return parts::event_word(value);
    if (name == "outcome") return parts::outcome_word(value);
    if (name == "from" || name == "until") return shown_time(value);
    return text(value);
}

std::string kept_time(const QString& typed, bool end) {
    const QString t = typed.trimmed();
    if (t.endsWith(kUtc)) return t.chopped(kUtc.size()).toStdString();
    if (t.size() == kDayLength) {
        const QDate day = QDate::fromString(t, kDay);
        if (day.isValid()) return with_offset((end ? day.addDays(1) : day).startOfDay());
    }
    for (const QString& form : {kMoment, kSecond})
        if (const QDateTime time = QDateTime::fromString(t, form); time.isValid()) return with_offset(time);
    return t.toStdString();
}

QString shown_time(const std::string& kept) {
    const QString t = text(kept);
    if (t.size() == kDayLength) return t + kUtc;
    const QDateTime time = QDateTime::fromString(t, Qt::ISODate);
    if (!time.isValid()) return t;
    const QDateTime local = time.toLocalTime();
    return local.toString(local.time().second() == 0 ? kMoment : kSecond);
}

std::vector<Part> parts_of(const SearchText& search) {
    std::vector<Part> out;
    const auto add = [&](const std::string& name, const std::string& value, const QString& words) { out.push_back({name, value, words}); };
    for (const auto& one : kmp::searches::kSearchValues) {
        const std::string& value = search.*one.value;
        const std::string name = one.name;
        if (value.empty() || name == "text") continue;
        const bool span = (name == "from" || name == "until") && value.size() < 8;
        add(name, value, span && name == "from"          ? Say::tr("The last %1").arg(text(value))
                         : span                          ? Say::tr("Until %1 ago").arg(text(value))
                         : name == "amount_from"         ? Say::tr("At least %1 yuan").arg(text(value))
                         : name == "amount_to"           ? Say::tr("At most %1 yuan").arg(text(value))
                                                         : Say::tr("%1: %2").arg(label_of(name), value_of(name, value)));
    }
    for (const auto& list : kmp::searches::kSearchLists)
        for (const std::string& value : search.*list.values) add(list.name, value, Say::tr("%1: %2").arg(label_of(list.name), value_of(list.name, value)));
    return out;
}

void take_away(SearchText& search, const Part& part) {
    for (const auto& one : kmp::searches::kSearchValues)
        if (part.name == one.name) (search.*one.value).clear();
    for (const auto& list : kmp::searches::kSearchLists)
        if (part.name == list.name) std::erase(search.*list.values, part.value);
}

base::Result<wire::pb::AuditFilter> filter_of(const SearchText& search) {
    return kmp::searches::parse_search(search, base::SystemClock().now(), [](const std::string& name) { return label_of(name).toStdString(); });
}

std::vector<TypeGroup> type_groups() {
    std::vector<TypeGroup> out{
        {Say::tr("Orders and meters"), {"order", "order_repeated", "order_refused", "order_voided", "void_begun", "meter_authenticated", "status_checked", "relay_command", "validity_set", "parameter_written", "read_back_checked"}},
        {Say::tr("Refusals and alarms"), {"denied", "denials_coalesced", "turned_away", "session_refused", "pin_failed", "pin_locked", "copy_suspected", "station_held", "station_released", "clock_jump", "checkpoint_held_up", "host_failed"}},
        {Say::tr("UKEYs"), {"ukey_inserted", "ukey_removed", "ukey_initialised", "ukey_issued", "ukey_renewed", "ukey_state_changed", "grant_set", "masters_injected", "pin_changed", "ukey_attended", "intent_opened", "intent_concluded"}},
        {Say::tr("Keys of meters"), {"keys_rotated", "keys_destroyed", "keys_sent", "keys_loaded", "download_allowed", "keys_shown"}},
        {Say::tr("Officers"), {"ceremony_minutes", "quorum_set", "request_made", "request_voted", "request_closed", "deed_signed", "master_added", "platform_replaced", "backup_made", "restored", "certificate_requested"}},
        {Say::tr("Sessions and accounts"), {"session_opened", "session_closed", "account_set", "account_state_changed", "station_proved"}},
        {Say::tr("Charging cards"), {"card_authenticated", "card_key_written", "card_written", "card_reported"}},
        {Say::tr("Data"), {"data_signed", "data_verified", "data_encrypted", "data_decrypted", "data_authenticated", "random_drawn"}},
        {Say::tr("The log itself"), {"genesis", "checkpoint_signed", "checkpoint_witnessed", "witness_answered", "crl_issued", "export_made", "log_verified", "retention_set", "archived"}},
        {Say::tr("The service"), {"service_started", "service_stopped", "unsealed", "sealed", "recovery", "configuration", "standby_began", "standby_stopped", "standby_resumed"}},
    };
    TypeGroup other{Say::tr("Other"), {}};
    for (const std::string_view type : parts::event_types())
        if (std::ranges::none_of(out, [&](const TypeGroup& g) { return std::ranges::find(g.types, type) != g.types.end(); })) other.types.emplace_back(type);
    if (!other.types.empty()) out.push_back(std::move(other));
    return out;
}

bool searches_another_language() {
    const QLocale::Language shown = QLocale().language();
    return shown != QLocale::English && shown != QLocale::C;
}

}  // namespace ui::log
