#include "meter/security_state.h"

#include <algorithm>

#include "meter/archive.h"

namespace meter {
namespace {

/// Where keys stand in a record: they are copied from locked memory to locked memory and never through an archive.
struct Heads {
    KeySetName keys;
    std::uint8_t count = 0;
    KeySetName staged;
    std::uint32_t present = 0;
};

template <class A>
void plain_fields(A& a, dlt645::Address::Raw& number, Heads& heads, SecurityState& s) {
    a(number, heads.keys, heads.count, heads.staged, heads.present, s.wallet, s.lockout, s.parameters, s.debited, s.illegal_insertions,
      s.card_serial, s.retired);
}

base::Bytes plain_part(const SecurityState& state) {
    Heads heads{state.keys.name(), static_cast<std::uint8_t>(state.keys.count()), {}, state.staging.present()};
    if (const KeySet* staged = state.staging.set()) heads.staged = staged->name();
    dlt645::Address::Raw number = state.number.bytes();
    archive::Writer out;
    plain_fields(out, number, heads, const_cast<SecurityState&>(state));  // a writer leaves the fields as they are
    return out.view();
}

KeySet read_keys(KeySetName name, std::size_t count, base::ByteView bytes) {
    KeySet out(name, count);
    out.bytes().fill([&](std::span<std::uint8_t> to) { std::copy(bytes.begin(), bytes.end(), to.begin()); });
    return out;
}

base::Status check(const Heads& heads, const SecurityState& s) {
    const bool states = heads.keys.state <= KeyState::private_keys && heads.staged.state <= KeyState::private_keys;
    const bool count = heads.count == kLowGradeKeys || heads.count == kHighGradeKeys;
    if (!states || !count || heads.present >> heads.count != 0) return {base::Code::tampered, "no such keys"};
    for (const Prices* prices : {&s.parameters.current, &s.parameters.backup})
        if (prices->tariffs > kTariffs || prices->steps > kLadderSteps) return {base::Code::tampered, "no such prices"};
    if (s.wallet.hoarding_limit > INT32_MAX) return {base::Code::tampered, "no such hoarding limit"};
    return {};
}

}  // namespace

base::Status check_number(const dlt645::Address& number) {
    if (number.has_wildcard() || number.is_broadcast())
        return {base::Code::invalid_argument, number.text() + " is no meter's number: give 12 decimal digits other than 999999999999"};
    return {};
}

SecurityState SecurityState::fresh(const dlt645::Address& number, std::size_t keys) {
    return {number, KeySet::factory(keys), {}, {}, {}, {}, 0, 0, {}, {}};
}

SecurityState SecurityState::duplicate() const {
    return {number, keys.duplicate(), staging.duplicate(), wallet, lockout, parameters, debited, illegal_insertions, card_serial, retired};
}

base::Secret encode(const SecurityState& state) {
    const base::Bytes plain = plain_part(state);
    const KeySet* staged = state.staging.set();
    const std::size_t keys = state.keys.bytes().size();
    base::Secret out(plain.size() + 2 * keys);
    out.fill([&](std::span<std::uint8_t> to) {
        auto at = std::copy(plain.begin(), plain.end(), to.begin());
        const auto add = [&](const KeySet& set) { set.bytes().reveal([&](base::ByteView bytes) { at = std::copy(bytes.begin(), bytes.end(), at); }); };
        add(state.keys);
        if (staged != nullptr) add(*staged);
    });
    return out;
}

base::Result<SecurityState> decode_security(base::ByteView record) {
    SecurityState out = SecurityState::fresh({}, kLowGradeKeys);
    const std::size_t head = plain_part(out).size();
    if (record.size() < head) return {base::Code::tampered, "it is too short"};
    dlt645::Address::Raw number{};
    Heads heads;
    archive::Reader in(record.first(head));
    plain_fields(in, number, heads, out);
    if (!in.whole()) return {base::Code::tampered, "it is too short"};
    KMP_CHECK(check(heads, out));
    KMP_TRY(out.number, dlt645::Address::from_bytes(number));
    KMP_CHECK(check_number(out.number));
    const std::size_t keys = heads.count * kKeySize;
    if (record.size() != head + 2 * keys) return {base::Code::tampered, "it has another length than its keys"};
    out.keys = read_keys(heads.keys, heads.count, record.subspan(head, keys));
    if (heads.present != 0) out.staging = Staging::restore(read_keys(heads.staged, heads.count, record.subspan(head + keys, keys)), heads.present);
    return out;
}

}  // namespace meter
