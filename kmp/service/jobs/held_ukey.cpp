#include "kmp/service/jobs/held_ukey.h"

#include "kmp/service/jobs/making.h"
#include "tokens/pin.h"

namespace kmp::service {

using base::Code;

base::Result<std::unique_ptr<HeldUkey>> HeldUkey::open(Job& job, Books& books, const tokens::UkeyRecord& record, const MasterUkey* master) {
    if (record.wrong_pins >= tokens::kMaxWrongPins)
        return {Code::pin_locked, "UKEY " + record.serial.text() + " is blocked after 10 wrong PINs; unblock it with 'kmpctl ukey unblock " + record.serial.text() + "'"};
    auto slot = job.service.on_io([&] { return job.service.bay().by_serial(record.serial); });
    if (!slot) return std::move(slot).error().in("UKEY " + record.serial.text() + " must be plugged in for this");
    std::unique_ptr<HeldUkey> out(new HeldUkey(job, record.serial, slot->incarnation, tokens::Token(slot->channel, "UKEY " + record.serial.text())));
    if (record.kind == model::UkeyKind::master_control && master != nullptr && master->by_quorum()) {
        KMP_TRY(base::Secret shared, master->pin_for(record.serial));
        KMP_CHECK(out->token_.login(std::move(shared)));
        return out;
    }
    KMP_TRY(const base::Secret pin, job.take_pin("ukey"));
    KMP_TRY(base::Secret seen, token_pin(job, books, record.kind, record.serial, pin, record.salt));
    KMP_CHECK(log_in_counted(job, books, out->token_, record, std::move(seen)));
    return out;
}

HeldUkey::~HeldUkey() {
    const bool in_use = job_.service.on_io([&] { return job_.service.custodian().opened(serial_) == incarnation_; });
    if (!in_use) (void)token_.logout();
}

}  // namespace kmp::service
