#include "ui/review/tally_reader.h"

namespace ui::review {
namespace {

constexpr std::uint32_t kPage = 1000;
/// An order is recorded that much after it was permitted at most: then the service has long given up.
constexpr base::Millis kLate = 10 * base::kMinute;

}  // namespace

TallyReader::TallyReader(link::Link& link, QObject* parent) : QObject(parent), link_(link) {}

void TallyReader::start(const Utility& utility, QDate from, QDate until) {
    if (is_running()) return;
    read_ = {};
    read_.tally = Tally(utility, from, until);
    from_ = utility.start(from);
    until_ = utility.start(until.addDays(1)) + kLate;
    voids_ = false;
    ask(0);
}

void TallyReader::cancel() { link_.cancel_read(ticket_); }

void TallyReader::ask(std::uint64_t first) {
    link::pb::AdminRequest request;
    auto& list = *request.mutable_audit_list();
    list.set_first(first);
    list.set_limit(kPage);
    auto& filter = *list.mutable_filter();
    filter.set_from_ms(voids_ ? until_ : from_);
    if (!voids_) filter.set_until_ms(until_);
    if (voids_) filter.add_types("order_voided");
    else
        for (const std::string& type : Tally::types()) filter.add_types(type);
    ticket_ = link_.read(this, std::move(request), [this](base::Result<link::pb::AdminReply> reply) {
        ticket_ = 0;
        if (!reply) {
            emit failed(reply.error());
            return;
        }
        take(reply->audit_list());
    });
}

void TallyReader::take(const link::pb::AuditListReply& page) {
    for (const link::pb::AuditEvent& event : page.events()) read_.tally.add(event);
    read_.events += static_cast<std::uint64_t>(page.events_size());
    read_.archived = page.archived();
    if (read_.events >= kMost && !page.end()) {
        if (voids_) read_.voids_missing = true;
        else if (page.events_size() > 0) read_.reached = page.events(page.events_size() - 1).time_ms();
        return end();
    }
    if (!page.end()) {
        emit progressed(read_.events, page.next(), page.size());
        return ask(page.next());
    }
    if (voids_) return end();
    voids_ = true;
    ask(0);
}

void TallyReader::end() { emit finished(read_); }

}  // namespace ui::review
