#include "ui/log/log_source.h"

namespace ui::log {

Source source_of(link::Link& link) {
    Source out;
    out.ask = [&link](QObject* owner, const pb::AuditList& asked, Source::Done done) {
        pb::AdminRequest request;
        *request.mutable_audit_list() = asked;
        return link.read(owner, std::move(request), [done = std::move(done)](base::Result<pb::AdminReply> reply) {
            if (!reply) return done(std::move(reply).error());
            done(std::move(*reply->mutable_audit_list()));
        });
    };
    out.cancel = [&link](link::Line::Ticket ticket) { link.cancel_read(ticket); };
    return out;
}

}  // namespace ui::log
