#include <chrono>
#include <thread>

#include "kmp/service/opening.h"
#include "kmp/service/platform_file.h"
#include "kmp/service/recovery.h"
#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

namespace {

/// Shorter than a stopping service waits for its officers.
constexpr std::chrono::seconds kStarting{5};

/// Right after a start, or after sealing, the hosts of the UKEYs are still coming up: that is worth a moment's wait.
base::Result<tokens::Slot> platform_slot(Service& service, const base::UkeySerial& platform) {
    const auto end = std::chrono::steady_clock::now() + kStarting;
    for (;;) {
        bool starting = false;
        auto slot = service.on_io([&] {
            for (const tokens::Slot& s : service.bay().slots()) starting = starting || s.content == tokens::Content::starting;
            return service.bay().by_serial(platform);
        });
        if (slot) return slot;
        if (!starting || std::chrono::steady_clock::now() > end) return std::move(slot).error().in("the platform UKEY " + platform.text() + " is needed");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace

base::Result<wire::pb::UnsealReply> unseal(Job& job, const wire::pb::Unseal& request) {
    Service& service = job.service;
    const Phase phase = service.on_io([&] { return service.phase(); });
    if (phase == Phase::uninitialised) return {Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"};
    if (phase == Phase::open) return {Code::already_exists, "the service is open already"};
    KMP_TRY(const PlatformFile file, read_platform_file(service.config().platform_file()));
    KMP_TRY(const tokens::Slot slot, platform_slot(service, file.platform));
    if (service.on_io([&] { return service.sealed_log().wrong_pins(); }) >= tokens::kMaxWrongPins)
        return {Code::pin_locked, "platform UKEY " + file.platform.text() + " is blocked after 10 wrong PINs; the platform UKEY must be replaced or unblocked by the officer"};
    KMP_TRY(const base::Secret pin, job.take_pin("platform"));
    KMP_TRY(const base::Secret stretched, tokens::stretch(pin, salt_of(slot, file.platform)));
    tokens::Token platform(slot.channel, "platform UKEY " + file.platform.text());
    base::Status opened = platform.login(tokens::as_token_pin(stretched));
    const auto record = [&](std::string_view what) {
        return service.on_io([&] { return service.sealed_log().append(service.clock().now(), what, "by " + job.peer.text()); });
    };
    if (!opened && opened.error().code == Code::wrong_pin) {
        KMP_CHECK(record("pin_failed"));
        const unsigned wrong = service.on_io([&] { return service.sealed_log().wrong_pins(); });
        return {Code::wrong_pin, "wrong PIN for platform UKEY " + file.platform.text() + "; " + tokens::tries_left(wrong)};
    }
    KMP_CHECK(std::move(opened));
    KMP_CHECK(record("pin_accepted"));
    KMP_TRY(const base::Secret key, platform.unwrap_database_key(file.database_key));
    wire::pb::UnsealReply reply;
    std::vector<std::string> notes;
    auto database = open_database(job, key, file.platform, notes, request.accept_rollback());
    if (!database) {
        if (database.error().code == Code::tampered) service.on_io([&] { service.sealed_because = database.error().message; });
        return std::move(database).error();
    }
    std::shared_ptr<Books> books = std::move(*database);
    KMP_CHECK(books->writer->write(opened_entry(job)));
    if (auto kept = write_recovery(job, *books); !kept) notes.push_back("what a restore needs could not be written: " + kept.error().message);
    service.on_io([&] { service.open(std::move(books)); });
    KMP_CHECK(sign_checkpoint(job, Cosigned::no));
    for (const std::string& note : notes) reply.add_notes(note);
    return reply;
}

}  // namespace kmp::service
