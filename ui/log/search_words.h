#pragma once
#include <QString>
#include <string>
#include <vector>

#include "kmp/searches/filter.h"

/// Searches of the log in words for this window: times are those of this machine here, in the file that kmpctl shares they carry their distance from UTC.
namespace ui::log {

/// Whether events are told in another language than words are searched in: these are the service's own, in English.
bool searches_another_language();

using kmp::searches::SearchText;

/// "Meter", of a value of SearchText.
QString label_of(const std::string& name);
/// A value of it as a person reads it: "Order", for the type "order".
QString value_of(const std::string& name, const std::string& value);

/// "2026-11-23", "2026-11-23 14:05" of this machine's time as it is kept; anything else as it is ("7d"). `end`: of a day its end.
std::string kept_time(const QString& typed, bool end);
/// The way back. A day of UTC, as kmpctl keeps one, says so.
QString shown_time(const std::string& kept);

/// One value that narrows the search.
struct Part {
    std::string name;
    std::string value;
    QString words;
};
/// All but the free text.
std::vector<Part> parts_of(const SearchText& search);
void take_away(SearchText& search, const Part& part);

/// As the wire carries it; errors name the fields by their labels.
base::Result<wire::pb::AuditFilter> filter_of(const SearchText& search);

/// Types of events that belong together.
struct TypeGroup {
    QString title;
    std::vector<std::string> types;
};
std::vector<TypeGroup> type_groups();

}  // namespace ui::log
