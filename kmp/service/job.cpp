#include "kmp/service/job.h"

#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

base::Result<base::Secret> Job::take_pin(std::string_view role) {
    for (wire::PinEntry& entry : pins)
        if (entry.role == role && !entry.pin.empty()) return std::move(entry.pin);
    return {Code::invalid_argument, "the PIN of role '" + std::string(role) + "' was not entered"};
}

void Job::describe(Event& event) const {
    event.text(Field::actor, peer.text()).number(Field::uid, peer.uid).number(Field::pid, static_cast<std::uint64_t>(peer.pid));
}

base::Result<std::shared_ptr<Books>> open_books(Job& job) {
    return job.service.on_io([&]() -> base::Result<std::shared_ptr<Books>> {
        if (job.service.phase() == Phase::uninitialised) return {Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"};
        if (!job.service.books()) return {Code::sealed, "the service is sealed; open it with 'kmpctl unseal'"};
        if (!job.service.failing().empty()) return {Code::storage_failed, job.service.failing()};
        return job.service.books();
    });
}

base::Result<tokens::Slot> blank_in(Job& job, const std::string& reader) {
    KMP_TRY(tokens::Slot slot, job.service.on_io([&] { return job.service.bay().by_reader(reader); }));
    switch (slot.content) {
        case tokens::Content::blank: return slot;
        case tokens::Content::empty: return {Code::token_removed, "reader " + reader + " is empty; plug in a blank UKEY"};
        case tokens::Content::starting: return {Code::busy, "the UKEY in reader " + reader + " is starting; try again"};
        case tokens::Content::ours: return {Code::refused, "reader " + reader + " holds UKEY " + slot.serial.text() + ", which is not blank; destroy it first, or use another"};
        case tokens::Content::foreign: return {Code::refused, "reader " + reader + " holds a token that somebody else initialised; use a blank one"};
        case tokens::Content::failed: return {Code::token_failed, "reader " + reader + ": " + slot.problem};
    }
    return {Code::internal, "reader " + reader + " in an unknown state"};
}

base::Result<tokens::Slot> refresh(Job& job, const std::string& reader) {
    std::promise<base::Result<tokens::Slot>> promise;
    auto future = promise.get_future();
    job.service.post([&] { job.service.bay().refresh(reader, [&](base::Result<tokens::Slot> slot) { promise.set_value(std::move(slot)); }); });
    return future.get();
}

base::Bytes salt_of(const tokens::Slot& slot, const base::UkeySerial& serial) {
    if (slot.file) return base::to_bytes(slot.file->salt);
    const base::Digest d = base::sha256({base::as_bytes("kmp/v1/salt"), base::as_bytes(serial.text())});
    return base::Bytes(d.begin(), d.begin() + 16);
}

base::Result<std::unique_ptr<MasterUkey>> MasterUkey::open(Job& job, Books& books) {
    Service& service = job.service;
    struct Found {
        tokens::UkeyRecord record;
        tokens::Slot slot;
    };
    KMP_TRY(Found found, service.on_io([&]() -> base::Result<Found> {
        for (const tokens::UkeyRecord* record : books.registry.all()) {
            if (record->kind != model::UkeyKind::master_control || record->state != model::UkeyState::issued) continue;
            auto slot = service.bay().by_serial(record->serial);
            if (!slot) return std::move(slot).error().in("the master-control UKEY " + record->serial.text() + " is needed");
            return Found{*record, std::move(*slot)};
        }
        return {Code::refused, "no master-control UKEY is in service; one that is blocked must be unblocked first"};
    }));
    if (found.record.wrong_pins >= tokens::kMaxWrongPins)
        return {Code::pin_locked, "master-control UKEY " + found.record.serial.text() + " is blocked after 10 wrong PINs"};
    KMP_TRY(const base::Secret pin, job.take_pin("master"));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, found.record.salt));
    std::unique_ptr<MasterUkey> master(new MasterUkey(tokens::Token(found.slot.channel, "master-control UKEY " + found.record.serial.text()), found.record));
    base::Status opened = master->token_.login(tokens::as_token_pin(stretched));
    const base::UkeySerial serial = found.record.serial;
    if (!opened && opened.error().code == Code::wrong_pin) {
        const unsigned count = service.on_io([&] {
            tokens::UkeyRecord* record = books.registry.find(serial);
            return record == nullptr ? 0 : ++record->wrong_pins;
        });
        Entry entry;
        Event failed(EventType::pin_failed);
        job.describe(failed);
        failed.text(Field::ukey, serial.text()).number(Field::wrong_pins, count);
        entry.events.push_back(std::move(failed));
        if (count >= tokens::kMaxWrongPins) {
            Event locked(EventType::pin_locked);
            locked.text(Field::ukey, serial.text()).number(Field::wrong_pins, count);
            entry.events.push_back(std::move(locked));
        }
        entry.effect = [serial, count](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_wrong_pins(t, serial, count); };
        KMP_CHECK(books.writer->write(std::move(entry)));
        const unsigned left = count >= tokens::kMaxWrongPins ? 0 : tokens::kMaxWrongPins - count;
        return {Code::wrong_pin, "wrong PIN for master-control UKEY " + serial.text() + "; " + std::to_string(left) + " tries left"};
    }
    KMP_CHECK(std::move(opened));
    if (found.record.wrong_pins != 0) {
        service.on_io([&] {
            if (tokens::UkeyRecord* record = books.registry.find(serial)) record->wrong_pins = 0;
        });
        Entry entry;
        entry.effect = [serial](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_wrong_pins(t, serial, 0); };
        KMP_CHECK(books.writer->write(std::move(entry)));
    }
    return master;
}

MasterUkey::~MasterUkey() {
    // A moved-from token has no channel; nothing else to do when the logout fails: the host is gone then.
    (void)token_.logout();
}

}  // namespace kmp::service
