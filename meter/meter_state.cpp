#include "meter/meter_state.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/digest.h"

namespace meter {
namespace {

constexpr std::string_view kMagic = "KMPMETER";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeysSize = kKeyCount * kKeySize;
constexpr std::size_t kBodySize = kMagic.size() + 1 + 6          // magic, format, number
                                  + 2 + kKeysSize                // keys in force
                                  + 2 + 2 + kKeysSize            // staging
                                  + 1 + 6 + 4 + 4 + 4            // wallet
                                  + 3 + 2 + 8 + 4;               // relay, lockout, energy
constexpr std::size_t kRecordSize = kBodySize + sizeof(base::Digest);

/// Fills locked memory front to back; ByteWriter would leave copies of the keys behind.
class Filler {
public:
    explicit Filler(std::span<std::uint8_t> out) noexcept : out_(out) {}
    void bytes(base::ByteView v) {
        if (v.size() > out_.size()) throw std::length_error("a meter's state record is too small");
        std::memcpy(out_.data(), v.data(), v.size());
        out_ = out_.subspan(v.size());
    }
    void number(std::uint64_t v, std::size_t size) {
        for (std::size_t i = size; i-- > 0;) {
            const auto byte = static_cast<std::uint8_t>(v >> (8 * i));
            bytes(base::ByteView(&byte, 1));
        }
    }
    void skip(std::size_t size) { out_ = out_.subspan(size); }

private:
    std::span<std::uint8_t> out_;
};

void write_set(Filler& out, const KeySet& set) {
    out.number(static_cast<std::uint8_t>(set.name().state), 1);
    out.number(set.name().version, 1);
    set.bytes().reveal([&](base::ByteView keys) { out.bytes(keys); });
}

base::Result<KeySet> read_set(base::ByteReader& in) {
    KMP_TRY(const std::uint8_t state, in.u8());
    KMP_TRY(const std::uint8_t version, in.u8());
    KMP_TRY(const base::ByteView keys, in.bytes(kKeysSize));
    if (state > 1) return {base::Code::tampered, "no such key state"};
    KeySet out(KeySetName{static_cast<KeyState>(state), version});
    out.bytes().fill([&](std::span<std::uint8_t> to) { std::copy(keys.begin(), keys.end(), to.begin()); });
    return out;
}

base::Result<Wallet> read_wallet(base::ByteReader& in) {
    Wallet out;
    KMP_TRY(const std::uint8_t open, in.u8());
    KMP_TRY(const base::ByteView customer, in.bytes(out.customer.size()));
    KMP_TRY(const std::uint32_t balance, in.u32());
    KMP_TRY(out.count, in.u32());
    KMP_TRY(out.hoarding_limit, in.u32());
    out.open = open != 0;
    std::copy(customer.begin(), customer.end(), out.customer.begin());
    out.balance = static_cast<std::int32_t>(balance);
    if (out.hoarding_limit > INT32_MAX) return {base::Code::tampered, "no such hoarding limit"};
    return out;
}

base::Result<Relay> read_relay(base::ByteReader& in) {
    KMP_TRY(const std::uint8_t position, in.u8());
    KMP_TRY(const std::uint8_t keep_power, in.u8());
    KMP_TRY(const std::uint8_t alarm, in.u8());
    if (position > 2) return {base::Code::tampered, "no such relay position"};
    return Relay{static_cast<RelayPosition>(position), keep_power != 0, alarm != 0};
}

base::Result<MeterState> read_body(base::ByteReader in) {
    KMP_TRY(const base::ByteView number, in.bytes(6));
    KMP_TRY(const dlt645::Address address, dlt645::Address::from_bytes(number));
    KMP_CHECK(check_number(address));
    KMP_TRY(KeySet keys, read_set(in));
    KMP_TRY(const std::uint16_t present, in.u16());
    KMP_TRY(KeySet staged, read_set(in));
    KMP_TRY(Wallet wallet, read_wallet(in));
    KMP_TRY(Relay relay, read_relay(in));
    Lockout lockout;
    KMP_TRY(lockout.failures, in.u16());
    KMP_TRY(const std::uint64_t since, in.u64());
    KMP_TRY(const std::uint32_t energy, in.u32());
    KMP_CHECK(in.end());
    if (present >> kKeyCount != 0) return {base::Code::tampered, "no such staged key"};
    lockout.since = static_cast<base::Millis>(since);
    Staging staging;
    if (present != 0) staging = Staging::restore(std::move(staged), present);
    return MeterState{address, std::move(keys), std::move(staging), wallet, relay, lockout, energy};
}

}  // namespace

base::Status check_number(const dlt645::Address& number) {
    if (number.has_wildcard() || number.is_broadcast())
        return {base::Code::invalid_argument, number.text() + " is no meter's number: give 12 decimal digits other than 999999999999"};
    return {};
}

MeterState MeterState::fresh(const dlt645::Address& number) {
    MeterState out;
    out.number = number;
    return out;
}

MeterState MeterState::duplicate() const {
    return MeterState{number, keys.duplicate(), staging.duplicate(), wallet, relay, lockout, energy};
}

base::Secret encode(const MeterState& state) {
    base::Secret out(kRecordSize);
    out.fill([&](std::span<std::uint8_t> record) {
        Filler to(record);
        to.bytes(base::as_bytes(kMagic));
        to.number(kFormat, 1);
        to.bytes(state.number.bytes());
        write_set(to, state.keys);
        to.number(state.staging.present(), 2);
        if (const KeySet* staged = state.staging.set())
            write_set(to, *staged);
        else
            to.skip(2 + kKeysSize);
        to.number(state.wallet.open ? 1 : 0, 1);
        to.bytes(state.wallet.customer);
        to.number(static_cast<std::uint32_t>(state.wallet.balance), 4);
        to.number(state.wallet.count, 4);
        to.number(state.wallet.hoarding_limit, 4);
        to.number(static_cast<std::uint8_t>(state.relay.position), 1);
        to.number(state.relay.keep_power ? 1 : 0, 1);
        to.number(state.relay.alarm ? 1 : 0, 1);
        to.number(state.lockout.failures, 2);
        to.number(static_cast<std::uint64_t>(state.lockout.since), 8);
        to.number(state.energy, 4);
        to.bytes(base::sha256(record.first(kBodySize)));
    });
    return out;
}

base::Result<MeterState> decode_state(base::ByteView record) {
    const std::size_t head = kMagic.size() + 1;
    if (record.size() < head || base::as_text(record.first(kMagic.size())) != kMagic)
        return {base::Code::tampered, "it is not the state of a meter"};
    if (record[kMagic.size()] != kFormat)
        return {base::Code::unsupported, "it has format " + std::to_string(record[kMagic.size()]) + ", this program reads format 1"};
    if (record.size() != kRecordSize)
        return {base::Code::tampered, "it has " + std::to_string(record.size()) + " bytes instead of " + std::to_string(kRecordSize)};
    const base::Digest digest = base::sha256(record.first(kBodySize));
    if (!std::equal(digest.begin(), digest.end(), record.begin() + kBodySize)) return {base::Code::tampered, "its checksum does not hold"};
    return read_body(base::ByteReader(record.subspan(head, kBodySize - head)));
}

}  // namespace meter
