#pragma once
#include <QString>
#include <span>
#include <string_view>

#include "ui/log/log_source.h"

namespace ui::log {

/// What an event says, on one line, in the language of the window. In English, for a type that this window does not know, or where nobody translated its template: the service's own text.
QString sentence_of(const pb::AuditEvent& event);

/// The service's own template of each type, as translators see it (context "sentence"): {field} stands for its value; a part in [brackets] is left out when one of its fields is absent.
struct SentenceTemplate {
    std::string_view type;
    const char* text;
};
std::span<const SentenceTemplate> sentence_templates();

}  // namespace ui::log
