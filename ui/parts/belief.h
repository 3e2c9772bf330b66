#pragma once
#include <QString>

namespace ui::link {
class Link;
}

namespace ui::parts {

/// Why nothing may be given to anybody just now: the log is not the one that is known here. Empty: it is believed. For whatever link::works_on_any_log leaves out.
QString why_unbelieved(const link::Link& link);
/// What can still be done then, in one sentence: what works_on_any_log names.
QString what_works_unbelieved();

}  // namespace ui::parts
