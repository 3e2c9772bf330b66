#pragma once
#include <QString>
#include <vector>

#include "wire/pb.h"

namespace ui::ukeys {

namespace pb = wire::pb;

/// What can be done with a UKEY that is there.
enum class Act : std::uint8_t { set_pin, renew, inject, grant, attend, forget_pin, suspend, resume, unblock, report_lost, revoke, destroy };

struct Choice {
    Act act;
    QString label;  ///< "Suspend …"
    bool possible = false;
    QString why;    ///< not possible: why; possible: what it does, in a few words
};

/// Every act, in the order of a menu, and whether it is possible now: by the transition table, the UKEY's kind, and whether it is plugged in. `quorum`: officers share the master-control UKEY, so that what takes it becomes a request. `unbelieved`: why nothing may be given to anybody just now (parts::why_unbelieved); empty: it may. `last_master`: see below.
std::vector<Choice> choices(const pb::Ukey& ukey, bool quorum, const QString& unbelieved = {}, bool last_master = false);

/// The ones to offer first: what somebody most likely wants with a UKEY in this state. Possible ones only.
std::vector<Choice> next_choices(const pb::Ukey& ukey, bool quorum, const QString& unbelieved = {}, bool last_master = false);

/// Whether it is a master-control UKEY beside which no other one of `all` is in use: the service takes it from nobody.
bool is_last_master(const pb::Ukey& ukey, const std::vector<pb::Ukey>& all);

/// What its state means and what comes next, in one sentence.
QString state_sentence(const pb::Ukey& ukey);

/// Name of the act as the wire has it, of those that ukey_change takes; empty for the others.
std::string_view action_of(Act act) noexcept;

}  // namespace ui::ukeys
