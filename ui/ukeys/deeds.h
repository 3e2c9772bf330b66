#pragma once
#include <QDate>

#include "base/clock.h"
#include "ui/parts/deed_form.h"
#include "ui/ukeys/acts.h"

namespace ui::ukeys {

/// What is about to be done with this UKEY, in words, and how it is asked for. `accounts`: how many network accounts use it; -1: not known. Not for Act::grant and Act::renew, which want a choice first.
parts::Deed deed_for(Act act, const pb::Ukey& ukey, int accounts);
/// What a renewal is offered until: a year more than it has, and never less.
QDate renewed_until(const pb::Ukey& ukey, const QDate& today);
/// `until`: called when it is asked for; 0: one year from then.
parts::Deed renew_deed(const pb::Ukey& ukey, std::function<base::Millis()> until);
/// `quorum`: whether officers share the master-control UKEY; one of them alone may narrow a grant.
parts::Deed grant_deed(const pb::Ukey& ukey, const pb::GrantTerms& before, const pb::GrantTerms& after, bool quorum);

}  // namespace ui::ukeys
