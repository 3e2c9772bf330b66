#include "kmp/service/job.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/utf8.h"

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
    peer.describe_actor(event);
}

namespace {

/// Characters that are not seen, or change the order of those beside them: two names that look alike are two. UTF-8 of U+0080 to U+00A0,
/// U+00AD, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF.
bool has_unseen(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned a = byte(i), b = byte(i + 1), c = byte(i + 2);
        if (a == 0xC2 && (b <= 0xA0 || b == 0xAD)) return true;
        if (a == 0xE2 && b == 0x80 && ((c >= 0x8B && c <= 0x8F) || (c >= 0xA8 && c <= 0xAE))) return true;
        if (a == 0xE2 && b == 0x81 && c >= 0xA0 && c <= 0xAF) return true;
        if (a == 0xEF && b == 0xBB && c == 0xBF) return true;
    }
    return false;
}

}  // namespace

base::Status check_line(std::string_view text, std::string_view what, std::size_t most) {
    if (text.empty() || text.size() > most) return {Code::invalid_argument, std::string(what) + ": 1 to " + std::to_string(most) + " bytes"};
    const bool control = std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const bool padded = text.starts_with(' ') || text.ends_with(' ');
    if (control || padded || has_unseen(text) || !base::is_utf8(text)) return {Code::invalid_argument, std::string(what) + ": one line of UTF-8, without control characters"};
    return {};
}

base::Status check_reason(std::string_view reason) {
    constexpr std::size_t kLongestReason = 500;
    if (reason.empty()) return {Code::invalid_argument, "reason: say why, for the log"};
    return check_line(reason, "reason", kLongestReason);
}

base::Result<std::shared_ptr<Books>> open_books(Job& job) {
    return job.service.on_io([&]() -> base::Result<std::shared_ptr<Books>> {
        if (job.service.phase() == Phase::uninitialised) return {Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"};
        if (!job.service.books()) return {Code::sealed, "the service is sealed; open it with 'kmpctl unseal'"};
        if (!job.service.failing().empty()) return {Code::storage_failed, job.service.failing()};
        return job.service.books();
    });
}

namespace {

constexpr std::chrono::milliseconds kAppearing{2000};  ///< a reader is seen a poll after it was plugged in
constexpr std::chrono::milliseconds kStarting{5000};   ///< and its host then starts; shorter than a stopping service waits for its officers

/// A reader as it is once what was just plugged in has been looked at.
base::Result<tokens::Slot> settled_in(Job& job, const std::string& reader) {
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        auto slot = job.service.on_io([&] { return job.service.bay().by_reader(reader); });
        const auto waited = std::chrono::steady_clock::now() - begin;
        const bool starting = slot && slot->content == tokens::Content::starting;
        if (slot ? !starting || waited > kStarting : waited > kAppearing) return slot;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

/// Why a UKEY of ours is not what a new one is made of, and what to do. Nobody is told to destroy one that is in use.
std::string instead_of_blank(Job& job, const base::UkeySerial& serial) {
    return job.service.on_io([&]() -> std::string {
        const std::shared_ptr<Books> books = job.service.books();
        const tokens::UkeyRecord* record = books ? books->registry.find(serial) : nullptr;
        if (!books) return "which somebody has already; use a blank one";
        if (record == nullptr) return "which was not issued by this platform; use a blank one";
        const std::string state(model::name(record->state));
        if (model::next_state(record->state, model::UkeyAction::destroy)) return "which is " + state + "; make it blank with 'kmpctl ukey destroy " + serial.text() + "'";
        return "which is " + model::one(record->kind) + ", " + state + "; use a blank one in another reader";
    });
}

}  // namespace

base::Result<tokens::Slot> blank_in(Job& job, const std::string& reader) {
    KMP_TRY(tokens::Slot slot, settled_in(job, reader));
    switch (slot.content) {
        case tokens::Content::blank: return slot;
        case tokens::Content::empty: return {Code::token_removed, "reader " + reader + " is empty; plug in a blank UKEY"};
        case tokens::Content::starting: return {Code::busy, "the UKEY in reader " + reader + " is starting; try again"};
        case tokens::Content::ours: return {Code::refused, "reader " + reader + " holds UKEY " + slot.serial.text() + ", " + instead_of_blank(job, slot.serial)};
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

}  // namespace kmp::service
