#pragma once
#include <QString>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace ui::log {

/// What people read for the value of an event's field, in the language of the window and without a unit. `value`: as the event's JSON has it. `type`: of the event; a reason is the service's own in some, and what somebody typed in others.
/// What this window has no word for stays as it is.
QString value_words(std::string_view field, const nlohmann::ordered_json& value, std::string_view type = {});
/// Nothing where it is none that can be read.
std::optional<base::Millis> moment_of(const nlohmann::ordered_json& value);

}  // namespace ui::log
