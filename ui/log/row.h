#pragma once
#include <QString>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "ui/log/log_source.h"
#include "ui/parts/theme.h"

namespace ui::log {

/// A type of event, made once for all rows of it.
struct Kind {
    std::string name;
    QString word;
    parts::Tone tone;
};

/// One event as a row of the table: no more than is shown, for many are kept.
struct Row {
    std::uint64_t index = 0;
    base::Millis time = 0;
    const Kind* kind = nullptr;  ///< null: the service left it out
    QString text;
    parts::Tone tone = parts::Tone::plain;
};

/// Whether an event is in an archive segment. The first one stays in the live database for ever.
constexpr bool is_archived(std::uint64_t index, std::uint64_t archived) { return index > 0 && index < archived; }

/// Makes rows; owns their kinds, so it lives as long as they do.
class RowMaker {
public:
    Row make(const pb::AuditEvent& event);

private:
    std::unordered_map<std::string, Kind> kinds_;
};

/// What an event of this type says by its colour: something to look at, or a refusal.
parts::Tone tone_of(std::string_view type);

}  // namespace ui::log
