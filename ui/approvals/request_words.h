#pragma once
#include <QString>
#include <vector>

#include "ui/parts/theme.h"
#include "wire/pb.h"

/// A request of dual control in words: every term that stands in its statement, none left out.
namespace ui::approvals {

namespace pb = wire::pb;

struct Term {
    QString name;
    QString value;  ///< several lines where it is long
    parts::Tone tone = parts::Tone::plain;
};
/// What people ask for first comes first. A term that this window has no word for is shown by its own name: nothing that is agreed to is hidden.
std::vector<Term> terms_of(const pb::Request& request);
/// One of them as the service has it; empty: it has none.
std::string term(const pb::Request& request, const char* name);
/// What would be done: "Rotate the keys". The service asks for every change of a UKEY's state as `revoke`; which one it is stands in its terms.
QString title_of(const pb::Request& request);
/// What it is about, in few words: "US-7F3K9Q2M, Han Meimei"; empty where the deed says it all.
QString subject_of(const pb::Request& request);
/// "1 of 2 officers agree".
QString agreement_of(const pb::Request& request);
/// Whether it can still come to something.
bool is_open(const pb::Request& request);
/// Whether it can be run now.
bool can_run(const pb::Request& request);
/// How many of them are in use, so that their holders can agree to something.
int officers_in_use(const pb::Quorum& quorum);
/// What it means that only those who must agree would be left without this officer's UKEY, or fewer; empty: more are left, or it is none of theirs.
QString too_few_without(const pb::Quorum& quorum, std::string_view ukey);
/// The same of a request that would end an officer's UKEY; empty also for all others.
QString too_few_after(const pb::Quorum& quorum, const pb::Request& request);
/// How it stands and what is to be done next.
struct Standing {
    parts::Tone tone = parts::Tone::plain;
    QString title;
    QString next;
};
/// `shares_left_ms`: for how long the shares are kept, as far as this window knows; 0: it does not.
Standing standing_of(const pb::Request& request, std::int64_t shares_left_ms);
/// What came of one that was run.
QString outcome_of(const pb::Request& request, const pb::AdminReply& reply);

}  // namespace ui::approvals
