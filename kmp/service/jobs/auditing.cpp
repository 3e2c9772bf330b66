// How a connection of admin.sock becomes an auditor's.
#include "kmp/service/frame_server.h"
#include "kmp/service/job.h"
#include "tokens/pin.h"

namespace kmp::service {

using base::Code;

base::Result<wire::pb::AuditLoginReply> audit_login(Job& job, const wire::pb::AuditLogin& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    Auditors& auditors = job.service.auditors();
    KMP_TRY(const base::UkeySerial ukey, job.service.on_io([&] { return auditors.which(request.ukey()); }));
    job.about = ukey.text();
    struct Found {
        tokens::UkeyRecord record;
        tokens::Slot slot;
    };
    KMP_TRY(const Found found, job.service.on_io([&]() -> base::Result<Found> {
        KMP_TRY(tokens::Slot slot, auditors.usable(*books, ukey));
        return Found{*books->registry.find(ukey), std::move(slot)};
    }));
    KMP_TRY(const base::Secret pin, job.take_pin("auditor"));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, found.record.salt));
    tokens::Token token(found.slot.channel, "auditor UKEY " + ukey.text());
    KMP_CHECK(log_in_counted(job, *books, token, found.record, tokens::as_token_pin(stretched)));
    std::promise<base::Status> promise;
    auto future = promise.get_future();
    job.service.post([&] { auditors.begin(job.connection, ukey, found.slot.incarnation, [&](base::Status opened) { promise.set_value(std::move(opened)); }); });
    if (base::Status opened = future.get(); !opened) {
        if (!job.service.on_io([&] { return auditors.uses(ukey); })) (void)token.logout();
        return std::move(opened).error();
    }
    wire::pb::AuditLoginReply out;
    out.set_ukey(ukey.text());
    out.set_holder(found.record.holder);
    out.set_not_after_ms(found.record.not_after);
    return out;
}

}  // namespace kmp::service
