// UKEYs that are made while there is no audit log to write to: in a ceremony, and for a restore.
#include <chrono>
#include <filesystem>
#include <thread>

#include "kmp/service/jobs/making.h"
#include "kmp/service/platform_file.h"
#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

namespace {

constexpr std::chrono::seconds kBlankPatience{10};

/// Whether an earlier ceremony here, which did not reach its end, had begun to make this UKEY. Nobody has ever known its keys.
bool left_over(Job& job, const std::string& folder) {
    const auto file = tokens::read_ukey_file(folder);
    if (!file) return false;
    // One that reached its end, and is the platform UKEY of this home, is no rest of anything.
    if (const auto home = read_platform_file(job.service.config().platform_file()); home && home->platform == file->serial) return false;
    return job.service.on_io([&] {
        for (const SealedLog::Entry& e : job.service.sealed_log().entries())
            if (e.what == "ceremony" && e.detail == file->serial.text()) return true;
        return false;
    });
}

}  // namespace

base::Result<tokens::Slot> blank_for_ceremony(Job& job, const std::string& reader) {
    auto slot = blank_in(job, reader);
    if (slot) return slot;
    auto found = job.service.on_io([&] { return job.service.bay().by_reader(reader); });
    if (!found || found->reader.kind != tokens::ReaderKind::softhsm || !left_over(job, found->reader.path)) return slot;
    std::error_code error;
    std::filesystem::remove_all(found->reader.path + "/tokens", error);
    if (error) return {Code::io_failed, "reader " + reader + ": what the earlier ceremony left there cannot be removed: " + error.message()};
    KMP_CHECK(tokens::remove_ukey_file(found->reader.path));
    KMP_CHECK(job.service.on_io([&] { return job.service.bay().restart(reader); }));
    for (const auto end = std::chrono::steady_clock::now() + kBlankPatience; std::chrono::steady_clock::now() < end;) {
        slot = blank_in(job, reader);
        if (slot) return slot;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return slot;
}

base::Result<MadeUkey> make_without_log(Job& job, const tokens::Slot& slot, model::UkeyKind kind, const base::UkeySerial& serial, const PinMaker& pin) {
    // The sealed log takes the intent, and is imported when there is an audit log.
    KMP_CHECK(job.service.on_io([&] { return job.service.sealed_log().append(job.service.clock().now(), "ceremony", serial.text()); }));
    const tokens::UkeyFile file = new_ukey_file(slot, serial, kind);
    KMP_TRY(const base::Secret token_sees, pin(serial, file));
    return make_ukey(job, slot, kind, serial, tokens::random_so_pin(), token_sees, file);
}

base::Status enter_without_writer(Job& job, audit::Journal& journal, store::Transaction& t, const tokens::UkeyRecord& record, base::Millis now, const Word& word) {
    Event initialised(EventType::ukey_initialised);
    job.describe(initialised);
    word.name(initialised);
    initialised.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).text(Field::token_serial, record.token_serial);
    KMP_CHECK(journal.append(t, initialised, now));
    Event issued(EventType::ukey_issued);
    job.describe(issued);
    word.name(issued);
    issued.text(Field::ukey, record.serial.text()).value(Field::ukey_kind, record.kind).text(Field::holder, record.holder).text(Field::token_serial, record.token_serial);
    const base::Bytes& identity = record.certificates.at("identity");
    issued.time(Field::not_after, record.not_after).bytes(Field::fingerprint, base::sha256(identity)).bytes(Field::certificate, identity);
    KMP_CHECK(journal.append(t, issued, now));
    KMP_CHECK(tokens::registry::insert(t, record));
    return tokens::registry::set_issued(t, record);
}

}  // namespace kmp::service
