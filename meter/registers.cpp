#include "meter/registers.h"

#include "meter/calendar.h"
#include "meter/dlt645/payload.h"

namespace meter {
namespace {

using dlt645::PayloadWriter;
namespace di = dlt645::di;

constexpr std::size_t kLongestReadBack = 240;  // what a MAC covers besides R1 (8)

base::Bytes file(const MeterState& state, std::uint16_t number) {
    base::ByteWriter out;
    if (number == 0x0002) {
        out.u32(static_cast<std::uint32_t>(state.wallet.balance));
        out.u32(state.wallet.count);
    }
    if (number == 0x0006)
        for (std::size_t id = 0; id < kKeyCount; ++id) out.bytes(key_info(state.keys.name(), static_cast<std::uint8_t>(id)));
    return std::move(out).take();
}

}  // namespace

std::uint16_t status_word_3(const MeterState& state, bool identity_valid) noexcept {
    using W = dlt645::StatusWord3;
    unsigned out = W::kMoneyPrepayment | W::kLocalAccountClosed;
    const bool open = state.relay.position != RelayPosition::closed;
    if (open) out |= W::kRelayOpen;
    if (state.relay.position == RelayPosition::open) out |= W::kRelayCommandOpen;
    if (state.relay.alarm) out |= W::kAlarm;
    if (state.relay.keep_power) out |= W::kKeepPower;
    if (identity_valid) out |= W::kIdentityValid;
    if (!state.wallet.open) out |= W::kRemoteAccountClosed;
    return static_cast<std::uint16_t>(out);
}

std::uint32_t key_state_bits(KeySetName set) noexcept {
    return set.state == KeyState::private_keys ? (1u << kKeyCount) - 1 : 0;
}

std::optional<base::Bytes> read_register(const MeterState& state, dlt645::DataIdentifier id, base::Millis local_now, bool identity_valid) {
    const auto bcd = [](std::uint64_t number, std::size_t size) { return PayloadWriter().field(to_bcd(number, size)).take(); };
    const std::int64_t balance = state.wallet.balance;
    switch (id.value()) {
        case di::kTotalEnergy.value():
        case di::kForwardEnergy.value(): return bcd(state.energy, 4);
        case di::kBalance.value(): return bcd(balance > 0 ? static_cast<std::uint64_t>(balance) : 0, 4);
        case di::kOverdraft.value(): return bcd(balance < 0 ? static_cast<std::uint64_t>(-balance) : 0, 4);
        case di::kDate.value(): return PayloadWriter().field(bcd_date(local_now)).take();
        case di::kTime.value(): return PayloadWriter().field(bcd_time(local_now)).take();
        case di::kKeyTotal.value(): return bcd(kKeyCount, 1);
        case di::kCommunicationAddress.value():
        case di::kMeterNumber.value(): return PayloadWriter().field(state.number.bytes()).take();
        case di::kStatusWord3.value(): return PayloadWriter().u16(status_word_3(state, identity_valid)).take();
        case di::kKeyState.value(): return PayloadWriter().u32(key_state_bits(state.keys.name())).take();
    }
    return std::nullopt;
}

base::Result<base::Bytes> read_back(const MeterState& state, base::ByteView identifier) {
    base::ByteReader in(identifier);
    KMP_TRY(const std::uint16_t directory, in.u16());
    KMP_TRY(const std::uint16_t number, in.u16());
    KMP_TRY(const std::uint16_t start, in.u16());
    KMP_TRY(const std::uint16_t length, in.u16());
    KMP_CHECK(in.end());
    const base::Bytes whole = directory == 0xDF01 ? file(state, number) : base::Bytes();
    if (length == 0 || length > kLongestReadBack || std::size_t{start} + length > whole.size())
        return {base::Code::refused, "no such file or range"};
    return base::to_bytes(base::ByteView(whole).subspan(start, length));
}

}  // namespace meter
