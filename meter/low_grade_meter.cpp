#include "meter/low_grade_meter.h"

#include <algorithm>

#include "meter/registers.h"
#include "meter/suite_aes128.h"

namespace meter {

using dlt645::ErrorBit;
using dlt645::Function;
using dlt645::PayloadReader;
using dlt645::PayloadWriter;
namespace di = dlt645::di;

namespace {

constexpr std::uint8_t kSecuredAccess = 0x98;
constexpr std::size_t kAccessSize = 8;  // PA P0 P1 P2, C0..C3

dlt645::Frame refuse(const dlt645::Frame& request, const dlt645::Address& number, ErrorBit why) {
    return {number, request.control.error_reply(), {static_cast<std::uint8_t>(why)}};
}

}  // namespace

LowGradeMeter::LowGradeMeter(MeterState state, Storage& storage, const base::Clock& clock, MeterSettings settings,
                             std::function<void(const base::Error&)> trouble)
    : state_(std::move(state)), storage_(storage), clock_(clock), settings_(settings), trouble_(std::move(trouble)) {}

std::optional<dlt645::Frame> LowGradeMeter::answer(const dlt645::Frame& request) {
    const Function function = request.control.function();
    if (request.address.is_broadcast() || request.control.code() != static_cast<std::uint8_t>(function)) return std::nullopt;
    if (!request.address.matches(state_.number)) return std::nullopt;
    const bool reads = function == Function::read || function == Function::read_address;
    if (request.address.has_wildcard() && !reads) return std::nullopt;

    const auto plain = [&](Plain outcome) -> dlt645::Frame {
        if (const auto* why = std::get_if<ErrorBit>(&outcome)) return refuse(request, state_.number, *why);
        return {state_.number, request.control.reply(), std::get<base::Bytes>(std::move(outcome))};
    };
    switch (function) {
        case Function::read_address:
            if (!request.data.empty()) return plain(ErrorBit::other);
            return plain(PayloadWriter().field(state_.number.bytes()).take());
        case Function::read: return plain(read(request.data));
        case Function::relay_control: return plain(relay_control(request.data));
        case Function::read_following: return plain(ErrorBit::no_such_data);
        case Function::security: {
            PayloadReader in(request.data);
            const auto id = in.identifier();
            Security outcome = id ? security(*id, in) : Security(Serr::other);
            if (const auto* why = std::get_if<Serr>(&outcome))
                return dlt645::Frame{state_.number, request.control.error_reply(),
                                     PayloadWriter().u16(static_cast<std::uint16_t>(*why)).take()};
            return dlt645::Frame{state_.number, request.control.reply(),
                                 PayloadWriter().identifier(*id).in_order(std::get<base::Bytes>(outcome)).take()};
        }
        case Function::broadcast_time:
        case Function::write:
        case Function::write_address:
        case Function::freeze:
        case Function::change_baud_rate:
        case Function::change_password:
        case Function::clear_demand:
        case Function::clear_meter:
        case Function::clear_events: return plain(ErrorBit::not_authorised);
    }
    return plain(ErrorBit::other);
}

LowGradeMeter::Plain LowGradeMeter::read(base::ByteView data) const {
    PayloadReader in(data);
    const auto id = in.identifier();
    if (!id || !in.end()) return ErrorBit::other;
    const base::Millis now = clock_.now();
    const auto value = read_register(state_, *id, now + settings_.clock_offset, session_valid());
    if (!value) return ErrorBit::no_such_data;
    return PayloadWriter().identifier(*id).in_order(*value).take();
}

LowGradeMeter::Plain LowGradeMeter::relay_control(base::ByteView data) {
    if (data.size() < kAccessSize) return ErrorBit::other;
    const bool secured = data[0] == kSecuredAccess;
    if (secured) {
        if (const auto why = secured_relay_control(PayloadReader(data.subspan(kAccessSize)))) return *why;
        return base::Bytes();
    }
    // Without keys of their own a maker's bench needs the plain form; with them it would be a way round the MAC.
    const bool password = std::all_of(data.begin() + 1, data.begin() + 4, [](std::uint8_t b) { return b == 0; });
    if (state_.keys.name().state != KeyState::factory || !password) return ErrorBit::not_authorised;
    MeterState next = state_.duplicate();
    if (const auto why = obey(next.relay, data.subspan(kAccessSize), clock_.now() + settings_.clock_offset)) return *why;
    if (!commit(std::move(next))) return ErrorBit::other;
    return base::Bytes();
}

std::optional<ErrorBit> LowGradeMeter::secured_relay_control(PayloadReader in) {
    const auto ciphertext = in.field(16);
    const auto mac = in.field(4);
    if (!mac || !in.end()) return ErrorBit::other;
    if (!session_valid()) return ErrorBit::not_authorised;
    if (!mac_from_station(KeyId::remote_mac, suite::relay_command(kSecuredAccess), 0, *ciphertext, *mac)) return ErrorBit::not_authorised;
    const auto order = suite::open_command(state_.keys, KeyId::remote_encryption, session_.r2(), *ciphertext);
    if (!order) return ErrorBit::other;
    MeterState next = state_.duplicate();
    if (const auto why = obey(next.relay, *order, clock_.now() + settings_.clock_offset)) return why;
    return commit(std::move(next)) ? std::nullopt : std::optional(ErrorBit::other);
}

bool LowGradeMeter::mac_from_station(KeyId key, const std::array<std::uint8_t, 4>& command, std::uint8_t part, base::ByteView fields,
                                     base::ByteView mac) {
    const suite::MacInput input{suite::Direction::to_meter, command, part, session_.r2(), fields};
    if (suite::mac_holds(state_.keys, key, input, mac)) return true;
    count_mac_failure();
    return false;
}

void LowGradeMeter::count_mac_failure() {
    session_.note_mac_failure();
    state_.lockout.note(clock_.now());
    if (state_.lockout.failures >= kMacFailuresThatBlock) session_.end();
    // Counted in memory whatever becomes of the file: a full disk must not buy further tries.
    if (auto saved = storage_.save(state_); !saved && trouble_) trouble_(saved.error());
}

bool LowGradeMeter::session_valid() const noexcept {
    const base::Millis now = clock_.now();
    return session_.valid(now) && !state_.lockout.blocked(now);
}

base::Bytes LowGradeMeter::mac_to_station(dlt645::DataIdentifier id, std::uint8_t part, base::ByteView fields) const {
    return suite::make_mac(state_.keys, KeyId::credit_mac, {suite::Direction::from_meter, id.bytes(), part, session_.r1(), fields});
}

bool LowGradeMeter::commit(MeterState next) {
    if (auto saved = storage_.save(next); !saved) {
        if (trouble_) trouble_(saved.error());
        return false;
    }
    state_ = std::move(next);
    return true;
}

}  // namespace meter
