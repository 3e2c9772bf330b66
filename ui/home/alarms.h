#pragma once
#include <QString>
#include <vector>

#include "ui/parts/theme.h"
#include "wire/pb.h"

namespace ui::home {

/// Something that wants attention, as people read it, and where it is seen to.
struct Alarm {
    parts::Tone tone = parts::Tone::attention;
    QString title;
    QString text;
    QString line;  ///< what the service says, where that adds something
    QString page;  ///< of pages.cpp, and the thing on it; empty: nothing in this window helps
    QString item;

    bool operator==(const Alarm&) const = default;
};

/// One for each of the service's warnings, in their order; of very many the worst, and how many more there are. What it is of tells its code; one that this window does not know says the service's own line.
/// `list_asked_for`: the request that waits, where officers decide, to publish the revocation list; 0: none that is known.
std::vector<Alarm> alarms_of(const wire::pb::StatusReply& status, std::uint64_t list_asked_for = 0);

}  // namespace ui::home
