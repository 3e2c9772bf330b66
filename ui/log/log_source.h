#pragma once
#include <functional>

#include "ui/link/link.h"

namespace ui::log {

namespace pb = link::pb;

/// Who answers for pages of the log: the service, or in tests whoever pretends to be it.
struct Source {
    using Done = std::function<void(base::Result<pb::AuditListReply>)>;
    /// `done` is called once, later, in this thread, and never when `owner` is gone by then.
    std::function<link::Line::Ticket(QObject* owner, const pb::AuditList& request, Done done)> ask;
    std::function<void(link::Line::Ticket)> cancel;
};

/// The service's log, on the reader's line.
Source source_of(link::Link& link);

}  // namespace ui::log
