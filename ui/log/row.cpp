#include "ui/log/row.h"

#include <algorithm>
#include <array>

#include "ui/log/fields.h"
#include "ui/log/sentence.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::Tone;

// What docs/AUDITOR.md 8 calls alarms, and what stops something.
constexpr std::array<std::string_view, 7> kAlarms{"copy_suspected", "pin_locked", "clock_jump", "station_held", "checkpoint_held_up", "host_failed", "denials_coalesced"};
constexpr std::array<std::string_view, 5> kRefusals{"denied", "order_refused", "session_refused", "pin_failed", "turned_away"};
constexpr std::array<std::string_view, 4> kUnusual{"recovery", "restored", "platform_replaced", "standby_stopped"};

/// Of the fields that tell how it ended. The text is the service's own, written without spaces.
bool ended_badly(const std::string& json) {
    return json.find("\"outcome\":\"unknown\"") != std::string::npos || json.find("\"genuine\":false") != std::string::npos || json.find("\"contradiction\":") != std::string::npos ||
           (json.find("\"type\":\"log_verified\"") != std::string::npos && json.find("\"findings\":0") == std::string::npos);
}

/// As a list has it, where there is one line: a long order's last part, and a blank for each run of them.
QString brief(const pb::AuditEvent& event) {
    constexpr qsizetype kLongest = 16;
    constexpr qsizetype kShown = 12;
    QString out = sentence_of(event).simplified();
    if (event.json().find("\"order_id\"") == std::string::npos) return out;
    const QString order = raw_field(event.json(), QStringLiteral("order_id"));
    return order.size() > kLongest ? out.replace(order, QStringLiteral("…") + order.right(kShown)) : out;
}

}  // namespace

Tone tone_of(std::string_view type) {
    if (std::ranges::find(kAlarms, type) != kAlarms.end()) return Tone::bad;
    if (std::ranges::find(kRefusals, type) != kRefusals.end()) return Tone::attention;
    return std::ranges::find(kUnusual, type) != kUnusual.end() ? Tone::attention : Tone::plain;
}

Row RowMaker::make(const pb::AuditEvent& event) {
    auto at = kinds_.find(event.type());
    if (at == kinds_.end()) at = kinds_.emplace(event.type(), Kind{event.type(), parts::event_word(event.type()), tone_of(event.type())}).first;
    const Kind& kind = at->second;
    return {event.index(), event.time_ms(), &kind, brief(event), kind.tone == Tone::plain && ended_badly(event.json()) ? Tone::bad : kind.tone};
}

}  // namespace ui::log
