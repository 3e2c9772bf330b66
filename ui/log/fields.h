#pragma once
#include <QString>
#include <vector>

#include "ui/link/link.h"

namespace ui::log {

/// One field of an event, readable.
struct Field {
    QString name;   ///< as the log has it: "order_id"
    QString label;
    QString value;
    QString whole;  ///< where `value` is cut short; empty: it is not
};

/// All fields of an event but its index, time and type, in its own order. What this window does not know keeps its name.
std::vector<Field> fields_of(const std::string& json);
/// The value of one field, as the log has it; empty: it has none.
QString raw_field(const std::string& json, const QString& name);
/// "6a18 3538 2c7b": in groups of four.
QString grouped(const QString& hex);
/// The same with places where a line may end within words that are too long for one.
QString breakable(const QString& value);
/// Names of all fields that have a label.
std::vector<std::string_view> known_fields();

}  // namespace ui::log
